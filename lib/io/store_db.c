/* Statements are found by the address of their constant text, so that preparing happens once in
 * the life of a store. Whatever SQLite refuses breaks the transaction: after a full disk it may
 * have rolled back by itself, and a later statement would then run, and stay, outside of it. */
#include "io/store_db.h"

#include <string.h>

typedef struct sentence {
	int code;
	sr_errc errc;
	sr_retry_class retry;
	const char *text;
} sentence;

static const sentence sentences[] = {
	/* clang-format off */
	{ SQLITE_FULL,       SR_E_DB, SR_RETRY_LATER, "the disk is full; free some space" },
	{ SQLITE_READONLY,   SR_E_DB, SR_RETRY_PERSON, "it is read-only for us; check owner, mode and mount" },
	{ SQLITE_CORRUPT,    SR_E_DB, SR_RETRY_PERSON, "it is damaged; restore a backup" },
	{ SQLITE_NOTADB,     SR_E_DB, SR_RETRY_PERSON, "it is damaged, or is no SQLite database; restore a backup" },
	{ SQLITE_BUSY,       SR_E_DB, SR_RETRY_LATER, "another program has locked it" },
	{ SQLITE_LOCKED,     SR_E_DB, SR_RETRY_LATER, "another program has locked it" },
	{ SQLITE_IOERR,      SR_E_DB, SR_RETRY_LATER, "the disk refuses to read or write it" },
	{ SQLITE_CANTOPEN,   SR_E_DB, SR_RETRY_PERSON, "it cannot be opened; check its folder and its owner" },
	{ SQLITE_PERM,       SR_E_DB, SR_RETRY_PERSON, "access is refused" },
	{ SQLITE_CONSTRAINT, SR_E_DB, SR_RETRY_NEVER, "a row breaks the rules of its table" },
	{ SQLITE_NOMEM,      SR_E_NOMEM, SR_RETRY_LATER, "out of memory" },
	/* clang-format on */
};
static const sentence any_sentence = { 0, SR_E_DB, SR_RETRY_LATER, "SQLite refuses" };

static const sentence *sentence_of(int rc)
{
	for (size_t i = 0; i < SR_COUNT_OF(sentences); i++)
		if (sentences[i].code == (rc & 0xff))
			return &sentences[i];
	return &any_sentence;
}

/* SQLite's own words follow: they name tables and columns, never values. */
int sr_db_fail(sqlite3 *db, const char *path, int rc, sr_err *err)
{
	const sentence *s = sentence_of(rc);
	int no = db ? sqlite3_system_errno(db) : 0;
	bool os = no != 0 && ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN);

	sr_fail(err, s->errc, "state database %s: %s (SQLite %d: %s)", path, s->text, rc,
		os                                         ? strerror(no)
		: (db && sqlite3_errcode(db) != SQLITE_OK) ? sqlite3_errmsg(db)
							   : sqlite3_errstr(rc));
	if (err)
		err->retry = s->retry;
	return -1;
}

/* The cache */

static size_t slot_of(const sr_db_stmt *stmts, size_t cap, const char *sql)
{
	size_t i = (size_t)(((uintptr_t)sql * 0x9e3779b97f4a7c15u) >> 32) & (cap - 1);

	while (stmts[i].sql && stmts[i].sql != sql)
		i = (i + 1) & (cap - 1);
	return i;
}

static int grow_cache(sr_store *s, sr_err *err)
{
	size_t cap = s->stmts_cap ? 2 * s->stmts_cap : 128;
	sr_db_stmt *bigger = calloc(cap, sizeof(*bigger));

	if (!bigger)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < s->stmts_cap; i++)
		if (s->stmts[i].sql)
			bigger[slot_of(bigger, cap, s->stmts[i].sql)] = s->stmts[i];
	free(s->stmts);
	s->stmts = bigger;
	s->stmts_cap = cap;
	return 0;
}

