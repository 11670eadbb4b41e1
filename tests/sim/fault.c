/* A fault matches, waits its turn and strikes; the first that strikes decides. Each kind is a row:
 * what it does before the handler, and after it. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "fault_item.h"
#include "ps_service.h"

typedef struct strike {
	const sim_fault *fault;
	sim_front *front;
	sim_service service;
	const sr_request *request;
	sim_reply *reply;
	sim_delivery *delivery;
} strike;

static void serve(const strike *s)
{
	if (s->service == SIM_POWERSCHOOL && s->front->ps)
		sim_ps_handle(s->front->ps, s->request, s->reply);
	else if (s->service == SIM_SCHOOLOGY && s->front->sgy)
		sim_sgy_handle(s->front->sgy, s->request, s->reply);
	else
		s->reply->status = 503;
}

static void answer(const strike *s, int status, const char *type, const char *body)
{
	sim_reply_reset(s->reply);
	s->reply->status = status;
	sim_reply_header(s->reply, "Content-Type", type);
	sr_buf_puts(&s->reply->body, body);
}

static void throttle(const strike *s)
{
	char seconds[16];

	answer(s, 429, "text/plain", "Too many requests");
	snprintf(seconds, sizeof(seconds), "%d", s->fault->retry_after_s);
	if (s->fault->retry_after_s > 0)
		sim_reply_header(s->reply, "Retry-After", seconds);
}

static void server_error(const strike *s)
{
	answer(s, s->fault->status ? s->fault->status : 503, "text/html",
		"<html><body>Service unavailable</body></html>");
}

static void html(const strike *s)
{
	answer(s, 200, "text/html;charset=UTF-8",
		"<!DOCTYPE html><html><head><title>PowerSchool page unavailable</title></head>"
		"<body>PowerSchool page unavailable</body></html>");
}

static void reset(const strike *s)
{
	sim_reply_reset(s->reply);
}

static void lost(const strike *s)
{
	serve(s);
	sim_reply_reset(s->reply);
}

static void halve(const strike *s)
{
	serve(s);
	sr_buf *body = &s->reply->body;
	s->delivery->whole_bytes = body->len;
	if (body->len > 1) {
		body->len /= 2;
		body->p[body->len] = '\0';
	}
}

static void cut(const strike *s)
{
	halve(s);
	s->delivery->cut = true;
}

static void slow(const strike *s)
{
	serve(s);
	s->delivery->delay_ms = s->fault->ms ? s->fault->ms : 1000;
}

static void expire(const strike *s)
{
	if (s->service == SIM_POWERSCHOOL)
		sim_ps_state_set(s->front->world, "token", NULL, NULL);
	serve(s);
}

static void fail_item(const strike *s)
{
	if (sim_fault_item(s->front->sgy, s->request, s->fault->item, s->reply))
		serve(s);
}

/* clang-format off */
static const struct { const char *name; void (*fn)(const strike *s); const char *help; } kinds[SIM_FAULT_KIND_COUNT] = {
	[SIM_FAULT_429]      = { "429",           throttle,     "too many requests; --retry-after S adds the"
		" header" },
	[SIM_FAULT_5XX]      = { "5xx",           server_error, "503, or --status N; nothing is carried out" },
	[SIM_FAULT_HTML200]  = { "html200",       html,         "200 with an HTML page" },
	[SIM_FAULT_RESET]    = { "reset",         reset,        "the connection drops, nothing is carried"
		" out" },
	[SIM_FAULT_LOST]     = { "lost-answer",   lost,         "carried out, then the connection drops" },
	[SIM_FAULT_TRUNCATE] = { "truncate",      halve,        "half the body as if it were all" },
	[SIM_FAULT_CUT]      = { "cut",           cut,          "half the body, then the connection drops" },
	[SIM_FAULT_SLOW]     = { "slow",          slow,         "answers --ms N later (1000)" },
	[SIM_FAULT_EXPIRED]  = { "expired-token", expire,       "PowerSchool's token is void from that request"
		" on" },
	[SIM_FAULT_ITEM]     = { "item-failure",  fail_item,    "Schoology's bulk item --item N"
		" (0) answers 400, not carried out" },
};

#define OPTION(name, field) { name, offsetof(sim_fault, field) }
static const struct { const char *name; size_t at; } numbers[] = {
	OPTION("--after", after), OPTION("--count", count), OPTION("--retry-after", retry_after_s),
	OPTION("--status", status), OPTION("--ms", ms), OPTION("--item", item),
};
/* clang-format on */

static const char *const services[SIM_SERVICE_COUNT] = { "ps", "sgy" };

static int set_service(sim_fault *f, const char *value, sr_err *err)
{
	for (int i = 0; i < SIM_SERVICE_COUNT; i++) {
		if (sr_streq(services[i], value)) {
			f->service = i;
			return 0;
		}
	}
	return sr_fail(err, SR_E_INVALID, "fault: --service is ps or sgy, not %s", value);
}

