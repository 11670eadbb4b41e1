/* For the tests of the control server: a fake engine behind it, and a client on a real UNIX socket. The loop is turned
 * by hand, so that client and server live in one thread. Never says what is right: each test does. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl_server.h"
#include "wire/ctl_msg.h"
#include "wire/frame.h"
#include "wire/json.h"

#define PATIENCE_MS 3000

/* ---- the fake engine ---- */

/* What the next command does. */
typedef enum { AT_ONCE, LATER, REFUSE, STREAM, HUGE_REPLY } manner;

struct sr_call {
	const sr_call_ops *ops;
	void *arg;
	bool cancelled;
};

struct sr_engine {
	manner manner;
	int started, cancelled;
	char method[64], who[64];
	sr_caller caller;
	struct sr_call call;
	sr_loop *loop;
};

sr_call *sr_command_start(sr_engine *e, const char *method, const json_t *parameters, const sr_caller *who, bool more,
	const sr_call_ops *ops, void *arg)
{
	(void)parameters;
	e->started++;
	e->caller = *who;
	e->call = (struct sr_call){ ops, arg, false };
	snprintf(e->method, sizeof(e->method), "%s", method);
	snprintf(e->who, sizeof(e->who), "%s", who->name);
	switch (e->manner) {
	case AT_ONCE:
		ops->done(arg, json_pack("{s:i}", "n", e->started));
		return NULL;
	case REFUSE:
		ops->refused(arg, SR_CTL_REFUSED, json_pack("{s:s}", "code", "SR-GATE"));
		return NULL;
	case STREAM:
		for (int i = 0; more && i < 3; i++) {
			json_auto_t *p = json_pack("{s:{s:i}}", "progress", "done", i);

			ops->progress(arg, p);
		}
		ops->done(arg, json_object());
		return NULL;
	case HUGE_REPLY: {
		SR_AUTO_FREE char *text = malloc(3 << 20);

		memset(text, 'x', 3 << 20);
		ops->done(arg, json_pack("{s:s%}", "text", text, (size_t)3 << 20));
		return NULL;
	}
	default:
		return &e->call;
	}
}

void sr_command_cancel(sr_call *call)
{
	struct sr_engine *e = (void *)((char *)call - offsetof(struct sr_engine, call));

	call->cancelled = true;
	e->cancelled++;
}

/* ---- fixture ---- */

typedef struct fixture {
	char dir[32], path[64];
	sr_loop *loop;
	struct sr_engine engine;
	sr_ctl_server *server;
} fixture;

static inline void serve(fixture *f, bool rights)
{
	sr_ctl_server_config config = {
		.loop = f->loop,
		.engine = &f->engine,
		.version = "9.9",
		.half_message_ms = 80,
		.stalled_ms = 200,
	};
	int fd = -1;
	sr_err err = { 0 };

	sr_peer_policy_init(&config.policy, NULL, NULL, false);
	if (!rights) { /* a user who is not us, not root, and in no group */
		config.policy.system_service = true;
		config.policy.look_gid = config.policy.admin_gid = SR_NO_GROUP;
	}
	assert_int_equal(sr_ctl_socket_open(f->path, &fd, &err), 0);
	assert_int_equal(sr_ctl_server_new(&config, fd, &f->server, &err), 0);
}

static inline int set_up(void **state)
{
	fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/sr-ctl-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/run/control", f->dir);
	f->loop = sr_loop_new(NULL);
	serve(f, true);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	fixture *f = *state;
	char run[64];

	sr_ctl_server_free(f->server);
	sr_loop_free(f->loop);
	snprintf(run, sizeof(run), "%s/run", f->dir);
	unlink(f->path);
	rmdir(run);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* ---- a client that turns the loop while it waits ---- */

typedef struct client {
	fixture *f;
	int fd;
	sr_frames frames;
	bool closed;
} client;

static inline void turn(fixture *f)
{
	event_base_loop(sr_loop_base(f->loop), EVLOOP_NONBLOCK);
}

static inline client dial(fixture *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	client c = { .f = f, .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0) };

	strcpy(a.sun_path, f->path);
	assert_int_equal(connect(c.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	sr_frames_init(&c.frames, SR_FRAME_REPLY_MAX);
	turn(f);
	return c;
}

static inline void hang_up(client *c)
{
	close(c->fd);
	sr_frames_done(&c->frames);
	turn(c->f);
	turn(c->f);
}

/* Sends everything, turning the loop when the socket is full; false: it cannot be sent. */
static inline bool say_bytes(client *c, const char *bytes, size_t len)
{
	int64_t until = sr_clock_mono_ms(sr_loop_clock(c->f->loop)) + PATIENCE_MS;

	while (len > 0) {
		ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return false;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
		turn(c->f);
		if (sr_clock_mono_ms(sr_loop_clock(c->f->loop)) > until)
			return false;
	}
	return true;
}

static inline bool say(client *c, const char *text)
{
	return say_bytes(c, text, strlen(text) + 1);
}

static inline void read_some(client *c)
{
	char bytes[65536];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		assert_int_equal(sr_frames_feed(&c->frames, bytes, (size_t)n, NULL), 0);
	else if (n == 0 || errno != EAGAIN)
		c->closed = true;
}

/* The next message; NULL: the connection was closed, or nothing came. Borrowed. */
static inline const char *hear(client *c)
{
	int64_t until = sr_clock_mono_ms(sr_loop_clock(c->f->loop)) + PATIENCE_MS;
	const char *text;
	size_t len;

	for (;;) {
		if (sr_frames_take(&c->frames, &text, &len))
			return text;
		if (c->closed || sr_clock_mono_ms(sr_loop_clock(c->f->loop)) > until)
			return NULL;
		turn(c->f);
		read_some(c);
	}
}

static inline void ask(client *c, const char *text, const char *answer)
{
	const char *heard;

	assert_true(say(c, text));
	heard = hear(c);
	assert_non_null(heard);
	assert_string_equal(heard, answer);
}
