/* The store on a disk that fails at its n-th effect, for every n: a transaction is whole or not there, a store is made
 * or not, a backup has its name or not; and the store says what is wrong. */
#include "store_fixture.h"

#include <sys/stat.h>

#include "disk.h"
#include "io/store_outbox.h"

typedef struct faulty {
	fixture *f;
	disk disk;
} faulty;

static faulty *disk_new(void)
{
	faulty *y = calloc(1, sizeof(*y));

	assert_non_null(y);
	y->f = fixture_folder();
	disk_install(&y->disk);
	return y;
}

static void disk_free(faulty *y)
{
	fixture_remove(y->f);
	disk_remove(&y->disk);
	free(y);
}

static int try_open(faulty *y)
{
	const sr_store_options options = { .path = y->f->path, .now_ms = 1 };

	return sr_store_open(&options, &y->f->store, &y->f->err);
}

/* One transaction of a plan with its items: all of it, or none. */
static int write_plan(faulty *y)
{
	const sr_plan_row row = { .school = 101, .kind = SR_RK_FIRST };
	sr_plan_item item = { .key = "k", .why = "w" };
	fixture *f = y->f;
	int64_t id;

	if (sr_txn_begin(f->store, SR_TXN_DURABLE, &f->txn, &f->err) < 0)
		return -1;
	if (sr_store_plan_new(f->txn, &row, &id, &f->err) < 0)
		goto failed;
	for (item.seq = 1; item.seq <= 200; item.seq++)
		if (sr_store_plan_add(f->txn, id, &item, SR_IS_PLANNED, &f->err) < 0)
			goto failed;
	return sr_txn_commit(f->txn, &f->err);
failed:
	sr_txn_rollback(f->txn);
	return -1;
}

/* How many plans there are; each must have all of its items. */
static int64_t whole_plans(faulty *y)
{
	fixture *f = y->f;
	int64_t plans = 0, items = 0;

	OK(f, sr_db_ask(f->store, "SELECT count(*) FROM plan", &plans, &f->err));
	OK(f, sr_db_ask(f->store, "SELECT count(*) FROM plan_item", &items, &f->err));
	assert_int_equal(items, 200 * plans);
	return plans;
}

/* What a new process would find if this one died now. */
static int64_t plans_after_death(faulty *y)
{
	fixture *f = y->f;
	sr_store *living = f->store;
	char path[sizeof(f->path)], command[512];
	int64_t plans;

	strcpy(path, f->path);
	snprintf(command, sizeof(command), "cp '%s' '%s/dead.db' && cp '%s-wal' '%s/dead.db-wal'", path, f->folder,
		path, f->folder);
	assert_int_equal(system(command), 0);
	snprintf(f->path, sizeof(f->path), "%s/dead.db", f->folder);
	OK(f, try_open(y));
	plans = whole_plans(y);
	sr_store_close(f->store);
	strcpy(f->path, path);
	f->store = living;
	return plans;
}

/* How many effects of the kinds there were to fail at. */
static int fails_whole_at_every(unsigned effects, int failure, const char *words)
{
	faulty *y = disk_new();
	fixture *f = y->f;
	int64_t left;
	int n, rc = -1;

	OK(f, try_open(y));
	for (n = 0; rc < 0; n++) {
		disk_fail_at(&y->disk, effects, n, failure);
		rc = write_plan(y);
		disk_heal(&y->disk);
		if (rc < 0 && !strstr(f->err.text, words))
			fail_msg("effect %d: %s", n, f->err.text);
		assert_int_equal(whole_plans(y), rc == 0);
		/* Where only the sync failed, a commit that was refused may stand after a death: whole. */
		left = plans_after_death(y);
		assert_true(rc == 0 ? left == 1 : left <= 1);
		sr_store_close(f->store);
		f->store = NULL;
		OK(f, try_open(y));
		assert_int_equal(whole_plans(y), rc == 0);
	}
	disk_free(y);
	return n - 1;
}

static void a_full_disk_tears_no_transaction(void **state)
{
	(void)state;
	assert_true(fails_whole_at_every(DISK_ANY, SQLITE_FULL, "disk is full") > 5);
}