static int set_option(sim_fault *f, const char *name, const char *value, sr_err *err)
{
	int64_t n;

	if (sr_streq(name, "--service"))
		return set_service(f, value, err);
	if (sr_streq(name, "--path") || sr_streq(name, "--method")) {
		bool path = name[2] == 'p';
		int size = path ? (int)sizeof(f->path) : (int)sizeof(f->method);
		if (snprintf(path ? f->path : f->method, (size_t)size, "%s", value) >= size)
			return sr_fail(err, SR_E_LIMIT, "fault: %s is too long", name);
		return 0;
	}
	for (size_t i = 0; i < SR_COUNT_OF(numbers); i++) {
		if (!sr_streq(numbers[i].name, name))
			continue;
		if (!sr_parse_i64(value, &n) || n < 0 || n > 86400000)
			return sr_fail(err, SR_E_RANGE, "fault: %s %s", name, value);
		*(int *)(void *)((char *)f + numbers[i].at) = (int)n;
		return 0;
	}
	return sr_fail(err, SR_E_INVALID, "fault: unknown option %s", name);
}

int sim_fault_add(sim_faults *faults, int argc, const char *const *argv, sr_err *err)
{
	sim_fault f = { .kind = SIM_FAULT_KIND_COUNT, .service = -1, .count = 1 };

	if (argc < 1 || argc % 2 == 0)
		return sr_fail(err, SR_E_INVALID, "fault add KIND [--option VALUE]...");
	for (int i = 0; i < SIM_FAULT_KIND_COUNT; i++)
		if (sr_streq(kinds[i].name, argv[0]))
			f.kind = (sim_fault_kind)i;
	if (f.kind == SIM_FAULT_KIND_COUNT)
		return sr_fail(err, SR_E_INVALID, "fault: unknown kind %s", argv[0]);
	for (int i = 1; i < argc; i += 2)
		if (set_option(&f, argv[i], argv[i + 1], err))
			return -1;
	if (faults->count == SIM_FAULTS_MAX)
		return sr_fail(err, SR_E_LIMIT, "fault: at most %d at a time", SIM_FAULTS_MAX);
	faults->list[faults->count++] = f;
	return 0;
}

void sim_fault_clear(sim_faults *faults)
{
	faults->count = 0;
}

void sim_fault_list(const sim_faults *faults, sr_buf *out)
{
	for (size_t i = 0; i < faults->count; i++) {
		const sim_fault *f = &faults->list[i];
		sr_buf_printf(out,
			"%s service=%s method=%s path=%s after=%d count=%d seen=%d"
			" struck=%d\n",
			kinds[f->kind].name, f->service < 0 ? "any" : services[f->service],
			*f->method ? f->method : "any", *f->path ? f->path : "any", f->after, f->count, f->seen,
			f->struck);
	}
}

void sim_fault_help(sr_buf *out)
{
	for (size_t i = 0; i < SIM_FAULT_KIND_COUNT; i++)
		sr_buf_printf(out, "  %-15s %s\n", kinds[i].name, kinds[i].help);
}

/* The path of an absolute or relative URL. */
static const char *path_of(const char *url)
{
	const char *scheme = strstr(url, "://"), *slash;

	if (*url == '/' || !scheme)
		return url;
	slash = strchr(scheme + 3, '/');
	return slash ? slash : "/";
}

static bool strikes(sim_fault *f, sim_service service, const sr_request *request)
{
	if (f->service >= 0 && f->service != (int)service)
		return false;
	if (*f->method && strcmp(f->method, request->method) != 0)
		return false;
	if (!sr_starts(path_of(request->url), f->path))
		return false;
	if (f->seen++ < f->after || (f->count && f->struck >= f->count))
		return false;
	f->struck++;
	return true;
}

int sim_front_log_open(sim_front *front, sr_err *err)
{
	static const char sql[] =
		"create table if not exists sim_ps_request_log(seq integer primary key, at_ms integer, mono_ms integer,"
		" method text, path text, status integer)";

	if (sqlite3_exec(front->world->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sr_fail(err, SR_E_DB, "request log: %s", sqlite3_errmsg(front->world->db));
	front->log = true;
	return 0;
}

/* Without the query, which may hold names. A log that cannot be written costs nobody an answer. */
static void log_request(sim_front *front, sim_service service, const sr_request *request, const sim_reply *reply)
{
	static const char sql[] =
		"insert into sim_ps_request_log(at_ms, mono_ms, method, path, status) values(?,?,?,?,?)";
	const char *path = path_of(request->url);
	sqlite3_stmt *put = NULL;

	if (!front->log || service != SIM_POWERSCHOOL)
		return;
	if (sqlite3_prepare_v2(front->world->db, sql, -1, &put, NULL) != SQLITE_OK)
		return;
	sqlite3_bind_int64(put, 1, sr_clock_wall_ms(&front->world->clock));
	sqlite3_bind_int64(put, 2, sr_clock_mono_ms(&front->world->clock));
	sqlite3_bind_text(put, 3, request->method, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 4, path, (int)strcspn(path, "?"), SQLITE_STATIC);
	sqlite3_bind_int(put, 5, reply->status);
	sqlite3_step(put);
	sqlite3_finalize(put);
}

static void apply(
	sim_front *front, sim_service service, const sr_request *request, sim_reply *reply, sim_delivery *delivery)
{
	strike s = { .front = front, .service = service, .request = request, .reply = reply, .delivery = delivery };

	for (size_t i = 0; front->faults && i < front->faults->count; i++) {
		if (strikes(&front->faults->list[i], service, request)) {
			s.fault = &front->faults->list[i];
			kinds[s.fault->kind].fn(&s);
			return;
		}
	}
	serve(&s);
}

void sim_fault_apply(
	sim_front *front, sim_service service, const sr_request *request, sim_reply *reply, sim_delivery *delivery)
{
	*delivery = (sim_delivery){ 0 };
	apply(front, service, request, reply, delivery);
	log_request(front, service, request, reply);
}
