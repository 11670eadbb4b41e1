/* Start-up is a list; shut-down is the same list backwards, from wherever the start got to. */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert_carrier.h"
#include "ctl_server.h"
#include "remotes.h"
#include "journal.h"
#include "service.h"
#include "settings.h"
#include "today.h"

#define STOP_GRACE_MS 20000
#define STATE_FILE "sisroll.db"

/* A replaced configuration lives on: a run under way may still hold its texts. */
typedef struct retired {
	struct retired *next;
	sr_config *config;
} retired;

typedef struct sr_daemon {
	const sr_options *options;
	const sr_surroundings *surroundings;
	bool system_service, stopping;
	sr_loop *loop;
	sr_journal journal;
	sr_config *config;
	retired *retired;
	sr_today_zone zone;
	sr_store *store;
	sr_remotes *remotes;
	sr_alert_carrier *alerts;
	sr_engine *engine;
	sr_ctl_server *server;
	char *socket_path; /* the socket's file we made; NULL: systemd made it */
	sr_service *service;
	sr_steps steps;
} sr_daemon;

static void say(sr_daemon *d, sr_level level, sr_msg id, const char *text)
{
	sr_log_entry entry = { .level = level, .id = id, .text = text };

	sr_log_write(&d->journal.log, &entry);
}

/* One entry for each line of `problems`. */
static void say_problems(sr_daemon *d, sr_msg id, sr_buf *problems)
{
	char *rest = problems->p, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			say(d, SR_ERROR, id, line);
}

/* ---- the steps ---- */

static int loop_up(sr_daemon *d, sr_err *err)
{
	d->loop = sr_loop_new(err);
	if (!d->loop)
		return -1;
	sr_loop_set_wall_offset_ms(d->loop, d->options->clock_offset_s * 1000);
	sr_journal_init(&d->journal, d->surroundings->journal_stream, stderr, sr_loop_clock(d->loop));
	return 0;
}

static void loop_down(sr_daemon *d)
{
	sr_loop_free(d->loop);
}

static int config_up(sr_daemon *d, sr_err *err)
{
	SR_AUTO(sr_buf) problems = { 0 };

	if (sr_settings_load(d->options->config, &d->config, &problems, err) < 0) {
		say_problems(d, SR_MSG_START, &problems);
		return -1;
	}
	d->journal.log.max_level = (sr_level)d->config->daemon.log_level;
	return 0;
}

static void config_down(sr_daemon *d)
{
	retired *r;

	while ((r = d->retired)) {
		d->retired = r->next;
		sr_config_free(r->config);
		free(r);
	}
	sr_config_free(d->config);
}

static int store_up(sr_daemon *d, sr_err *err)
{
	const char *dir = d->config->daemon.state_dir;
	SR_AUTO_FREE char *path = sr_asprintf("%s/" STATE_FILE, dir);
	sr_store_options options = { .path = path,
		.now_ms = sr_clock_wall_ms(sr_loop_clock(d->loop)),
		.after_commit = sr_steps_effect,
		.after_commit_arg = &d->steps };

	d->steps.die_at = d->options->die_at;
	if (!path)
		return sr_fail_nomem(err);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return sr_fail(err, SR_E_IO, "cannot make the state folder %s: %s", dir, strerror(errno));
	return sr_store_open(&options, &d->store, err);
}

static void store_down(sr_daemon *d)
{
	sr_store_close(d->store);
}

static int remotes_up(sr_daemon *d, sr_err *err)
{
	sr_remotes_config config = {
		.loop = d->loop,
		.config = d->config,
		.credentials_dir = d->surroundings->credentials_dir,
		.store = d->store,
		.log = &d->journal.log,
		.steps = &d->steps,
	};

	return sr_remotes_new(&config, &d->remotes, err);
}

static void remotes_down(sr_daemon *d)
{
	sr_remotes_free(d->remotes);
	sr_steps_done(&d->steps);
}

static int alerts_up(sr_daemon *d, sr_err *err)
{
	sr_alert_carrier_config config = {
		.loop = d->loop,
		.log = &d->journal.log,
		.config = d->config,
		.credentials_dir = d->surroundings->credentials_dir,
	};

	return sr_alert_carrier_new(&config, &d->alerts, err);
}

