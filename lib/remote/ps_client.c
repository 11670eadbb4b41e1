/* Every question is an `op`: it gets a token, sends one request, reads the answer, and either asks
 * on (schools page by themselves) or calls back and ends. */
#include "remote/ps_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "remote/answer.h"
#include "remote/ps_op.h"
#include "remote/token.h"

#define BODY_MAX_BYTES (64u << 20)
#define SMALL_MAX_BYTES (1u << 20)
#define ROLES_PAGE_SIZE 1000
#define TRIES_MAX 3        /* more of one page, for a moment's trouble; longer trouble is the caller's */
#define TRY_FIRST_MS 400   /* doubled every time */
#define SLOW_DOWN_MS 2000  /* where the server does not say how long */
#define SLOW_DOWN_MAX_S 20 /* a longer wait is the caller's */

struct sr_ps_client {
	sr_ps_config c;
	sr_source source;
	sr_token *token;
	op *ops;
	uint64_t last_id;
};

/* ---- ops ---- */

static op *op_find(sr_ps_client *c, uint64_t id)
{
	op *o = c->ops;

	while (o && o->id != id)
		o = o->next;
	return o;
}

static void drop_token(op *o)
{
	if (o->sent_token)
		explicit_bzero(o->sent_token, strlen(o->sent_token));
	free(SR_TAKE(o->sent_token));
}

static void op_free(op *o)
{
	sr_timer_cancel(&o->c->c.timers, o->later);
	sr_token_cancel(o->c->token, o);
	drop_token(o);
	sr_arena_done(&o->arena);
	free(o);
}

static void op_unlink(op *o)
{
	op **at = &o->c->ops;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
}

/* A right that is not given, a query or a table that is not there: nothing that passes. */
static bool is_refusal(const sr_err *err)
{
	return err->code == SR_E_FORBIDDEN || (err->code == SR_E_PROTO && err->retry == SR_RETRY_PERSON);
}

/* What `fn` is told when the op fails. Optional grants fail without an error. */
static void op_tell_failure(const op *o, const sr_err *err)
{
	bool refused = is_refusal(err);

	switch (o->kind) {
	case OP_INFO:
		o->fn.info(o->arg, NULL, err);
		break;
	case OP_SCHOOLS:
		o->fn.schools(o->arg, NULL, 0, err);
		break;
	case OP_PAGE:
		o->fn.page(o->arg, NULL, err);
		break;
	case OP_COUNT:
		o->fn.count(o->arg, 0, err);
		break;
	case OP_ROLES:
		o->fn.roles(o->arg, false, NULL, NULL, 0, refused ? NULL : err);
		break;
	case OP_YEAR:
		o->fn.year(o->arg, SR_YEARID_NONE, refused ? NULL : err);
		break;
	case OP_SUBJECTS:
		o->fn.subjects(o->arg, &(sr_subject_page){ .last = true }, refused ? NULL : err);
		break;
	default:
		break;
	}
}

static void op_fail(op *o, const sr_err *err)
{
	op_unlink(o);
	op_tell_failure(o, err);
	op_free(o);
}

static void on_failing(void *arg)
{
	op *o = arg;
	sr_err err = o->err;

	o->later = NULL;
	op_fail(o, &err);
}

/* A failure found inside the caller's own call is told in a later turn. */
static void op_fail_later(op *o, const sr_err *err)
{
	o->err = *err;
	o->later = sr_timer_start(&o->c->c.timers, 0, on_failing, o);
	if (!o->later)
		op_fail(o, err); /* no memory even for that: better at once than never */
}

/* ---- requests ---- */

static const char *query_of(const op *o)
{
	if (o->kind == OP_ROLES)
		return "roles";
	if (o->kind == OP_YEAR)
		return "prefs";
	if (o->kind == OP_SUBJECTS)
		return "subjects";
	return o->kind == OP_PAGE || o->kind == OP_COUNT ? sr_ps_query_names[o->ask.kind] : NULL;
}

static char *url_of(op *o)
{
	const char *url = o->c->c.url;

	switch (o->kind) {
	case OP_INFO:
		return sr_arena_printf(&o->arena, "%s/ws/v1/metadata", url);
	case OP_SCHOOLS:
		if (!o->school_page)
			return sr_arena_printf(&o->arena, "%s/ws/v1/metadata", url);
		return sr_arena_printf(&o->arena, "%s/ws/v1/district/school?page=%lld&pagesize=%lld", url,
			(long long)o->school_page, (long long)o->school_size);
	case OP_COUNT:
		return sr_arena_printf(&o->arena, "%s/ws/schema/query/%s/count", url, o->query);
	default:
		return sr_arena_printf(&o->arena, "%s/ws/schema/query/%s?page=1&pagesize=%d", url, o->query,
			o->ask.page_size ? o->ask.page_size : ROLES_PAGE_SIZE);
	}
}

/* Arguments go as text, as clients send them (contracts/powerschool.md section 7); one that a query
 * does not declare would be refused. */
