/* Commands: the method's row is found, the caller and his parameters are checked against it, and its
 * handler runs. A long command is held: it watches the engine, and takes its steps in turns of its own,
 * because an event may come from the midst of something. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *verb;
	sr_step_fn run;
} handlers[] = {
#define CTL_COMMAND(verb, min, max, access, handler, since, help) { verb, sr_##handler },
#include "wire/commands.def"
};

static sr_step_fn handler_of(const sr_command *command)
{
	for (size_t i = 0; i < SR_COUNT_OF(handlers); i++)
		if (strcmp(handlers[i].verb, command->verb) == 0)
			return handlers[i].run;
	return NULL;
}

/* --- The life of a call --- */

static void watch_remove(sr_call *c)
{
	sr_watch **at = &c->e->watches;

	while (*at && *at != &c->watch)
		at = &(*at)->next;
	if (*at)
		*at = c->watch.next;
	c->held = false;
}

static void call_free(sr_call *c)
{
	watch_remove(c);
	sr_timer_cancel(&c->e->c.timers, c->turn);
	sr_period_forget(c->e, c);
	if (c->state_free)
		c->state_free(c->state);
	json_decref(c->params);
	json_decref(c->results);
	free(c->awaited);
	free(c);
}

/* The call's step, and its end if that was the last. */
static void call_run(sr_call *c, sr_step_fn step)
{
	c->busy = true;
	step(c);
	c->busy = false;
}

static bool call_forgotten(const sr_call *c)
{
	return c->over || (!c->ops && !c->finish_alone);
}

static void turn_set(sr_call *c, int64_t after_ms);

static void call_turn(void *arg)
{
	sr_call *c = arg;

	c->turn = NULL;
	call_run(c, c->step);
	if (call_forgotten(c))
		call_free(c);
	else if (!c->turn && c->deadline_ms > sr_mono_ms(c->e))
		turn_set(c, c->deadline_ms - sr_mono_ms(c->e));
}

static void turn_set(sr_call *c, int64_t after_ms)
{
	sr_timer_cancel(&c->e->c.timers, c->turn);
	c->turn = sr_timer_start(&c->e->c.timers, after_ms, call_turn, c);
	c->turn_later = after_ms > 0;
}

void sr_call_wake(sr_call *c)
{
	if (!c->over && (!c->turn || c->turn_later))
		turn_set(c, 0);
}

void sr_call_deadline(sr_call *c, int64_t after_ms)
{
	c->deadline_ms = sr_mono_ms(c->e) + after_ms;
}

bool sr_call_late(const sr_call *c)
{
	return c->e->stopping || (c->deadline_ms && sr_mono_ms(c->e) >= c->deadline_ms);
}

static void call_event(sr_watch *w, sr_school *s)
{
	(void)s;
	sr_call_wake((sr_call *)w);
}

void sr_call_hold(sr_call *c, sr_step_fn step)
{
	c->step = step;
	if (c->held)
		return;
	c->watch.event = call_event;
	c->watch.next = c->e->watches;
	c->e->watches = &c->watch;
	c->held = true;
	sr_call_wake(c);
}

void sr_command_cancel(sr_call *c)
{
	if (!c)
		return;
	c->ops = NULL;
	if (!c->finish_alone && !c->busy)
		call_free(c);
}

void sr_commands_forget(sr_engine *e)
{
	while (e->watches)
		call_free((sr_call *)e->watches);
}

bool sr_call_waits(const sr_call *c)
{
	return c->wait || c->more;
}

/* --- Answers --- */

/* Each act is journaled once, here: what was asked, by whom, and whether it was done. */
static void call_journal(const sr_call *c, const char *code, const char *text)
{
	if (c->command->access == ACCESS_LOOK || c->looked)
		return;
	sr_log_write(c->e->c.log, &(sr_log_entry){ .level = SR_NOTICE,
					  .id = SR_MSG_CONTROL,
					  .event = c->command->verb,
					  .code = code,
					  .who = c->who,
					  .text = text });
}

static void call_over(sr_call *c)
{
	c->over = true;
	if (c->held)
		watch_remove(c);
	sr_timer_cancel(&c->e->c.timers, c->turn);
	c->turn = NULL;
}

void sr_call_refuse(sr_call *c, const sr_refusal *refusal)
{
	json_t *parameters = sr_refusal_json(refusal);
	const sr_call_ops *ops = c->ops;

	call_journal(c, sr_code_text(refusal->code), "a command was refused");
	call_over(c);
	if (ops)
		ops->refused(c->arg, SR_CTL_REFUSED, parameters);
	else
		json_decref(parameters);
}

void sr_call_done(sr_call *c, json_t *reply)
{
	const sr_call_ops *ops = c->ops;

	if (!reply || c->failed) {
		json_decref(reply);
		sr_call_fail(c, &(sr_err){ .code = SR_E_NOMEM, .text = "the answer could not be made" });
		return;
	}
	call_journal(c, NULL, "a command was carried out");
	call_over(c);
	if (ops)
		ops->done(c->arg, reply);
	else
		json_decref(reply);
}

