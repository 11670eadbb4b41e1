/* A disk that fails: a VFS in front of the real one refuses the n-th write or sync, for every n.
 * Whatever n, a transaction is whole or not there, and the store says so. */
#include "store_fixture.h"

#include "io/store_outbox.h"

/* What one test wants of the disk; the VFS carries it, so that nothing is global. */
typedef struct disk {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	int countdown; /* effects until the failure; negative: none */
	int failure;   /* what is answered then, and from then on */
	int wal_syncs;
} disk;

typedef struct disk_file {
	sqlite3_file base;
	disk *disk;
	bool is_wal;
	sqlite3_file *real;
} disk_file;

#define REAL(f) (((disk_file *)(f))->real)

static int effect(disk *d)
{
	if (d->countdown < 0)
		return SQLITE_OK;
	if (d->countdown > 0) {
		d->countdown--;
		return SQLITE_OK;
	}
	return d->failure;
}

static int f_close(sqlite3_file *f)
{
	return REAL(f)->pMethods ? REAL(f)->pMethods->xClose(REAL(f)) : SQLITE_OK;
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return REAL(f)->pMethods->xRead(REAL(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = effect(((disk_file *)f)->disk);

	if (rc == SQLITE_OK)
		return REAL(f)->pMethods->xWrite(REAL(f), p, n, at);
	REAL(f)->pMethods->xWrite(REAL(f), p, n / 2, at); /* a torn one */
	return rc;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = effect(((disk_file *)f)->disk);

	return rc == SQLITE_OK ? REAL(f)->pMethods->xTruncate(REAL(f), size) : rc;
}

static int f_sync(sqlite3_file *f, int flags)
{
	disk_file *file = (disk_file *)f;
	int rc = effect(file->disk);

	file->disk->wal_syncs += file->is_wal;
	return rc == SQLITE_OK ? REAL(f)->pMethods->xSync(REAL(f), flags) : rc;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return REAL(f)->pMethods->xFileSize(REAL(f), size);
}

static int f_lock(sqlite3_file *f, int how)
{
	return REAL(f)->pMethods->xLock(REAL(f), how);
}

static int f_unlock(sqlite3_file *f, int how)
{
	return REAL(f)->pMethods->xUnlock(REAL(f), how);
}

static int f_check(sqlite3_file *f, int *out)
{
	return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
	return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
	return REAL(f)->pMethods->xSectorSize(REAL(f));
}

static int f_traits(sqlite3_file *f)
{
	return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **p)
{
	return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, p);
}

static int f_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return REAL(f)->pMethods->xShmLock(REAL(f), at, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
	REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int f_shm_unmap(sqlite3_file *f, int del)
{
	return REAL(f)->pMethods->xShmUnmap(REAL(f), del);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_check,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_traits,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	disk *d = v->pAppData;
	disk_file *file = (disk_file *)f;
	int rc;

	*file = (disk_file){ .disk = d, .is_wal = (flags & SQLITE_OPEN_WAL) != 0, .real = (sqlite3_file *)(file + 1) };
	rc = d->real->xOpen(d->real, name, file->real, flags, out);
	f->pMethods = file->real->pMethods ? &methods : NULL;
	return rc;
}

typedef struct faulty {
	fixture *f;
	disk disk;
} faulty;

static faulty *disk_new(void)
{
	faulty *y = calloc(1, sizeof(*y));

	assert_non_null(y);
	y->f = fixture_folder();
	y->disk.real = sqlite3_vfs_find(NULL);
	y->disk.vfs = *y->disk.real;
	y->disk.vfs.zName = "faulty";
	y->disk.vfs.pAppData = &y->disk;
	y->disk.vfs.szOsFile = (int)sizeof(disk_file) + y->disk.real->szOsFile;
	y->disk.vfs.xOpen = v_open;
	y->disk.countdown = -1;
	assert_int_equal(sqlite3_vfs_register(&y->disk.vfs, 1), SQLITE_OK);
	return y;
}

static void disk_free(faulty *y)
{
	fixture_remove(y->f);
	sqlite3_vfs_unregister(&y->disk.vfs);
	sqlite3_vfs_register(y->disk.real, 1);
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

static void fails_whole_at_every_effect(int failure, const char *words)
{
	faulty *y = disk_new();
	fixture *f = y->f;
	int64_t left;
	int n, rc = -1;

	OK(f, try_open(y));
	for (n = 0; rc < 0; n++) {
		y->disk.countdown = n;
		y->disk.failure = failure;
		rc = write_plan(y);
		y->disk.countdown = -1;
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
	assert_true(n > 5); /* there were effects to fail at */
	disk_free(y);
}

static void a_full_disk_tears_no_transaction(void **state)
{
	(void)state;
	fails_whole_at_every_effect(SQLITE_FULL, "disk is full");
}

static void a_failing_disk_tears_no_transaction(void **state)
{
	(void)state;
	fails_whole_at_every_effect(SQLITE_IOERR_WRITE, "disk refuses");
}

static void a_failing_disk_makes_no_half_store(void **state)
{
	faulty *y = disk_new();
	int n, rc = -1;

	(void)state;
	for (n = 0; rc < 0; n++) {
		y->disk.countdown = n;
		y->disk.failure = SQLITE_IOERR_FSYNC;
		rc = try_open(y);
		assert_true(rc == 0 || y->f->store == NULL);
	}
	assert_true(n > 5);
	y->disk.countdown = -1;
	assert_int_equal(whole_plans(y), 0);
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
		cmocka_unit_test(a_failing_disk_makes_no_half_store),
		cmocka_unit_test(only_durable_commits_wait_for_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
