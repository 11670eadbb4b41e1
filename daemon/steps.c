/* A request's answer comes back through here, so each call keeps who asked for it. */
#include "steps.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct sr_steps_call {
	sr_steps_call *next;
	sr_steps *steps;
	sr_answer_fn fn;
	void *arg;
	uint64_t cookie;
};

void sr_steps_effect(void *arg)
{
	sr_steps *steps = arg;

	if (steps->die_at && ++steps->count == steps->die_at)
		kill(getpid(), SIGKILL);
}

static void call_free(sr_steps_call *call)
{
	for (sr_steps_call **p = &call->steps->calls; *p; p = &(*p)->next)
		if (*p == call) {
			*p = call->next;
			break;
		}
	free(call);
}

static void answered(void *arg, uint64_t cookie, const sr_response *response)
{
	sr_steps_call *call = (sr_steps_call *)(uintptr_t)cookie;
	sr_answer_fn fn = call->fn;

	cookie = call->cookie;
	sr_steps_effect(call->steps);
	call_free(call);
	fn(arg, cookie, response);
}

static int submit(void *self, const sr_request *request, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	sr_steps_transport *t = self;
	sr_steps_call *call = malloc(sizeof(*call));

	if (!call)
		return sr_fail_nomem(err);
	sr_steps_effect(t->steps);
	*call = (sr_steps_call){ t->steps->calls, t->steps, fn, arg, cookie };
	t->steps->calls = call;
	if (t->inner.submit(t->inner.self, request, answered, arg, (uint64_t)(uintptr_t)call, err) == 0)
		return 0;
	call_free(call);
	return -1;
}

static void cancel_all(void *self, void *arg)
{
	sr_steps_transport *t = self;

	t->inner.cancel_all(t->inner.self, arg);
	for (sr_steps_call **p = &t->steps->calls; *p;) {
		sr_steps_call *call = *p;

		if (call->arg != arg) {
			p = &call->next;
			continue;
		}
		*p = call->next;
		free(call);
	}
}

sr_transport sr_steps_wrap(sr_steps_transport *t, sr_steps *steps, sr_transport inner)
{
	*t = (sr_steps_transport){ steps, inner };
	return steps->die_at ? (sr_transport){ t, submit, cancel_all } : inner;
}

void sr_steps_done(sr_steps *steps)
{
	while (steps->calls)
		call_free(steps->calls);
}