static char *args_of(op *o)
{
	long long after = o->kind == OP_PAGE || o->kind == OP_SUBJECTS ? o->ask.after : 0;

	if (o->kind == OP_YEAR)
		return sr_arena_strdup(&o->arena, "{}");
	if (o->kind == OP_ROLES)
		return sr_arena_strdup(&o->arena, "{\"after\":\"0\"}");
	if (o->ask.kind == SR_SRC_TERM)
		return sr_arena_printf(
			&o->arena, "{\"after\":\"%lld\",\"yearlo\":\"%lld\"}", after, (long long)o->ask.termid_low);
	return sr_arena_printf(&o->arena,
		"{\"after\":\"%lld\",\"school\":\"%lld\",\"termlo\":\"%lld\",\"termhi\":\"%lld\"}", after,
		(long long)o->ask.school, (long long)o->ask.termid_low, (long long)o->ask.termid_high);
}

static void on_answer(void *arg, uint64_t cookie, const sr_response *r);

static int op_submit(op *o, sr_err *err)
{
	sr_request r = { .method = o->query ? "POST" : "GET",
		.url = url_of(o),
		.timeout_ms = (int)o->c->c.timeout_ms,
		.body_max_bytes = o->kind == OP_PAGE || o->kind == OP_SCHOOLS || o->kind == OP_SUBJECTS
					  ? BODY_MAX_BYTES
					  : SMALL_MAX_BYTES };
	char *bearer = sr_asprintf("Bearer %s", o->sent_token);
	int rc;

	if (o->query)
		r.body = args_of(o);
	if (!r.url || !bearer || (o->query && !r.body)) {
		free(bearer);
		return sr_fail_nomem(err);
	}
	sr_request_header(&r, "Authorization", bearer);
	sr_request_header(&r, "Accept", "application/json");
	if (r.body) {
		r.body_bytes = strlen(r.body);
		sr_request_header(&r, "Content-Type", "application/json");
	}
	rc = o->c->c.transport.submit(o->c->c.transport.self, &r, on_answer, o->c, o->id, err);
	explicit_bzero(bearer, strlen(bearer));
	free(bearer);
	return rc;
}

static void op_send(op *o, const char *refused);

static void on_again(void *arg)
{
	op *o = arg;

	o->later = NULL;
	op_send(o, NULL);
}

/* All questions only read, and a page is asked for by its key: asked again, it is the same page. */
static bool op_try_again(op *o, const sr_err *err)
{
	bool slow = err->code == SR_E_THROTTLED, passes = slow || err->code == SR_E_NET || err->code == SR_E_REMOTE ||
							  (err->code == SR_E_PROTO && err->retry == SR_RETRY_LATER);
	int64_t wait = (int64_t)TRY_FIRST_MS << o->tries;

	if (!passes || o->tries == TRIES_MAX || (slow && err->retry_after_s > SLOW_DOWN_MAX_S))
		return false;
	if (slow)
		wait = err->retry_after_s ? err->retry_after_s * INT64_C(1000) : SLOW_DOWN_MS;
	o->later = sr_timer_start(&o->c->c.timers, wait, on_again, o);
	o->tries += o->later != NULL;
	return o->later != NULL;
}

static void on_token(void *arg, const char *token, const sr_err *failed)
{
	op *o = arg;
	sr_err err;

	if (failed) {
		if (!op_try_again(o, failed))
			op_fail_later(o, failed);
		return;
	}
	drop_token(o);
	o->sent_token = sr_strdup(token);
	if (!o->sent_token)
		sr_fail_nomem(&err);
	else if (op_submit(o, &err) == 0)
		return;
	op_fail_later(o, &err);
}

static void op_send(op *o, const char *refused)
{
	sr_err err;

	if (sr_token_get(o->c->token, refused, on_token, o, &err) < 0)
		op_fail_later(o, &err);
}

/* ---- answers ---- */

static bool op_try_new_token(op *o)
{
	if (o->asked_again)
		return false;
	o->asked_again = true;
	op_send(o, o->sent_token);
	return true;
}

/* 0: a good answer; 1: the op goes on with a new token; -1: failed. */
static int op_check(op *o, const sr_response *r, sr_err *err)
{
	if (sr_answer_check(r, "PowerSchool", err) < 0)
		return -1;
	/* A server without this query's count may have the query all the same: its pages will say. */
	if (r->status == 200 || (r->status == 404 && o->kind == OP_COUNT))
		return 0;
	if (!sr_ps_op_token_refused(o, r))
		return sr_ps_op_refusal(o, r, err);
	if (op_try_new_token(o))
		return 1;
	return sr_fail(err, SR_E_AUTH,
		"PowerSchool gives out an access token and then refuses it: on the plugin's Data Provider "
		"Configuration page, renew the client secret, or disable and enable the sisroll plugin");
}

