/* A copy is made under another name, synced, and only then given its own: a file with the name
 * of a backup is a whole backup, whenever the power failed. */
#include "io/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int create_part(const char *path, sr_err *err)
{
	int fd;

	if (unlink(path) < 0 && errno != ENOENT)
		return sr_fail(err, SR_E_IO, "cannot replace %s: %s", path, strerror(errno));
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sr_fail(err, SR_E_IO, "cannot create %s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

/* The copy carries WAL in its header; without it one file is the whole backup. */
static int fill(sqlite3 *from, sqlite3 *to, bool no_sync)
{
	sqlite3_backup *b;
	int rc = sqlite3_exec(to, no_sync ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	b = sqlite3_backup_init(to, "main", from, "main");
	if (!b)
		return sqlite3_errcode(to);
	sqlite3_backup_step(b, -1);
	rc = sqlite3_backup_finish(b);
	return rc != SQLITE_OK ? rc : sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

static int copy_pages(sr_store *s, const char *path, sr_err *err)
{
	sqlite3 *to = NULL;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc == SQLITE_OK)
		rc = fill(s->db, to, s->no_sync);
	if (rc != SQLITE_OK)
		sr_db_fail(to, path, rc, err);
	sqlite3_close(to);
	return rc == SQLITE_OK ? 0 : -1;
}

static int sync_folder(const char *path, sr_err *err)
{
	SR_AUTO_FREE char *copy = sr_strdup(path);
	int fd, rc;

	if (!copy)
		return sr_fail_nomem(err);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail(err, SR_E_IO, "cannot open the folder of %s: %s", path, strerror(errno));
	rc = fsync(fd);
	if (rc < 0)
		sr_fail(err, SR_E_IO, "cannot sync the folder of %s: %s", path, strerror(errno));
	close(fd);
	return rc;
}

static int refuse_existing(const char *path, sr_err *err)
{
	return sr_fail(err, SR_E_INVALID, "%s exists already; nothing was written", path);
}

/* link() fails where the name is taken, rename() takes it over. */
static int give_name(const char *part, const char *path, bool replace, sr_err *err)
{
	if ((replace ? rename(part, path) : link(part, path)) < 0)
		return errno == EEXIST ? refuse_existing(path, err)
				       : sr_fail(err, SR_E_IO, "cannot create %s: %s", path, strerror(errno));
	return 0;
}

int sr_db_copy(sr_store *s, const char *path, bool replace, sr_err *err)
{
	SR_AUTO_FREE char *part = sr_asprintf("%s.part", path);
	int rc;

	if (!part)
		return sr_fail_nomem(err);
	if (!replace && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return refuse_existing(path, err);
	if (create_part(part, err) < 0)
		return -1;
	rc = copy_pages(s, part, err);
	if (rc == 0)
		rc = give_name(part, path, replace, err);
	unlink(part); /* after a rename there is none */
	if (rc == 0 && !s->no_sync)
		rc = sync_folder(path, err);
	return rc;
}

int sr_store_room(const sr_store *s, int64_t *out, sr_err *err)
{
	struct statvfs disk;

	if (statvfs(s->path, &disk) < 0)
		return sr_fail(err, SR_E_IO, "cannot look at the disk of %s: %s", s->path, strerror(errno));
	*out = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	return 0;
}
