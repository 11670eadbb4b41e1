/* The gate as people read it: its checks with evidence, and the sentence when it stays shut. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

static sr_code check_code(const sr_gate_check *check)
{
	sr_code code = SR_CODE_GATE;

	if (check->code)
		sr_code_parse(check->code, &code);
	return code;
}

/* What to do about a check that fails. */
static void check_fix(const sr_school *s, const sr_gate_check *check, char *out, size_t size)
{
	/* clang-format off */
	static const struct {
		const char *check, *command;
		bool of_school;
	} rows[] = {
		{ "acting-user", "acting-user show", false }, { "sis-rolled", "refresh", true },
		{ "terms", "terms list", true },              { "rehearsal", "rehearse", true },
		{ "people", "quarantine list", true },        { "guards", "waiting list", true },
		{ "counts", "plan summary", true },
	};
	/* clang-format on */

	snprintf(out, size, "sisrollctl resume %lld --check", (long long)s->number);
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		if (strcmp(rows[i].check, check->name) != 0)
			continue;
		if (rows[i].of_school)
			snprintf(out, size, "sisrollctl %s %lld", rows[i].command, (long long)s->number);
		else
			snprintf(out, size, "sisrollctl %s", rows[i].command);
	}
}

/* And then, where what was looked at does not say it by itself. */
static bool check_then(const sr_school *s, const sr_gate_check *check, char *out, size_t size)
{
	char year[SR_YEAR_LABEL_BYTES];

	if (sr_streq(check->name, "terms") && s->row.state.phase == SR_PH_PAUSED)
		snprintf(out, size, "sisrollctl year set %s %lld", sr_year_print(s->row.state.active, year),
			(long long)s->number);
	else if (sr_streq(check->name, "terms"))
		snprintf(out, size, "sisrollctl terms automap %lld", (long long)s->number);
	else if (sr_streq(check->name, "counts")) /* nothing else opens the gate where few are right */
		snprintf(out, size, "sisrollctl resume %lld --override counts --reason 'TEXT'", (long long)s->number);
	else
		return false;
	return true;
}

/* Without a rehearsal that counts, the checks that look into one have nothing of their own to be mended. */
static const sr_gate_check *mended_by(const sr_gate_check *checks, size_t count, const sr_gate_check *check)
{
	static const char *const rehearsed[] = { "people", "counts", "guards" };
	const sr_gate_check *rehearsal = NULL;

	for (size_t i = 0; i < count; i++)
		if (strcmp(checks[i].name, "rehearsal") == 0 && !checks[i].pass && !checks[i].overridden)
			rehearsal = &checks[i];
	for (size_t i = 0; rehearsal && i < SR_COUNT_OF(rehearsed); i++)
		if (strcmp(rehearsed[i], check->name) == 0)
			return rehearsal;
	return check;
}

json_t *sr_gate_json(sr_call *c, const sr_school *s, const sr_gate_check *checks, size_t count)
{
	json_t *list = json_array();
	sr_json_obj gate = sr_json_obj_new();

	for (size_t i = 0; list && i < count; i++) {
		sr_json_obj o = sr_json_obj_new();
		char fix[120];

		check_fix(s, mended_by(checks, count, &checks[i]), fix, sizeof(fix));
		sr_json_put_text(&o, "check", checks[i].name);
		sr_json_put_bool(&o, "pass", checks[i].pass);
		sr_put_text(&o, "evidence", checks[i].evidence);
		sr_json_put_bool(&o, "overridden", checks[i].overridden);
		sr_json_put_text(&o, "fix", checks[i].pass || checks[i].overridden ? NULL : fix);
		sr_list_add(c, list, sr_json_obj_take(&o));
	}
	sr_put_school(&gate, s);
	sr_json_put_text(&gate, "phase", sr_phase_name(s->row.state.phase));
	sr_json_put_bool(&gate, "passes", sr_gate_passes(checks, count));
	sr_json_put(&gate, "checks", list);
	return sr_json_obj_take(&gate);
}

/* One failing check speaks for itself, with its own code; several are the gate's. */
void sr_gate_refusal(sr_no *no, const sr_school *s, const sr_gate_check *checks, size_t count)
{
	SR_AUTO(sr_buf) what = { 0 };
	const sr_gate_check *first = NULL;
	size_t failing = 0;
	char fix[120];

	for (size_t i = 0; i < count; i++) {
		if (checks[i].pass || checks[i].overridden)
			continue;
		sr_buf_printf(&what, "%s%s: %s", failing ? "; " : "", checks[i].name, checks[i].evidence);
		first = failing++ ? first : &checks[i];
	}
	sr_no_init(no, failing == 1 ? check_code(first) : SR_CODE_GATE, "%zu of %zu checks fail: %s", failing, count,
		sr_buf_text(&what));
	for (size_t i = 0; i < count; i++) {
		if (checks[i].pass || checks[i].overridden || mended_by(checks, count, &checks[i]) != &checks[i])
			continue;
		check_fix(s, &checks[i], fix, sizeof(fix));
		sr_no_todo(no, "%s", fix);
		if (check_then(s, &checks[i], fix, sizeof(fix)))
			sr_no_todo(no, "%s", fix);
	}
}
