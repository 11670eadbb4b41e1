/* year set, in two steps: a preview with a token, then the confirmation with that token. What the token
 * stands for is a digest of all that was shown, so the preview is simply made again and compared. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"

#define ACTION "year-set"

typedef struct choosing {
	sr_yearid year;
	bool before;         /* --before-sis-rollover */
	sr_school **schools; /* those that can be chosen for */
	size_t count;
	json_t *preview; /* of them, in order */
	char digest[SR_PREVIEW_DIGEST_BYTES];
} choosing;

static void choosing_free(void *state)
{
	choosing *k = state;

	if (!k)
		return;
	free(k->schools);
	json_decref(k->preview);
	free(k);
}

/* --- Is it a year? --- */

typedef struct known_years {
	bool known[SR_YEARID_MAX + 2];
	sr_yearid highest_active;
} known_years;

static int known_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	known_years *k = arg;

	for (size_t i = 0; i < c->e->school_count; i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_term_row *rows;
		size_t count;

		if (sr_store_terms(t, &arena, c->e->schools[i]->number, 0, &rows, &count, err) < 0)
			return -1;
		for (size_t n = 0; n < count; n++)
			if (rows[n].term.yearid >= SR_YEARID_MIN && rows[n].term.yearid <= SR_YEARID_MAX)
				k->known[rows[n].term.yearid] = true;
		if (c->e->schools[i]->config.sync && c->e->schools[i]->row.state.active > k->highest_active)
			k->highest_active = c->e->schools[i]->row.state.active;
	}
	return 0;
}

static void refuse_unknown_year(sr_call *c, sr_yearid year, const known_years *k)
{
	SR_AUTO(sr_buf) list = { 0 };
	char text[SR_YEAR_LABEL_BYTES];
	sr_no no;

	for (sr_yearid y = SR_YEARID_MIN; y <= SR_YEARID_MAX; y++)
		if (k->known[y])
			sr_buf_printf(&list, "%s%s", list.len ? ", " : "", sr_year_print(y, text));
	if (!list.len)
		sr_no_init(&no, SR_CODE_NOT_POLLED, "PowerSchool's school years are not known yet");
	else
		sr_no_init(&no, SR_CODE_UNKNOWN_YEAR, "no school of PowerSchool has a term of %s; it knows %s",
			sr_year_print(year, text), list.p);
	sr_no_todo(&no, "sisrollctl year list");
	sr_no_todo(&no, "sisrollctl refresh");
	sr_call_refuse_no(c, &no);
}

/* The year after the active one may be chosen before its terms exist: each school waits for its own. */
static bool year_known(sr_call *c, sr_yearid year)
{
	known_years k = { 0 };

	if (sr_call_read(c, known_read, &k) < 0)
		return false;
	if (k.known[year] || (k.highest_active && year == k.highest_active + 1))
		return true;
	refuse_unknown_year(c, year, &k);
	return false;
}

/* --- For which schools? --- */

static bool set_already(const sr_phase_state *st, sr_yearid year)
{
	return (st->phase == SR_PH_YEAR_SET || st->phase == SR_PH_TERMS_MAPPED) && st->active == year;
}

/* Paused with a used term unmapped, a school can neither resume nor map: the year it has, chosen again, leads it
 * through the map. */
static bool needs_map(sr_school *s)
{
	sr_context ctx = { 0 };
	bool needs = false;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return false;
	if (sr_txn_end(s->e, t, sr_context_load(t, s, s->row.state.active, &ctx, NULL), NULL) == 0)
		needs = sr_context_unmapped(&ctx, &(int){ 0 }) > 0;
	sr_context_done(&ctx);
	return needs;
}