static void a_failing_disk_tears_no_transaction(void **state)
{
	(void)state;
	assert_true(fails_whole_at_every(DISK_WRITE, SQLITE_IOERR_WRITE, "disk refuses") > 5);
	assert_true(fails_whole_at_every(DISK_SYNC, SQLITE_IOERR_FSYNC, "disk refuses") > 0);
}

static void a_disk_gone_read_only_tears_no_transaction(void **state)
{
	(void)state;
	assert_true(fails_whole_at_every(DISK_ANY, SQLITE_READONLY, "read-only for us") > 5);
}

/* Whatever fails while a store is made or opened, there is no store, a sentence, and the next try is as good as
 * the first. Some effects SQLite can do without; then there is a whole store. */
static void no_half_store(unsigned effects, int failure)
{
	int n = 0, refused;

	do {
		faulty *y = disk_new();
		int rc;

		disk_fail_at(&y->disk, effects, n++, failure);
		rc = try_open(y);
		assert_true((rc == 0) == (y->f->store != NULL));
		assert_true(rc == 0 || strstr(y->f->err.text, "state database"));
		refused = y->disk.refused;
		disk_heal(&y->disk);
		if (rc < 0)
			OK(y->f, try_open(y));
		assert_int_equal(whole_plans(y), 0);
		disk_free(y);
	} while (refused);
	assert_true(n > 1);
}

static void a_failing_disk_makes_no_half_store(void **state)
{
	(void)state;
	no_half_store(DISK_WRITE, SQLITE_IOERR_WRITE);
	no_half_store(DISK_WRITE, SQLITE_FULL);
	no_half_store(DISK_SYNC, SQLITE_IOERR_FSYNC);
	no_half_store(DISK_OPEN, SQLITE_CANTOPEN);
	no_half_store(DISK_MAP, SQLITE_IOERR_SHMSIZE);
	no_half_store(DISK_ANY, SQLITE_READONLY);
}

static void make_older(const char *path)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "PRAGMA application_id = 1936290674; PRAGMA journal_mode = WAL;"
				 "CREATE TABLE older (x); INSERT INTO older VALUES (7)",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

/* The old version stays, with all that is in it, until the new one is whole. */
static void a_migration_fails_whole(void **state)
{
	int n = 0, refused;

	(void)state;
	do {
		faulty *y = disk_new();
		fixture *f = y->f;
		int64_t kept = 0, plans = 1;

		make_older(f->path);
		disk_fail_at(&y->disk, DISK_ANY, n++, SQLITE_IOERR_WRITE);
		assert_true(try_open(y) == 0 || f->store == NULL);
		refused = y->disk.refused;
		disk_heal(&y->disk);
		if (!f->store)
			OK(f, try_open(y));
		OK(f, sr_db_ask(f->store, "SELECT x FROM older", &kept, &f->err));
		OK(f, sr_db_ask(f->store, "SELECT count(*) FROM plan", &plans, &f->err));
		assert_int_equal(kept, 7);
		assert_int_equal(plans, 0);
		disk_free(y);
	} while (refused);
	assert_true(n > 10);
}

/* A file with the name of a backup is a whole backup. */
static void a_backup_fails_whole(void **state)
{
	faulty *y = disk_new();
	char path[sizeof(y->f->folder) + 16];
	int n, rc = -1;

	(void)state;
	OK(y->f, try_open(y));
	OK(y->f, write_plan(y));
	snprintf(path, sizeof(path), "%s/copy.db", y->f->folder);
	for (n = 0; rc < 0; n++) {
		disk_fail_at(&y->disk, DISK_WRITE | DISK_SYNC | DISK_TRUNCATE, n, SQLITE_FULL);
		rc = sr_store_backup(y->f->store, path, &y->f->err);
		disk_heal(&y->disk);
		assert_int_equal(access(path, F_OK), rc);
		if (rc < 0 && !strstr(y->f->err.text, "disk is full"))
			fail_msg("effect %d: %s", n, y->f->err.text);
		assert_int_equal(whole_plans(y), 1);
	}
	assert_true(n > 5);
	disk_free(y);
}

