/* explain: why a record is in or out. A person types the number he knows (a student number, a course
 * number, a section code) or a DCID: keys and DCIDs are looked up, other numbers are looked for in a scan,
 * a chunk a turn. */
#include "engine/cmd_waiting.h"

#include <stdio.h>
#include <string.h>

#define SENT_MAX 20
#define RECORDS_MAX 100

typedef struct explain_kind {
	const char *name;
	sr_src low, high; /* the rows that speak of it */
	sr_tgt target;
	int number;  /* the field people know; -1: none is looked for */
	bool staff;  /* identities carry the mark of staff */
	bool by_key; /* by the row's own key in every school */
} explain_kind;

/* clang-format off */
static const explain_kind kinds[] = {
	{ "student", SR_SRC_STUDENT, SR_SRC_STUDENT, SR_TGT_USER, SR_STU_STUDENT_NUMBER, false, false },
	{ "staff", SR_SRC_STAFF, SR_SRC_STAFF, SR_TGT_USER, SR_STF_TEACHERNUMBER, true, false },
	{ "course", SR_SRC_COURSE, SR_SRC_COURSE, SR_TGT_COURSE, SR_CRS_COURSE_NUMBER, false, true },
	{ "section", SR_SRC_SECTION, SR_SRC_SECTION, SR_TGT_SECTION, SR_SEC_ID, false, false },
	{ "enrollment", SR_SRC_ENROLLMENT, SR_SRC_LEAD, SR_TGT_MEMBERSHIP, -1, false, true },
};
/* clang-format on */

typedef struct explaining {
	const explain_kind *kind;
	const char *id;
	json_t *records;
	int64_t school, key; /* how far the scan has come */
	bool scanned;
} explaining;

static void explaining_free(void *state)
{
	explaining *x = state;

	json_decref(x->records);
	free(x);
}

/* --- One record --- */

static json_t *sent_json(sr_call *c, sr_txn *t, sr_arena *a, const explaining *x, sr_ident ident, sr_err *err)
{
	json_t *list = json_array();
	sr_item_row *rows;
	int64_t *plans;
	size_t count;

	if (!list || sr_store_plan_of_ident(t, a, x->kind->target, ident, SENT_MAX, &plans, &rows, &count, err) < 0) {
		json_decref(list);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		sr_json_obj o = sr_json_obj_new();
		char when[SR_WHEN_BYTES];

		sr_json_put_text(&o, "at", rows[i].sent_ms ? sr_when(rows[i].sent_ms, when) : "");
		sr_json_put_int(&o, "plan", plans[i]);
		sr_json_put_text(&o, "op", sr_op_name(rows[i].item.op));
		sr_json_put_text(&o, "state", sr_item_state_name(rows[i].state));
		sr_put_text(&o, "answer", rows[i].message ? rows[i].message : rows[i].item.why);
		sr_list_add(c, list, sr_json_obj_take(&o));
	}
	return list;
}

/* Names and addresses are no part of any verdict. */
static json_t *verdict_values(const sr_record *rec)
{
	static const char *const personal[] = { "first_name", "last_name", "preferredname", "email_addr" };
	json_t *values = sr_record_values(rec);

	for (size_t i = 0; values && i < SR_COUNT_OF(personal); i++)
		json_object_del(values, personal[i]);
	return values;
}

/* json_null: not there; NULL: failed. */
static json_t *target_json(sr_txn *t, sr_arena *a, const explaining *x, sr_ident ident, sr_err *err)
{
	sr_mirror_row row;
	int found = sr_store_mirror_get(t, a, x->kind->target, ident, &row, err);
	sr_json_obj o;

	if (found <= 0)
		return found < 0 ? NULL : json_null();
	o = sr_json_obj_new();
	sr_json_put_text(&o, "kind", sr_tgt_name(row.kind));
	sr_put_text(&o, "key", row.key);
	sr_json_put(&o, "id", row.object.sgy_id ? json_integer(row.object.sgy_id) : json_null());
	sr_json_put_text(&o, "origin", row.object.origin == SR_OR_OURS ? "ours" : "adopted");
	sr_put_year(&o, "year", row.object.year);
	sr_json_put_bool(&o, "gone", row.object.gone);
	sr_json_put_bool(&o, "acting_user", row.object.is_acting_user);
	sr_put_when(&o, "confirmed_at", row.confirmed_ms);
	if (row.read_ms)
		sr_put_when(&o, "read_at", row.read_ms);
	return sr_json_obj_take(&o);
}