/* Why this school cannot be chosen for. False: it can. */
static bool school_refused(sr_call *c, sr_school *s, sr_yearid year)
{
	const sr_phase_state *st = &s->row.state;
	char label[SR_YEAR_LABEL_BYTES];
	sr_no no;

	sr_year_print(year, label);
	if (st->phase == SR_PH_SYNCING) {
		sr_no_init(&no, SR_CODE_NOT_PAUSED, "the school is syncing: pause it first");
		sr_no_todo(&no, "sisrollctl pause %lld", (long long)s->number);
		sr_no_todo(&no, "sisrollctl year set %s %lld", label, (long long)s->number);
	} else if (st->phase == SR_PH_RESUMED) {
		sr_no_init(&no, SR_CODE_FIRST_RUN, "the first run under the active year is under way");
		sr_no_todo(&no, "sisrollctl pause %lld", (long long)s->number);
	} else if (st->phase == SR_PH_PAUSED && st->active == year && (st->chosen || !needs_map(s))) {
		sr_no_init(&no, SR_CODE_INVALID, "%s is the active year here already", label);
		sr_no_todo(&no, st->chosen ? "sisrollctl year cancel %lld" : "sisrollctl resume %lld",
			(long long)s->number);
	} else if (year < st->verified) {
		sr_no_init(&no, SR_CODE_INVALID,
			"%s lies before the year that was synced last; nothing of an earlier year is touched", label);
	} else {
		return false;
	}
	sr_result_refused(c, s, &no);
	return true;
}

/* Without a selector: every school that stands where a year is chosen. */
static bool meant(const sr_picks *picks, const sr_school *s)
{
	return picks->given || !sr_phase_scheduled(s->row.state.phase);
}

static int choosing_schools(sr_call *c, choosing *k)
{
	SR_AUTO(sr_picks) picks = { 0 };
	bool any = false;
	sr_no no;

	if (sr_select(c, SR_PICK_SYNCED, &picks) < 0)
		return -1;
	k->schools = calloc(picks.count + 1, sizeof(sr_school *));
	if (!k->schools) {
		sr_call_done(c, NULL);
		return -1;
	}
	for (size_t i = 0; i < picks.count; i++) {
		sr_school *s = picks.at[i].s;

		if (!meant(&picks, s))
			continue;
		any = true;
		if (sr_result_unsynced(c, &picks.at[i]) || school_refused(c, s, k->year))
			continue;
		if (set_already(&s->row.state, k->year))
			sr_result_done(c, s, true, "this very year is set already");
		else
			k->schools[k->count++] = s;
	}
	if (any)
		return 0;
	sr_call_refuse_no(
		c, sr_no_init(&no, SR_CODE_NOT_PAUSED, "no school is paused: there is nothing to choose a year for"));
	return -1;
}

/* --- The preview --- */

static json_t *stops_json(sr_txn *t, const sr_school *s, sr_err *err)
{
	const sr_yearid year = s->row.state.active;
	int64_t sections = 0, members = 0;

	if (year && (sr_store_mirror_count(t, SR_TGT_SECTION, s->number, year, &sections, err) < 0 ||
			    sr_store_mirror_count(t, SR_TGT_MEMBERSHIP, s->number, year, &members, err) < 0))
		return NULL;
	return json_pack("{s:I, s:I}", "sections", (json_int_t)sections, "enrollments", (json_int_t)members);
}

static json_t *comes_in_json(const sr_school *s, sr_yearid year, int64_t terms)
{
	int64_t sections = 0;

	for (size_t i = 0; i < s->counts_len && s->counts_year == year; i++)
		sections += s->counts[i].sections;
	return json_pack("{s:I, s:I}", "terms", (json_int_t)terms, "sections", (json_int_t)sections);
}

static void preview_why(const choosing *k, bool terms, const sr_rolled *rolled, bool evidence, char *out, size_t size)
{
	char year[SR_YEAR_LABEL_BYTES];

	sr_year_print(k->year, year);
	if (!terms)
		snprintf(out, size, "waits: PowerSchool has no %s terms here", year);
	else if (rolled->rolled)
		snprintf(out, size, "becomes active at once");
	else if (k->before)
		snprintf(out, size, "becomes active before PowerSchool's rollover, as asked");
	else if (!evidence)
		snprintf(out, size, "a poll looks whether PowerSchool has rolled over here");
	else
		snprintf(out, size, "waits for PowerSchool's rollover (%lld of %lld)", (long long)rolled->promoted,
			(long long)rolled->active);
}

