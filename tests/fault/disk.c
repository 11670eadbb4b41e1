/* SQLite's methods one by one, all handed on; only what changes the disk asks `effect` first. */
#include "disk.h"

#include <stddef.h>

typedef struct disk_file {
	sqlite3_file base;
	disk *disk;
	bool is_wal;
	sqlite3_file *real;
} disk_file;

#define REAL(f) (((disk_file *)(f))->real)

static int effect(sqlite3_file *f, disk_effect what)
{
	disk *d = ((disk_file *)f)->disk;

	if (!(d->effects & what) || d->countdown < 0)
		return SQLITE_OK;
	if (d->countdown > 0) {
		d->countdown--;
		return SQLITE_OK;
	}
	d->refused++;
	d->log_refused += what == DISK_WRITE && ((disk_file *)f)->is_wal;
	if (d->once)
		d->countdown = -1;
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
	int rc = effect(f, DISK_WRITE);

	if (rc == SQLITE_OK)
		return REAL(f)->pMethods->xWrite(REAL(f), p, n, at);
	REAL(f)->pMethods->xWrite(REAL(f), p, n / 2, at); /* a torn one */
	return rc;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = effect(f, DISK_TRUNCATE);

	return rc == SQLITE_OK ? REAL(f)->pMethods->xTruncate(REAL(f), size) : rc;
}

static int f_sync(sqlite3_file *f, int flags)
{
	disk_file *file = (disk_file *)f;
	int rc = effect(f, DISK_SYNC);

	(void)flags;
	file->disk->wal_syncs += file->is_wal;
	return rc; /* the machine outlives every test: nobody has to wait for the plates */
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
	/* "Read-only" would mean to SQLite that the memory was mapped all the same. */
	if (extend && effect(f, DISK_MAP) != SQLITE_OK)
		return SQLITE_IOERR_SHMSIZE;
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

	f->pMethods = NULL;
	*file = (disk_file){ .disk = d, .is_wal = (flags & SQLITE_OPEN_WAL) != 0, .real = (sqlite3_file *)(file + 1) };
	rc = effect(f, DISK_OPEN);
	if (rc != SQLITE_OK)
		return rc;
	rc = d->real->xOpen(d->real, name, file->real, flags, out);
	f->pMethods = file->real->pMethods ? &methods : NULL;
	return rc;
}

void disk_install(disk *d)
{
	*d = (disk){ .real = sqlite3_vfs_find(NULL), .countdown = -1 };
	d->vfs = *d->real;
	d->vfs.zName = "failing";
	d->vfs.pAppData = d;
	d->vfs.szOsFile = (int)sizeof(disk_file) + d->real->szOsFile;
	d->vfs.xOpen = v_open;
	sqlite3_vfs_register(&d->vfs, 1);
}

void disk_remove(disk *d)
{
	sqlite3_vfs_unregister(&d->vfs);
	sqlite3_vfs_register(d->real, 1);
}

void disk_fail_at(disk *d, unsigned effects, int n, int failure)
{
	d->effects = effects;
	d->countdown = n;
	d->failure = failure;
	d->refused = d->log_refused = 0;
}

void disk_heal(disk *d)
{
	d->countdown = -1;
}
