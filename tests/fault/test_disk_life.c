/* A district's night on a disk that fails at its n-th effect and stays broken for hours: nothing is sent that was not
 * recorded (a law of every write, tests/universe/laws.c), and once the disk is whole the night is made good. */
#include "life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"

/* What systemd shows. */
static bool status_says(uv_world *w, const char *words)
{
	SR_AUTO(sr_buf) line = { 0 };

	assert_non_null(w->engine);
	sr_engine_status_line(w->engine, &line);
	return strstr(sr_buf_text(&line), words) != NULL;
}

/* Returns how many effects the disk refused: 0 means that the night has fewer than `n`. */
static int night_with_failure_at(int n, int failure, bool once, bool restart)
{
	uv_tallies tallies = { 0 };
	uv_world w;
	disk d;
	int refused;

	disk_install(&d);
	open_syncing(&w, &tallies, "2025-10-06");
	for (size_t i = 0; i < SR_COUNT_OF(changes); i++)
		happen(&w, &changes[i]);
	d.once = once;
	disk_fail_at(&d, DISK_ANY, n, failure);
	uv_pass(&w, 14 * HOUR);
	refused = d.refused;
	if (d.log_refused && !once && !status_says(&w, "database cannot be written"))
		fail_msg("effect %d (%d refused): status says nothing", n, refused);
	disk_heal(&d);
	if (restart)
		uv_kill(&w);
	uv_pass(&w, 26 * HOUR);
	if (status_says(&w, "database"))
		fail_msg("effect %d: status says that it is not over", n);
	close_whole(&w);
	if (*w.broken)
		fail_msg("effect %d, failure %d%s%s: %s", n, failure, once ? ", once" : "",
			restart ? ", restarted" : "", w.broken);
	uv_close(&w);
	disk_remove(&d);
	return refused;
}

/* Every effect is a life of its own; the stride keeps it short, and differs so that the nights do not all fail alike.
 */
static void a_night_on_a_failing_disk(void **state)
{
	static const struct {
		int failure, stride;
		bool once, restart;
	} rows[] = {
		{ SQLITE_FULL, 17, false, false },
		{ SQLITE_FULL, 23, false, true },
		{ SQLITE_IOERR_WRITE, 29, true, false },
		{ SQLITE_IOERR_FSYNC, 31, true, true },
		{ SQLITE_READONLY, 37, false, false },
	};

	const char *wanted = getenv("SISROLL_STRIDE");

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		int n = 0, nights = 0;

		while (night_with_failure_at(n, rows[i].failure, rows[i].once, rows[i].restart) > 0) {
			n += wanted && atoi(wanted) > 0 ? atoi(wanted) : rows[i].stride;
			nights++;
		}
		print_message("failure %d: %d nights\n", rows[i].failure, nights);
		assert_true(nights > 1);
	}
}

/* The disk was lost, and what there is to restore is four weeks old: Schoology is read again before anything is
 * written, so that nobody and no section becomes a second one. */
static void a_backup_a_month_late(void **state)
{
	uv_tallies tallies = { 0 };
	static const char *const logs[] = { "-wal", "-shm" };
	char backup[96], path[96];
	uv_world w;
	sr_err err;

	(void)state;
	open_syncing(&w, &tallies, "2025-10-06");
	snprintf(backup, sizeof(backup), "%s/backup.db", w.folder);
	assert_int_equal(sr_store_backup(w.store, backup, &err), 0);
	for (size_t i = 0; i < SR_COUNT_OF(changes); i++) {
		happen(&w, &changes[i]);
		uv_pass(&w, 7 * 24 * HOUR);
	}
	/* The old process closes files that have no name any more. */
	uv_kill(&w);
	for (size_t i = 0; i < SR_COUNT_OF(logs); i++) {
		snprintf(path, sizeof(path), "%s/state.db%s", w.folder, logs[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/state.db", w.folder);
	assert_int_equal(rename(backup, path), 0);
	uv_pass(&w, 26 * HOUR);
	close_whole(&w);
	assert_string_equal(w.broken, "");
	assert_int_equal(sr_engine_other_year_writes(w.engine), 0);
	uv_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_night_on_a_failing_disk),
		cmocka_unit_test(a_backup_a_month_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