static json_t *preview_school(sr_txn *t, const choosing *k, const sr_school *s, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	bool evidence = s->row.rolled_year == k->year, terms = false;
	sr_rolled rolled = sr_rolled_judge(evidence ? s->row.rolled_active : 0, evidence ? s->row.rolled_promoted : 0);
	sr_json_obj o = sr_json_obj_new();
	sr_term_row *rows;
	size_t count;
	char why[200];

	if (sr_store_terms(t, &arena, s->number, k->year, &rows, &count, err) < 0) {
		json_decref(sr_json_obj_take(&o));
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		terms |= rows[i].term.is_year;
	preview_why(k, terms, &rolled, evidence, why, sizeof(why));
	sr_put_school(&o, s);
	sr_put_year(&o, "from", s->row.state.active);
	sr_put_year(&o, "to", k->year);
	sr_json_put_bool(&o, "terms_exist", terms);
	sr_json_put_bool(&o, "rolled", rolled.rolled);
	sr_json_put_int(&o, "promoted", rolled.promoted);
	sr_json_put_int(&o, "students", rolled.active);
	sr_json_put(&o, "stops", stops_json(t, s, err));
	sr_json_put(&o, "comes_in", comes_in_json(s, k->year, (int64_t)count));
	sr_json_put_text(&o, "why", why);
	return sr_json_obj_take(&o);
}

/* Over everything shown, and over each school's epoch, which is not. */
static int preview_digest(sr_call *c, choosing *k)
{
	SR_AUTO(sr_buf) text = { 0 };

	sr_buf_printf(&text, "%d %d", k->year, k->before);
	for (size_t i = 0; i < k->count; i++)
		sr_buf_printf(&text, " %lld:%lld", (long long)k->schools[i]->number,
			(long long)k->schools[i]->row.state.epoch);
	return text.failed ? -1 : sr_preview_digest(c, k->preview, sr_buf_text(&text), k->digest);
}

static int preview_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	choosing *k = arg;

	k->preview = json_array();
	for (size_t i = 0; i < k->count; i++) {
		json_t *row = preview_school(t, k, k->schools[i], err);

		if (!row)
			return -1;
		sr_list_add(c, k->preview, row);
	}
	return preview_digest(c, k) < 0 ? sr_fail_nomem(err) : 0;
}

