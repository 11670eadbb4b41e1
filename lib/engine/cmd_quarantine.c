/* What was set aside, and trying it again; and the copy of the database. */
#include "engine/cmd_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LIST_MAX 1000
#define ID_BITS (((int64_t)1 << 48) - 1) /* exact in every JSON reader */

typedef struct quarantine_ask {
	const sr_picks *picks;
	json_t *list;
	const char *kind; /* NULL: all */
	int64_t id;       /* 0: all */
	int64_t cleared;
} quarantine_ask;

/* A row has no number of its own: this one is made from what it is about, and stays the same. */
static int64_t row_id(const sr_quar_row *row)
{
	char text[120];

	snprintf(text, sizeof(text), "%lld %d %d %lld %lld", (long long)row->school, row->what, row->kind,
		(long long)row->ident.a, (long long)row->ident.b);
	return sr_text_ident(text) & ID_BITS;
}

static const char *row_kind(const sr_quar_row *row)
{
	return row->what == SR_Q_RECORD ? sr_src_name((sr_src)row->kind) : sr_tgt_name((sr_tgt)row->kind);
}

/* The kind asked for is Schoology's; records count as what they would make. */
static bool row_fits(const quarantine_ask *ask, const sr_quar_row *row)
{
	static const sr_tgt makes[SR_SRC_COUNT] = {
		[SR_SRC_TERM] = SR_TGT_SECTION,
		[SR_SRC_SECTION] = SR_TGT_SECTION,
		[SR_SRC_COURSE] = SR_TGT_COURSE,
		[SR_SRC_STUDENT] = SR_TGT_USER,
		[SR_SRC_STAFF] = SR_TGT_USER,
		[SR_SRC_ENROLLMENT] = SR_TGT_MEMBERSHIP,
		[SR_SRC_TEACHING] = SR_TGT_MEMBERSHIP,
		[SR_SRC_LEAD] = SR_TGT_MEMBERSHIP,
	};
	sr_tgt kind = row->what == SR_Q_TARGET   ? (sr_tgt)row->kind
		      : row->kind < SR_SRC_COUNT ? makes[row->kind]
						 : SR_TGT_COUNT;

	if (ask->id && row_id(row) != ask->id)
		return false;
	return !ask->kind || strcmp(ask->kind, sr_tgt_name(kind)) == 0 || strcmp(ask->kind, row_kind(row)) == 0;
}

/* --- list --- */

static int row_add(sr_call *c, sr_txn *t, const quarantine_ask *ask, const sr_quar_row *row, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_json_obj o = sr_json_obj_new();
	sr_item_row *items = NULL;
	int64_t *plans;
	size_t count = 0;
	char key[24];

	if (row->what == SR_Q_TARGET &&
		sr_store_plan_of_ident(t, &a, (sr_tgt)row->kind, row->ident, 1, &plans, &items, &count, err) < 0) {
		json_decref(sr_json_obj_take(&o));
		return -1;
	}
	snprintf(key, sizeof(key), "%lld", (long long)row->ident.a);
	sr_json_put_int(&o, "id", row_id(row));
	sr_json_put_int(&o, "school", row->school);
	sr_json_put_text(&o, "kind", row_kind(row));
	sr_put_text(&o, "key", count ? items[0].item.key : key);
	sr_put_when(&o, "since", row->since_ms);
	sr_put_text(&o, "code", row->code);
	sr_put_text(&o, "why", row->message && *row->message ? row->message : row->code);
	sr_json_put_int(&o, "attempts", count ? items[0].attempts : 1);
	sr_list_add(c, ask->list, sr_json_obj_take(&o));
	return 0;
}

static int list_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	const quarantine_ask *ask = arg;

	for (size_t i = 0; i < ask->picks->count; i++) {
		SR_AUTO(sr_arena) a = { 0 };
		sr_quar_row *rows;
		size_t count;

		if (sr_store_quar_list(t, &a, ask->picks->at[i].s->number, LIST_MAX, &rows, &count, err) < 0)
			return -1;
		for (size_t k = 0; k < count; k++)
			if (row_fits(ask, &rows[k]) && row_add(c, t, ask, &rows[k], err) < 0)
				return -1;
	}
	return 0;
}

