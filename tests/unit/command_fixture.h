/* For the tests of the operator's commands: a call, its answer, and what is expected of it. Each answer is held
 * against its schema. Never used by anything that ships. */
#pragma once
#include "engine_fixture.h"

#include "schema_fixture.h"

/* ---- A call ---- */

typedef struct answer {
	json_t *done, *refused;
	char error[120];
	int progress;
	sr_call *call;
} answer;

static inline void on_progress(void *arg, json_t *params)
{
	answer *a = arg;

	assert_non_null(json_object_get(params, "progress"));
	assert_true(!a->done && !a->refused);
	a->progress++;
}

static inline void on_done(void *arg, json_t *params)
{
	answer *a = arg;

	assert_true(!a->done && !a->refused);
	a->done = params;
}

static inline void on_refused(void *arg, const char *error, json_t *params)
{
	answer *a = arg;

	assert_true(!a->done && !a->refused);
	a->refused = params;
	snprintf(a->error, sizeof(a->error), "%s", error);
}

static const sr_call_ops ops = { on_progress, on_done, on_refused };
static const sr_caller operator_ = { .uid = 1000, .name = "ops", .look = true, .admin = true, .operator_ = true };
static const sr_caller other = { .uid = 1001, .name = "eve", .look = true, .admin = true, .operator_ = true };
static const sr_caller looker = { .uid = 1002, .name = "look", .look = true };

static inline void answer_done(answer *a)
{
	json_decref(a->done);
	json_decref(a->refused);
	*a = (answer){ 0 };
}
SR_AUTO_DEFINE(answer, answer_done);

static inline void start_as(
	fx_world *w, answer *a, const sr_caller *who, const char *method, const char *params, bool more)
{
	json_auto_t *p = json_loads(params, 0, NULL);

	if (!p)
		fail_msg("not JSON: %s", params);
	answer_done(a);
	a->call = sr_command_start(w->engine, method, p, who, more, &ops, a);
	assert_true((a->call == NULL) == (a->done || a->refused));
}

static inline void finish(fx_world *w, answer *a, const char *method)
{
	for (int i = 0; i < 20000 && !a->done && !a->refused; i++)
		fx_turn(w);
	if (!a->done && !a->refused)
		fail_msg("%s never ended", method);
	a->call = NULL;
	if (a->done)
		schema_check(method, a->done);
}

static inline void run(fx_world *w, answer *a, const char *method, const char *params)
{
	start_as(w, a, &operator_, method, params, false);
	finish(w, a, method);
}

static inline const char *dump(const answer *a)
{
	static char text[2000];
	SR_AUTO_FREE char *json = json_dumps(a->done ? a->done : a->refused, JSON_COMPACT);

	snprintf(text, sizeof(text), "%s", json ? json : "nothing");
	return text;
}

static inline void expect_refused(const answer *a, const char *code, const char *words)
{
	const char *got = json_string_value(json_object_get(a->refused, "code"));
	const char *what = json_string_value(json_object_get(a->refused, "what"));

	if (!got || strcmp(got, code) != 0 || !what || !strstr(what, words))
		fail_msg("expected %s with \"%s\", got %s %s", code, words, a->error, dump(a));
	assert_string_equal(a->error, "org.sisroll.Control.Refused");
	assert_true(json_array_size(json_object_get(a->refused, "do")) > 0);
}

static inline json_t *result_of(const answer *a, int64_t school)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(a->done, "results"), i, row)
		if (json_integer_value(json_object_get(row, "school")) == school)
			return row;
	fail_msg("no result of %lld in %s", (long long)school, dump(a));
	return NULL;
}

static inline void expect_result(const answer *a, int64_t school, const char *code)
{
	json_t *row = result_of(a, school);
	const char *got = json_string_value(json_object_get(row, "code"));
	bool done = json_is_true(json_object_get(row, "done"));

	if (done != (code == NULL) || (code && (!got || strcmp(got, code) != 0)))
		fail_msg("school %lld: expected %s in %s", (long long)school, code ? code : "done", dump(a));
}

static inline sr_school *school(fx_world *w, int64_t number)
{
	sr_school *s = sr_engine_school(w->engine, number);

	assert_non_null(s);
	return s;
}

static inline void expect_phase(fx_world *w, int64_t number, sr_phase phase)
{
	assert_string_equal(sr_phase_name(school(w, number)->row.state.phase), sr_phase_name(phase));
}

static inline json_t *status_of(fx_world *w, answer *a, int64_t number)
{
	size_t i;
	json_t *row;

	run(w, a, "Status", "{}");
	json_array_foreach(json_object_get(a->done, "schools"), i, row)
		if (json_integer_value(json_object_get(row, "school")) == number)
			return row;
	fail_msg("%lld is not in status", (long long)number);
	return NULL;
}

static inline void expect_next(fx_world *w, int64_t number, const char *next, const char *why)
{
	SR_AUTO(answer) a = { 0 };
	json_t *row = status_of(w, &a, number);
	const char *got = json_string_value(json_object_get(row, "next")),
		   *got_why = json_string_value(json_object_get(row, "next_why"));

	if (strcmp(got, next) != 0 || !strstr(got_why ? got_why : "", why))
		fail_msg("next of %lld is \"%s\" (%s)", (long long)number, got, got_why ? got_why : "");
}

/* ---- Steps on the way, for the tests further down it ---- */

static inline void token_of(fx_world *w, const char *params, char token[40])
{
	SR_AUTO(answer) a = { 0 };
	const char *text;

	run(w, &a, "YearSet", params);
	text = json_string_value(json_object_get(json_object_get(a.done, "preview"), "token"));
	if (!text)
		fail_msg("no token: %s", dump(&a));
	snprintf(token, 40, "%s", text);
}

static inline void choose(fx_world *w, answer *a, const char *schools)
{
	char token[40], params[200];

	snprintf(params, sizeof(params), "{\"year\": \"2026-2027\", \"schools\": [%s]}", schools);
	token_of(w, params, token);
	snprintf(params, sizeof(params),
		"{\"year\": \"2026-27\", \"schools\": [%s], \"wait\": true, \"token\": \"%s\"}", schools, token);
	run(w, a, "YearSet", params);
}

static inline void to_terms_mapped(fx_world *w)
{
	SR_AUTO(answer) a = { 0 };

	choose(w, &a, "\"101\"");
	expect_phase(w, 101, SR_PH_YEAR_SET);
	run(w, &a, "TermsAutomap", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, NULL);
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fx_open, fx_close)