/* json_null: nothing of it waits; NULL: failed. */
static json_t *waits_json(
	sr_call *c, sr_txn *t, sr_arena *a, const explaining *x, const sr_source_row *row, sr_err *err)
{
	sr_waiting_row room;
	int found = sr_store_waiting_get(t, a, row->school, x->kind->target, row->ident, &room, err);

	return found < 0 ? NULL : found ? sr_waiting_json(c->e, &room) : json_null();
}

static int record_add(sr_call *c, sr_txn *t, explaining *x, const sr_source_row *row, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	char key[24], when[SR_WHEN_BYTES];
	json_t *target, *sent, *waits;
	sr_json_obj o;
	sr_record rec;

	if (json_array_size(x->records) >= RECORDS_MAX)
		return 0;
	sr_packed_values(&sr_src_kinds[row->kind], &row->data, &a, &rec);
	target = target_json(t, &a, x, row->ident, err);
	sent = target ? sent_json(c, t, &a, x, row->ident, err) : NULL;
	waits = sent ? waits_json(c, t, &a, x, row, err) : NULL;
	if (!waits) {
		json_decref(target);
		json_decref(sent);
		return -1;
	}
	snprintf(key, sizeof(key), "%lld", (long long)row->key);
	o = sr_json_obj_new();
	sr_json_put_text(&o, "kind", sr_src_name(row->kind));
	sr_json_put_text(&o, "key", key);
	sr_json_put_int(&o, "school", row->school);
	sr_json_put_text(&o, "verdict", row->judged_ms ? sr_verdict_name(row->judged.verdict) : "not judged yet");
	sr_json_put_text(&o, "effect", row->judged_ms ? sr_effect_name(row->judged.effect) : "none");
	sr_json_put_text(&o, "rule", row->judged_ms ? sr_verdict_rule(row->judged.verdict) : "a run judges it");
	sr_json_put(&o, "values", verdict_values(&rec));
	sr_json_put_text(&o, "judged_at", row->judged_ms ? sr_when(row->judged_ms, when) : "");
	sr_put_day(&o, "judged_again", row->judged.again);
	sr_json_put_bool(&o, "missing", row->missing == 1 || row->missing == 2);
	sr_json_put(&o, "target", target);
	sr_json_put(&o, "waiting", waits);
	sr_json_put(&o, "sent", sent);
	sr_list_add(c, x->records, sr_json_obj_take(&o));
	return 0;
}

/* --- Looking it up --- */

