/* A careful operator reads: NEXT, then what a refusal tells him to type, then what a block says clears it. If these
 * texts do not lead him out, nothing does, and the life fails. */
#include "operator.h"

#include <stdio.h>
#include <string.h>

#include "changes.h"

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define STEPS_MAX 400
#define CLEAR_MAX 12
#define REASON "because"

/* ---- commands --------------------------------------------------------------------------------- */

const char *uv_text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "";
}

json_t *uv_with(json_t *params, const char *key, json_t *value)
{
	json_object_set_new(params, key, value);
	return params;
}

json_t *uv_school_params(int64_t school)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)school);
	return json_pack("{s:[s]}", "schools", number);
}

static void say(uv_world *w, const char *method, const json_t *params, const json_t *reply, const char *code)
{
	SR_AUTO_FREE char *what = json_dumps(params, JSON_COMPACT);
	SR_AUTO_FREE char *answer = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	fprintf(stderr, "%10lld operator: %s %s -> %s %s\n", (long long)w->now_ms, method, what ? what : "",
		answer ? answer : "", code);
}

json_t *uv_ask(uv_world *w, const char *method, json_t *params)
{
	json_t *reply, *result;
	char code[40];
	size_t i;

	json_incref(params);
	reply = uv_command(w, method, params, code);
	if (w->verbose)
		say(w, method, params, reply, code);
	json_decref(params);
	uv_tally_count(w->tallies, "command", method, reply != NULL);
	if (*code)
		uv_tally_count(w->tallies, "refusal", code, true);
	json_array_foreach(json_object_get(reply, "results"), i, result)
		if (*uv_text(result, "code"))
			uv_tally_count(w->tallies, "refusal", uv_text(result, "code"), true);
	return reply;
}

void uv_act(uv_world *w, const char *method, json_t *params)
{
	json_decref(uv_ask(w, method, params));
}

void uv_confirm(uv_world *w, const char *method, json_t *params)
{
	json_auto_t *reply = uv_ask(w, method, json_deep_copy(params));
	json_t *preview = json_object_get(reply, "preview");

	if (*uv_text(preview, "token")) {
		uv_with(params, "token", json_string(uv_text(preview, "token")));
		if (json_object_get(preview, "count"))
			uv_with(params, "count", json_incref(json_object_get(preview, "count")));
		uv_act(w, method, params);
	} else {
		json_decref(params);
	}
}

/* ---- what waits ------------------------------------------------------------------------------- */

static json_t *waiting(uv_world *w, int64_t school, bool rejected)
{
	json_t *params = school ? uv_school_params(school) : json_object();

	return uv_ask(w, "WaitingList", rejected ? uv_with(params, "rejected", json_true()) : params);
}

static void tally_waiting(uv_world *w, const json_t *list)
{
	const json_t *row;
	char name[40];
	size_t i;

	json_array_foreach(json_object_get(list, "waiting"), i, row) {
		snprintf(name, sizeof(name), "%s %s", uv_text(row, "kind"), uv_text(row, "op"));
		uv_tally_count(w->tallies, "waiting", name, true);
	}
}

/* What somebody deleted is made again, once a person has said so. */
static void approved(uv_world *w, const json_t *list)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(list, "waiting"), i, row)
		if (sr_streq(uv_text(row, "kind"), "section") && sr_streq(uv_text(row, "op"), "create"))
			uv_may_be_made_again(w, uv_text(row, "key"));
}

static void decide(uv_world *w, int64_t school)
{
	json_auto_t *list = waiting(w, school, false), *rest = NULL;

	tally_waiting(w, list);
	if (uv_chance(&w->op_rng, 700)) {
		approved(w, list);
		uv_confirm(w, "WaitingApprove", uv_with(uv_school_params(school), "wait", json_true()));
		rest = waiting(w, school, false);
	}
	/* A key that was written stays: it cannot be approved. */
	if (!rest || json_array_size(json_object_get(rest, "waiting")))
		uv_confirm(w, "WaitingReject", uv_school_params(school));
}

/* What a person has rejected may differ: that is what he said. */
static void excuse_rejected(uv_world *w)
{
	json_auto_t *list = waiting(w, 0, true);
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(list, "waiting"), i, row)
		uv_excuse_add(w, "", uv_text(row, "key"));
}

/* ---- doing as told ---------------------------------------------------------------------------- */

static void obey(uv_world *w, const char *line, int64_t school, int depth);

static void obey_all(uv_world *w, const json_t *lines, int64_t school, int depth)
{
	const json_t *line;
	size_t i;

	json_array_foreach((json_t *)lines, i, line)
		obey(w, json_string_value(line), school, depth);
}

