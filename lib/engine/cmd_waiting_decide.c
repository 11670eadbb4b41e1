/* waiting approve and reject. A few operations are decided at once; many take a preview whose token stands for
 * exactly those that were shown, and their number. What was decided already is not decided again: a second approval
 * of the same finds nothing open. */
#include "engine/cmd_waiting.h"

#include <stdio.h>
#include <string.h>

#define MANY 10      /* from this many on the number has to be repeated */
#define SHOWN_MAX 50 /* operations named in the answer; `waiting list` names them all */

/* What the two verbs differ in. */
typedef struct decision {
	const char *action, *event, *done;
	sr_waiting_state to;
	bool sends; /* a run carries it out */
} decision;

static const decision approval = { "waiting-approve", "waiting-approved", "approved", SR_WT_APPROVED, true };
static const decision rejection = { "waiting-reject", "waiting-rejected", "rejected", SR_WT_REJECTED, false };

typedef struct of_school {
	int64_t count, already, frozen, oldest_ms;
	int64_t by[SR_TGT_COUNT][SR_OP_COUNT];
} of_school;

typedef struct deciding {
	sr_call *c;
	const decision *d;
	sr_waiting_ask ask;
	of_school *schools; /* beside the picks */
	int64_t count;
	sr_hash chain; /* over every operation that is meant, in order */
	json_t *items;
	sr_txn *t;
} deciding;

/* --- Which operations --- */

static of_school *school_of(const deciding *k, const sr_school *s)
{
	size_t i = 0;

	while (k->ask.picks->at[i].s != s)
		i++;
	return &k->schools[i];
}

/* A key that was written once stays, whoever approves: Schoology would make another object of it. */
static bool is_frozen(const sr_waiting_row *row)
{
	const sr_kind *kind = &sr_tgt_kinds[row->kind];
	uint32_t keys = 0;

	for (size_t f = 0; f < kind->count; f++)
		keys |= kind->fields[f].flags & SR_F_KEY ? 1u << f : 0;
	return row->op == SR_OP_UPDATE && (row->fields & keys);
}

static bool is_meant(const deciding *k, const sr_waiting_row *row)
{
	return row->state != k->d->to && !(k->d->sends && is_frozen(row));
}

static void chain_add(deciding *k, const sr_waiting_row *row)
{
	struct {
		sr_hash before, digest;
		int64_t school, kind, a, b;
	} link = { k->chain, row->digest, row->school, (int64_t)row->kind, row->ident.a, row->ident.b };

	k->chain = sr_hash_bytes(k->c->e->seed, &link, sizeof(link));
}

static int count_row(void *arg, sr_school *s, const sr_waiting_row *row, sr_err *err)
{
	deciding *k = arg;
	of_school *of = school_of(k, s);

	(void)err;
	of->already += row->state == k->d->to;
	of->frozen += row->state != k->d->to && !is_meant(k, row);
	if (!is_meant(k, row))
		return 0;
	if (of->count++ == 0 || row->since_ms < of->oldest_ms)
		of->oldest_ms = row->since_ms;
	of->by[row->kind][row->op]++;
	k->count++;
	chain_add(k, row);
	if (json_array_size(k->items) < SHOWN_MAX)
		sr_list_add(k->c, k->items, sr_waiting_json(k->c->e, row));
	return 0;
}

static int count_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	deciding *k = arg;

	(void)c;
	return sr_waiting_walk(t, &k->ask, count_row, k, err);
}

/* --- The preview --- */

/* "user update 12, membership drop 31" */
static void by_kind(const of_school *of, sr_buf *out)
{
	for (int kind = 0; kind < SR_TGT_COUNT; kind++)
		for (int op = 0; op < SR_OP_COUNT; op++)
			if (of->by[kind][op])
				sr_buf_printf(out, "%s%s %s %lld", out->len ? ", " : "", sr_tgt_name((sr_tgt)kind),
					sr_op_name((sr_op)op), (long long)of->by[kind][op]);
}

static json_t *preview_schools(deciding *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->ask.picks->count; i++) {
		SR_AUTO(sr_buf) what = { 0 };
		sr_json_obj o;

		if (!k->schools[i].count)
			continue;
		by_kind(&k->schools[i], &what);
		o = sr_json_obj_new();
		sr_put_school(&o, k->ask.picks->at[i].s);
		sr_json_put_int(&o, "count", k->schools[i].count);
		sr_json_put_text(&o, "what", sr_buf_text(&what));
		sr_put_when(&o, "oldest", k->schools[i].oldest_ms);
		sr_list_add(k->c, list, sr_json_obj_take(&o));
	}
	return list;
}

