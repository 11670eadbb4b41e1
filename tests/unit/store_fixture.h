/* For the store's tests: a store in a folder of its own, and what must hold of every statement used.
 * Never used by anything that ships. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/store.h"
#include "io/store_db.h"

typedef struct fixture {
	char folder[64];
	char path[96];
	sr_store *store;
	sr_txn *txn;
	sr_arena arena;
	sr_err err;
} fixture;

/* A fallible call that must succeed; what it says otherwise is shown. */
#define OK(f, call) assert_ok_((f), (call), #call, __LINE__)
static inline int assert_ok_(fixture *f, int rc, const char *what, int line)
{
	if (rc < 0)
		fail_msg("line %d: %s: %s", line, what, f->err.text);
	return rc;
}

#define REFUSED(f, call, words)                                                                     \
	do {                                                                                        \
		assert_int_equal((call), -1);                                                       \
		if (!strstr((f)->err.text, (words)))                                                \
			fail_msg("line %d: \"%s\" lacks \"%s\"", __LINE__, (f)->err.text, (words)); \
	} while (0)

static inline fixture *fixture_folder(void)
{
	fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->folder, "/tmp/test_store.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/state.db", f->folder);
	return f;
}

static inline int fixture_try(fixture *f)
{
	const sr_store_options options = { .path = f->path, .no_sync = true, .now_ms = 1000 };

	return sr_store_open(&options, &f->store, &f->err);
}

static inline void fixture_close(fixture *f)
{
	sr_store_close(f->store);
	f->store = NULL;
	f->txn = NULL;
}

static inline void fixture_begin(fixture *f, sr_txn_kind kind)
{
	OK(f, sr_txn_begin(f->store, kind, &f->txn, &f->err));
}

static inline void fixture_commit(fixture *f)
{
	OK(f, sr_txn_commit(f->txn, &f->err));
	f->txn = NULL;
}

/* Ends the open transaction and begins another: what was written is read back from the file. */
static inline void fixture_next(fixture *f)
{
	fixture_commit(f);
	fixture_begin(f, SR_TXN_WRITE);
}

static inline int fixture_open(void **state)
{
	fixture *f = fixture_folder();

	OK(f, fixture_try(f));
	fixture_begin(f, SR_TXN_WRITE);
	*state = f;
	return 0;
}

/* Tables that grow with the district: no statement may walk or sort one of them whole. */
static inline bool is_big_scan(const char *detail, const char *sql)
{
	static const char *const big[] = { "source", "mirror", "found", "plan_item", "section_period" };
	char scan[64];

	for (size_t i = 0; i < SR_COUNT_OF(big); i++) {
		snprintf(scan, sizeof(scan), "SCAN %s", big[i]);
		if (strcmp(detail, scan) == 0 ||
			(strncmp(detail, scan, strlen(scan)) == 0 && detail[strlen(scan)] == ' '))
			return true;
		/* All rows of a kind are as good as all rows. */
		snprintf(scan, sizeof(scan), "SEARCH %s USING PRIMARY KEY (kind=?)", big[i]);
		if (strcmp(detail, scan) == 0)
			return true;
		snprintf(scan, sizeof(scan), "FROM %s ", big[i]);
		/* Sorting what one key brings is fine; sorting a page of a whole school is not. */
		if (strstr(detail, "USE TEMP B-TREE") && strstr(sql, scan) && strstr(sql, "LIMIT ?"))
			return true;
	}
	return false;
}

static inline void check_plans(sr_store *s)
{
	for (sqlite3_stmt *st = sqlite3_next_stmt(s->db, NULL); st; st = sqlite3_next_stmt(s->db, st)) {
		char *sql;
		sqlite3_stmt *explain = NULL;

		if (sqlite3_stmt_isexplain(st))
			continue;
		sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sqlite3_sql(st));
		assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &explain, NULL), SQLITE_OK);
		while (sqlite3_step(explain) == SQLITE_ROW) {
			const char *detail = (const char *)sqlite3_column_text(explain, 3);

			if (is_big_scan(detail, sql))
				fail_msg("%s\n  %s", sql, detail);
		}
		sqlite3_finalize(explain);
		sqlite3_free(sql);
	}
}

static inline void fixture_remove(fixture *f)
{
	char command[160];

	fixture_close(f);
	sr_arena_done(&f->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
}

static inline int fixture_done(void **state)
{
	fixture *f = *state;

	if (f->store) {
		sr_txn_rollback(f->txn);
		check_plans(f->store);
	}
	fixture_remove(f);
	return 0;
}