static void copy_start(const char *from, const char *to, long bytes)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	int c;

	assert_non_null(in);
	assert_non_null(out);
	while (bytes-- != 0 && (c = getc(in)) != EOF)
		putc(c, out);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* The power failed in the middle of the log: what was whole in it counts, the rest was never said. */
static void a_torn_log_is_read_up_to_its_tear(void **state)
{
	faulty *y = disk_new();
	fixture *f = y->f;
	char path[sizeof(f->path)], wal[sizeof(f->path) + 8], torn[sizeof(f->path)], torn_wal[sizeof(f->path) + 8];
	sr_store *living;
	int64_t last = 0;

	(void)state;
	OK(f, try_open(y));
	for (int i = 0; i < 3; i++)
		OK(f, write_plan(y));
	living = f->store;
	strcpy(path, f->path);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	snprintf(torn, sizeof(torn), "%s/torn.db", f->folder);
	snprintf(torn_wal, sizeof(torn_wal), "%s-wal", torn);
	strcpy(f->path, torn);
	for (long bytes = 0;; bytes += 9001) {
		struct stat st;
		int64_t plans = 0;

		assert_int_equal(stat(wal, &st), 0);
		copy_start(path, torn, -1);
		copy_start(wal, torn_wal, bytes < st.st_size ? bytes : -1);
		f->store = NULL;
		OK(f, try_open(y)); /* at the very start, there is not even a schema: it is made */
		plans = whole_plans(y);
		assert_true(plans >= last);
		last = plans;
		sr_store_close(f->store);
		if (bytes >= st.st_size)
			break;
	}
	assert_int_equal(last, 3);
	f->store = living;
	strcpy(f->path, path);
	disk_free(y);
}

/* The database did not end cleanly, and a backup is put over it: the old log is no part of it. */
static void a_backup_beside_the_old_log_is_refused(void **state)
{
	faulty *y = disk_new();
	fixture *f = y->f;
	char wal[sizeof(f->path) + 8], torn[sizeof(f->path)], torn_wal[sizeof(f->path) + 8];
	sr_store *living;

	(void)state;
	OK(f, try_open(y));
	snprintf(torn, sizeof(torn), "%s/torn.db", f->folder);
	snprintf(torn_wal, sizeof(torn_wal), "%s-wal", torn);
	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	OK(f, write_plan(y));
	OK(f, sr_store_backup(f->store, torn, &f->err));
	OK(f, write_plan(y));
	copy_start(wal, torn_wal, -1);
	living = f->store;
	f->store = NULL;
	strcpy(f->path, torn);
	REFUSED(f, try_open(y), "Remove ");
	assert_int_equal(unlink(torn_wal), 0);
	OK(f, try_open(y));
	assert_int_equal(whole_plans(y), 1);
	sr_store_close(f->store);
	f->store = living;
	disk_free(y);
}

static void only_durable_commits_wait_for_the_disk(void **state)
{
	faulty *y = disk_new();
	fixture *f = y->f;
	const sr_txn_kind kinds[] = { SR_TXN_WRITE, SR_TXN_WRITE, SR_TXN_DURABLE, SR_TXN_WRITE };

	(void)state;
	OK(f, try_open(y));
	for (size_t i = 0; i < SR_COUNT_OF(kinds); i++) {
		int before = y->disk.wal_syncs;

		fixture_begin(f, kinds[i]);
		OK(f, sr_meta_set_int(f->txn, "x", (int64_t)i, &f->err));
		fixture_commit(f);
		assert_int_equal(y->disk.wal_syncs > before, kinds[i] == SR_TXN_DURABLE);
	}
	disk_free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_tears_no_transaction),
		cmocka_unit_test(a_failing_disk_tears_no_transaction),
		cmocka_unit_test(a_disk_gone_read_only_tears_no_transaction),
		cmocka_unit_test(a_failing_disk_makes_no_half_store),
		cmocka_unit_test(a_migration_fails_whole),
		cmocka_unit_test(a_backup_fails_whole),
		cmocka_unit_test(a_torn_log_is_read_up_to_its_tear),
		cmocka_unit_test(a_backup_beside_the_old_log_is_refused),
		cmocka_unit_test(only_durable_commits_wait_for_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
