/* Time is a list of events; a request is two of them (arrival, answer); the death of the process is
 * everything of its life being forgotten but the database file and what already left the machine. */
#include "virtual.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "laws.h"
#include "ps_service.h"

#define PLUGIN_FOLDER SISROLL_SOURCE_DIR "/schema/powerschool"

struct uv_event {
	uv_event *next;
	int64_t due_ms;
	uint64_t birth, life;
	void (*fn)(uv_world *w, uv_event *e);
	void (*drop)(uv_event *e); /* what `payload` needs when it is not delivered */
	sr_timer_fn timer_fn;
	void *timer_arg;
	void *payload;
};

uint64_t uv_next(uv_rng *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

bool uv_chance(uv_rng *r, unsigned per_mille)
{
	return uv_next(r) % 1000 < per_mille;
}

int64_t uv_range(uv_rng *r, int64_t low, int64_t high)
{
	return low + (int64_t)(uv_next(r) % (uint64_t)(high - low + 1));
}

void uv_break(uv_world *w, const char *fmt, ...)
{
	va_list ap;

	if (*w->broken)
		return;
	va_start(ap, fmt);
	vsnprintf(w->broken, sizeof(w->broken), fmt, ap);
	va_end(ap);
}

/* ---- events ------------------------------------------------------------------------------------ */

static uv_event *event_add(uv_world *w, int64_t delay_ms, void (*fn)(uv_world *, uv_event *))
{
	uv_event *e = calloc(1, sizeof(*e)), **p = &w->events;

	if (!e)
		return NULL;
	e->due_ms = w->now_ms + (delay_ms > 0 ? delay_ms : 0);
	e->birth = ++w->births;
	e->life = w->life;
	e->fn = fn;
	while (*p && (*p)->due_ms <= e->due_ms)
		p = &(*p)->next;
	e->next = *p;
	*p = e;
	return e;
}

static void event_free(uv_event *e)
{
	if (e->drop)
		e->drop(e);
	free(e);
}

static int64_t clock_wall(void *self)
{
	const uv_world *w = self;

	return w->base_ms + w->now_ms;
}

static int64_t clock_mono(void *self)
{
	return ((const uv_world *)self)->now_ms + 1000000;
}

static void timer_fire(uv_world *w, uv_event *e)
{
	(void)w;
	e->timer_fn(e->timer_arg);
}

static sr_timer *timer_start(void *self, int64_t delay_ms, sr_timer_fn fn, void *arg)
{
	uv_event *e = event_add(self, delay_ms, timer_fire);

	if (e) {
		e->timer_fn = fn;
		e->timer_arg = arg;
	}
	return (sr_timer *)e;
}

static void timer_cancel(void *self, sr_timer *timer)
{
	uv_world *w = self;

	for (uv_event **p = &w->events; *p; p = &(*p)->next)
		if (*p == (uv_event *)timer) {
			uv_event *e = *p;

			*p = e->next;
			event_free(e);
			return;
		}
}

/* ---- the network ------------------------------------------------------------------------------- */

typedef struct uv_exchange {
	sim_service service;
	char *method, *url, *body;
	size_t body_bytes;
	sr_header headers[SR_HEADERS_MAX];
	size_t header_count;
	size_t body_max;
	sr_answer_fn fn;
	void *arg;
	uint64_t cookie;
	bool lose, reset;
	sim_reply reply;
} uv_exchange;

static void exchange_drop(uv_event *e)
{
	uv_exchange *x = e->payload;

	if (!x)
		return;
	for (size_t i = 0; i < x->header_count; i++) {
		free((char *)x->headers[i].name);
		free((char *)x->headers[i].value);
	}
	sim_reply_done(&x->reply);
	free(x->method);
	free(x->url);
	free(x->body);
	free(x);
	e->payload = NULL;
}

static void deliver(uv_world *w, uv_event *e)
{
	uv_exchange *x = e->payload;
	sr_header headers[8];
	sr_response r = { .status = x->reply.status,
		.headers = headers,
		.body = sr_buf_text(&x->reply.body),
		.body_bytes = x->reply.body.len };

	(void)w;
	for (size_t i = 0; i < x->reply.header_count; i++)
		headers[r.header_count++] = (sr_header){ x->reply.headers[i].name, x->reply.headers[i].value };
	if (x->reset || x->lose || x->reply.status == 0) {
		r = (sr_response){ .body = "" };
		sr_fail(&r.err, SR_E_NET, "the connection broke before an answer");
	} else if (r.body_bytes > x->body_max) {
		r = (sr_response){ .body = "" };
		sr_fail(&r.err, SR_E_LIMIT, "the answer is larger than allowed");
	}
	x->fn(x->arg, x->cookie, &r);
}

/* The request reaches the service, whether or not the one who sent it still lives. */
static void arrive(uv_world *w, uv_event *e)
{
	uv_exchange *x = e->payload;
	sr_request request = { .method = x->method,
		.url = x->url,
		.body = x->body,
		.body_bytes = x->body_bytes,
		.header_count = x->header_count };
	sim_delivery delivery = { 0 };
	uv_event *answer;

	memcpy(request.headers, x->headers, sizeof(request.headers));
	if (!x->reset)
		sim_fault_apply(&w->front, x->service, &request, &x->reply, &delivery);
	if (e->life != w->life)
		return; /* nobody is there any more to be told */
	answer = event_add(w, uv_range(&w->rng, 5, 80) + (x->lose || x->reset ? 3000 : 0) + delivery.delay_ms, deliver);
	if (!answer)
		return;
	answer->payload = SR_TAKE(e->payload);
	answer->drop = exchange_drop;
}

static int submit(
	uv_world *w, sim_service service, const sr_request *r, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	uv_exchange *x = calloc(1, sizeof(*x));
	bool death = uv_chance(&w->rng, w->faults.death), before = uv_chance(&w->rng, 500);
	uv_event *e;

	if (!x)
		return sr_fail_nomem(err);
	*x = (uv_exchange){ .service = service,
		.method = sr_strdup(r->method),
		.url = sr_strdup(r->url),
		.body = r->body ? sr_strndup(r->body, r->body_bytes) : NULL,
		.body_bytes = r->body_bytes,
		.header_count = r->header_count,
		.body_max = r->body_max_bytes ? r->body_max_bytes : SIZE_MAX,
		.fn = fn,
		.arg = arg,
		.cookie = cookie,
		.lose = uv_chance(&w->rng, w->faults.lost),
		.reset = uv_chance(&w->rng, w->faults.reset) };
	for (size_t i = 0; i < r->header_count; i++)
		x->headers[i] = (sr_header){ sr_strdup(r->headers[i].name), sr_strdup(r->headers[i].value) };
	w->requests++;
	w->losses += x->lose;
	if (service == SIM_SCHOOLOGY && strcmp(r->method, "GET") != 0) {
		w->writes++;
		uv_write_begins(w, r);
	}
	e = event_add(w,
		death && !before ? 0 : uv_range(&w->rng, 5, 60) + (uv_chance(&w->rng, w->faults.slow) ? 4000 : 0),
		arrive);
	if (!e)
		return sr_fail_nomem(err);
	e->payload = x;
	e->drop = exchange_drop;
	if (death) {
		w->die = true;
		x->reset |= before; /* dead before the bytes left, or just after */
	}
	return 0;
}

static int submit_ps(void *self, const sr_request *r, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	return submit(self, SIM_POWERSCHOOL, r, fn, arg, cookie, err);
}

static int submit_sgy(void *self, const sr_request *r, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	return submit(self, SIM_SCHOOLOGY, r, fn, arg, cookie, err);
}

static void cancel_all(void *self, void *arg)
{
	uv_world *w = self;

	/* What is on its way arrives; only nobody is told. */
	for (uv_event **p = &w->events; *p;) {
		uv_event *e = *p;
		uv_exchange *x = e->payload;

		if (x && x->arg == arg && e->fn == deliver) {
			*p = e->next;
			event_free(e);
			continue;
		}
		if (x && x->arg == arg && e->fn == arrive)
			e->life = 0;
		p = &e->next;
	}
}

/* ---- one process -------------------------------------------------------------------------------- */

static void random_bytes(void *arg, void *bytes, size_t len)
{
	uv_world *w = arg;

	for (size_t i = 0; i < len; i++)
		((uint8_t *)bytes)[i] = (uint8_t)uv_next(&w->rng);
}

/* In winter the clock stands an hour back: from November's first Sunday to March's second, at two at night, so that
 * an hour comes twice and another not at all. */
static sr_day today(void *arg, int64_t wall_ms, const char *timezone, int *minute)
{
	static const char *const winters[][2] = { { "2025-11-02", "2026-03-08" }, { "2026-11-01", "2027-03-14" } };
	int64_t local = wall_ms;

	(void)arg;
	(void)timezone;
	for (size_t i = 0; i < SR_COUNT_OF(winters); i++) {
		sr_day begins, ends;

		if (sr_day_parse(winters[i][0], &begins) && sr_day_parse(winters[i][1], &ends) &&
			wall_ms >= begins * 86400000LL + 7200000 && wall_ms < ends * 86400000LL + 7200000)
			local = wall_ms - 3600000;
	}
	*minute = (int)(local / 60000 % (24 * 60));
	return (sr_day)(local / 86400000);
}

sr_day uv_today(const uv_world *w, int *minute)
{
	return today(NULL, w->base_ms + w->now_ms, NULL, minute);
}

static void stamp(void *arg, int64_t timestamp_s, int64_t begun_ms)
{
	uv_world *w = arg;

	if (timestamp_s < w->stamp_s)
		uv_break(w, "an OAuth timestamp went backwards");
	w->stamp_s = timestamp_s;
	w->begun_ms = begun_ms;
}

static void log_write(void *self, const sr_log_entry *e)
{
	const uv_world *w = self;

	if (w->verbose)
		fprintf(stderr, "%10lld %-7s school %lld run %lld %s %s>%s %s\n", (long long)w->now_ms,
			sr_level_name(e->level), (long long)e->school, (long long)e->run, e->event ? e->event : "-",
			e->from ? e->from : "", e->to ? e->to : "", e->text ? e->text : "");
}

static int clients_new(uv_world *w, sr_err *err)
{
	const sr_config_schoology *k = &w->config->schoology;
	sr_timers timers = { w, timer_start, timer_cancel };
	sr_clock clock = { w, clock_wall, clock_mono };

	if (sr_ps_client_new(&(sr_ps_config){ .transport = { w, submit_ps, cancel_all },
				     .timers = timers,
				     .url = w->config->powerschool.url,
				     .client_id = w->ps_id,
				     .client_secret = w->ps_secret,
				     .query_prefix = w->config->powerschool.query_prefix,
				     .timeout_ms = 60000 },
		    &w->ps_client, err) < 0)
		return -1;
	return sr_sgy_client_new(&(sr_sgy_config){ .transport = { w, submit_sgy, cancel_all },
					 .timers = timers,
					 .clock = clock,
					 .random = random_bytes,
					 .random_arg = w,
					 .url = k->url,
					 .key = w->key,
					 .secret = w->secret,
					 .signature = (sr_oauth1_method)k->signature,
					 .credits = (int)k->rate_credits,
					 .window_ms = k->rate_window_ms,
					 .read_cost = (int)k->read_cost,
					 .write_cost = (int)k->write_cost,
					 .concurrency = (int)k->concurrency,
					 .page_size = (int)k->page_size,
					 .timeout_ms = 60000,
					 .floor_s = w->stamp_s,
					 .last_begun_ms = w->begun_ms,
					 .stamp = stamp,
					 .stamp_arg = w },
		&w->sgy_client, err);
}

static int process_start(uv_world *w, sr_err *err)
{
	char path[96];

	w->log = (sr_log){ w, log_write, SR_INFO };
	snprintf(path, sizeof(path), "%s/state.db", w->folder);
	w->life++;
	w->die = false;
	if (sr_store_open(&(sr_store_options){ .path = path, .no_sync = true, .now_ms = clock_wall(w) }, &w->store,
		    err) < 0 ||
		clients_new(w, err) < 0)
		return -1;
	if (sr_engine_new(&(sr_engine_config){ .clock = { w, clock_wall, clock_mono },
				  .timers = { w, timer_start, timer_cancel },
				  .log = &w->log,
				  .store = w->store,
				  .source = sr_ps_client_source(w->ps_client),
				  .target = sr_sgy_client_target(w->sgy_client),
				  .config = w->config,
				  .random = random_bytes,
				  .random_arg = w,
				  .today = today,
				  .today_arg = w,
				  .version = "test" },
		    &w->engine, err) < 0)
		return -1;
	return sr_engine_start(w->engine, err);
}

/* Everything of the process goes; what left the machine arrives; the file stays. */
static void process_end(uv_world *w)
{
	sr_engine_free(w->engine);
	sr_ps_client_free(w->ps_client);
	sr_sgy_client_free(w->sgy_client);
	sr_store_close(w->store);
	w->engine = NULL;
	w->ps_client = NULL;
	w->sgy_client = NULL;
	w->store = NULL;
	w->life++;
	for (uv_event **p = &w->events; *p;) {
		uv_event *e = *p;

		if (e->fn == arrive) {
			p = &e->next;
			continue;
		}
		*p = e->next;
		event_free(e);
	}
}

void uv_kill(uv_world *w)
{
	w->die = true;
}

/* What was on its way arrives while nobody is there. */
void uv_power_off(uv_world *w, int64_t ms)
{
	w->die = true;
	w->off_ms = ms;
}

static bool revive(uv_world *w)
{
	sr_err err;

	if (!w->die)
		return true;
	w->deaths++;
	process_end(w);
	w->now_ms += uv_range(&w->rng, 100, 20000) + w->off_ms;
	w->off_ms = 0;
	if (process_start(w, &err) == 0)
		return true;
	uv_break(w, "the process does not start again: %s", err.text);
	return false;
}

static void event_play(uv_world *w)
{
	uv_event *e = w->events;

	w->events = e->next;
	if (e->due_ms > w->now_ms)
		w->now_ms = e->due_ms;
	e->fn(w, e);
	event_free(e);
}

bool uv_pass_until(uv_world *w, int64_t max_ms, bool (*until)(uv_world *w, void *arg), void *arg)
{
	int64_t end = w->now_ms + max_ms;

	while (!*w->broken && revive(w)) {
		if (until && until(w, arg))
			return true;
		if (!w->events || w->events->due_ms > end) {
			w->now_ms = end > w->now_ms ? end : w->now_ms;
			return false;
		}
		event_play(w);
	}
	return false;
}

void uv_pass(uv_world *w, int64_t ms)
{
	uv_pass_until(w, ms, NULL, NULL);
}

/* ---- the world ------------------------------------------------------------------------------------ */

static int config_make(uv_world *w, sr_err *err)
{
	char path[96];
	SR_AUTO(sr_buf) problems = { 0 };
	FILE *f;

	snprintf(path, sizeof(path), "%s/sisrolld.conf", w->folder);
	f = fopen(path, "w");
	if (!f)
		return sr_fail(err, SR_E_IO, "cannot write %s", path);
	fprintf(f,
		"[daemon]\nstate_dir=%s\n[powerschool]\nurl=http://127.0.0.1:1\npage_size=%d\n[schoology]\nurl=http://"
		"127.0.0.1:2/v1\n"
		"settle=10s\n[sync]\ninterval=12h\nretry_max=1h\npoll_interval=8h\n[roles]\nstudent=Student\nteacher="
		"Teacher\nstaff="
		"Staff\n[school "
		"*]\nsync=yes\n",
		w->folder, (int)uv_range(&w->rng, 5, 60));
	fclose(f);
	if (sr_config_load(path, NULL, &w->config, &problems, err) < 0) {
		uv_break(w, "configuration: %s", sr_buf_text(&problems));
		return -1;
	}
	return 0;
}

int uv_open(uv_world *w, uint64_t seed, const char *district, const char *start_date, sr_err *err)
{
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	sr_clock clock = { w, clock_wall, clock_mono };
	sr_day day;

	*w = (uv_world){ .seed = seed, .rng = { seed * 2 + 1 }, .op_rng = { seed * 2 + 0x51u } };
	snprintf(w->folder, sizeof(w->folder), "%s/sisroll-universe-XXXXXX", tmp);
	if (!mkdtemp(w->folder))
		return sr_fail(err, SR_E_IO, "cannot make a folder under %s", tmp);
	sr_day_parse(start_date, &day);
	w->base_ms = (int64_t)day * 86400000 + 8 * 3600 * 1000;
	if (sim_world_open(&w->sim, ":memory:", &clock, seed, err) < 0 ||
		sim_district_make(&w->sim, district, seed, err) < 0)
		return -1;
	sim_district_keys(seed, w->key, w->secret, w->ps_id, w->ps_secret);
	w->ps = sim_ps_new(&w->sim, &(sim_ps_options){ .client_id = w->ps_id, .client_secret = w->ps_secret }, err);
	w->sgy = sim_sgy_new(&w->sim, NULL, err);
	if (!w->ps || !w->sgy || sim_ps_install(w->ps, PLUGIN_FOLDER, err) < 0 || config_make(w, err) < 0)
		return -1;
	w->front = (sim_front){ &w->sim, &w->answers, w->ps, w->sgy };
	return process_start(w, err);
}

void uv_close(uv_world *w)
{
	char path[160];
	static const char *const files[] = { "state.db", "state.db-wal", "state.db-shm", "state.db.lock",
		"sisrolld.conf" };

	process_end(w);
	while (w->events) {
		uv_event *e = w->events;

		w->events = e->next;
		event_free(e);
	}
	sim_ps_free(w->ps);
	sim_sgy_free(w->sgy);
	sim_world_close(&w->sim);
	sr_config_free(w->config);
	for (size_t i = 0; i < SR_COUNT_OF(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", w->folder, files[i]);
		unlink(path);
	}
	rmdir(w->folder);
}
