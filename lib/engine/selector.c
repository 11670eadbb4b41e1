/* Which schools a command means: numbers, beginnings of names, ranges, groups, phases, all, and but. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MARK_NONE, MARK_PICKED, MARK_NAMED };

typedef struct selection {
	sr_call *c;
	char *marks; /* one a school of the engine */
	bool every;  /* those not synced count in ranges and the like too */
	sr_no no;    /* filled when a selector fails */
} selection;

void sr_picks_done(sr_picks *p)
{
	free(p->at);
	*p = (sr_picks){ 0 };
}

static void mark(selection *sel, size_t at, bool named)
{
	if (named)
		sel->marks[at] = MARK_NAMED;
	else if (sel->marks[at] == MARK_NONE && (sel->every || sel->c->e->schools[at]->config.sync))
		sel->marks[at] = MARK_PICKED;
}

static int unknown(selection *sel, const char *text, const char *why)
{
	sr_no_init(&sel->no, SR_CODE_UNKNOWN_SCHOOL, "there is no school \"%.80s\": %s", text, why);
	sr_no_todo(&sel->no, "sisrollctl schools list");
	return -1;
}

/* --- The forms of a selector, each: 1 taken, 0 not of this form, -1 refused --- */

static int mark_range(selection *sel, int64_t low, int64_t high)
{
	int found = 0;

	for (size_t i = 0; i < sel->c->e->school_count; i++) {
		int64_t number = sel->c->e->schools[i]->number;

		if (number < low || number > high)
			continue;
		mark(sel, i, false);
		found = 1;
	}
	return found;
}

static int by_group(selection *sel, const char *text)
{
	const sr_number_range *ranges;
	size_t count;

	if (*text != '@')
		return 0;
	if (!sr_config_group(sel->c->e->c.config, text + 1, &ranges, &count))
		return unknown(sel, text, "the configuration has no such group");
	for (size_t i = 0; i < count; i++)
		mark_range(sel, ranges[i].low, ranges[i].high);
	return 1;
}

static int by_number(selection *sel, const char *text)
{
	int64_t number;

	if (!sr_parse_i64(text, &number))
		return 0;
	for (size_t i = 0; i < sel->c->e->school_count; i++)
		if (sel->c->e->schools[i]->number == number) {
			mark(sel, i, true);
			return 1;
		}
	return unknown(sel, text, "PowerSchool lists no school of that number");
}

static int by_range(selection *sel, const char *text)
{
	const char *dash = strchr(text, '-');
	char low_text[24];
	int64_t low, high;

	if (!dash || (size_t)(dash - text) >= sizeof(low_text))
		return 0;
	snprintf(low_text, sizeof(low_text), "%.*s", (int)(dash - text), text);
	if (!sr_parse_i64(low_text, &low) || !sr_parse_i64(dash + 1, &high))
		return 0;
	return mark_range(sel, low, high) ? 1 : unknown(sel, text, "PowerSchool lists no school in that range");
}

static int by_name(selection *sel, const char *text)
{
	size_t found = 0, at = 0, len = strlen(text);

	for (size_t i = 0; len && i < sel->c->e->school_count; i++) {
		const char *name = sel->c->e->schools[i]->row.name;

		if (!name || strncasecmp(name, text, len) != 0)
			continue;
		found++;
		at = i;
		if (strlen(name) == len) {
			found = 1; /* the whole name beats longer ones that begin like it */
			break;
		}
	}
	if (found == 1)
		mark(sel, at, true);
	if (found == 0)
		return unknown(sel, text, "no name begins like this");
	if (found > 1) {
		sr_no_init(&sel->no, SR_CODE_AMBIGUOUS_SCHOOL, "%zu schools begin with \"%.80s\"", found, text);
		return -1;
	}
	return 1;
}

static int select_text(selection *sel, const char *text)
{
	static int (*const forms[])(selection *, const char *) = { by_group, by_number, by_range, by_name };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < SR_COUNT_OF(forms); i++)
		rc = forms[i](sel, text);
	return rc < 0 ? -1 : 0;
}

static int select_list(selection *sel, const json_t *list)
{
	size_t i;
	json_t *text;

	json_array_foreach((json_t *)list, i, text)
		if (select_text(sel, json_string_value(text)) < 0)
			return -1;
	return 0;
}