/* Over the operations shown and the epochs of their schools: a school that went another way since asks anew. */
static int set_digest(deciding *k, char out[SR_PREVIEW_DIGEST_BYTES])
{
	SR_AUTO(sr_buf) beside = { 0 };
	json_auto_t *nothing = json_array();
	char chain[33];

	sr_hex(chain, k->chain.b, sizeof(k->chain.b));
	sr_buf_printf(&beside, "%s %lld", chain, (long long)k->count);
	for (size_t i = 0; i < k->ask.picks->count; i++)
		if (k->schools[i].count)
			sr_buf_printf(&beside, " %lld:%lld", (long long)k->ask.picks->at[i].s->number,
				(long long)k->ask.picks->at[i].s->row.state.epoch);
	return beside.failed || !nothing ? -1 : sr_preview_digest(k->c, nothing, sr_buf_text(&beside), out);
}

static void preview_answer(deciding *k)
{
	char digest[SR_PREVIEW_DIGEST_BYTES], token[SR_PREVIEW_TOKEN_BYTES];
	sr_call *c = k->c;
	sr_err err = { 0 };

	c->looked = true;
	if (set_digest(k, digest) < 0) {
		sr_call_done(c, NULL);
		return;
	}
	if (sr_preview_token(c, k->d->action, digest, token, &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	sr_call_done(c, json_pack("{s:{s:I, s:s, s:i, s:o, s:O, s:s*}}", "preview", "count", (json_int_t)k->count,
				"token", token, "expires_s", (int)(SR_PREVIEW_LIFE_MS / 1000), "schools",
				preview_schools(k), "items", k->items, "confirm_by", sr_call_other_person(c)));
}

/* --- The decision --- */

static int decide_row(void *arg, sr_school *s, const sr_waiting_row *row, sr_err *err)
{
	deciding *k = arg;

	(void)s;
	if (!is_meant(k, row))
		return 0;
	return sr_store_waiting_decide(k->t, row, k->d->to, k->c->who, sr_call_reason(k->c), sr_now_ms(k->c->e), err) <
			       0
		       ? -1
		       : 0;
}

static void school_words(const deciding *k, size_t i, sr_buf *out)
{
	SR_AUTO(sr_buf) what = { 0 };

	by_kind(&k->schools[i], &what);
	sr_buf_printf(out, "%lld operations: %s", (long long)k->schools[i].count, sr_buf_text(&what));
	if (sr_call_reason(k->c))
		sr_buf_printf(out, "; %s", sr_call_reason(k->c));
}

static int decide_write(deciding *k, sr_err *err)
{
	if (sr_waiting_walk(k->t, &k->ask, decide_row, k, err) < 0)
		return -1;
	for (size_t i = 0; i < k->ask.picks->count; i++) {
		SR_AUTO(sr_buf) why = { 0 };

		if (!k->schools[i].count)
			continue;
		school_words(k, i, &why);
		if (sr_act_record(
			    k->c->e, k->ask.picks->at[i].s, k->t, k->c->who, k->d->event, sr_buf_text(&why), err) < 0)
			return -1;
	}
	return 0;
}

static void decision_say(const deciding *k, size_t i)
{
	SR_AUTO(sr_buf) text = { 0 };

	school_words(k, i, &text);
	sr_log_write(k->c->e->c.log, &(sr_log_entry){ .level = SR_NOTICE,
					     .id = SR_MSG_CHOICE,
					     .school = k->ask.picks->at[i].s->number,
					     .event = k->d->event,
					     .who = k->c->who,
					     .text = sr_buf_text(&text) });
}

/* What is approved goes with a run that begins now; where none may, the answer says what it waits for. */
static void approved_go(deciding *k, sr_school *s, const of_school *of)
{
	SR_AUTO(sr_buf) why = { 0 };
	int64_t run = 0;
	sr_err err = { 0 };
	json_t *row;
	sr_no no;

	sr_buf_printf(&why, "%lld approved; ", (long long)of->count);
	if (s->run) {
		const sr_scope whole = { .kind = -1 };

		if (!sr_follow_may(s, &whole) || sr_follow_ask(s, k->c->who, &whole, &err) < 0)
			s->decided = true;
		sr_buf_printf(&why, "sent by the run that follows run %lld", (long long)s->run->id);
	} else if (sr_sync_refusal(s, &no)) {
		sr_buf_printf(&why, "sent by the next run that may write: %s", no.what);
	} else if (sr_sync_begin(k->c, s, &run, &err) < 0) {
		sr_buf_printf(&why, "sent by the next run: %s", err.text);
	} else {
		sr_buf_printf(&why, "run %lld sends what still holds", (long long)run);
	}
	if (run && sr_call_waits(k->c)) {
		sr_call_await_run(k->c, s, run);
		return;
	}
	row = sr_result_done(k->c, s, false, sr_buf_text(&why));
	if (row && run && json_object_set_new(row, "run", json_integer(run)) != 0)
		k->c->failed = true;
}

static void nothing_decided(deciding *k, sr_school *s, const of_school *of)
{
	char why[160];

	if (of->frozen)
		snprintf(why, sizeof(why), "%lld cannot be approved: a key that was written stays; see explain",
			(long long)of->frozen);
	else if (of->already)
		snprintf(why, sizeof(why), "%lld are %s already", (long long)of->already, k->d->done);
	else
		snprintf(why, sizeof(why), "nothing of this waits here");
	sr_result_done(k->c, s, true, why);
}

static void school_decided(deciding *k, size_t i)
{
	sr_school *s = k->ask.picks->at[i].s;
	const of_school *of = &k->schools[i];
	char why[120];

	if (!of->count) {
		nothing_decided(k, s, of);
		return;
	}
	decision_say(k, i);
	sr_engine_notify(k->c->e, s);
	if (k->d->sends) {
		approved_go(k, s, of);
		return;
	}
	snprintf(why, sizeof(why), "%lld rejected: not sent, and not asked again until the change is another one",
		(long long)of->count);
	sr_result_done(k->c, s, false, why);
}

static void decide(deciding *k)
{
	sr_call *c = k->c;
	sr_err err = { 0 };

	if (k->count && (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &k->t, &err) < 0 ||
				sr_txn_end(c->e, k->t, decide_write(k, &err), &err) < 0)) {
		sr_call_fail(c, &err);
		return;
	}
	for (size_t i = 0; i < k->ask.picks->count; i++)
		school_decided(k, i);
	if (c->awaited_count)
		sr_call_end_runs(c);
	else
		sr_call_done(c, json_pack("{s:I, s:O, s:o}", k->d->done, (json_int_t)k->count, "items", k->items,
					"results", sr_results_take(c)));
}

/* --- The two steps --- */

/* False: the call was refused. The token is spent only when the number is right. */
static bool confirmed(deciding *k, const char *token)
{
	int64_t count = sr_json_int(k->c->params, "count", -1);
	char digest[SR_PREVIEW_DIGEST_BYTES];
	sr_err err = { 0 };
	const char *why;
	sr_no no;

	if (count < 0) {
		sr_no_init(&no, SR_CODE_COUNT_NEEDED, "--count has to say how many operations the preview showed");
		sr_call_refuse_no(k->c, &no);
		return false;
	}
	if (set_digest(k, digest) < 0) {
		sr_call_done(k->c, NULL);
		return false;
	}
	if (count != k->count) {
		sr_no_init(&no, SR_CODE_PREVIEW_STALE, "%lld operations wait now, not %lld", (long long)k->count,
			(long long)count);
		sr_no_todo(&no, "sisrollctl %s …   (shows a fresh preview)", k->c->command->verb);
		sr_call_refuse_no(k->c, &no);
		return false;
	}
	why = sr_preview_take(k->c, k->d->action, digest, token, &err);
	if (why && *why)
		sr_call_refuse_token(k->c, SR_CODE_PREVIEW_STALE, why);
	else if (why)
		sr_call_fail(k->c, &err);
	return !why;
}

static void deciding_run(deciding *k)
{
	const char *token = sr_json_text(k->c->params, "token");

	if (sr_call_read(k->c, count_read, k) < 0)
		return;
	if (k->d->sends && (token || k->count >= MANY))
		sr_call_two_person(k->c);
	if (!k->c->two && sr_call_alone_refused(k->c))
		return;
	if (!token && k->count >= MANY)
		preview_answer(k);
	else if (!token || confirmed(k, token))
		decide(k);
}

static void waiting_decide(sr_call *c, const decision *d, bool rejected_too)
{
	SR_AUTO(sr_picks) picks = { 0 };
	SR_AUTO_FREE of_school *schools = NULL;
	json_auto_t *items = json_array();
	deciding k = { .c = c, .d = d, .items = items };

	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0 || !sr_waiting_ask_read(c, &picks, &k.ask))
		return;
	k.schools = schools = calloc(picks.count + 1, sizeof(*schools));
	if (!schools || !items) {
		sr_call_done(c, NULL);
		return;
	}
	k.ask.states[SR_WT_OPEN] = k.ask.states[SR_WT_APPROVED] = true;
	k.ask.states[SR_WT_REJECTED] = rejected_too;
	deciding_run(&k);
}

void sr_cmd_waiting_approve(sr_call *c)
{
	waiting_decide(c, &approval, sr_json_bool(c->params, "rejected", false));
}

void sr_cmd_waiting_reject(sr_call *c)
{
	waiting_decide(c, &rejection, true);
}
