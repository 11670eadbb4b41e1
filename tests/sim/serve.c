/* Puts the sandbox together: a clock that can be set, a world, a district unless the database
 * has one, both services, two ports, a control socket; and takes it apart again. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "district.h"
#include "district_db.h"
#include "oneroster.h"
#include "synced.h"
#include "serve_int.h"

#define COURIER_MS 200 /* between two looks for events that wait */

typedef struct sandbox {
	sim_dated_clock clock;
	sim_world world;
	sim_faults faults;
	sim_front front;
	sim_admin admin;
	struct event_base *base;
	struct event *signals[2];
	SSL_CTX *tls;
	sim_http *powerschool, *schoology;
	sim_control *control;
	sim_ps_courier *courier;
	char client_id[37], client_secret[37];
	const sim_serve_options *options;
} sandbox;

static int64_t ms_of(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_wall(void *self)
{
	(void)self;
	return ms_of(CLOCK_REALTIME);
}

static int64_t real_mono(void *self)
{
	(void)self;
	return ms_of(CLOCK_MONOTONIC);
}

static int install(void *self, const char *path, bool beside, sr_err *err)
{
	sandbox *s = self;

	return sim_plugin_install(s->front.ps, path, beside, err);
}

static int hand_out(void *self, sr_err *err)
{
	const sandbox *s = self;
	const char *folder = s->options->credentials;

	return folder ? sim_credentials_write(folder, s->options->seed, s->front.ps, err) : 0;
}

/* A bundle's remarks go where an operator sees them: standard error. */
static int load_bundle(sandbox *s, const char *path, uint64_t seed, sr_err *err)
{
	SR_AUTO(sr_buf) say = { 0 };
	sim_folder folder = { 0 };
	int rc = sim_folder_open(&folder, path, "orgs.csv", err);

	if (rc == 0)
		rc = sim_oneroster_load(&s->world, folder.path, seed, &say, err);
	sim_folder_close(&folder);
	fputs(sr_buf_text(&say), stderr);
	return rc;
}

static int make_district(sandbox *s, const sim_serve_options *o, sr_err *err)
{
	static const char bundle[] = "oneroster:";
	int rc = sr_starts(o->district, bundle) ? load_bundle(s, o->district + sizeof(bundle) - 1, o->seed, err)
						: sim_district_make(&s->world, o->district, o->seed, err);

	return rc == 0 && o->synced_by ? sim_synced_make(&s->world, o->synced_by, err) : rc;
}

static int open_world(sandbox *s, const sim_serve_options *o, sr_err *err)
{
	int64_t there = 0;
	int day;

	s->clock.base = (sr_clock){ NULL, real_wall, real_mono };
	sr_clock clock = sim_dated_clock_of(&s->clock);
	if (o->date && sim_day_parse(o->date, &day)) /* a district may be made for that day */
		s->clock.offset_ms = (day - sim_day_of_ms(real_wall(NULL))) * INT64_C(86400000);
	if (sim_world_open(&s->world, o->db ? o->db : ":memory:", &clock, o->seed, err))
		return -1;
	if (sim_sql_int(s->world.db, &there, err, "select 1 from sqlite_schema where name = 'sim_district'", "") < 0)
		return -1;
	return there ? 0 : make_district(s, o, err);
}

static int set_date(sandbox *s, const char *date, sr_err *err)
{
	const char *argv[] = { "date", date };
	SR_AUTO(sr_buf) out = { 0 };

	if (!date)
		return sim_admin_restore_date(&s->admin, err);
	if (sim_admin_run(&s->admin, 2, argv, &out) == 0)
		return 0;
	return sr_fail(err, SR_E_INVALID, "--date: %s is not a date YYYY-MM-DD", date);
}

static int open_services(sandbox *s, const sim_serve_options *o, sr_err *err)
{
	sim_ps_options ps = o->ps;
	char key[33], secret[41];

	sim_district_keys(o->seed, key, secret, s->client_id, s->client_secret);
	ps.client_id = s->client_id;
	ps.client_secret = s->client_secret;
	s->front = (sim_front){ .world = &s->world, .faults = &s->faults };
	if (!(s->front.ps = sim_ps_new(&s->world, &ps, err)) || !(s->front.sgy = sim_sgy_new(&s->world, &o->sgy, err)))
		return -1;
	if (sim_front_log_open(&s->front, err))
		return -1;
	s->admin = (sim_admin){ .world = &s->world,
		.faults = &s->faults,
		.clock = &s->clock,
		.ps = s->front.ps,
		.install = install,
		.credentials = hand_out,
		.self = s };
	if (set_date(s, o->date, err))
		return -1;
	return o->plugin ? sim_plugin_install(s->front.ps, o->plugin, false, err) : 0;
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	sandbox *s = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(s->base);
}

static int open_sockets(sandbox *s, const sim_serve_options *o, sr_err *err)
{
	static const int stops[] = { SIGINT, SIGTERM };

	if (!(s->base = event_base_new()))
		return sr_fail(err, SR_E_NOMEM, "no event loop");
	for (size_t i = 0; i < SR_COUNT_OF(stops); i++) {
		s->signals[i] = evsignal_new(s->base, stops[i], on_signal, s);
		if (!s->signals[i] || event_add(s->signals[i], NULL))
			return sr_fail_nomem(err);
	}
	signal(SIGPIPE, SIG_IGN);
	if (o->tls_cert && !(s->tls = sim_tls_new(o->tls_cert, o->tls_key, err)))
		return -1;
	if (!(s->powerschool = sim_http_new(s->base, s->tls, &s->front, SIM_POWERSCHOOL, o->powerschool, err)) ||
		!(s->schoology = sim_http_new(s->base, s->tls, &s->front, SIM_SCHOOLOGY, o->schoology, err)))
		return -1;
	if (!(s->courier = sim_ps_courier_new(s->base, s->front.ps, COURIER_MS)))
		return sr_fail_nomem(err);
	return (s->control = sim_control_new(s->base, &s->admin, o->control, err)) ? 0 : -1;
}

static void close_all(sandbox *s)
{
	sim_control_free(s->control);
	sim_ps_courier_free(s->courier);
	sim_http_free(s->powerschool);
	sim_http_free(s->schoology);
	sim_tls_free(s->tls);
	for (size_t i = 0; i < SR_COUNT_OF(s->signals); i++)
		if (s->signals[i])
			event_free(s->signals[i]);
	if (s->base)
		event_base_free(s->base);
	sim_ps_free(s->front.ps);
	sim_sgy_free(s->front.sgy);
	if (s->world.db)
		sim_world_close(&s->world);
}

int sim_serve(const sim_serve_options *o, sr_err *err)
{
	sandbox s = { .options = o };
	int rc = -1;

	if (open_world(&s, o, err) || open_services(&s, o, err) || open_sockets(&s, o, err))
		goto out;
	if (hand_out(&s, err))
		goto out;
	printf("ready powerschool=%s schoology=%s/v1"
	       " control=%s\n",
		sim_http_url(s.powerschool), sim_http_url(s.schoology), o->control);
	fflush(stdout);
	rc = event_base_dispatch(s.base) < 0 ? sr_fail(err, SR_E_IO, "the event loop failed") : 0;
out:
	close_all(&s);
	return rc;
}
