/* Opening, migrating, refusing, and the rules of transactions. */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

static int folder_only(void **state)
{
	*state = fixture_folder();
	return 0;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Writes with SQLite alone, as another program would. */
static void raw(const char *path, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

#define LATEST 2 /* migrations that there are */

static int64_t raw_int(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t n;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static char *beside(const fixture *f, const char *end)
{
	char *path = sr_asprintf("%s%s", f->path, end);

	assert_non_null(path);
	return path;
}

static void a_new_store_is_private_and_has_the_last_version(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *wal = beside(f, "-wal");
	SR_AUTO_FREE char *shm = beside(f, "-shm");
	SR_AUTO_FREE char *before = beside(f, ".before-2");
	int64_t n;

	umask(0);
	OK(f, fixture_try(f));
	assert_int_equal(mode_of(f->path), 0600);
	assert_int_equal(mode_of(wal), 0600);
	assert_int_equal(mode_of(shm), 0600);
	assert_int_equal(access(before, F_OK), -1);
	OK(f, sr_db_ask(f->store, "PRAGMA foreign_keys", &n, &f->err));
	assert_int_equal(n, 1);
	OK(f, sr_db_ask(f->store, "PRAGMA secure_delete", &n, &f->err));
	assert_int_equal(n, 1);
	OK(f, sr_db_ask(f->store, "PRAGMA trusted_schema", &n, &f->err));
	assert_int_equal(n, 0);
	fixture_close(f);
	assert_int_equal(
		raw_int(f->path, "PRAGMA user_version"), sr_store_migrations[sr_store_migrations_count - 1].version);
	assert_int_equal(raw_int(f->path, "PRAGMA application_id"), SR_STORE_APPLICATION_ID);
}

static void a_lax_mode_is_tightened(void **state)
{
	fixture *f = *state;

	OK(f, fixture_try(f));
	fixture_close(f);
	assert_int_equal(chmod(f->path, 0644), 0);
	OK(f, fixture_try(f));
	assert_int_equal(mode_of(f->path), 0600);
}

static void what_was_committed_is_there_again(void **state)
{
	fixture *f = *state;
	char *text = NULL;
	int64_t n = 0;

	OK(f, fixture_try(f));
	fixture_begin(f, SR_TXN_DURABLE);
	OK(f, sr_meta_set_int(f->txn, "seed", INT64_MIN, &f->err));
	OK(f, sr_meta_set_text(f->txn, "district", "a'b\"c", &f->err));
	OK(f, sr_meta_set_text(f->txn, "empty", "", &f->err));
	fixture_commit(f);
	fixture_close(f);
	OK(f, fixture_try(f));
	fixture_begin(f, SR_TXN_READ);
	assert_int_equal(sr_meta_get_int(f->txn, "seed", &n, &f->err), 1);
	assert_true(n == INT64_MIN);
	assert_int_equal(sr_meta_get_int(f->txn, "none", &n, &f->err), 0);
	assert_int_equal(sr_meta_get_text(f->txn, "district", &text, &f->err), 1);
	assert_string_equal(text, "a'b\"c");
	free(text);
	assert_int_equal(sr_meta_get_text(f->txn, "empty", &text, &f->err), 1);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(sr_meta_get_text(f->txn, "none", &text, &f->err), 0);
	REFUSED(f, sr_meta_get_int(f->txn, "district", &n, &f->err), "damaged");
}

static void an_older_store_is_copied_and_migrated(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *before = beside(f, ".before-2");

	raw(f->path, "PRAGMA application_id = 1936290674; PRAGMA user_version = 0; PRAGMA journal_mode = WAL;"
		     "CREATE TABLE older (x); INSERT INTO older VALUES (7)");
	OK(f, fixture_try(f));
	fixture_begin(f, SR_TXN_WRITE);
	OK(f, sr_meta_set_int(f->txn, "x", 1, &f->err));
	fixture_commit(f);
	fixture_close(f);
	assert_int_equal(raw_int(f->path, "SELECT x FROM older"), 7);
	assert_int_equal(raw_int(f->path, "PRAGMA user_version"), LATEST);
	assert_int_equal(mode_of(before), 0600);
	assert_int_equal(raw_int(before, "SELECT x FROM older"), 7);
	assert_int_equal(raw_int(before, "PRAGMA user_version"), 0);
	assert_int_equal(raw_int(before, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_failing_migration_changes_nothing(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *before = beside(f, ".before-2");

	/* `token` is the last table of the first migration: all others are made before it fails. */
	raw(f->path, "PRAGMA application_id = 1936290674; CREATE TABLE token (x); INSERT INTO token VALUES (7)");
	REFUSED(f, fixture_try(f), "migration failed");
	assert_int_equal(raw_int(f->path, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_int_equal(raw_int(f->path, "PRAGMA user_version"), 0);
	assert_int_equal(raw_int(before, "SELECT x FROM token"), 7);
	REFUSED(f, fixture_try(f), "migration failed"); /* the backup of the first try is no obstacle */
}

static void a_newer_store_is_refused(void **state)
{
	fixture *f = *state;

	OK(f, fixture_try(f));
	fixture_close(f);
	raw(f->path, "PRAGMA user_version = 4711");
	REFUSED(f, fixture_try(f), "4711");
	assert_non_null(strstr(f->err.text, "up to 2"));
	assert_int_equal(f->err.retry, SR_RETRY_PERSON);
	assert_int_equal(raw_int(f->path, "PRAGMA user_version"), 4711);
}

static void a_foreign_database_is_refused_untouched(void **state)
{
	fixture *f = *state;

	raw(f->path, "CREATE TABLE cookies (x)");
	assert_int_equal(chmod(f->path, 0640), 0);
	REFUSED(f, fixture_try(f), "another program");
	assert_int_equal(raw_int(f->path, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
	assert_int_equal(mode_of(f->path), 0640);
	raw(f->path, "DROP TABLE cookies; PRAGMA application_id = 99");
	REFUSED(f, fixture_try(f), "another program");
}

static void overwrite(const char *path, off_t at, size_t len)
{
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(pwrite(fd, "\xa5", 1, at + (off_t)i), 1);
	close(fd);
}

static void a_damaged_file_is_refused(void **state)
{
	fixture *f = *state;

	OK(f, fixture_try(f));
	fixture_close(f);
	overwrite(f->path, 3 * 4096 + 1, 2000);
	REFUSED(f, fixture_try(f), "damaged");
	overwrite(f->path, 0, 100);
	REFUSED(f, fixture_try(f), "damaged");
	assert_int_equal(f->err.retry, SR_RETRY_PERSON);
	assert_int_equal(truncate(f->path, 5), 0);
	REFUSED(f, fixture_try(f), "damaged");
}

static void a_second_opener_is_refused(void **state)
{
	fixture *f = *state;
	fixture second = *f;

	OK(f, fixture_try(f));
	REFUSED(&second, fixture_try(&second), "in use by another sisrolld");
	fixture_begin(f, SR_TXN_WRITE);
	fixture_commit(f);
	fixture_close(f);
	OK(f, fixture_try(f));
}

static void a_missing_folder_and_a_symbolic_link_are_refused(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *other = beside(f, ".real");

	assert_int_equal(symlink(other, f->path), 0);
	REFUSED(f, fixture_try(f), "symbolic link");
	snprintf(f->path, sizeof(f->path), "%s/no/state.db", f->folder);
	REFUSED(f, fixture_try(f), "No such file");
}

static void one_transaction_at_a_time(void **state)
{
	fixture *f = *state;
	sr_txn *second = NULL;

	REFUSED(f, sr_txn_begin(f->store, SR_TXN_READ, &second, &f->err), "open already");
	assert_null(second);
	fixture_commit(f);
	REFUSED(f, sr_meta_set_int(&f->store->txn, "x", 1, &f->err), "outside any transaction");
}

static void a_reading_transaction_cannot_write(void **state)
{
	fixture *f = *state;
	uint64_t commits;

	fixture_commit(f);
	commits = sr_store_commits(f->store);
	fixture_begin(f, SR_TXN_READ);
	REFUSED(f, sr_meta_set_int(f->txn, "x", 1, &f->err), "reading transaction");
	fixture_commit(f);
	assert_int_equal(sr_store_commits(f->store), commits);
	fixture_begin(f, SR_TXN_WRITE);
	fixture_commit(f);
	assert_int_equal(sr_store_commits(f->store), commits + 1);
}

static void a_rollback_keeps_nothing(void **state)
{
	fixture *f = *state;
	int64_t n;

	OK(f, sr_meta_set_int(f->txn, "x", 1, &f->err));
	assert_true(sr_txn_steps(f->txn) >= 1);
	sr_txn_rollback(f->txn);
	sr_txn_rollback(f->txn);
	sr_txn_rollback(NULL);
	fixture_begin(f, SR_TXN_WRITE);
	assert_int_equal(sr_txn_steps(f->txn), 0);
	assert_int_equal(sr_meta_get_int(f->txn, "x", &n, &f->err), 0);
}

static void a_failed_statement_breaks_its_transaction(void **state)
{
	static const char null_title[] = "INSERT INTO role (id, title, role_type) VALUES (?, NULL, 0)";
	fixture *f = *state;
	int64_t n;

	OK(f, sr_meta_set_int(f->txn, "x", 1, &f->err));
	REFUSED(f, sr_db_run(f->txn, &(sr_db_query){ .sql = null_title, .args = { sr_db_int(1) } }, &f->err),
		"rules of its table");
	REFUSED(f, sr_meta_set_int(f->txn, "y", 1, &f->err), "failed before");
	REFUSED(f, sr_txn_commit(f->txn, &f->err), "nothing of it was kept");
	fixture_begin(f, SR_TXN_WRITE);
	assert_int_equal(sr_meta_get_int(f->txn, "x", &n, &f->err), 0);
}

static void a_backup_is_whole_and_overwrites_nothing(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *copy = beside(f, ".copy");
	SR_AUTO_FREE char *part = beside(f, ".copy.part");

	OK(f, sr_meta_set_int(f->txn, "x", 42, &f->err));
	REFUSED(f, sr_store_backup(f->store, copy, &f->err), "inside a transaction");
	fixture_commit(f);
	OK(f, sr_store_backup(f->store, copy, &f->err));
	assert_int_equal(mode_of(copy), 0600);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(raw_int(copy, "SELECT value FROM meta WHERE name = 'x'"), 42);
	fixture_begin(f, SR_TXN_WRITE);
	OK(f, sr_meta_set_int(f->txn, "x", 43, &f->err));
	fixture_commit(f);
	REFUSED(f, sr_store_backup(f->store, copy, &f->err), "exists already");
	assert_int_equal(raw_int(copy, "SELECT value FROM meta WHERE name = 'x'"), 42);
	REFUSED(f, sr_store_backup(f->store, "/nonexistent/folder/x", &f->err), "No such file");
	fixture_close(f);
	strcpy(f->path, copy);
	OK(f, fixture_try(f)); /* a backup opens like any state */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_new_store_is_private_and_has_the_last_version, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(a_lax_mode_is_tightened, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(what_was_committed_is_there_again, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(an_older_store_is_copied_and_migrated, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(a_failing_migration_changes_nothing, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(a_newer_store_is_refused, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(a_foreign_database_is_refused_untouched, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_refused, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(a_second_opener_is_refused, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(
			a_missing_folder_and_a_symbolic_link_are_refused, folder_only, fixture_done),
		cmocka_unit_test_setup_teardown(one_transaction_at_a_time, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_reading_transaction_cannot_write, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_rollback_keeps_nothing, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_failed_statement_breaks_its_transaction, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_backup_is_whole_and_overwrites_nothing, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