static void alerts_down(sr_daemon *d)
{
	sr_alert_carrier_free(d->alerts);
}

static int engine_up(sr_daemon *d, sr_err *err)
{
	sr_engine_config config = {
		.clock = *sr_loop_clock(d->loop),
		.timers = *sr_loop_timers(d->loop),
		.log = &d->journal.log,
		.store = d->store,
		.source = sr_remotes_source(d->remotes),
		.target = sr_remotes_target(d->remotes),
		.config = d->config,
		.random = sr_remotes_random,
		.today = sr_today_at,
		.today_arg = &d->zone,
		.version = SISROLL_VERSION,
		.beat_ms = 1000,
		.usage = sr_remotes_usage,
		.usage_arg = d->remotes,
		.alert_ways = sr_alert_carrier_ways(d->alerts),
	};

	return sr_engine_new(&config, &d->engine, err);
}

static void engine_down(sr_daemon *d)
{
	sr_engine_free(d->engine);
}

static void read_policy(sr_daemon *d, sr_peer_policy *policy)
{
	const sr_config_operator *o = &d->config->operator_;

	sr_peer_policy_init(policy, o->designated, o->two_person ? o->second : NULL, d->system_service);
	if (policy->designated_set && policy->designated == SR_NOBODY)
		say(d, SR_WARNING, SR_MSG_CONTROL,
			"[operator] designated: no such account on this machine; only root can decide");
	if (o->two_person && policy->second == SR_NOBODY)
		say(d, SR_WARNING, SR_MSG_CONTROL,
			"[operator] second: no such account on this machine; only root can do what takes two persons");
}

static int control_up(sr_daemon *d, sr_err *err)
{
	sr_ctl_server_config config = {
		.loop = d->loop,
		.engine = d->engine,
		.log = &d->journal.log,
		.version = SISROLL_VERSION,
	};
	int fd = sr_service_socket();

	read_policy(d, &config.policy);
	if (fd < 0) {
		d->socket_path = sr_strdup(d->config->daemon.socket);
		if (!d->socket_path)
			return sr_fail_nomem(err);
		if (sr_ctl_socket_open(d->socket_path, &fd, err) < 0) {
			free(SR_TAKE(d->socket_path)); /* not ours to remove */
			return -1;
		}
	}
	return sr_ctl_server_new(&config, fd, &d->server, err);
}

static void control_down(sr_daemon *d)
{
	sr_ctl_server_free(d->server);
	if (d->socket_path)
		unlink(d->socket_path);
	free(d->socket_path);
}

static bool engine_alive(void *arg)
{
	const sr_daemon *d = arg;

	return sr_engine_alive(d->engine);
}

static void engine_status(void *arg, sr_buf *out)
{
	const sr_daemon *d = arg;

	sr_engine_status_line(d->engine, out);
}

static int service_up(sr_daemon *d, sr_err *err)
{
	sr_service_ops ops = { engine_alive, engine_status, d };

	d->service = sr_service_new(d->loop, &ops, err);
	return d->service ? 0 : -1;
}

static void service_down(sr_daemon *d)
{
	sr_service_free(d->service);
}

/* ---- signals ---- */

static void on_stopped(void *arg)
{
	sr_daemon *d = arg;

	sr_loop_stop(d->loop);
}

/* The first signal ends in order, the second at once: everything sent is recorded before it is sent. */
static void on_stop_signal(void *arg, int number)
{
	sr_daemon *d = arg;

	(void)number;
	if (d->stopping)
		_exit(SR_EXIT_FAILED);
	d->stopping = true;
	say(d, SR_NOTICE, SR_MSG_STOP, "stopping: no request begins any more; those in flight are answered first");
	sr_service_stopping(d->service);
	sr_ctl_server_stop(d->server);
	sr_engine_stop(d->engine, STOP_GRACE_MS, on_stopped, d);
}

static int take_config(sr_daemon *d, sr_config *config, sr_err *err)
{
	retired *r = calloc(1, sizeof(*r));
	sr_peer_policy policy;

	if (!r)
		return sr_fail_nomem(err);
	if (sr_alert_carrier_configure(d->alerts, config, err) < 0) {
		free(r);
		return -1;
	}
	if (sr_engine_reload(d->engine, config, err) < 0) {
		sr_alert_carrier_configure(d->alerts, d->config, NULL);
		free(r);
		return -1;
	}
	*r = (retired){ d->retired, d->config };
	d->retired = r;
	d->config = config;
	d->journal.log.max_level = (sr_level)config->daemon.log_level;
	read_policy(d, &policy);
	sr_ctl_server_set_policy(d->server, &policy);
	return 0;
}