static void preview_answer(sr_call *c, const choosing *k)
{
	char token[SR_PREVIEW_TOKEN_BYTES], year[SR_YEAR_LABEL_BYTES];
	sr_err err = { 0 };

	c->looked = true;
	if (sr_preview_token(c, ACTION, k->digest, token, &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	sr_call_done(
		c, json_pack("{s:{s:s, s:s, s:i, s:O, s:s*}, s:o}", "preview", "year", sr_year_print(k->year, year),
			   "token", token, "expires_s", (int)(SR_PREVIEW_LIFE_MS / 1000), "schools", k->preview,
			   "confirm_by", sr_call_other_person(c), "results", sr_results_take(c)));
}

/* --- The choice --- */

static int before_write(sr_school *s, sr_txn *t, const sr_choice *choice, sr_err *err)
{
	(void)t;
	(void)err;
	s->row.state.before_sis_rollover = *(const bool *)choice->arg;
	return 0;
}

static int before_record(sr_call *c, sr_school *s, const choosing *k, sr_err *err)
{
	const char *why = k->before ? sr_call_reason(c) : "a new choice waits for PowerSchool's rollover again";

	if (s->row.state.before_sis_rollover == k->before)
		return 0;
	return sr_choice_make(s,
		&(sr_choice){ .event = "before-sis-rollover",
			.why = why,
			.write = before_write,
			.arg = &k->before,
			.who = c->who },
		err);
}

static void choose_school(sr_call *c, sr_school *s, const choosing *k, json_t *chosen)
{
	bool again = s->row.state.chosen == k->year;
	const char *refused = NULL;
	sr_err err = { 0 };
	sr_no no;

	if (sr_school_step(s, again ? SR_PEV_YEAR_CHOSEN_AGAIN : SR_PEV_YEAR_CHOSEN, k->year, c->who, sr_call_reason(c),
		    &refused, &err) < 0 ||
		(!refused && before_record(c, s, k, &err) < 0)) {
		sr_result_failed(c, s, &err);
		return;
	}
	if (refused) {
		sr_result_refused(c, s, sr_no_init(&no, SR_CODE_NO_PHASE, "%s", refused));
		return;
	}
	sr_list_add(c, chosen, json_integer(s->number));
	sr_school_review(s);
}

static json_t *changed_json(sr_call *c, const json_t *chosen)
{
	json_t *list = json_array();
	size_t i;
	json_t *number;

	json_array_foreach((json_t *)chosen, i, number) {
		const sr_school *s = sr_engine_school(c->e, json_integer_value(number));
		sr_json_obj o = sr_json_obj_new();

		sr_put_school(&o, s);
		sr_json_put_text(&o, "phase", sr_phase_name(s->row.state.phase));
		sr_put_year(&o, "chosen_year", s->row.state.chosen);
		sr_put_year(&o, "active_year", s->row.state.active);
		sr_list_add(c, list, sr_json_obj_take(&o));
	}
	return list;
}

static void chosen_answer(sr_call *c)
{
	const choosing *k = c->state;

	sr_call_done(c, json_pack("{s:o, s:o}", "changed", changed_json(c, k->preview), "results", sr_results_take(c)));
}

/* Its year is not active yet, or nobody has looked which of its terms are in use. */
static bool year_pending(const sr_school *s)
{
	return s->row.state.chosen != SR_YEARID_NONE || s->counts_year != s->row.state.active;
}

/* Until every school has its year, or a poll that began after the choice says what is missing. */
static void chosen_step(sr_call *c)
{
	const choosing *k = c->state;
	bool waits = false;
	size_t i;
	json_t *number;

	json_array_foreach(k->preview, i, number)
		waits |= year_pending(sr_engine_school(c->e, json_integer_value(number)));
	if (!waits || sr_poll_over(c) || sr_call_late(c))
		chosen_answer(c);
}

static void choose(sr_call *c, choosing *k)
{
	json_t *chosen = json_array();

	for (size_t i = 0; i < k->count; i++)
		choose_school(c, k->schools[i], k, chosen);
	/* From here on the list is of those that were chosen for. */
	json_decref(k->preview);
	k->preview = chosen;
	sr_poll_begin(c);
	if (sr_call_waits(c))
		sr_call_hold(c, chosen_step);
	else
		chosen_answer(c);
}

static void confirm(sr_call *c, choosing *k, const char *token)
{
	sr_err err = { 0 };
	const char *why = sr_preview_take(c, ACTION, k->digest, token, &err);

	if (!why)
		choose(c, k);
	else if (!*why)
		sr_call_fail(c, &err);
	else
		sr_call_refuse_token(c, SR_CODE_TOKEN_STALE, why);
}

static bool year_read(sr_call *c, choosing *k)
{
	sr_err err = { 0 };
	sr_no no;

	if (sr_year_parse(sr_json_text(c->params, "year") ?: "", &k->year, &err) == 0)
		return year_known(c, k->year);
	sr_no_init(&no, SR_CODE_UNKNOWN_YEAR, "%s", err.text);
	sr_no_todo(&no, "sisrollctl year list");
	sr_call_refuse_no(c, &no);
	return false;
}

void sr_cmd_year_set(sr_call *c)
{
	const char *token = sr_json_text(c->params, "token");
	choosing *k = calloc(1, sizeof(*k));

	if (!k) {
		sr_call_done(c, NULL);
		return;
	}
	c->state = k;
	c->state_free = choosing_free;
	sr_call_two_person(c);
	k->before = sr_json_bool(c->params, "before_sis_rollover", false);
	if (k->before && !sr_call_needs_reason(c, "choosing a year before PowerSchool's rollover"))
		return;
	if (!year_read(c, k) || choosing_schools(c, k) < 0)
		return;
	if (sr_call_read(c, preview_read, k) < 0)
		return;
	if (k->count == 0)
		sr_call_results(c);
	else if (token)
		confirm(c, k, token);
	else
		preview_answer(c, k);
}
