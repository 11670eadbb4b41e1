/* A disk that fails: a VFS in front of the real one, which refuses the n-th effect of the kinds asked for.
 * Never touches what is only read; files are left as a real disk would leave them, a refused write torn in half. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>

typedef enum disk_effect {
	DISK_WRITE = 1,
	DISK_SYNC = 2,
	DISK_TRUNCATE = 4,
	DISK_OPEN = 8,
	DISK_MAP = 16, /* shared memory of the log */
	DISK_ANY = 31
} disk_effect;

/* The VFS carries what a test wants of the disk, so that nothing is global. */
typedef struct disk {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	unsigned effects;         /* of disk_effect: these count, the others succeed */
	int countdown;            /* effects until the failure; negative: none */
	int failure;              /* what is answered then, and from then on */
	bool once;                /* only that one time */
	int refused, log_refused; /* so far; writes of the log alone: a commit fails by them */
	int wal_syncs;
} disk;

void disk_install(disk *d); /* as SQLite's default; `d` must outlive every connection opened meanwhile */
void disk_remove(disk *d);
/* The n-th effect from now (0: the next) fails; `disk_heal` ends it. */
void disk_fail_at(disk *d, unsigned effects, int n, int failure);
void disk_heal(disk *d);
