/* Inside the store: one statement prepared once, bound from a table of columns, read into rows.
 * Never included outside lib/io/store*.c and their tests; never builds SQL from values. */
#pragma once
#include <sqlite3.h>
#include <stddef.h>

#include "base/arena.h"
#include "core/model.h"
#include "io/store.h"

#define SR_STORE_APPLICATION_ID 0x73697372 /* "sisr", in the file's header */

typedef struct sr_migration {
	int version;
	const char *sql;
} sr_migration;
/* Generated at build from schema/sql, by rising version, without a gap. */
extern const sr_migration sr_store_migrations[];
extern const size_t sr_store_migrations_count;

typedef struct sr_db_stmt {
	const char *sql; /* a constant of the program: its address is the key */
	sqlite3_stmt *stmt;
} sr_db_stmt;

struct sr_txn {
	sr_store *store;
	sr_txn_kind kind;
	bool open;
	bool broken; /* a statement failed: SQLite may have rolled back already, so nothing more may run */
	int64_t steps;
	int pages; /* that the connection had written before it began */
};

struct sr_store {
	sqlite3 *db;
	char *path;
	int lock_fd;
	bool no_sync;
	bool full_sync; /* what PRAGMA synchronous stands at */
	sr_txn txn;
	uint64_t commits;
	sr_err trouble; /* the last refusal of the disk since then */
	void (*after_commit)(void *arg);
	void *after_commit_arg;
	sr_db_stmt *stmts; /* open addressing, a power of two */
	size_t stmts_used, stmts_cap;
};

/* A column: how it is kept, and where it lies in the row's struct. */
typedef enum sr_db_type {
	SR_DB_END,
	SR_DB_I64,
	SR_DB_INT,
	SR_DB_ENUM, /* an int below `limit`; anything else in the file is damage */
	SR_DB_BOOL,
	SR_DB_DAY,   /* SR_DAY_NONE is NULL */
	SR_DB_TEXT,  /* NULL is kept as "" */
	SR_DB_NTEXT, /* NULL and "" are kept as NULL */
	SR_DB_HASH,
	SR_DB_PACKED,  /* no bytes are kept as an empty blob */
	SR_DB_NPACKED, /* no bytes are kept as NULL */
} sr_db_type;

typedef struct sr_db_col {
	sr_db_type type;
	size_t offset;
	int limit;
} sr_db_col;

/* The columns of a row in the order of its SQL, closed by SR_DB_END. */
typedef struct sr_db_shape {
	size_t bytes;
	const sr_db_col *cols;
} sr_db_shape;

/* clang-format off */
enum {
	SR_DB_BYTES_I64 = 8, SR_DB_BYTES_INT = 4, SR_DB_BYTES_ENUM = 4, SR_DB_BYTES_BOOL = 1, SR_DB_BYTES_DAY = 4,
	SR_DB_BYTES_TEXT = sizeof(char *), SR_DB_BYTES_NTEXT = sizeof(char *), SR_DB_BYTES_HASH = sizeof(sr_hash),
	SR_DB_BYTES_PACKED = sizeof(sr_packed), SR_DB_BYTES_NPACKED = sizeof(sr_packed),
};

/* The offset of a member; does not compile when its size is not the column's. */
#define SR_DB_OFFSET(type, row, member) \
	(offsetof(row, member) + 0 * sizeof(char[sizeof(((row *)0)->member) == SR_DB_BYTES_##type ? 1 : -1]))
#define SR_COL(type, row, member) { SR_DB_##type, SR_DB_OFFSET(type, row, member), 0 }
#define SR_COL_ENUM(row, member, count) { SR_DB_ENUM, SR_DB_OFFSET(ENUM, row, member), (count) }
#define SR_COL_END { SR_DB_END, 0, 0 }
/* clang-format on */

/* A single value to bind. */
typedef struct sr_db_val {
	sr_db_type type; /* SR_DB_I64 or SR_DB_NTEXT */
	int64_t n;
	const char *s;
} sr_db_val;

static inline sr_db_val sr_db_int(int64_t n)
{
	return (sr_db_val){ .type = SR_DB_I64, .n = n };
}

static inline sr_db_val sr_db_text(const char *s) /* NULL and "" are bound as NULL */
{
	return (sr_db_val){ .type = SR_DB_NTEXT, .s = s };
}

#define SR_DB_ARGS_MAX 8

/* `row` (if any) is bound first, by `shape`; then `args` up to the first that is not set.
 * Answers are read by `shape`. */
typedef struct sr_db_query {
	const char *sql;
	const sr_db_shape *shape;
	const void *row;
	sr_db_val args[SR_DB_ARGS_MAX];
} sr_db_query;

/* Rows of one shape, collected in an arena. Zero-initialise. */
typedef struct sr_db_rows {
	void *p;
	size_t count, cap;
} sr_db_rows;

/* Runs a statement without rows. Returns how many rows it changed, or -1. */
int sr_db_change(sr_txn *t, const sr_db_query *q, sr_err *err);
/* The same, for callers who do not ask how many: 0, -1. */
int sr_db_run(sr_txn *t, const sr_db_query *q, sr_err *err);
/* Appends every row to `rows`. */
int sr_db_fetch(sr_txn *t, const sr_db_query *q, sr_arena *a, sr_db_rows *rows, sr_err *err);
/* All rows; `rows` is the address of the caller's pointer to them (NULL: none). */
int sr_db_list(sr_txn *t, const sr_db_query *q, sr_arena *a, void *rows, size_t *count, sr_err *err);
/* At most one row: 1, 0, -1. */
int sr_db_get(sr_txn *t, const sr_db_query *q, sr_arena *a, void *out, sr_err *err);
/* The one integer of the one row: 1; no row, or NULL in it: 0 and `out` untouched; -1. */
int sr_db_get_int(sr_txn *t, const sr_db_query *q, int64_t *out, sr_err *err);
/* The id that the last INSERT made. */
int64_t sr_db_last_id(const sr_txn *t);

/* Turns SQLite's refusal into a sentence. Returns -1. */
int sr_db_fail(sqlite3 *db, const char *path, int rc, sr_err *err);
/* Runs constant SQL outside the cache: pragmas, migrations. */
int sr_db_script(sr_store *s, const char *sql, sr_err *err);
/* One constant statement without rows, prepared once: a transaction's begin and end. */
int sr_db_say(sr_store *s, const char *sql, sr_err *err);
/* The one integer of `sql`, outside any transaction. */
int sr_db_ask(sr_store *s, const char *sql, int64_t *out, sr_err *err);
void sr_db_finalize_all(sr_store *s);

/* Copies the whole database to `path`, mode 0600, whole or not at all; an existing file is
 * refused unless `replace`. */
int sr_db_copy(sr_store *s, const char *path, bool replace, sr_err *err);

/* Bounds for `school BETWEEN ? AND ?`: one school, or every one for 0. */
static inline sr_db_val sr_db_school_low(int64_t school)
{
	return sr_db_int(school ? school : INT64_MIN);
}

static inline sr_db_val sr_db_school_high(int64_t school)
{
	return sr_db_int(school ? school : INT64_MAX);
}
