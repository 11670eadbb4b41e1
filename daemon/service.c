#include "service.h"

#include <inttypes.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>
#include <time.h>
#include <unistd.h>

#define BEAT_MAX_MS 2000
#define BEAT_MIN_MS 10

struct sr_service {
	sr_loop *loop;
	sr_service_ops ops;
	sr_timer *beat;
	int64_t beat_ms;
	bool watched; /* systemd waits for our sign of life */
	bool stopping;
	char *told; /* the status line told last */
};

static void tell_status(sr_service *s)
{
	SR_AUTO(sr_buf) line = { 0 };
	char *text;

	s->ops.status_line(s->ops.arg, &line);
	text = sr_buf_take(&line);
	if (text && !sr_streq(text, s->told)) {
		sd_notifyf(0, "STATUS=%s", text);
		free(s->told);
		s->told = SR_TAKE(text);
	}
	free(text);
}

static void beat(void *arg)
{
	sr_service *s = arg;

	/* While stopping the engine winds down and need not advance: the stop has a time limit of its own. */
	if (s->watched && (s->stopping || s->ops.alive(s->ops.arg)))
		sd_notify(0, "WATCHDOG=1");
	if (!s->stopping)
		tell_status(s);
	s->beat = sr_timer_start(sr_loop_timers(s->loop), s->beat_ms, beat, s);
}

static int64_t beat_interval_ms(uint64_t watchdog_us)
{
	int64_t third_ms = (int64_t)(watchdog_us / 3000);

	if (watchdog_us == 0 || third_ms > BEAT_MAX_MS)
		return BEAT_MAX_MS;
	return third_ms < BEAT_MIN_MS ? BEAT_MIN_MS : third_ms;
}

sr_service *sr_service_new(sr_loop *loop, const sr_service_ops *ops, sr_err *err)
{
	sr_service *s = calloc(1, sizeof(*s));
	uint64_t watchdog_us = 0;

	if (!s) {
		sr_fail_nomem(err);
		return NULL;
	}
	s->loop = loop;
	s->ops = *ops;
	s->watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
	s->beat_ms = beat_interval_ms(s->watched ? watchdog_us : 0);
	s->beat = sr_timer_start(sr_loop_timers(loop), s->beat_ms, beat, s);
	if (!s->beat) {
		sr_fail_nomem(err);
		sr_service_free(SR_TAKE(s));
	}
	return s;
}

void sr_service_free(sr_service *s)
{
	if (!s)
		return;
	sr_timer_cancel(sr_loop_timers(s->loop), s->beat);
	free(s->told);
	free(s);
}

void sr_service_ready(sr_service *s)
{
	sd_notify(0, "READY=1");
	tell_status(s);
}

void sr_service_reloading(sr_service *s)
{
	struct timespec now;

	(void)s;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void sr_service_stopping(sr_service *s)
{
	s->stopping = true;
	sd_notify(0, "STOPPING=1\nSTATUS=Stopping: waiting for the answers of what was sent");
}

int sr_service_socket(void)
{
	char **names = NULL;
	int count = sd_listen_fds_with_names(1, &names), found = -1;

	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (found < 0 && strcmp(names[i], "control") == 0 && sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0)
			found = fd;
		else
			close(fd);
		free(names[i]);
	}
	free(names);
	return found;
}

bool sr_service_is_system(const char *exec_pid)
{
	SR_AUTO_FREE char *unit = NULL;
	int64_t pid;

	/* The variable is inherited, so that only the number tells the main process from its children. */
	if (!exec_pid || !sr_parse_i64(exec_pid, &pid) || pid != getpid())
		return false;
	return sd_pid_get_user_unit(0, &unit) < 0;
}
