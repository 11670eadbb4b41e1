/* The daemon's dealings with its host: options, log lines, the district's date, the service manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "options.h"
#include "service.h"
#include "today.h"

static void options_are_read_or_refused(void **state)
{
	static const struct {
		const char *argv[5];
		bool ok;
		sr_mode mode;
		const char *config;
		bool dot;
		int64_t offset_s;
	} rows[] = {
		/* clang-format off */
		{ { "d" },                                true,  SR_MODE_RUN, SR_CONFIG_DEFAULT, false, 0 },
		{ { "d", "-c", "x.conf" },                true,  SR_MODE_RUN, "x.conf", false, 0 },
		{ { "d", "--config-check", "-cx.conf" },  true,  SR_MODE_CONFIG_CHECK, "x.conf", false, 0 },
		{ { "d", "--config=x.conf" },             true,  SR_MODE_RUN, "x.conf", false, 0 },
		{ { "d", "--print-phases" },              true,  SR_MODE_PRINT_PHASES, SR_CONFIG_DEFAULT, false, 0 },
		{ { "d", "--print-phases=dot" },          true,  SR_MODE_PRINT_PHASES, SR_CONFIG_DEFAULT, true, 0 },
		{ { "d", "--test-clock-offset-s", "-86400" }, true, SR_MODE_RUN, SR_CONFIG_DEFAULT, false, -86400 },
		{ { "d", "-h" },                          true,  SR_MODE_HELP, SR_CONFIG_DEFAULT, false, 0 },
		{ { "d", "--print-phases=svg" },          false },
		{ { "d", "--test-clock-offset-s=soon" },  false },
		{ { "d", "--no-such" },                   false },
		{ { "d", "-c" },                          false },
		{ { "d", "stray" },                       false },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		sr_options o = { 0 };
		sr_err err = { 0 };
		char *argv[6] = { 0 };
		int argc = 0;

		for (; argc < 5 && rows[i].argv[argc]; argc++)
			argv[argc] = (char *)rows[i].argv[argc];
		assert_int_equal(sr_options_parse(argc, argv, &o, &err), rows[i].ok ? 0 : -1);
		assert_int_equal(rows[i].ok, err.text[0] == '\0');
		if (!rows[i].ok)
			continue;
		assert_int_equal(o.mode, rows[i].mode);
		assert_string_equal(o.config, rows[i].config);
		assert_int_equal(o.as_dot, rows[i].dot);
		assert_int_equal(o.clock_offset_s, rows[i].offset_s);
	}
}

static void the_help_hides_what_is_for_tests(void **state)
{
	SR_AUTO(sr_buf) text = { 0 };

	(void)state;
	sr_options_help(&text);
	assert_non_null(strstr(sr_buf_text(&text), "--config-check"));
	assert_null(strstr(sr_buf_text(&text), "--test-"));
}

static void a_log_line_is_one_line(void **state)
{
	sr_log_entry entry = {
		.level = SR_NOTICE,
		.id = SR_MSG_PHASE,
		.school = 312,
		.epoch = 4,
		.from = "paused",
		.to = "year-set",
		.who = "ops",
		.text = "two\nlines \x1b[31m",
	};
	SR_AUTO(sr_buf) line = { 0 };

	(void)state;
	setenv("TZ", "America/New_York", 1);
	tzset();
	sr_journal_line(&entry, INT64_C(1785849153000), &line);
	assert_string_equal(sr_buf_text(&line), "2026-08-04T09:12:33-04:00 notice phase: two?lines ?[31m "
						"[school=312 epoch=4 from=paused to=year-set who=ops]\n");
	unsetenv("TZ");
	tzset();
}