/* A command, and what its refusals say is to be typed. */
static void act_and_obey(uv_world *w, const char *method, json_t *params, int64_t school, int depth)
{
	json_auto_t *reply = uv_ask(w, method, params);
	const json_t *result;
	size_t i;

	json_array_foreach(json_object_get(reply, "results"), i, result)
		obey_all(w, json_object_get(result, "do"), school, depth + 1);
}

static void do_resume(uv_world *w, const char *line, int64_t school, int depth)
{
	const char *at = strstr(line, "--override ");
	json_t *params = uv_school_params(school);
	char check[24];

	if (at && sscanf(at, "--override %23s", check) == 1)
		uv_with(uv_with(params, "override", json_pack("[s]", check)), "reason", json_string(REASON));
	if (strstr(line, "--check"))
		uv_with(params, "check", json_true());
	act_and_obey(w, "Resume", params, school, depth);
}

static void do_rehearse(uv_world *w, const char *line, int64_t school, int depth)
{
	(void)line;
	(void)depth;
	uv_act(w, "Rehearse", uv_with(uv_school_params(school), "wait", json_true()));
}

static void do_year_set(uv_world *w, const char *line, int64_t school, int depth)
{
	char year[12];

	(void)depth;
	if (sscanf(line, "year set %11s", year) == 1)
		uv_confirm(w, "YearSet", uv_with(uv_school_params(school), "year", json_string(year)));
}

static void do_map(uv_world *w, const char *line, int64_t school, int depth)
{
	(void)line;
	act_and_obey(w, "TermsAutomap", uv_school_params(school), school, depth);
}

static void do_dates(uv_world *w, const char *line, int64_t school, int depth)
{
	long long number, term;
	char text[24];

	(void)school;
	(void)depth;
	if (sscanf(line, "terms dates %lld %lld", &number, &term) != 2)
		return;
	snprintf(text, sizeof(text), "%lld", number);
	uv_confirm(w, "TermsDates",
		json_pack("{s:s, s:I, s:b}", "school", text, "term", (json_int_t)term, "as_powerschool", 1));
}

static void do_decide(uv_world *w, const char *line, int64_t school, int depth)
{
	(void)line;
	(void)depth;
	decide(w, school);
}

static void do_retry(uv_world *w, const char *line, int64_t school, int depth)
{
	(void)line;
	(void)depth;
	uv_act(w, "QuarantineRetry", uv_school_params(school));
}

static void do_unblock(uv_world *w, const char *line, int64_t school, int depth)
{
	char number[24], code[40];

	(void)depth;
	if (sscanf(line, "unblock %23s %39s", number, code) != 2)
		return;
	if (sr_streq(number, "SCHOOL"))
		snprintf(number, sizeof(number), "%lld", (long long)school);
	uv_act(w, "Unblock", json_pack("{s:s, s:s, s:s}", "school", number, "block", code, "reason", REASON));
}

static void do_pause(uv_world *w, const char *line, int64_t school, int depth)
{
	(void)line;
	(void)depth;
	uv_act(w, "Pause", uv_school_params(school));
}

/* Whatever else is named only looks. */
static const struct {
	const char *begins;
	void (*take)(uv_world *w, const char *line, int64_t school, int depth);
} advices[] = {
	{ "resume ", do_resume },
	{ "rehearse ", do_rehearse },
	{ "year set ", do_year_set },
	{ "terms map ", do_map },
	{ "terms automap ", do_map },
	{ "terms lint ", do_map },
	{ "terms dates ", do_dates },
	{ "waiting list ", do_decide },
	{ "quarantine list ", do_retry },
	{ "unblock ", do_unblock },
	{ "pause ", do_pause },
};

static void obey(uv_world *w, const char *line, int64_t school, int depth)
{
	if (line && sr_starts(line, "sisrollctl "))
		line += strlen("sisrollctl ");
	for (size_t i = 0; line && depth < 3 && i < SR_COUNT_OF(advices); i++)
		if (sr_starts(line, advices[i].begins)) {
			advices[i].take(w, line, school, depth);
			return;
		}
}

/* What a block says clears it, where that is a command. */
static void unblock(uv_world *w, const json_t *school)
{
	int64_t number = json_integer_value(json_object_get(school, "school"));
	const json_t *block;
	size_t i;

	json_array_foreach(json_object_get(school, "blocks"), i, block) {
		const char *command = strstr(uv_text(block, "clear"), "sisrollctl unblock ");

		uv_tally_count(w->tallies, "block", uv_text(block, "code"), true);
		obey(w, command, number, 0);
	}
}

/* ---- on the way to a year --------------------------------------------------------------------- */

/* What a careful operator does next for one school on the way to `year`: choosing when is the calendar's, the rest
 * stands in NEXT. */