static void reload(sr_daemon *d)
{
	SR_AUTO(sr_buf) problems = { 0 };
	sr_config *config = NULL;
	sr_err err = { 0 };

	if (sr_settings_load(d->options->config, &config, &problems, &err) < 0 || take_config(d, config, &err) < 0) {
		sr_config_free(config);
		say_problems(d, SR_MSG_RELOAD, &problems);
		sr_err_prefix(&err, "the new configuration is not taken, the old one stays in force");
		say(d, SR_ERROR, SR_MSG_RELOAD, err.text);
		return;
	}
	say(d, SR_NOTICE, SR_MSG_RELOAD,
		"the configuration was read again; addresses, keys and paths change at the next start");
}

static void on_reload_signal(void *arg, int number)
{
	sr_daemon *d = arg;

	(void)number;
	if (d->stopping)
		return;
	sr_service_reloading(d->service);
	reload(d);
	sr_service_ready(d->service);
}

static int signals_up(sr_daemon *d, sr_err *err)
{
	if (sr_loop_on_signal(d->loop, SIGTERM, on_stop_signal, d, err) < 0 ||
		sr_loop_on_signal(d->loop, SIGINT, on_stop_signal, d, err) < 0)
		return -1;
	return sr_loop_on_signal(d->loop, SIGHUP, on_reload_signal, d, err);
}

static void signals_down(sr_daemon *d)
{
	(void)d; /* the loop frees them */
}

/* ---- the list ---- */

static const struct step {
	const char *what;
	int (*up)(sr_daemon *d, sr_err *err);
	void (*down)(sr_daemon *d); /* called if `up` was, whatever it returned */
} steps[] = {
	/* clang-format off */
	{ "event loop",          loop_up,    loop_down },
	{ "configuration",       config_up,  config_down },
	{ "state database",      store_up,   store_down },
	{ "PowerSchool and Schoology", remotes_up, remotes_down },
	{ "alerts",              alerts_up,  alerts_down },
	{ "engine",              engine_up,  engine_down },
	{ "control socket",      control_up, control_down },
	{ "service manager",     service_up, service_down },
	{ "signals",             signals_up, signals_down },
	/* clang-format on */
};

static int serve(sr_daemon *d, sr_err *err)
{
	if (sr_engine_start(d->engine, err) < 0)
		return -1;
	say(d, SR_NOTICE, SR_MSG_START, "sisrolld " SISROLL_VERSION " is ready");
	sr_service_ready(d->service);
	return sr_loop_run(d->loop, err);
}

static void say_why_not(sr_daemon *d, const char *what, sr_err *err)
{
	sr_err_prefix(err, what);
	sr_err_prefix(err, "cannot start");
	if (d->loop)
		say(d, SR_ERROR, SR_MSG_START, err->text);
	else
		fprintf(stderr, "sisrolld: %s\n", err->text);
}

int sr_daemon_run(const sr_options *options, const sr_surroundings *surroundings)
{
	sr_daemon d = {
		.options = options,
		.surroundings = surroundings,
		.system_service = sr_service_is_system(surroundings->exec_pid),
	};
	int status = SR_EXIT_OK;
	sr_err err = { 0 };
	size_t i = 0;

	while (i < SR_COUNT_OF(steps) && steps[i].up(&d, &err) == 0)
		i++;
	if (i < SR_COUNT_OF(steps)) {
		status = steps[i].up == config_up ? SR_EXIT_CONFIG : SR_EXIT_FAILED;
		say_why_not(&d, steps[i++].what, &err);
	} else if (serve(&d, &err) < 0) {
		status = SR_EXIT_FAILED;
		say_why_not(&d, "engine", &err);
	}
	if (status == SR_EXIT_OK)
		say(&d, SR_NOTICE, SR_MSG_STOP, "stopped");
	while (i > 0)
		steps[--i].down(&d);
	return status;
}
