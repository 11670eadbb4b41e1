/* A pair of everything: secrets, transport, client. Each system has a transport of its own, since
 * each may trust another authority, and neither shall wait for the other's connections. */
#include "remotes.h"

#include <stdlib.h>

#include "floor.h"
#include "io/http.h"
#include "io/secret.h"
#include "remote/ps_client.h"
#include "remote/sgy_client.h"

#define POWERSCHOOL_CONNECTIONS 6

typedef enum secret_name {
	POWERSCHOOL_ID,
	POWERSCHOOL_SECRET,
	SCHOOLOGY_KEY,
	SCHOOLOGY_SECRET,
	SECRET_COUNT
} secret_name;

struct sr_remotes {
	sr_secret secrets[SECRET_COUNT];
	sr_floor floor;
	sr_http *powerschool_http, *schoology_http;
	sr_steps_transport powerschool_steps, schoology_steps;
	sr_ps_client *powerschool;
	sr_sgy_client *schoology;
};

void sr_remotes_random(void *arg, void *bytes, size_t len)
{
	(void)arg;
	arc4random_buf(bytes, len);
}

static int read_secrets(sr_remotes *r, const sr_remotes_config *c, sr_err *err)
{
	const struct {
		const char *path, *name;
	} rows[SECRET_COUNT] = {
		[POWERSCHOOL_ID] = { c->config->powerschool.id_file, "powerschool-id" },
		[POWERSCHOOL_SECRET] = { c->config->powerschool.secret_file, "powerschool-secret" },
		[SCHOOLOGY_KEY] = { c->config->schoology.key_file, "schoology-key" },
		[SCHOOLOGY_SECRET] = { c->config->schoology.secret_file, "schoology-secret" },
	};

	for (size_t i = 0; i < SECRET_COUNT; i++)
		if (sr_secret_read(rows[i].path, c->credentials_dir, rows[i].name, &r->secrets[i], err) < 0)
			return -1;
	return 0;
}

static int open_transport(sr_loop *loop, const char *ca_file, int connections, sr_http **out, sr_err *err)
{
	sr_http_options options = {
		.ca_file = *ca_file ? ca_file : NULL,
		.connections_max = connections,
	};

	*out = sr_http_new(loop, &options, err);
	return *out ? 0 : -1;
}

static int open_powerschool(sr_remotes *r, const sr_remotes_config *c, sr_err *err)
{
	const sr_config_powerschool *settings = &c->config->powerschool;
	sr_ps_config config = {
		.timers = *sr_loop_timers(c->loop),
		.url = settings->url,
		.client_id = r->secrets[POWERSCHOOL_ID].text,
		.client_secret = r->secrets[POWERSCHOOL_SECRET].text,
		.query_prefix = settings->query_prefix,
		.timeout_ms = settings->timeout_ms,
	};

	if (open_transport(c->loop, settings->ca_file, POWERSCHOOL_CONNECTIONS, &r->powerschool_http, err) < 0)
		return -1;
	config.transport = sr_steps_wrap(&r->powerschool_steps, c->steps, *sr_http_transport(r->powerschool_http));
	return sr_ps_client_new(&config, &r->powerschool, err);
}

static int open_schoology(sr_remotes *r, const sr_remotes_config *c, sr_err *err)
{
	const sr_config_schoology *settings = &c->config->schoology;
	sr_sgy_config config = {
		.clock = *sr_loop_clock(c->loop),
		.timers = *sr_loop_timers(c->loop),
		.random = sr_remotes_random,
		.url = settings->url,
		.key = r->secrets[SCHOOLOGY_KEY].text,
		.secret = r->secrets[SCHOOLOGY_SECRET].text,
		.signature = (sr_oauth1_method)settings->signature,
		.credits = (int)settings->rate_credits,
		.read_cost = (int)settings->read_cost,
		.write_cost = (int)settings->write_cost,
		.window_ms = settings->rate_window_ms,
		.concurrency = (int)settings->concurrency,
		.page_size = (int)settings->page_size,
		.timeout_ms = settings->timeout_ms,
		.stamp = sr_floor_stamp,
		.stamp_arg = &r->floor,
	};

	if (sr_floor_init(&r->floor, c->store, c->log, err) < 0 ||
		open_transport(c->loop, settings->ca_file, config.concurrency, &r->schoology_http, err) < 0)
		return -1;
	config.transport = sr_steps_wrap(&r->schoology_steps, c->steps, *sr_http_transport(r->schoology_http));
	config.floor_s = r->floor.reserved_s;
	config.last_begun_ms = sr_floor_last_begun_ms(&r->floor);
	return sr_sgy_client_new(&config, &r->schoology, err);
}

int sr_remotes_new(const sr_remotes_config *config, sr_remotes **out, sr_err *err)
{
	sr_remotes *r = calloc(1, sizeof(*r));

	if (!r)
		return sr_fail_nomem(err);
	if (read_secrets(r, config, err) < 0 || open_powerschool(r, config, err) < 0 ||
		open_schoology(r, config, err) < 0) {
		sr_remotes_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

void sr_remotes_free(sr_remotes *r)
{
	if (!r)
		return;
	sr_sgy_client_free(r->schoology);
	sr_ps_client_free(r->powerschool);
	sr_http_free(r->schoology_http);
	sr_http_free(r->powerschool_http);
	for (size_t i = 0; i < SECRET_COUNT; i++)
		sr_secret_done(&r->secrets[i]);
	free(r);
}

sr_source *sr_remotes_source(sr_remotes *r)
{
	return sr_ps_client_source(r->powerschool);
}

sr_target *sr_remotes_target(sr_remotes *r)
{
	return sr_sgy_client_target(r->schoology);
}

void sr_remotes_usage(void *arg, int *used, int *credits)
{
	const sr_remotes *r = arg;
	sr_sgy_usage usage = sr_sgy_used(r->schoology);

	*used = usage.credits_used;
	*credits = usage.credits;
}
