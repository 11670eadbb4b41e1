/* All who need a token wait in one list behind one request. A refused token is remembered by each who
 * was refused, not by the object: so the second of two requests that were refused together finds the
 * newer token already there, and nobody fetches twice for one refusal. */
#include "remote/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/oauth1.h"
#include "codec/ps_codec.h"
#include "remote/answer.h"

#define BODY_MAX_BYTES 65536

typedef struct waiter {
	struct waiter *next;
	sr_token_fn fn;
	void *arg;
	char *refused; /* this one does not help; NULL: any */
} waiter;

struct sr_token {
	sr_token_config c;
	char *text; /* NULL: none */
	waiter *waiting;
	waiter *served; /* by the answer that is being given out just now */
	bool fetching;
};

sr_token *sr_token_new(const sr_token_config *config)
{
	sr_token *t = calloc(1, sizeof(*t));

	if (t)
		t->c = *config;
	return t;
}

static void free_text(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void free_waiter(waiter *w)
{
	free_text(w->refused);
	free(w);
}

static void free_waiters(waiter *w)
{
	while (w) {
		waiter *next = w->next;

		free_waiter(w);
		w = next;
	}
}

void sr_token_free(sr_token *t)
{
	if (!t)
		return;
	t->c.transport.cancel_all(t->c.transport.self, t);
	free_waiters(t->waiting);
	free_waiters(t->served);
	free_text(t->text);
	free(t);
}

/* ---- fetching ---- */

/* The token that was refused may come back: a server that was refusing for a moment takes it then. Whether
 * it stays refused is for the waiter to see. */
static void deliver(waiter *w, const sr_token *t, const sr_err *err)
{
	w->fn(w->arg, err ? NULL : t->text, err);
	free_waiter(w);
}

/* Callbacks may ask again, or cancel others: only who waited before is served, and still waits. */
static void deliver_all(sr_token *t, const sr_err *err)
{
	t->served = SR_TAKE(t->waiting);
	while (t->served) {
		waiter *w = t->served;

		t->served = w->next;
		deliver(w, t, err);
	}
}

static int read_token(sr_token *t, const sr_response *r, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_ps_token token;
	char *copy;

	if (sr_answer_check(r, "PowerSchool", err) < 0)
		return -1;
	if (r->status == 400 || r->status == 401)
		return sr_fail(err, SR_E_AUTH,
			"PowerSchool does not know the client id and secret: copy both again from the sisroll plugin's "
			"Data "
			"Provider Configuration page, and see that the plugin is enabled");
	if (r->status != 200)
		return sr_fail(
			err, SR_E_PROTO, "PowerSchool answered %d to the request for an access token", r->status);
	if (sr_ps_token_read(r->body, r->body_bytes, &arena, &token, err) < 0)
		return -1;
	copy = sr_strdup(token.text);
	explicit_bzero(token.text, strlen(token.text));
	if (!copy)
		return sr_fail_nomem(err);
	free_text(t->text);
	t->text = copy;
	return 0;
}

static void on_answer(void *arg, uint64_t cookie, const sr_response *r)
{
	sr_token *t = arg;
	sr_err err;
	int rc;

	(void)cookie;
	t->fetching = false;
	rc = read_token(t, r, &err);
	deliver_all(t, rc < 0 ? &err : NULL);
}

static int fetch(sr_token *t, sr_err *err)
{
	SR_AUTO_FREE char *url = sr_asprintf("%s/oauth/access_token", t->c.url);
	static const char body[] = "grant_type=client_credentials";
	sr_buf credentials = { 0 };
	sr_request r = { .method = "POST",
		.url = url,
		.body = body,
		.body_bytes = sizeof(body) - 1,
		.timeout_ms = t->c.timeout_ms,
		.body_max_bytes = BODY_MAX_BYTES };
	int rc;

	if (!url || sr_basic_header(t->c.client_id, t->c.client_secret, &credentials, err) < 0)
		return url ? -1 : sr_fail_nomem(err);
	sr_request_header(&r, "Authorization", credentials.p);
	sr_request_header(&r, "Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
	sr_request_header(&r, "Accept", "application/json");
	rc = t->c.transport.submit(t->c.transport.self, &r, on_answer, t, 0, err);
	free_text(sr_buf_take(&credentials));
	t->fetching = rc == 0;
	return rc;
}

/* ---- asking ---- */

static int wait_for_it(sr_token *t, const char *refused, sr_token_fn fn, void *arg, sr_err *err)
{
	waiter *w = calloc(1, sizeof(*w));

	if (w)
		*w = (waiter){ .next = t->waiting, .fn = fn, .arg = arg, .refused = sr_strdup(refused) };
	if (!w || (refused && !w->refused)) {
		free(w);
		return sr_fail_nomem(err);
	}
	if (!t->fetching && fetch(t, err) < 0) {
		free_waiter(w);
		return -1;
	}
	t->waiting = w;
	return 0;
}

int sr_token_get(sr_token *t, const char *refused, sr_token_fn fn, void *arg, sr_err *err)
{
	if (!t->text || t->fetching || sr_streq(t->text, refused))
		return wait_for_it(t, refused, fn, arg, err);
	fn(arg, t->text, NULL);
	return 0;
}

static void cancel_in(waiter **at, const void *arg)
{
	while (*at) {
		waiter *w = *at;

		if (w->arg != arg) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free_waiter(w);
	}
}

void sr_token_cancel(sr_token *t, void *arg)
{
	cancel_in(&t->waiting, arg);
	cancel_in(&t->served, arg);
}
