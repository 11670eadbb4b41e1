/* plan list and show: what a plan holds, in pages. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#define PLANS_OF_SCHOOL 20
#define ITEMS_DEFAULT 500
#define ITEMS_MAX 2000

static json_t *ops_json(const int64_t by_op[SR_OP_COUNT])
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_int(&o, "create", by_op[SR_OP_CREATE]);
	/* A membership or an account brought back is a change of what is there. */
	sr_json_put_int(&o, "update", by_op[SR_OP_UPDATE] + by_op[SR_OP_RESTORE]);
	sr_json_put_int(&o, "drop", by_op[SR_OP_DROP]);
	if (by_op[SR_OP_INACTIVATE])
		sr_json_put_int(&o, "inactivate", by_op[SR_OP_INACTIVATE]);
	return sr_json_obj_take(&o);
}

json_t *sr_plan_counts_json(const sr_plan_counts *counts)
{
	sr_json_obj o = sr_json_obj_new();

	for (int k = 0; k < SR_TGT_COUNT; k++)
		sr_json_put(&o, sr_tgt_name((sr_tgt)k), ops_json(counts->by_kind_op[k]));
	return sr_json_obj_take(&o);
}

static json_t *states_json(const sr_plan_counts *counts)
{
	sr_json_obj o = sr_json_obj_new();

	for (int s = 0; s < SR_IS_COUNT; s++)
		if (counts->by_state[s])
			sr_json_put_int(&o, sr_item_state_name((sr_item_state)s), counts->by_state[s]);
	return sr_json_obj_take(&o);
}

static json_t *plan_json(sr_txn *t, const sr_plan_row *row, sr_err *err)
{
	sr_json_obj o;
	sr_plan_counts counts;

	if (sr_store_plan_counts(t, row->id, &counts, err) < 0)
		return NULL;
	o = sr_json_obj_new();
	sr_json_put_int(&o, "id", row->id);
	sr_json_put_int(&o, "school", row->school);
	sr_json_put_int(&o, "run", row->run);
	sr_put_year(&o, "year", row->year);
	sr_json_put_text(&o, "kind", sr_run_kind_name(row->kind));
	sr_put_text(&o, "digest", row->digest ? row->digest : "");
	sr_put_text(&o, "state", row->state);
	sr_put_when(&o, "at", row->created_ms);
	sr_json_put_int(&o, "items", row->items);
	sr_json_put(&o, "counts", sr_plan_counts_json(&counts));
	sr_json_put(&o, "states", states_json(&counts));
	return sr_json_obj_take(&o);
}

/* --- plan list --- */

typedef struct plans_ask {
	const sr_picks *picks;
	json_t *list;
} plans_ask;

static int plans_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	const plans_ask *ask = arg;

	for (size_t i = 0; i < ask->picks->count; i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_plan_row *rows;
		size_t count;

		if (sr_store_plans(t, &arena, ask->picks->at[i].s->number, PLANS_OF_SCHOOL, &rows, &count, err) < 0)
			return -1;
		for (size_t k = 0; k < count; k++) {
			json_t *plan = plan_json(t, &rows[k], err);

			if (!plan)
				return -1;
			sr_list_add(c, ask->list, plan);
		}
	}
	return 0;
}

void sr_cmd_plan_list(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();

	if (sr_select(c, SR_PICK_SYNCED, &picks) == 0 && sr_call_read(c, plans_read, &(plans_ask){ &picks, list }) == 0)
		sr_call_done(c, json_pack("{s:O}", "plans", list));
}

/* --- plan show --- */

typedef struct show_ask {
	int64_t plan, after;
	int kind;
	size_t limit;
	bool found;
	json_t *plan_json, *items;
	int64_t next;
} show_ask;

void sr_ident_text(sr_tgt kind, sr_ident ident, char *out, size_t size)
{
	int64_t person = kind == SR_TGT_MEMBERSHIP ? ident.b : ident.a;
	const char *who = sr_person_is_staff(person) ? "staff" : "student";

	if (kind == SR_TGT_USER)
		snprintf(out, size, "%s %lld", who, (long long)sr_person_dcid(person));
	else if (kind == SR_TGT_MEMBERSHIP)
		snprintf(
			out, size, "section %lld, %s %lld", (long long)ident.a, who, (long long)sr_person_dcid(person));
	else
		snprintf(out, size, "%s %lld", sr_tgt_name(kind), (long long)ident.a);
}