static int prepare(sr_store *s, const char *sql, sqlite3_stmt **out, sr_err *err)
{
	sr_db_stmt *slot;
	int rc;

	if (2 * s->stmts_used >= s->stmts_cap && grow_cache(s, err) < 0)
		return -1;
	slot = &s->stmts[slot_of(s->stmts, s->stmts_cap, sql)];
	if (!slot->sql) {
		rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt, NULL);
		if (rc != SQLITE_OK)
			return sr_db_fail(s->db, s->path, rc, err);
		slot->sql = sql;
		s->stmts_used++;
	}
	*out = slot->stmt;
	return 0;
}

void sr_db_finalize_all(sr_store *s)
{
	for (size_t i = 0; i < s->stmts_cap; i++)
		sqlite3_finalize(s->stmts[i].stmt);
	free(s->stmts);
	s->stmts = NULL;
	s->stmts_used = s->stmts_cap = 0;
}

/* Binding: everything is borrowed until the statement is reset */

static int bind_text(sqlite3_stmt *st, int at, const char *s, bool null_if_empty)
{
	if (null_if_empty && (!s || !*s))
		return sqlite3_bind_null(st, at);
	return sqlite3_bind_text(st, at, s ? s : "", -1, SQLITE_STATIC);
}

static int bind_packed(sqlite3_stmt *st, int at, const sr_packed *p, bool null_if_empty)
{
	if (p->len == 0)
		return null_if_empty ? sqlite3_bind_null(st, at) : sqlite3_bind_zeroblob(st, at, 0);
	return sqlite3_bind_blob64(st, at, p->bytes, p->len, SQLITE_STATIC);
}

static int bind_col(sqlite3_stmt *st, int at, const sr_db_col *col, const void *row)
{
	const void *p = (const char *)row + col->offset;
	sr_day day;

	switch (col->type) {
	case SR_DB_I64:
		return sqlite3_bind_int64(st, at, *(const int64_t *)p);
	case SR_DB_INT:
	case SR_DB_ENUM:
		return sqlite3_bind_int(st, at, *(const int *)p);
	case SR_DB_BOOL:
		return sqlite3_bind_int(st, at, *(const bool *)p);
	case SR_DB_DAY:
		day = *(const sr_day *)p;
		return day == SR_DAY_NONE ? sqlite3_bind_null(st, at) : sqlite3_bind_int(st, at, day);
	case SR_DB_TEXT:
	case SR_DB_NTEXT:
		return bind_text(st, at, *(const char *const *)p, col->type == SR_DB_NTEXT);
	case SR_DB_HASH:
		return sqlite3_bind_blob(st, at, p, sizeof(sr_hash), SQLITE_STATIC);
	case SR_DB_PACKED:
	case SR_DB_NPACKED:
		return bind_packed(st, at, p, col->type == SR_DB_NPACKED);
	case SR_DB_END:
		break;
	}
	return SQLITE_MISUSE;
}

static int bind_val(sqlite3_stmt *st, int at, const sr_db_val *v)
{
	return v->type == SR_DB_I64 ? sqlite3_bind_int64(st, at, v->n) : bind_text(st, at, v->s, true);
}

static int bind_all(sqlite3_stmt *st, const sr_db_query *q)
{
	int at = 1, rc = SQLITE_OK;

	if (q->row)
		for (const sr_db_col *c = q->shape->cols; c->type != SR_DB_END && rc == SQLITE_OK; c++)
			rc = bind_col(st, at++, c, q->row);
	for (size_t i = 0; i < SR_DB_ARGS_MAX && q->args[i].type != SR_DB_END && rc == SQLITE_OK; i++)
		rc = bind_val(st, at++, &q->args[i]);
	return rc;
}

/* Running */

static int may_run(const sr_txn *t, sr_err *err)
{
	if (!t || !t->open)
		return sr_fail(err, SR_E_DB, "state database: a statement outside any transaction");
	if (t->broken)
		return sr_fail(
			err, SR_E_DB, "state database: this transaction has failed before; it can only be rolled back");
	return 0;
}

static int begin(sr_txn *t, const sr_db_query *q, sqlite3_stmt **out, sr_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (may_run(t, err) < 0 || prepare(t->store, q->sql, &st, err) < 0)
		return -1;
	if (t->kind == SR_TXN_READ && !sqlite3_stmt_readonly(st))
		return sr_fail(err, SR_E_DB, "state database: a write inside a reading transaction");
	rc = bind_all(st, q);
	if (rc != SQLITE_OK) {
		sqlite3_clear_bindings(st);
		return sr_db_fail(t->store->db, t->store->path, rc, err);
	}
	*out = st;
	return 0;
}

