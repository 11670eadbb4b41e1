/* Opening: lock first, look before touching, and only then change anything. A file that is not
 * ours, newer than us or damaged is left as it was found. */
#include "io/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A lock of the open file description: it also holds between two stores of one process, and is
 * not lost when somebody else closes the file. The lock file stays; removing it would race. */
static int take_lock(sr_store *s, sr_err *err)
{
	SR_AUTO_FREE char *path = sr_asprintf("%s.lock", s->path);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (!path)
		return sr_fail_nomem(err);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0)
		return sr_fail(err, SR_E_DB, "cannot open %s: %s", path, strerror(errno));
	if (fcntl(s->lock_fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return sr_fail(err, SR_E_DB, "state database %s is in use by another sisrolld", s->path);
	return sr_fail(err, SR_E_DB, "cannot lock %s: %s", path, strerror(errno));
}

/* SQLite gives its write-ahead log and shared memory the mode of the database. */
static int create_file(const char *path, sr_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return sr_fail(err, SR_E_DB, "cannot open the state database %s: %s", path,
			errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	close(fd);
	return 0;
}

static int tighten_mode(const sr_store *s, sr_err *err)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < SR_COUNT_OF(ends); i++) {
		SR_AUTO_FREE char *path = sr_asprintf("%s%s", s->path, ends[i]);
		struct stat st;

		if (!path)
			return sr_fail_nomem(err);
		if (stat(path, &st) == 0 && (st.st_mode & 077) && chmod(path, 0600) < 0)
			return sr_fail(err, SR_E_DB, "%s: others may read it, and its mode cannot be changed: %s", path,
				strerror(errno));
	}
	return 0;
}

static int connect_file(sr_store *s, sr_err *err)
{
	static const struct {
		int what, value;
	} settings[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
	};
	int rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return sr_db_fail(s->db, s->path, rc, err);
	for (size_t i = 0; i < SR_COUNT_OF(settings); i++)
		sqlite3_db_config(s->db, settings[i].what, settings[i].value, NULL);
	sqlite3_busy_timeout(s->db, 250); /* a person's sqlite3 shell may hold it for a moment */
	return 0;
}

typedef struct identity {
	int64_t application, version, tables;
} identity;

static int identify(sr_store *s, identity *id, sr_err *err)
{
	if (sr_db_ask(s, "PRAGMA application_id", &id->application, err) < 0 ||
		sr_db_ask(s, "PRAGMA user_version", &id->version, err) < 0 ||
		sr_db_ask(s, "SELECT count(*) FROM sqlite_schema", &id->tables, err) < 0)
		return -1;
	return 0;
}

static int newest_version(void)
{
	return sr_store_migrations[sr_store_migrations_count - 1].version;
}

static int refuse(sr_err *err)
{
	if (err)
		err->retry = SR_RETRY_PERSON;
	return -1;
}

static int check_identity(const sr_store *s, const identity *id, sr_err *err)
{
	bool empty = id->application == 0 && id->version == 0 && id->tables == 0;

	if (!empty && id->application != SR_STORE_APPLICATION_ID) {
		sr_fail(err, SR_E_DB, "%s is a database of another program; nothing was changed", s->path);
		return refuse(err);
	}
	if (id->version > newest_version()) {
		sr_fail(err, SR_E_DB,
			"state database %s has version %lld, this sisrolld knows versions up to %d: install the newer "
			"program, or restore a backup; nothing was changed",
			s->path, (long long)id->version, newest_version());
		return refuse(err);
	}
	return 0;
}

/* Reads every page: a torn file is to be found now, not in the middle of August. */
static int check_pages(sr_store *s, sr_err *err)
{
	int64_t ok = 0;

	if (sr_db_ask(s, "SELECT quick_check = 'ok' FROM pragma_quick_check(1)", &ok, err) < 0)
		return -1;
	return ok ? 0 : sr_db_fail(NULL, s->path, SQLITE_CORRUPT, err);
}

