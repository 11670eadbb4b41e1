/* The state database: opened, migrated, and the transactions everything else runs in.
 * Never holds a transaction across loop turns; never logs. DESIGN section 9. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

typedef struct sr_store sr_store;
typedef struct sr_txn sr_txn;

typedef struct sr_store_options {
	const char *path;
	/* Called after each commit of a writing transaction; NULL: nobody wants to know. */
	void (*after_commit)(void *arg);
	void *after_commit_arg;
	bool no_sync;   /* tests only: survives the death of the process, not of the machine */
	int64_t now_ms; /* remembered as the time of a migration */
} sr_store_options;

/* Opens or creates (mode 0600, WAL, foreign keys, secure_delete). An older schema is copied to
 * `PATH.before-N`, N the new version, and migrated; a newer one, a foreign file, a damaged one and
 * one that another sisrolld holds (`PATH.lock`) are refused, as they were. */
int sr_store_open(const sr_store_options *options, sr_store **out, sr_err *err);
void sr_store_close(sr_store *s);

typedef enum sr_txn_kind {
	SR_TXN_READ,
	SR_TXN_WRITE,
	SR_TXN_DURABLE /* full sync: intents, transitions */
} sr_txn_kind;

/* One transaction at a time. An engine's bug (a second begin) is an SR_E_DB error. */
int sr_txn_begin(sr_store *s, sr_txn_kind kind, sr_txn **out, sr_err *err);
/* Ends it in any case; -1: nothing was kept. A transaction in which a statement failed cannot be
 * committed. */
int sr_txn_commit(sr_txn *t, sr_err *err);
void sr_txn_rollback(sr_txn *t); /* NULL is fine */

/* Statements stepped and rows read in the transaction so far (the bound on a turn). */
int64_t sr_txn_steps(const sr_txn *t);
/* Commits of writing transactions so far: the heartbeat of the writer. */
uint64_t sr_store_commits(const sr_store *s);
/* Why the database could not be written; NULL: nothing refused since the last commit that wrote. */
const sr_err *sr_store_trouble(const sr_store *s);

int sr_store_backup(sr_store *s, const char *path, sr_err *err); /* refuses an existing file */
/* Room on the disk of the database, in bytes. */
int sr_store_room(const sr_store *s, int64_t *out, sr_err *err);

/* meta: small named values. get: 1 found, 0 not. Text results are malloc'ed. */
int sr_meta_get_int(sr_txn *t, const char *name, int64_t *out, sr_err *err);
int sr_meta_set_int(sr_txn *t, const char *name, int64_t value, sr_err *err);
int sr_meta_get_text(sr_txn *t, const char *name, char **out, sr_err *err);
int sr_meta_set_text(sr_txn *t, const char *name, const char *value, sr_err *err);