/* A statement failed as it ran. A row that breaks its table's rules says nothing about the disk. */
static int fail_running(sr_store *s, int rc, sr_err *err)
{
	if ((rc & 0xff) != SQLITE_CONSTRAINT)
		sr_db_fail(s->db, s->path, rc, &s->trouble);
	return sr_db_fail(s->db, s->path, rc, err);
}

/* 1: a row; 0: the end; -1. */
static int step(sr_txn *t, sqlite3_stmt *st, sr_err *err)
{
	int rc = sqlite3_step(st);

	t->steps++;
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	t->broken = true;
	return fail_running(t->store, rc, err);
}

/* Bindings are borrowed from the caller and must not outlive the call. */
static void end(sqlite3_stmt *st)
{
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

int sr_db_change(sr_txn *t, const sr_db_query *q, sr_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (begin(t, q, &st, err) < 0)
		return -1;
	rc = step(t, st, err);
	end(st);
	return rc < 0 ? -1 : sqlite3_changes(t->store->db);
}

int sr_db_run(sr_txn *t, const sr_db_query *q, sr_err *err)
{
	return sr_db_change(t, q, err) < 0 ? -1 : 0;
}

int64_t sr_db_last_id(const sr_txn *t)
{
	return sqlite3_last_insert_rowid(t->store->db);
}

/* Reading */

static int damaged(sr_err *err, sqlite3_stmt *st, int at)
{
	sr_fail(err, SR_E_DB, "state database: it is damaged: column %s holds a value it cannot have; restore a backup",
		sqlite3_column_name(st, at));
	if (err)
		err->retry = SR_RETRY_PERSON;
	return -1;
}

static int read_text(sqlite3_stmt *st, int at, sr_arena *a, const char **out, sr_err *err)
{
	const char *s = (const char *)sqlite3_column_text(st, at);

	if (s)
		s = sr_arena_strndup(a, s, (size_t)sqlite3_column_bytes(st, at));
	if (!s && sqlite3_column_type(st, at) != SQLITE_NULL)
		return sr_fail_nomem(err);
	*out = s;
	return 0;
}

static int read_packed(sqlite3_stmt *st, int at, sr_arena *a, sr_packed *out, sr_err *err)
{
	const void *bytes = sqlite3_column_blob(st, at);
	size_t len = (size_t)sqlite3_column_bytes(st, at);

	*out = (sr_packed){ 0 };
	if (len == 0)
		return 0;
	out->bytes = bytes ? sr_arena_alloc(a, len) : NULL;
	if (!out->bytes)
		return sr_fail_nomem(err);
	memcpy(out->bytes, bytes, len);
	out->len = len;
	return 0;
}

static int read_hash(sqlite3_stmt *st, int at, sr_hash *out, sr_err *err)
{
	const void *bytes = sqlite3_column_blob(st, at);
	int len = sqlite3_column_bytes(st, at);

	*out = (sr_hash){ 0 };
	if (len == 0)
		return 0;
	if (len != sizeof(*out) || !bytes)
		return damaged(err, st, at);
	memcpy(out, bytes, sizeof(*out));
	return 0;
}

static int read_int(sqlite3_stmt *st, int at, const sr_db_col *col, void *p, sr_err *err)
{
	int64_t n = sqlite3_column_int64(st, at);

	if (n < INT32_MIN || n > INT32_MAX || (col->type == SR_DB_ENUM && (n < 0 || n >= col->limit)))
		return damaged(err, st, at);
	*(int *)p = (int)n;
	return 0;
}

static int read_col(sqlite3_stmt *st, int at, const sr_db_col *col, sr_arena *a, void *row, sr_err *err)
{
	void *p = (char *)row + col->offset;

	switch (col->type) {
	case SR_DB_I64:
		*(int64_t *)p = sqlite3_column_int64(st, at);
		return 0;
	case SR_DB_BOOL:
		*(bool *)p = sqlite3_column_int64(st, at) != 0;
		return 0;
	case SR_DB_DAY:
		if (sqlite3_column_type(st, at) != SQLITE_NULL)
			return read_int(st, at, col, p, err);
		*(sr_day *)p = SR_DAY_NONE;
		return 0;
	case SR_DB_INT:
	case SR_DB_ENUM:
		return read_int(st, at, col, p, err);
	case SR_DB_TEXT:
	case SR_DB_NTEXT:
		return read_text(st, at, a, p, err);
	case SR_DB_HASH:
		return read_hash(st, at, p, err);
	case SR_DB_PACKED:
	case SR_DB_NPACKED:
		return read_packed(st, at, a, p, err);
	case SR_DB_END:
		break;
	}
	return damaged(err, st, at);
}

static int read_row(sqlite3_stmt *st, const sr_db_shape *shape, sr_arena *a, void *row, sr_err *err)
{
	int at = 0;

	for (const sr_db_col *c = shape->cols; c->type != SR_DB_END; c++)
		if (read_col(st, at++, c, a, row, err) < 0)
			return -1;
	return 0;
}

static void *next_row(sr_db_rows *rows, const sr_db_shape *shape, sr_arena *a)
{
	size_t cap = rows->cap ? 2 * rows->cap : 16;
	void *bigger;

	if (rows->count == rows->cap) {
		bigger = sr_arena_alloc(a, cap * shape->bytes);
		if (!bigger)
			return NULL;
		if (rows->count)
			memcpy(bigger, rows->p, rows->count * shape->bytes);
		rows->p = bigger;
		rows->cap = cap;
	}
	return (char *)rows->p + rows->count * shape->bytes;
}

int sr_db_fetch(sr_txn *t, const sr_db_query *q, sr_arena *a, sr_db_rows *rows, sr_err *err)
{
	sqlite3_stmt *st = NULL;
	void *row;
	int rc;

	if (begin(t, q, &st, err) < 0)
		return -1;
	while ((rc = step(t, st, err)) == 1) {
		row = next_row(rows, q->shape, a);
		rc = row ? read_row(st, q->shape, a, row, err) : sr_fail_nomem(err);
		if (rc < 0)
			break;
		rows->count++;
	}
	end(st);
	return rc;
}

int sr_db_list(sr_txn *t, const sr_db_query *q, sr_arena *a, void *rows, size_t *count, sr_err *err)
{
	sr_db_rows got = { 0 };

	if (sr_db_fetch(t, q, a, &got, err) < 0)
		return -1;
	memcpy(rows, &got.p, sizeof(got.p)); /* the caller's pointer has a type of its own */
	*count = got.count;
	return 0;
}

int sr_db_get(sr_txn *t, const sr_db_query *q, sr_arena *a, void *out, sr_err *err)
{
	sr_db_rows got = { 0 };

	if (sr_db_fetch(t, q, a, &got, err) < 0)
		return -1;
	if (got.count == 0)
		return 0;
	memcpy(out, got.p, q->shape->bytes);
	return 1;
}

int sr_db_get_int(sr_txn *t, const sr_db_query *q, int64_t *out, sr_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (begin(t, q, &st, err) < 0)
		return -1;
	rc = step(t, st, err);
	if (rc == 1 && sqlite3_column_type(st, 0) == SQLITE_NULL)
		rc = 0;
	else if (rc == 1 && sqlite3_column_type(st, 0) != SQLITE_INTEGER)
		rc = damaged(err, st, 0);
	else if (rc == 1)
		*out = sqlite3_column_int64(st, 0);
	end(st);
	return rc;
}

/* Outside transactions */

int sr_db_script(sr_store *s, const char *sql, sr_err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sr_db_fail(s->db, s->path, rc, err);
}

int sr_db_say(sr_store *s, const char *sql, sr_err *err)
{
	sqlite3_stmt *st;
	int rc;

	if (prepare(s, sql, &st, err) < 0)
		return -1;
	rc = sqlite3_step(st);
	if (rc != SQLITE_DONE)
		fail_running(s, rc, err);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

int sr_db_ask(sr_store *s, const char *sql, int64_t *out, sr_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	else
		sr_db_fail(s->db, s->path, rc, err);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : -1;
}