static void follow(uv_world *w, const json_t *school, const char *year)
{
	int64_t number = json_integer_value(json_object_get(school, "school"));
	const char *phase = uv_text(school, "phase");
	bool other = !sr_streq(uv_text(school, "active_year"), year);
	const char *chosen = uv_text(school, "chosen_year");

	if (*chosen && !sr_streq(chosen, year)) /* he sees in status what was chosen by mistake */
		uv_act(w, "YearCancel", uv_school_params(number));
	else if (sr_streq(phase, "syncing") && other)
		uv_act(w, "Pause", uv_school_params(number));
	else if (sr_streq(phase, "paused") && other)
		uv_confirm(w, "YearSet", uv_with(uv_school_params(number), "year", json_string(year)));
	else
		obey(w, uv_text(school, "next"), number, 0);
	unblock(w, school);
}

static bool there(const json_t *schools, const char *year)
{
	const json_t *school;
	size_t i;

	json_array_foreach((json_t *)schools, i, school)
		if (!sr_streq(uv_text(school, "phase"), "syncing") || !sr_streq(uv_text(school, "active_year"), year))
			return false;
	return json_array_size(schools) > 0;
}

static int64_t some_school(uv_world *w, const json_t *schools)
{
	size_t n = json_array_size(schools);
	const json_t *school = json_array_get(schools, (size_t)uv_range(&w->op_rng, 0, (int64_t)n - 1));

	return json_integer_value(json_object_get(school, "school"));
}

static json_t *status(uv_world *w)
{
	char code[40];

	return uv_command(w, "Status", json_object(), code);
}

static void follow_all(uv_world *w, const json_t *schools, const char *year)
{
	const json_t *school;
	size_t i;

	json_array_foreach((json_t *)schools, i, school)
		follow(w, school, year);
}

static void stuck(uv_world *w, const char *what)
{
	json_auto_t *s = status(w);
	SR_AUTO_FREE char *dump = json_dumps(json_object_get(s, "schools"), JSON_COMPACT);

	uv_break(w, "%s: %.300s", what, dump ? dump : "?");
}

void uv_visit(uv_world *w, const char *year)
{
	json_auto_t *s = status(w);

	follow_all(w, json_object_get(s, "schools"), year);
}

void uv_steer(uv_world *w, const char *year, unsigned blunders_per_mille)
{
	for (int i = 0; i < STEPS_MAX && !*w->broken; i++) {
		json_auto_t *s = status(w);
		const json_t *schools = json_object_get(s, "schools");

		if (there(schools, year))
			return;
		if (json_array_size(schools) && i < STEPS_MAX / 4 && uv_chance(&w->op_rng, blunders_per_mille))
			uv_blunder(w, some_school(w, schools));
		else
			follow_all(w, schools, year);
		uv_pass(w, uv_range(&w->op_rng, 1, 20) * MINUTE);
	}
	stuck(w, "not every school came to syncing");
}

/* ---- clearing --------------------------------------------------------------------------------- */

static bool clear(uv_world *w, const json_t *schools, const char *year)
{
	json_auto_t *list = waiting(w, 0, false);
	const json_t *school;
	size_t i;

	if (!list || !there(schools, year) || json_array_size(json_object_get(list, "waiting")))
		return false;
	json_array_foreach((json_t *)schools, i, school)
		if (json_array_size(json_object_get(school, "blocks")))
			return false;
	return true;
}

static void decide_all(uv_world *w, const json_t *schools)
{
	const json_t *school;
	size_t i;

	json_array_foreach((json_t *)schools, i, school)
		if (json_integer_value(json_object_get(school, "waiting")))
			decide(w, json_integer_value(json_object_get(school, "school")));
}

void uv_clear(uv_world *w, const char *year)
{
	uv_blunders_undo(w);
	for (int i = 0; i < CLEAR_MAX && !*w->broken; i++) {
		json_auto_t *s = NULL;

		uv_pass(w, 13 * HOUR); /* a run sees which terms are in use by now */
		uv_steer(w, year, 0);
		uv_act(w, "TermsAutomap", json_pack("{s:b}", "all", 1));
		uv_act(w, "QuarantineRetry", json_pack("{s:b}", "all", 1));
		uv_pass(w, 38 * HOUR); /* and the first run after drops_at, wherever its turn is */
		s = status(w);
		if (clear(w, json_object_get(s, "schools"), year)) {
			excuse_rejected(w);
			return;
		}
		follow_all(w, json_object_get(s, "schools"), year);
		decide_all(w, json_object_get(s, "schools"));
	}
	stuck(w, "what waits or is blocked cannot be cleared");
}
