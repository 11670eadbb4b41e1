/* Transactions and small named values. */
#include "io/store_db.h"

#include <string.h>

/* `synchronous` cannot change inside a transaction, so it is set before one begins. A durable
 * commit syncs the whole write-ahead log: everything committed before it becomes durable too. */
static int set_sync(sr_store *s, bool full, sr_err *err)
{
	if (s->no_sync || s->full_sync == full)
		return 0;
	if (sr_db_script(s, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err) < 0)
		return -1;
	s->full_sync = full;
	return 0;
}

static int pages_written(sr_store *s)
{
	int now = 0, highest;

	sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_WRITE, &now, &highest, 0);
	return now;
}

int sr_txn_begin(sr_store *s, sr_txn_kind kind, sr_txn **out, sr_err *err)
{
	if (s->txn.open)
		return sr_fail(err, SR_E_DB, "state database: a transaction is open already");
	if (kind != SR_TXN_READ && set_sync(s, kind == SR_TXN_DURABLE, err) < 0)
		return -1;
	if (sr_db_say(s, kind == SR_TXN_READ ? "BEGIN" : "BEGIN IMMEDIATE", err) < 0)
		return -1;
	s->txn = (sr_txn){ .store = s, .kind = kind, .open = true, .pages = pages_written(s) };
	*out = &s->txn;
	return 0;
}

int sr_txn_commit(sr_txn *t, sr_err *err)
{
	sr_store *s = t->store;
	int rc = -1;

	if (!t->open)
		return sr_fail(err, SR_E_DB, "state database: this transaction has ended");
	if (t->broken)
		sr_fail(err, SR_E_DB,
			"state database: this transaction failed before its commit; nothing of it was kept");
	else
		rc = sr_db_say(s, "COMMIT", err);
	if (rc < 0) {
		sr_txn_rollback(t);
		return -1;
	}
	t->open = false;
	if (t->kind == SR_TXN_READ)
		return 0;
	s->commits++;
	if (pages_written(s) != t->pages) /* rows that stay as they are do not ask the disk */
		s->trouble = (sr_err){ 0 };
	if (s->after_commit)
		s->after_commit(s->after_commit_arg);
	return 0;
}

void sr_txn_rollback(sr_txn *t)
{
	if (!t || !t->open)
		return;
	t->open = false;
	/* SQLite rolls back by itself after some failures; a second time is harmless. */
	if (!sqlite3_get_autocommit(t->store->db))
		sr_db_script(t->store, "ROLLBACK", NULL);
}

int64_t sr_txn_steps(const sr_txn *t)
{
	return t->steps;
}

const sr_err *sr_store_trouble(const sr_store *s)
{
	return s->trouble.code == SR_E_OK ? NULL : &s->trouble;
}

uint64_t sr_store_commits(const sr_store *s)
{
	return s->commits;
}

int sr_store_backup(sr_store *s, const char *path, sr_err *err)
{
	if (s->txn.open)
		return sr_fail(err, SR_E_DB, "state database: no backup inside a transaction");
	return sr_db_copy(s, path, false, err);
}

int sr_meta_get_int(sr_txn *t, const char *name, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_text(name) } };

	return sr_db_get_int(t, &q, out, err);
}

int sr_meta_set_int(sr_txn *t, const char *name, int64_t value, sr_err *err)
{
	static const char sql[] = "INSERT INTO meta (name, value) VALUES (?, ?) "
				  "ON CONFLICT DO UPDATE SET value = excluded.value";
	const sr_db_query q = { .sql = sql, .args = { sr_db_text(name), sr_db_int(value) } };

	return sr_db_run(t, &q, err);
}

typedef struct text_row {
	const char *text;
} text_row;
/* clang-format off */
static const sr_db_shape text_shape = { sizeof(text_row),
	(const sr_db_col[]){ SR_COL(NTEXT, text_row, text), SR_COL_END } };
/* clang-format on */

int sr_meta_get_text(sr_txn *t, const char *name, char **out, sr_err *err)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = ?";
	SR_AUTO(sr_arena) a = { 0 };
	text_row row;
	char *copy;
	int found = sr_db_get(t, &(sr_db_query){ sql, &text_shape, .args = { sr_db_text(name) } }, &a, &row, err);

	if (found != 1)
		return found;
	copy = sr_strdup(row.text ? row.text : "");
	if (!copy)
		return sr_fail_nomem(err);
	*out = copy;
	return 1;
}

int sr_meta_set_text(sr_txn *t, const char *name, const char *value, sr_err *err)
{
	static const char sql[] = "INSERT INTO meta (name, value) VALUES (?, ?) "
				  "ON CONFLICT DO UPDATE SET value = excluded.value";
	const sr_db_query q = { .sql = sql, .args = { sr_db_text(name), sr_db_text(value) } };

	return sr_db_run(t, &q, err);
}
