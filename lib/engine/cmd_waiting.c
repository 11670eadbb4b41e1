/* waiting list: what waits for a person, school by school, with its age and the reason. Ids and keys, no names. */
#include "engine/cmd_waiting.h"

#include <string.h>

#define LIST_MAX 1000

/* --- Which rows --- */

bool sr_waiting_ask_read(sr_call *c, const sr_picks *picks, sr_waiting_ask *out)
{
	*out = (sr_waiting_ask){ .picks = picks,
		.scope = { .kind = -1 },
		.student = sr_json_text(c->params, "student"),
		.section = sr_json_text(c->params, "section") };
	return sr_scope_kind(c, &out->scope.kind);
}

/* A section by its identity; by its code where it was never made, so that nothing but the key is known of it. */
static bool of_section(const sr_waiting_ask *ask, const sr_waiting_row *row)
{
	size_t len = ask->section ? strlen(ask->section) : 0;

	if (!ask->section)
		return true;
	if (row->kind != SR_TGT_SECTION && row->kind != SR_TGT_MEMBERSHIP)
		return false;
	if (ask->scope.section && row->ident.a == ask->scope.section)
		return true;
	return strncmp(row->key, ask->section, len) == 0 && (row->key[len] == '\0' || row->key[len] == '/');
}

static bool of_student(const sr_waiting_ask *ask, const sr_waiting_row *row)
{
	const char *slash = strrchr(row->key, '/');

	if (!ask->student)
		return true;
	if (row->kind == SR_TGT_USER)
		return (ask->scope.person && row->ident.a == ask->scope.person) || sr_streq(row->key, ask->student);
	if (row->kind != SR_TGT_MEMBERSHIP)
		return false;
	return (ask->scope.person && row->ident.b == ask->scope.person) ||
	       sr_streq(slash ? slash + 1 : "", ask->student);
}

static bool meant(const sr_waiting_ask *ask, const sr_waiting_row *row)
{
	return ask->states[row->state] && (ask->scope.kind < 0 || (int)row->kind == ask->scope.kind) &&
	       of_section(ask, row) && of_student(ask, row);
}