void sr_call_fail(sr_call *c, const sr_err *err)
{
	sr_refusal refusal = { .code = err->code == SR_E_DB ? SR_CODE_DATABASE : SR_CODE_INTERNAL,
		.what = err->text,
		.untouched = "What was not confirmed was not done." };

	sr_call_refuse(c, &refusal);
}

void sr_call_progress(sr_call *c, const sr_school *s, int64_t run, const char *phase, int64_t done, int64_t total)
{
	json_t *p;

	if (!c->ops || !c->more)
		return;
	p = json_pack("{s:{s:I, s:s, s:I, s:I}}", "progress", "school", (json_int_t)(s ? s->number : 0), "phase", phase,
		"done", (json_int_t)done, "total", (json_int_t)total);
	if (p && run)
		json_object_set_new(json_object_get(p, "progress"), "run", json_integer(run));
	if (p)
		c->ops->progress(c->arg, p);
	json_decref(p);
}

int sr_call_read(sr_call *c, int (*read)(sr_call *c, sr_txn *t, void *arg, sr_err *err), void *arg)
{
	sr_err err = { 0 };
	sr_txn *t;

	if (sr_txn_begin(c->e->c.store, SR_TXN_READ, &t, &err) == 0 &&
		sr_txn_end(c->e, t, read(c, t, arg, &err), &err) == 0)
		return 0;
	sr_call_fail(c, &err);
	return -1;
}

const char *sr_call_reason(const sr_call *c)
{
	const char *reason = sr_json_text(c->params, "reason");

	return reason && *reason ? reason : NULL;
}

bool sr_call_needs_reason(sr_call *c, const char *what)
{
	sr_no no;

	if (sr_call_reason(c))
		return true;
	sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_REASON_NEEDED, "%s is recorded, and needs --reason", what));
	return false;
}

bool sr_call_needs_access(sr_call *c, sr_access access, const char *what)
{
	const bool may[ACCESS_COUNT] = {
		[ACCESS_LOOK] = c->look, [ACCESS_ADMIN] = c->admin || c->operator_, [ACCESS_OPERATOR] = c->operator_
	};
	sr_no no;

	if (may[access])
		return true;
	sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_NOT_PERMITTED, "%s is for %s", what, sr_access_who(access)));
	return false;
}

/* --- The beginning --- */

static bool caller_may(const sr_caller *who, const sr_command *command)
{
	const bool may[ACCESS_COUNT] = {
		[ACCESS_LOOK] = who->look || who->admin || who->operator_ || who->second,
		[ACCESS_ADMIN] = who->admin || who->operator_,
		[ACCESS_OPERATOR] = who->operator_ || (who->second && sr_command_two_persons(command)),
	};

	return may[command->access];
}

/* The checks that need no call yet. False: refused. */
static bool call_checks(const sr_command *command, const char *method, const json_t *parameters, const sr_caller *who,
	const sr_call_ops *ops, void *arg)
{
	char field[SR_CTL_NAME_MAX];

	if (!command || !handler_of(command)) {
		ops->refused(arg, SR_VARLINK_NO_METHOD, json_pack("{s:s++}", "method", SR_CTL_INTERFACE, ".", method));
		return false;
	}
	if (!caller_may(who, command)) {
		ops->refused(arg, SR_CTL_NOT_PERMITTED,
			json_pack("{s:s, s:s}", "needs", sr_access_name(command->access), "who",
				sr_access_who(command->access)));
		return false;
	}
	if (sr_ctl_params_check(command, parameters, field, NULL) < 0) {
		ops->refused(arg, SR_VARLINK_BAD_PARAMETER, json_pack("{s:s}", "parameter", field));
		return false;
	}
	return true;
}

static sr_call *call_new(sr_engine *e, const sr_command *command, const json_t *parameters, const sr_caller *who)
{
	sr_call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->e = e;
	c->command = command;
	c->uid = who->uid;
	c->look = who->look || who->admin || who->operator_;
	c->admin = who->admin;
	c->operator_ = who->operator_;
	c->second = who->second;
	c->break_glass = who->break_glass;
	snprintf(c->who, sizeof(c->who), "%s%s", who->name ? who->name : "?", who->break_glass ? " (break-glass)" : "");
	c->params = parameters ? json_deep_copy(parameters) : json_object();
	c->results = json_array();
	if (c->params && c->results)
		return c;
	call_free(c);
	return NULL;
}

sr_call *sr_command_start(sr_engine *e, const char *method, const json_t *parameters, const sr_caller *who, bool more,
	const sr_call_ops *ops, void *arg)
{
	const sr_command *command = sr_command_find_method(method);
	sr_call *c;

	if (!call_checks(command, method, parameters, who, ops, arg))
		return NULL;
	c = call_new(e, command, parameters, who);
	if (!c) {
		sr_refusal refusal = { .code = SR_CODE_INTERNAL, .what = "out of memory" };

		ops->refused(arg, SR_CTL_REFUSED, sr_refusal_json(&refusal));
		return NULL;
	}
	c->more = more;
	c->wait = sr_json_bool(c->params, "wait", false);
	c->ops = ops;
	c->arg = arg;
	call_run(c, handler_of(command));
	if (!call_forgotten(c))
		return c;
	call_free(c);
	return NULL;
}