/* --- The whole --- */

static int select_phase(selection *sel, const char *name)
{
	sr_phase phase;

	if (!name)
		return 0;
	if (!sr_phase_parse(name, &phase)) {
		sr_no_init(&sel->no, SR_CODE_INVALID, "there is no phase \"%.40s\"", name);
		sr_no_todo(&sel->no, "Phases: syncing, paused, year-set, terms-mapped, resumed");
		return -1;
	}
	for (size_t i = 0; i < sel->c->e->school_count; i++)
		if (sel->c->e->schools[i]->row.state.phase != phase)
			sel->marks[i] = MARK_NONE;
	return 0;
}

/* Except: marked in a selection of its own, then taken away. */
static int select_except(selection *sel, const json_t *list)
{
	size_t n = sel->c->e->school_count;
	SR_AUTO_FREE char *marks = calloc(n + 1, 1);
	selection but = { .c = sel->c, .marks = marks, .every = true };

	if (!marks) {
		sr_no_init(&sel->no, SR_CODE_INTERNAL, "out of memory");
		return -1;
	}
	if (select_list(&but, list) < 0) {
		sel->no = but.no;
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (marks[i])
			sel->marks[i] = MARK_NONE;
	return 0;
}

static int select_all(selection *sel, sr_pick_default otherwise, bool *given)
{
	const json_t *params = sel->c->params, *list = sr_json_array(params, "schools");
	const char *phase = sr_json_text(params, "phase");
	bool all = sr_json_bool(params, "all", false), named = json_array_size(list) > 0;

	*given = all || named || phase;
	if (!*given && otherwise == SR_PICK_REFUSE) {
		sr_no_init(&sel->no, SR_CODE_NO_SCHOOL_NAMED, "no school was named");
		return -1;
	}
	if (all && named) {
		sr_no_init(&sel->no, SR_CODE_INVALID, "schools are named, or --all is given, not both");
		return -1;
	}
	if (!named)
		mark_range(sel, INT64_MIN, INT64_MAX);
	if (select_list(sel, list) < 0 || select_phase(sel, phase) < 0)
		return -1;
	return select_except(sel, sr_json_array(params, "except"));
}

static int picks_take(const selection *sel, sr_picks *out)
{
	const sr_engine *e = sel->c->e;
	sr_pick *at = calloc(e->school_count + 1, sizeof(*at));

	if (!at)
		return -1;
	out->at = at;
	out->count = 0;
	for (size_t i = 0; i < e->school_count; i++)
		if (sel->marks[i])
			at[out->count++] = (sr_pick){ e->schools[i], sel->marks[i] == MARK_NAMED };
	return 0;
}

int sr_select(sr_call *c, sr_pick_default otherwise, sr_picks *out)
{
	SR_AUTO_FREE char *marks = calloc(c->e->school_count + 1, 1);
	selection sel = { .c = c, .marks = marks, .every = otherwise == SR_PICK_EVERY };
	sr_picks picks = { 0 };

	if (marks && select_all(&sel, otherwise, &picks.given) < 0) {
		sr_call_refuse_no(c, &sel.no);
		return -1;
	}
	if (!marks || picks_take(&sel, &picks) < 0) {
		sr_call_fail(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
		return -1;
	}
	*out = picks;
	return 0;
}

sr_school *sr_select_one(sr_call *c, const char *text)
{
	SR_AUTO_FREE char *marks = calloc(c->e->school_count + 1, 1);
	selection sel = { .c = c, .marks = marks, .every = true };
	sr_school *found = NULL;

	if (!marks) {
		sr_call_fail(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
		return NULL;
	}
	if (select_text(&sel, text ? text : "") < 0) {
		sr_call_refuse_no(c, &sel.no);
		return NULL;
	}
	for (size_t i = 0; i < c->e->school_count; i++)
		if (marks[i] == MARK_NAMED)
			found = c->e->schools[i];
	if (!found) {
		sr_no_init(&sel.no, SR_CODE_INVALID, "\"%.80s\" is not one school", text ? text : "");
		sr_call_refuse_no(c, &sel.no);
	}
	return found;
}