static int walk_school(sr_txn *t, const sr_waiting_ask *ask, sr_school *s, sr_waiting_fn fn, void *arg, sr_err *err)
{
	sr_waiting_row last = { 0 };
	bool begun = false;
	size_t count;

	do {
		SR_AUTO(sr_arena) a = { 0 };
		sr_waiting_row *rows;

		if (sr_store_waiting_list(t, &a, s->number, s->row.state.active, begun ? &last : NULL, SR_CHUNK, &rows,
			    &count, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (meant(ask, &rows[i]) && fn(arg, s, &rows[i], err) < 0)
				return -1;
		if (count)
			last = (sr_waiting_row){ .kind = rows[count - 1].kind, .ident = rows[count - 1].ident };
		begun = true;
	} while (count == SR_CHUNK);
	return 0;
}

int sr_waiting_walk(sr_txn *t, const sr_waiting_ask *ask, sr_waiting_fn fn, void *arg, sr_err *err)
{
	sr_waiting_ask found = *ask;

	if ((ask->student || ask->section) &&
		sr_scope_find(t, ask->picks, ask->student, ask->section, &found.scope, err) < 0)
		return -1;
	for (size_t i = 0; i < ask->picks->count; i++)
		if (walk_school(t, &found, ask->picks->at[i].s, fn, arg, err) < 0)
			return -1;
	return 0;
}

/* --- How it is shown --- */

static json_t *fields_json(const sr_waiting_row *row)
{
	const sr_kind *kind = &sr_tgt_kinds[row->kind];
	json_t *list = json_array();

	for (size_t f = 0; row->op == SR_OP_UPDATE && f < kind->count; f++)
		if (row->fields & (1u << f))
			json_array_append_new(list, json_string(kind->fields[f].name));
	return list;
}

json_t *sr_waiting_json(const sr_engine *e, const sr_waiting_row *row)
{
	sr_json_obj o = sr_json_obj_new();
	int64_t age_ms = sr_now_ms(e) - row->since_ms;

	sr_json_put_int(&o, "school", row->school);
	sr_json_put_text(&o, "op", sr_op_name(row->op));
	sr_json_put_text(&o, "kind", sr_tgt_name(row->kind));
	sr_put_text(&o, "key", row->key);
	sr_json_put(&o, "fields", fields_json(row));
	sr_put_text(&o, "why", row->why);
	sr_put_when(&o, "since", row->since_ms);
	sr_json_put_int(&o, "age_s", age_ms > 0 ? age_ms / 1000 : 0);
	sr_json_put_text(&o, "state", sr_waiting_state_name(row->state));
	sr_json_put_int(&o, "plan", row->plan);
	sr_json_put_int(&o, "seq", row->seq);
	if (row->state != SR_WT_OPEN) {
		sr_put_text(&o, "who", row->who);
		sr_put_text(&o, "reason", row->reason);
		sr_put_when(&o, "decided", row->at_ms);
	}
	return sr_json_obj_take(&o);
}

typedef struct of_plan {
	sr_call *c;
	int64_t plan;
	json_t *list;
} of_plan;

static int plan_row(void *arg, sr_school *s, const sr_waiting_row *row, sr_err *err)
{
	of_plan *of = arg;

	(void)s;
	(void)err;
	if (row->plan == of->plan && json_array_size(of->list) < LIST_MAX)
		sr_list_add(of->c, of->list, sr_waiting_json(of->c->e, row));
	return 0;
}

int sr_waiting_of_plan(sr_call *c, sr_txn *t, int64_t school, int64_t plan, json_t *list, sr_err *err)
{
	const sr_waiting_ask open = { .scope = { .kind = -1 }, .states = { [SR_WT_OPEN] = true } };
	sr_school *s = sr_engine_school(c->e, school);
	of_plan of = { c, plan, list };

	return s && plan ? walk_school(t, &open, s, plan_row, &of, err) : 0;
}

/* --- waiting list --- */

typedef struct listing {
	sr_call *c;
	const sr_waiting_ask *ask;
	json_t *rows, *totals;
	int64_t left_out;
} listing;

static int list_row(void *arg, sr_school *s, const sr_waiting_row *row, sr_err *err)
{
	listing *l = arg;

	(void)s;
	(void)err;
	if (json_array_size(l->rows) == LIST_MAX)
		l->left_out++;
	else
		sr_list_add(l->c, l->rows, sr_waiting_json(l->c->e, row));
	return 0;
}

static int list_total(listing *l, sr_txn *t, const sr_school *s, sr_err *err)
{
	sr_json_obj o;
	sr_waiting_count n;

	if (sr_store_waiting_count(t, s->number, s->row.state.active, &n, err) < 0)
		return -1;
	if (n.open + n.approved + n.rejected == 0)
		return 0;
	o = sr_json_obj_new();
	sr_put_school(&o, s);
	sr_json_put_int(&o, "open", n.open);
	sr_json_put_int(&o, "approved", n.approved);
	sr_json_put_int(&o, "rejected", n.rejected);
	sr_put_when(&o, "oldest", n.oldest_ms);
	sr_list_add(l->c, l->totals, sr_json_obj_take(&o));
	return 0;
}

static int list_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	listing *l = arg;

	(void)c;
	for (size_t i = 0; i < l->ask->picks->count; i++)
		if (list_total(l, t, l->ask->picks->at[i].s, err) < 0)
			return -1;
	return sr_waiting_walk(t, l->ask, list_row, l, err);
}

void sr_cmd_waiting_list(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *rows = json_array(), *totals = json_array();
	sr_waiting_ask ask;
	listing l = { .c = c, .ask = &ask, .rows = rows, .totals = totals };

	if (sr_select(c, SR_PICK_EVERY, &picks) < 0 || !sr_waiting_ask_read(c, &picks, &ask))
		return;
	ask.states[SR_WT_REJECTED] = sr_json_bool(c->params, "rejected", false);
	ask.states[SR_WT_OPEN] = ask.states[SR_WT_APPROVED] = !ask.states[SR_WT_REJECTED];
	if (sr_call_read(c, list_read, &l) == 0)
		sr_call_done(c, json_pack("{s:O, s:O, s:I}", "waiting", rows, "totals", totals, "left_out",
					(json_int_t)l.left_out));
}