static int set_pragmas(sr_store *s, sr_err *err)
{
	int64_t wal = 0;

	if (sr_db_script(s,
		    "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
		    "PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864;"
		    "PRAGMA journal_mode = WAL",
		    err) < 0)
		return -1;
	if (sr_db_ask(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &wal, err) < 0)
		return -1;
	if (!wal)
		return sr_fail(err, SR_E_DB,
			"state database %s: write-ahead logging is refused; its folder must be on a "
			"local disk",
			s->path);
	s->full_sync = !s->no_sync;
	return sr_db_script(s, s->no_sync ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL", err);
}

/* Pragmas take no bound values; the number is our own. */
static int set_pragma_number(sr_store *s, const char *name, int value, sr_err *err)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA %s = %d", name, value);
	return sr_db_script(s, sql, err);
}

static int migrate_steps(sr_store *s, int64_t from, sr_err *err)
{
	for (size_t i = 0; i < sr_store_migrations_count; i++) {
		const sr_migration *m = &sr_store_migrations[i];

		if (m->version <= from)
			continue;
		if (sr_db_script(s, m->sql, err) < 0 || set_pragma_number(s, "user_version", m->version, err) < 0)
			return -1;
	}
	return set_pragma_number(s, "application_id", SR_STORE_APPLICATION_ID, err);
}

static int migrate(sr_store *s, int64_t from, int64_t now_ms, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(s, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	if (migrate_steps(s, from, err) < 0 || sr_meta_set_int(t, "migrated_ms", now_ms, err) < 0) {
		sr_txn_rollback(t);
		return sr_err_prefix(err, "the migration failed, nothing was changed");
	}
	return sr_txn_commit(t, err);
}

static int bring_up_to_date(sr_store *s, const identity *id, int64_t now_ms, sr_err *err)
{
	SR_AUTO_FREE char *copy = NULL;

	if (id->application == SR_STORE_APPLICATION_ID && id->version == newest_version())
		return 0;
	if (id->application == SR_STORE_APPLICATION_ID) {
		copy = sr_asprintf("%s.before-%d", s->path, newest_version());
		if (!copy)
			return sr_fail_nomem(err);
		if (sr_db_copy(s, copy, true, err) < 0)
			return sr_err_prefix(err, "no backup before the migration");
	}
	return migrate(s, id->version, now_ms, err);
}

/* Our own copies carry no log in their header (store_copy.c). Where one is put in the place of a database that did not
 * end cleanly, the log beside it tells of another file, and SQLite would mix the two. */
static int check_log(const sr_store *s, sr_err *err)
{
	SR_AUTO_FREE char *log = sr_asprintf("%s-wal", s->path);
	unsigned char header[20] = { 0 };
	struct stat st;
	ssize_t n;
	int fd;

	if (!log)
		return sr_fail_nomem(err);
	if (stat(log, &st) < 0 || st.st_size == 0)
		return 0;
	fd = open(s->path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, header, sizeof(header), 0);
	if (fd >= 0)
		close(fd);
	if (n < (ssize_t)sizeof(header) || header[18] != 1)
		return 0; /* SQLite says what is wrong with it, if anything */
	sr_fail(err, SR_E_DB,
		"%s is the log of another database than %s: a backup was put beside it. Remove %s and %s-shm, then "
		"start "
		"again; nothing was changed",
		log, s->path, log, s->path);
	return refuse(err);
}

static int open_checked(sr_store *s, int64_t now_ms, sr_err *err)
{
	identity id;

	if (take_lock(s, err) < 0 || create_file(s->path, err) < 0 || check_log(s, err) < 0 || connect_file(s, err) < 0)
		return -1;
	if (identify(s, &id, err) < 0 || check_identity(s, &id, err) < 0 || check_pages(s, err) < 0)
		return -1;
	if (tighten_mode(s, err) < 0 || set_pragmas(s, err) < 0)
		return -1;
	return bring_up_to_date(s, &id, now_ms, err);
}

int sr_store_open(const sr_store_options *options, sr_store **out, sr_err *err)
{
	sr_store *s = calloc(1, sizeof(*s));

	if (!s)
		return sr_fail_nomem(err);
	s->lock_fd = -1;
	s->no_sync = options->no_sync;
	s->after_commit = options->after_commit;
	s->after_commit_arg = options->after_commit_arg;
	s->path = sr_strdup(options->path);
	if ((s->path ? open_checked(s, options->now_ms, err) : sr_fail_nomem(err)) < 0) {
		sr_store_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void sr_store_close(sr_store *s)
{
	if (!s)
		return;
	sr_txn_rollback(&s->txn);
	sr_db_finalize_all(s);
	sqlite3_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	free(s);
}