/* The op is taken off the list while it is read: the caller may cancel from inside his callback. */
static void on_answer(void *arg, uint64_t cookie, const sr_response *r)
{
	sr_ps_client *c = arg;
	op *o = op_find(c, cookie);
	sr_err err;
	int rc;

	if (!o)
		return;
	rc = op_check(o, r, &err);
	if (rc > 0)
		return;
	op_unlink(o);
	if (rc == 0)
		rc = sr_ps_op_read(o, r, &err);
	if (rc > 0 || (rc < 0 && op_try_again(o, &err))) {
		o->next = c->ops;
		c->ops = o;
		if (rc > 0)
			op_send(o, NULL);
		return;
	}
	if (rc < 0)
		op_tell_failure(o, &err);
	op_free(o);
}

/* ---- the interface ---- */

static op *op_new(sr_source *s, op_kind kind, void *arg, const sr_page_ask *ask)
{
	sr_ps_client *c = s->self;
	op *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	*o = (op){ .next = c->ops, .c = c, .id = ++c->last_id, .kind = kind, .arg = arg };
	if (ask)
		o->ask = *ask;
	c->ops = o;
	return o;
}

/* `o` NULL: there was no memory for it; then the caller is told at once, for there is no later. */
static void op_start(op *o, op *failed)
{
	sr_err err;

	if (!o) {
		sr_fail_nomem(&err);
		op_tell_failure(failed, &err);
		return;
	}
	o->fn = failed->fn;
	if (query_of(o)) {
		o->query = sr_arena_printf(&o->arena, "%s.%s", o->c->c.query_prefix, query_of(o));
		if (!o->query) {
			sr_fail_nomem(&err);
			op_fail_later(o, &err);
			return;
		}
	}
	op_send(o, NULL);
}

static void start_info(sr_source *s, info_fn fn, void *arg)
{
	op_start(op_new(s, OP_INFO, arg, NULL), &(op){ .kind = OP_INFO, .fn.info = fn, .arg = arg });
}

static void start_schools(sr_source *s, schools_fn fn, void *arg)
{
	op_start(op_new(s, OP_SCHOOLS, arg, NULL), &(op){ .kind = OP_SCHOOLS, .fn.schools = fn, .arg = arg });
}

static void start_page(sr_source *s, const sr_page_ask *ask, page_fn fn, void *arg)
{
	op_start(op_new(s, OP_PAGE, arg, ask), &(op){ .kind = OP_PAGE, .fn.page = fn, .arg = arg });
}

static void start_count(sr_source *s, const sr_page_ask *ask, count_fn fn, void *arg)
{
	op_start(op_new(s, OP_COUNT, arg, ask), &(op){ .kind = OP_COUNT, .fn.count = fn, .arg = arg });
}

static void start_roles(sr_source *s, roles_fn fn, void *arg)
{
	op_start(op_new(s, OP_ROLES, arg, NULL), &(op){ .kind = OP_ROLES, .fn.roles = fn, .arg = arg });
}

static void start_year(sr_source *s, year_fn fn, void *arg)
{
	op_start(op_new(s, OP_YEAR, arg, NULL), &(op){ .kind = OP_YEAR, .fn.year = fn, .arg = arg });
}

static void start_subjects(sr_source *s, const sr_page_ask *ask, subjects_fn fn, void *arg)
{
	op_start(op_new(s, OP_SUBJECTS, arg, ask), &(op){ .kind = OP_SUBJECTS, .fn.subjects = fn, .arg = arg });
}

/* An answer to a cancelled op finds no op and is dropped. */
static void cancel(sr_source *s, void *arg)
{
	sr_ps_client *c = s->self;

	for (op **at = &c->ops; *at;) {
		op *o = *at;

		if (o->arg != arg) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		op_free(o);
	}
}

int sr_ps_client_new(const sr_ps_config *config, sr_ps_client **out, sr_err *err)
{
	sr_ps_client *c = calloc(1, sizeof(*c));

	if (!c)
		return sr_fail_nomem(err);
	c->c = *config;
	c->token = sr_token_new(&(sr_token_config){ .transport = config->transport,
		.url = config->url,
		.client_id = config->client_id,
		.client_secret = config->client_secret,
		.timeout_ms = (int)config->timeout_ms });
	if (!c->token) {
		free(c);
		return sr_fail_nomem(err);
	}
	c->source = (sr_source){ .self = c,
		.info = start_info,
		.schools = start_schools,
		.page = start_page,
		.count = start_count,
		.roles = start_roles,
		.current_year = start_year,
		.subjects = start_subjects,
		.cancel = cancel };
	*out = c;
	return 0;
}

void sr_ps_client_free(sr_ps_client *c)
{
	if (!c)
		return;
	c->c.transport.cancel_all(c->c.transport.self, c);
	while (c->ops) {
		op *o = c->ops;

		c->ops = o->next;
		op_free(o);
	}
	sr_token_free(c->token);
	free(c);
}

sr_source *sr_ps_client_source(sr_ps_client *c)
{
	return &c->source;
}