static int add_by_ident(sr_call *c, sr_txn *t, explaining *x, sr_ident ident, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_source_row *rows;
	size_t count;

	if (sr_store_source_by_ident(t, &a, x->kind->low, x->kind->high, ident, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (record_add(c, t, x, &rows[i], err) < 0)
			return -1;
	return 0;
}

/* The key it has in Schoology. */
static int look_by_target_key(sr_call *c, sr_txn *t, explaining *x, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_mirror_row row;
	int found = sr_store_mirror_by_key(t, &a, x->kind->target, x->id, &row, err);

	if (found <= 0 || (x->kind->target == SR_TGT_USER && sr_person_is_staff(row.ident.a) != x->kind->staff))
		return found < 0 ? -1 : 0;
	return add_by_ident(c, t, x, row.ident, err);
}

/* A course number is its identity at each school. */
static int look_by_number(sr_call *c, sr_txn *t, explaining *x, sr_err *err)
{
	if (x->kind->target != SR_TGT_COURSE)
		return 0;
	for (size_t i = 0; i < c->e->school_count; i++)
		if (add_by_ident(c, t, x, (sr_ident){ sr_text_ident(x->id), c->e->schools[i]->number }, err) < 0)
			return -1;
	return 0;
}

static int look_by_dcid(sr_call *c, sr_txn *t, explaining *x, sr_err *err)
{
	int64_t dcid;

	if (!sr_parse_i64(x->id, &dcid) || x->kind->by_key)
		return 0;
	return add_by_ident(c, t, x, (sr_ident){ x->kind->staff ? sr_person_staff(dcid) : dcid, 0 }, err);
}

static int look_by_key(sr_call *c, sr_txn *t, explaining *x, sr_err *err)
{
	int64_t key;

	if (!x->kind->by_key || !sr_parse_i64(x->id, &key))
		return 0;
	for (size_t i = 0; i < c->e->school_count; i++)
		for (int kind = x->kind->low; kind <= (int)x->kind->high; kind++) {
			SR_AUTO(sr_arena) a = { 0 };
			sr_source_row row;
			int found = sr_store_source_get(t, &a, c->e->schools[i]->number, (sr_src)kind, key, &row, err);

			if (found < 0 || (found && record_add(c, t, x, &row, err) < 0))
				return -1;
		}
	return 0;
}

/* The first way that finds something is the one that was meant. */
static int lookup_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	static int (*const before_scan[])(
		sr_call *, sr_txn *, explaining *, sr_err *) = { look_by_target_key, look_by_number };
	static int (*const after_scan[])(sr_call *, sr_txn *, explaining *, sr_err *) = { look_by_dcid, look_by_key };
	explaining *x = arg;

	for (size_t i = 0; i < 2; i++) {
		if (json_array_size(x->records))
			return 0;
		if ((x->scanned ? after_scan : before_scan)[i](c, t, x, err) < 0)
			return -1;
	}
	return 0;
}

/* --- The scan --- */

static bool number_fits(const explaining *x, const sr_record *rec)
{
	const sr_value *v = &rec->v[x->kind->number];
	int64_t n;

	if (!v->set)
		return false;
	if (rec->kind->fields[x->kind->number].type == SR_T_TEXT)
		return sr_strcaseeq(v->s, x->id);
	return sr_parse_i64(x->id, &n) && n == v->n;
}

static int scan_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	explaining *x = arg;
	SR_AUTO(sr_arena) a = { 0 };
	sr_source_row *rows;
	size_t count;

	if (sr_store_source_people(t, &a, x->kind->low, x->school, x->key, SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_record rec;

		x->school = rows[i].school;
		x->key = rows[i].key;
		sr_packed_values(&sr_src_kinds[rows[i].kind], &rows[i].data, &a, &rec);
		if (number_fits(x, &rec) && record_add(c, t, x, &rows[i], err) < 0)
			return -1;
	}
	x->scanned = count < SR_CHUNK;
	return 0;
}

static void explain_answer(sr_call *c, explaining *x)
{
	sr_no no;

	if (json_array_size(x->records)) {
		sr_call_done(c, json_pack("{s:O}", "records", x->records));
		return;
	}
	sr_no_init(&no, SR_CODE_UNKNOWN_RECORD, "no %s of the number or key \"%.80s\" is known", x->kind->name, x->id);
	sr_no_todo(&no, "sisrollctl explain KIND ID      (a record is known once a run has pulled it)");
	sr_call_refuse_no(c, &no);
}

static void scan_step(sr_call *c)
{
	explaining *x = c->state;

	if (sr_call_read(c, scan_read, x) < 0)
		return;
	if (!x->scanned) {
		sr_call_hold(c, scan_step);
		sr_call_wake(c);
		return;
	}
	if (sr_call_read(c, lookup_read, x) == 0)
		explain_answer(c, x);
}

static const explain_kind *kind_find(const char *name)
{
	for (size_t i = 0; name && i < SR_COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

void sr_cmd_explain(sr_call *c)
{
	const char *name = sr_json_text(c->params, "kind");
	explaining *x = calloc(1, sizeof(*x));
	sr_no no;

	if (!x || !(x->records = json_array())) {
		free(x);
		sr_call_done(c, NULL);
		return;
	}
	c->state = x;
	c->state_free = explaining_free;
	x->kind = kind_find(name);
	x->id = sr_json_text(c->params, "id") ?: "";
	if (!x->kind) {
		sr_no_init(&no, SR_CODE_INVALID,
			"\"%.40s\" cannot be explained: student, staff, course, section or enrollment",
			name ? name : "");
		sr_call_refuse_no(c, &no);
		return;
	}
	if (sr_call_read(c, lookup_read, x) < 0)
		return;
	x->scanned = x->kind->number < 0;
	if (json_array_size(x->records))
		explain_answer(c, x);
	else if (!x->scanned)
		sr_call_hold(c, scan_step);
	else if (sr_call_read(c, lookup_read, x) == 0)
		explain_answer(c, x);
}