/* field -> [before, after], of the fields that are sent. */
static json_t *changes_json(const sr_plan_item *item, sr_arena *a)
{
	const sr_kind *kind = &sr_tgt_kinds[item->kind];
	sr_json_obj o = sr_json_obj_new();
	sr_record before, after;

	sr_packed_values(kind, &item->before, a, &before);
	sr_packed_values(kind, &item->after, a, &after);
	for (size_t f = 0; f < kind->count; f++) {
		bool differs = !sr_value_eq(kind->fields[f].type, &before.v[f], &after.v[f]);

		if (differs && (item->op == SR_OP_CREATE || item->fields & (1u << f)))
			sr_json_put(&o, kind->fields[f].name,
				json_pack("[o, o]", sr_value_json(&kind->fields[f], &before.v[f]),
					sr_value_json(&kind->fields[f], &after.v[f])));
	}
	return sr_json_obj_take(&o);
}

json_t *sr_item_json(const sr_item_row *row, sr_arena *a)
{
	sr_json_obj o = sr_json_obj_new();
	char ident[80];

	sr_ident_text(row->item.kind, row->item.ident, ident, sizeof(ident));
	sr_json_put_int(&o, "seq", row->item.seq);
	sr_json_put_text(&o, "kind", sr_tgt_name(row->item.kind));
	sr_json_put_text(&o, "op", sr_op_name(row->item.op));
	sr_json_put_text(&o, "ident", ident);
	sr_put_text(&o, "key", row->item.key ? row->item.key : "");
	sr_json_put_text(&o, "state", sr_item_state_name(row->state));
	sr_json_put(&o, "changes", changes_json(&row->item, a));
	sr_json_put_bool(&o, "login", row->item.login);
	sr_put_text(&o, "why", row->message ? row->message : row->item.why);
	return sr_json_obj_take(&o);
}

static int show_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	show_ask *ask = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_plan_row plan;
	sr_item_row *rows;
	size_t count;
	int found = sr_store_plan_get(t, &arena, ask->plan, &plan, err);

	if (found <= 0)
		return found;
	ask->found = true;
	ask->plan_json = plan_json(t, &plan, err);
	if (!ask->plan_json || sr_store_plan_items(t, &arena, ask->plan, ask->after, -1, ask->kind, ask->limit, &rows,
				       &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		sr_list_add(c, ask->items, sr_item_json(&rows[i], &arena));
	ask->next = count == ask->limit ? rows[count - 1].item.seq : 0;
	return 0;
}

static bool kind_of(sr_call *c, int *out)
{
	const char *name = sr_json_text(c->params, "kind");
	sr_no no;

	*out = -1;
	for (int k = 0; name && k < SR_TGT_COUNT; k++)
		if (strcmp(name, sr_tgt_name((sr_tgt)k)) == 0)
			*out = k;
	if (!name || *out >= 0)
		return true;
	sr_call_refuse_no(
		c, sr_no_init(&no, SR_CODE_INVALID, "\"%.40s\" is no kind: user, course, section or membership", name));
	return false;
}

void sr_cmd_plan_show(sr_call *c)
{
	json_auto_t *items = json_array();
	show_ask ask = {
		.plan = sr_json_int(c->params, "plan", 0), .after = sr_json_int(c->params, "after", 0), .items = items
	};
	json_t *reply;
	sr_no no;

	if (!sr_call_limit(c, ITEMS_DEFAULT, ITEMS_MAX, &ask.limit) || !kind_of(c, &ask.kind))
		return;
	if (sr_call_read(c, show_read, &ask) < 0) {
		json_decref(ask.plan_json);
		return;
	}
	if (!ask.found) {
		sr_call_refuse_no(
			c, sr_no_init(&no, SR_CODE_UNKNOWN_PLAN, "there is no plan %lld", (long long)ask.plan));
		return;
	}
	reply = json_pack("{s:o, s:O}", "plan", ask.plan_json, "items", items);
	if (reply && ask.next && json_object_set_new(reply, "next", json_integer(ask.next)) != 0)
		c->failed = true;
	sr_call_done(c, reply);
}
