/* The operator's hands: a command is started as the control socket would start it, and time passes until it
 * has its answer or the process is gone. */
#include "virtual.h"

#include <stdio.h>

typedef struct uv_reply {
	json_t *done;
	bool over;
	char code[40];
	uint64_t life;
} uv_reply;

static void on_progress(void *arg, json_t *parameters)
{
	(void)arg;
	(void)parameters;
}

static void on_done(void *arg, json_t *parameters)
{
	uv_reply *r = arg;

	r->done = parameters;
	r->over = true;
}

static void on_refused(void *arg, const char *error, json_t *parameters)
{
	uv_reply *r = arg;
	const char *code = json_string_value(json_object_get(parameters, "code"));

	snprintf(r->code, sizeof(r->code), "%s", code ? code : error);
	json_decref(parameters);
	r->over = true;
}

static bool reply_over(uv_world *w, void *arg)
{
	const uv_reply *r = arg;

	return r->over || r->life != w->life;
}

json_t *uv_command(uv_world *w, const char *method, json_t *params, char code[40])
{
	static const sr_call_ops ops = { on_progress, on_done, on_refused };
	const sr_caller who = { .uid = 1000, .name = "ops", .look = true, .admin = true, .operator_ = true };
	uv_reply r = { .life = w->life };
	sr_call *call;

	call = sr_command_start(w->engine, method, params, &who, false, &ops, &r);
	json_decref(params);
	if (call && !r.over && !uv_pass_until(w, 3600 * 1000LL, reply_over, &r) && r.life == w->life && !*w->broken)
		uv_break(w, "%s had no answer within an hour", method);
	if (call && !r.over && r.life == w->life)
		sr_command_cancel(call);
	snprintf(code, 40, "%s", r.over ? r.code : "died");
	return r.done;
}

/* A reply that nobody waits for any more. */
static void forget(uv_world *w, sr_call *call, uv_reply *r)
{
	if (call && !r->over && r->life == w->life)
		sr_command_cancel(call);
	json_decref(r->done);
}

static bool both_over(uv_world *w, void *arg)
{
	uv_reply *r = arg;

	return reply_over(w, &r[0]) && reply_over(w, &r[1]);
}

void uv_commands(uv_world *w, const char *const methods[2], json_t *params[2])
{
	static const sr_call_ops ops = { on_progress, on_done, on_refused };
	const sr_caller who = { .uid = 1000, .name = "ops", .look = true, .admin = true, .operator_ = true };
	uv_reply r[2] = { { .life = w->life }, { .life = w->life } };
	sr_call *calls[2];

	for (int i = 0; i < 2; i++) {
		calls[i] = sr_command_start(w->engine, methods[i], params[i], &who, false, &ops, &r[i]);
		json_decref(params[i]);
		r[i].over |= !calls[i];
	}
	uv_pass_until(w, 3600 * 1000LL, both_over, r);
	for (int i = 0; i < 2; i++)
		forget(w, calls[i], &r[i]);
}
