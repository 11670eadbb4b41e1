/* The loop's clock, timers and signals, and what a secret file must look like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "io/loop.h"
#include "io/secret.h"

typedef struct notes {
	sr_loop *loop;
	char text[32];
	int until; /* stop when that many letters are noted */
} notes;

static void note(notes *n, char letter)
{
	size_t len = strlen(n->text);

	n->text[len] = letter;
	if ((int)len + 1 == n->until)
		sr_loop_stop(n->loop);
}

static void note_a(void *arg)
{
	note(arg, 'a');
}

static void note_b(void *arg)
{
	note(arg, 'b');
}

static void note_then_start(void *arg)
{
	notes *n = arg;

	note(n, 's');
	sr_timer_start(sr_loop_timers(n->loop), 0, note_a, n);
	note(n, 'e');
}

static void note_signal(void *arg, int number)
{
	note(arg, number == SIGUSR1 ? 'u' : '?');
}

static void sleep_a_little(void *arg)
{
	usleep(20000);
	note(arg, 'z');
}

static void timers_fire_in_their_order(void **state)
{
	notes n = { .loop = sr_loop_new(NULL), .until = 3 };
	const sr_timers *t = sr_loop_timers(n.loop);
	int64_t began = sr_clock_mono_ms(sr_loop_clock(n.loop));
	sr_timer *gone = sr_timer_start(t, 5, note_b, &n);

	(void)state;
	sr_timer_start(t, 30, note_b, &n);
	sr_timer_start(t, 0, note_a, &n);
	sr_timer_start(t, 10, note_a, &n);
	sr_timer_cancel(t, gone);
	assert_string_equal(n.text, "");
	assert_int_equal(sr_loop_run(n.loop, NULL), 0);
	assert_string_equal(n.text, "aab");
	assert_true(sr_clock_mono_ms(sr_loop_clock(n.loop)) - began >= 30);
	sr_timer_start(t, 1000, note_a, &n); /* freed with the loop */
	sr_loop_free(n.loop);
}

static void zero_delay_means_the_next_turn(void **state)
{
	notes n = { .loop = sr_loop_new(NULL), .until = 3 };

	(void)state;
	sr_timer_start(sr_loop_timers(n.loop), 0, note_then_start, &n);
	sr_loop_run(n.loop, NULL);
	assert_string_equal(n.text, "sea");
	sr_loop_free(n.loop);
}

static void signals_come_through_the_loop(void **state)
{
	notes n = { .loop = sr_loop_new(NULL), .until = 1 };

	(void)state;
	assert_int_equal(sr_loop_on_signal(n.loop, SIGUSR1, note_signal, &n, NULL), 0);
	raise(SIGUSR1);
	assert_string_equal(n.text, "");
	sr_loop_run(n.loop, NULL);
	assert_string_equal(n.text, "u");
	sr_loop_free(n.loop);
}

static void a_long_turn_is_seen(void **state)
{
	notes n = { .loop = sr_loop_new(NULL), .until = 1 };

	(void)state;
	sr_timer_start(sr_loop_timers(n.loop), 0, sleep_a_little, &n);
	sr_loop_run(n.loop, NULL);
	assert_true(sr_loop_longest_turn_us(n.loop) >= 20000);
	sr_loop_reset_longest_turn(n.loop);
	assert_int_equal(sr_loop_longest_turn_us(n.loop), 0);
	sr_loop_free(n.loop);
}

static void the_wall_clock_can_be_moved(void **state)
{
	sr_loop *loop = sr_loop_new(NULL);
	const sr_clock *clock = sr_loop_clock(loop);
	int64_t wall = sr_clock_wall_ms(clock), mono = sr_clock_mono_ms(clock);

	(void)state;
	sr_loop_set_wall_offset_ms(loop, -86400000);
	assert_true(sr_clock_wall_ms(clock) <= wall - 86400000 + 1000);
	assert_true(sr_clock_mono_ms(clock) - mono < 1000);
	sr_loop_free(loop);
}