void sr_cmd_quarantine_list(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();
	quarantine_ask ask = { .picks = &picks, .list = list, .kind = sr_json_text(c->params, "kind") };

	if (sr_select(c, SR_PICK_EVERY, &picks) == 0 && sr_call_read(c, list_read, &ask) == 0)
		sr_call_done(c, json_pack("{s:O}", "quarantine", list));
}

/* --- retry --- */

static int retry_rows(sr_txn *t, const sr_school *s, quarantine_ask *ask, int64_t *cleared, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_quar_row *rows;
	size_t count;

	if (sr_store_quar_list(t, &a, s->number, LIST_MAX, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!row_fits(ask, &rows[i]))
			continue;
		if (sr_store_quar_clear(t, rows[i].school, rows[i].what, rows[i].kind, rows[i].ident, err) < 0)
			return -1;
		(*cleared)++;
	}
	return 0;
}

static int retry_write(sr_call *c, sr_txn *t, sr_school *s, quarantine_ask *ask, int64_t *cleared, sr_err *err)
{
	char why[80];

	if (!ask->kind && !ask->id) {
		int n = sr_store_quar_clear_all(t, s->number, err);

		if (n < 0)
			return -1;
		*cleared = n;
	} else if (retry_rows(t, s, ask, cleared, err) < 0) {
		return -1;
	}
	if (*cleared == 0)
		return 0;
	snprintf(why, sizeof(why), "%lld records are tried again", (long long)*cleared);
	return sr_act_record(c->e, s, t, c->who, "quarantine-retry", why, err);
}

static void retry_school(sr_call *c, sr_school *s, quarantine_ask *ask)
{
	int64_t cleared = 0;
	sr_err err = { 0 };
	sr_txn *t;

	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(c->e, t, retry_write(c, t, s, ask, &cleared, &err), &err) < 0) {
		sr_result_failed(c, s, &err);
		return;
	}
	ask->cleared += cleared;
	sr_result_done(c, s, cleared == 0, cleared ? "tried again with the next run" : "nothing is set aside");
	if (cleared)
		sr_sched_school(s);
}

void sr_cmd_quarantine_retry(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	quarantine_ask ask = {
		.picks = &picks, .kind = sr_json_text(c->params, "kind"), .id = sr_json_int(c->params, "id", 0)
	};

	if (sr_select(c, ask.id ? SR_PICK_SYNCED : SR_PICK_REFUSE, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++)
		if (!sr_result_unsynced(c, &picks.at[i]))
			retry_school(c, picks.at[i].s, &ask);
	sr_call_done(c, json_pack("{s:I, s:o}", "count", (json_int_t)ask.cleared, "results", sr_results_take(c)));
}

/* --- backup --- */

static int backup_record(sr_call *c, const char *path, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(c->e->c.store, SR_TXN_WRITE, &t, err) < 0)
		return -1;
	return sr_txn_end(c->e, t, sr_act_record(c->e, NULL, t, c->who, "backup", path, err), err);
}

void sr_cmd_backup(sr_call *c)
{
	const char *path = sr_json_text(c->params, "file");
	struct stat st = { 0 };
	sr_err err = { 0 };
	sr_no no;

	if (!path || *path != '/') {
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_INVALID, "the file has to be named by its whole path"));
		return;
	}
	if (sr_store_backup(c->e->c.store, path, &err) < 0) {
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_BACKUP, "%s", err.text));
		return;
	}
	if (backup_record(c, path, &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	if (stat(path, &st) < 0)
		sr_call_fail(
			c, &(sr_err){ .code = SR_E_IO, .text = "the backup was written, but is not there any more" });
	else
		sr_call_done(c, json_pack("{s:o, s:I}", "file", sr_text_json(path), "bytes", (json_int_t)st.st_size));
}