static void the_day_is_the_districts(void **state)
{
	const int64_t late_evening_ms = INT64_C(1785895200000); /* 2026-08-05 02:00 UTC */
	sr_today_zone zone = { 0 };
	int minute = -1;

	(void)state;
	assert_int_equal(sr_today_at(&zone, late_evening_ms, "America/New_York", &minute), sr_day_make(2026, 8, 4));
	assert_int_equal(minute, 22 * 60);
	assert_int_equal(sr_today_at(&zone, late_evening_ms, "Europe/Berlin", NULL), sr_day_make(2026, 8, 5));
	assert_int_equal(sr_today_at(&zone, late_evening_ms, "America/Los_Angeles", NULL), sr_day_make(2026, 8, 4));
	assert_true(sr_timezone_known("America/New_York"));
	assert_false(sr_timezone_known(""));
	assert_false(sr_timezone_known("../../etc/passwd"));
	assert_false(sr_timezone_known("Mars/Olympus"));
	unsetenv("TZ");
	tzset();
}

/* ---- the service manager, as a datagram socket ---- */

typedef struct manager {
	int fd;
	char path[64];
	sr_loop *loop;
	bool alive;
	int lines;
} manager;

static void manager_start(manager *m)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(m->path, sizeof(m->path), "/tmp/sr-notify-%d", getpid());
	strcpy(a.sun_path, m->path);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	unlink(m->path);
	assert_int_equal(bind(m->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	setenv("NOTIFY_SOCKET", m->path, 1);
	setenv("WATCHDOG_USEC", "60000", 1);
	m->loop = sr_loop_new(NULL);
}

static void manager_stop(manager *m)
{
	sr_loop_free(m->loop);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(m->fd);
	unlink(m->path);
}

static bool alive(void *arg)
{
	return ((manager *)arg)->alive;
}

static void status_line(void *arg, sr_buf *out)
{
	(void)arg;
	sr_buf_puts(out, "5 schools: 5 syncing");
}

/* All messages sent so far, in one text; turns the loop for a while first. */
static void hear(manager *m, int for_ms, char *out, size_t size)
{
	int64_t until = sr_clock_mono_ms(sr_loop_clock(m->loop)) + for_ms;
	size_t len = 0;
	ssize_t n;

	while (sr_clock_mono_ms(sr_loop_clock(m->loop)) < until) {
		event_base_loop(sr_loop_base(m->loop), EVLOOP_NONBLOCK);
		usleep(1000);
	}
	while (len + 1 < size && (n = recv(m->fd, out + len, size - len - 1, 0)) > 0)
		len += (size_t)n;
	out[len] = '\0';
}

static void the_watchdog_is_fed_only_while_alive(void **state)
{
	manager m = { .alive = true };
	sr_service_ops ops = { alive, status_line, &m };
	sr_service *s;
	char heard[4096];

	(void)state;
	manager_start(&m);
	s = sr_service_new(m.loop, &ops, NULL);
	assert_non_null(s);
	sr_service_ready(s);
	hear(&m, 100, heard, sizeof(heard));
	assert_non_null(strstr(heard, "READY=1"));
	assert_non_null(strstr(heard, "STATUS=5 schools: 5 syncing"));
	assert_non_null(strstr(heard, "WATCHDOG=1"));
	m.alive = false;
	hear(&m, 100, heard, sizeof(heard));
	assert_null(strstr(heard, "WATCHDOG=1"));
	assert_null(strstr(heard, "STATUS=")); /* unchanged, so not told again */
	sr_service_reloading(s);
	hear(&m, 5, heard, sizeof(heard));
	assert_non_null(strstr(heard, "RELOADING=1\nMONOTONIC_USEC="));
	sr_service_stopping(s);
	hear(&m, 5, heard, sizeof(heard));
	assert_non_null(strstr(heard, "STOPPING=1"));
	sr_service_free(s);
	manager_stop(&m);
}

static void a_child_of_a_unit_is_not_the_unit(void **state)
{
	(void)state;
	assert_false(sr_service_is_system(NULL));
	assert_false(sr_service_is_system("1"));
	assert_false(sr_service_is_system("none"));
	assert_int_equal(sr_service_socket(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_or_refused),
		cmocka_unit_test(the_help_hides_what_is_for_tests),
		cmocka_unit_test(a_log_line_is_one_line),
		cmocka_unit_test(the_day_is_the_districts),
		cmocka_unit_test(the_watchdog_is_fed_only_while_alive),
		cmocka_unit_test(a_child_of_a_unit_is_not_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