static void a_stop_before_the_run_counts(void **state)
{
	sr_loop *loop = sr_loop_new(NULL);

	(void)state;
	sr_loop_stop(loop);
	assert_int_equal(sr_loop_run(loop, NULL), 0);
	sr_loop_free(loop);
}

/* ---- secrets ---- */

static char *write_secret(const char *dir, const char *name, const char *bytes, size_t len, mode_t mode)
{
	char *path = sr_asprintf("%s/%s", dir, name);
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void secrets_are_read_only_when_kept_well(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		mode_t mode;
		bool configured;
		sr_errc code;
		const char *text;
	} rows[] = {
		/* clang-format off */
		{ "s3cret\n",     7, 0600, true,  SR_E_OK,        "s3cret" },
		{ "s3cret\r\n",   8, 0400, true,  SR_E_OK,        "s3cret" },
		{ "s3 cret",      7, 0400, false, SR_E_OK,        "s3 cret" },
		{ "s3cret\n",     7, 0440, false, SR_E_OK,        "s3cret" },
		{ "s3cret\n",     7, 0440, true,  SR_E_FORBIDDEN, NULL },
		{ "s3cret\n",     7, 0640, false, SR_E_FORBIDDEN, NULL },
		{ "s3cret\n",     7, 0644, true,  SR_E_FORBIDDEN, NULL },
		{ "s3cret\n",     7, 0700, true,  SR_E_FORBIDDEN, NULL },
		{ "\n\n",         2, 0600, true,  SR_E_INVALID,   NULL },
		{ "",             0, 0600, true,  SR_E_INVALID,   NULL },
		{ "a\nb",         3, 0600, true,  SR_E_INVALID,   NULL },
		{ "a\0b",         3, 0600, true,  SR_E_INVALID,   NULL },
		/* clang-format on */
	};
	char dir[] = "/tmp/sr-secret-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO_FREE char *path = write_secret(dir, "key", rows[i].bytes, rows[i].len, rows[i].mode);
		SR_AUTO(sr_secret) secret = { 0 };
		sr_err err = { 0 };
		int rc = sr_secret_read(rows[i].configured ? path : NULL, dir, "key", &secret, &err);

		assert_int_equal(rc, rows[i].text ? 0 : -1);
		assert_int_equal(err.code, rows[i].code);
		assert_true(sr_streq(secret.text, rows[i].text));
		unlink(path);
	}
	rmdir(dir);
}

static void a_missing_or_huge_secret_is_said(void **state)
{
	static const char big[SR_SECRET_MAX_BYTES + 1];
	char dir[] = "/tmp/sr-secret-XXXXXX";
	SR_AUTO_FREE char *path = NULL;
	SR_AUTO(sr_secret) secret = { 0 };
	sr_err err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(sr_secret_read(NULL, dir, "key", &secret, &err), -1);
	assert_int_equal(err.code, SR_E_NOTFOUND);
	assert_int_equal(sr_secret_read(NULL, NULL, "key", &secret, &err), -1);
	assert_int_equal(err.code, SR_E_NOTFOUND);
	assert_int_equal(sr_secret_read(dir, NULL, "key", &secret, &err), -1);
	assert_int_equal(err.code, SR_E_INVALID);
	path = write_secret(dir, "key", big, sizeof(big), 0600);
	assert_int_equal(sr_secret_read(path, NULL, "key", &secret, &err), -1);
	assert_int_equal(err.code, SR_E_LIMIT);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_their_order),
		cmocka_unit_test(zero_delay_means_the_next_turn),
		cmocka_unit_test(signals_come_through_the_loop),
		cmocka_unit_test(a_long_turn_is_seen),
		cmocka_unit_test(the_wall_clock_can_be_moved),
		cmocka_unit_test(a_stop_before_the_run_counts),
		cmocka_unit_test(secrets_are_read_only_when_kept_well),
		cmocka_unit_test(a_missing_or_huge_secret_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
