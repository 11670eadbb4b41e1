/* The control server over real UNIX sockets, before a fake engine. The loop is turned by hand, so
 * that client and server live in one thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static void serve(fixture *f, bool rights)
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

	sr_peer_policy_init(&config.policy, NULL, false);
	if (!rights) { /* a user who is not us, not root, and in no group */
		config.policy.system_service = true;
		config.policy.look_gid = config.policy.admin_gid = SR_NO_GROUP;
	}
	assert_int_equal(sr_ctl_socket_open(f->path, &fd, &err), 0);
	assert_int_equal(sr_ctl_server_new(&config, fd, &f->server, &err), 0);
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

static void turn(fixture *f)
{
	event_base_loop(sr_loop_base(f->loop), EVLOOP_NONBLOCK);
}

static client dial(fixture *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	client c = { .f = f, .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0) };

	strcpy(a.sun_path, f->path);
	assert_int_equal(connect(c.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	sr_frames_init(&c.frames, SR_FRAME_REPLY_MAX);
	turn(f);
	return c;
}

static void hang_up(client *c)
{
	close(c->fd);
	sr_frames_done(&c->frames);
	turn(c->f);
	turn(c->f);
}

/* Sends everything, turning the loop when the socket is full; false: it cannot be sent. */
static bool say_bytes(client *c, const char *bytes, size_t len)
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

static bool say(client *c, const char *text)
{
	return say_bytes(c, text, strlen(text) + 1);
}

static void read_some(client *c)
{
	char bytes[65536];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		assert_int_equal(sr_frames_feed(&c->frames, bytes, (size_t)n, NULL), 0);
	else if (n == 0 || errno != EAGAIN)
		c->closed = true;
}

/* The next message; NULL: the connection was closed, or nothing came. Borrowed. */
static const char *hear(client *c)
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

static void ask(client *c, const char *text, const char *answer)
{
	const char *heard;

	assert_true(say(c, text));
	heard = hear(c);
	assert_non_null(heard);
	assert_string_equal(heard, answer);
}

/* ---- what it does ---- */

static void calls_reach_the_engine_with_who_asks(void **state)
{
	fixture *f = *state;
	client c = dial(f);

	ask(&c, "{\"method\":\"org.sisroll.Control.Status\"}", "{\"parameters\":{\"n\":1}}");
	assert_string_equal(f->engine.method, "Status");
	assert_int_equal(f->engine.caller.uid, geteuid());
	assert_true(f->engine.caller.operator_);
	assert_false(f->engine.caller.break_glass);
	f->engine.manner = REFUSE;
	ask(&c, "{\"method\":\"org.sisroll.Control.Status\",\"parameters\":{\"schools\":[\"312\"]}}",
		"{\"error\":\"org.sisroll.Control.Refused\",\"parameters\":{\"code\":\"SR-GATE\"}}");
	hang_up(&c);
	assert_int_equal(sr_ctl_server_connections(f->server), 0);
}

static void the_service_describes_itself(void **state)
{
	client c = dial(*state);
	const char *heard;

	ask(&c, "{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{}}",
		"{\"parameters\":{\"vendor\":\"sisroll\",\"product\":\"sisrolld\",\"version\":\"9.9\",\"url\":\"\","
		"\"interfaces\":[\"org.varlink.service\",\"org.sisroll.Control\"]}}");
	assert_true(say(&c, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
			    "\"parameters\":{\"interface\":\"org.sisroll.Control\"}}"));
	heard = hear(&c);
	assert_non_null(heard);
	assert_non_null(strstr(heard, "interface org.sisroll.Control"));
	assert_true(say(&c, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
			    "\"parameters\":{\"interface\":\"org.varlink.service\"}}"));
	heard = hear(&c);
	assert_non_null(heard);
	assert_non_null(strstr(heard, "error MethodNotFound (method: string)"));
	hang_up(&c);
}

static void mistakes_get_their_typed_error(void **state)
{
	static const struct {
		const char *call, *answer;
	} rows[] = {
		/* clang-format off */
		{ "{\"method\":\"org.example.Other.Do\"}",
			"{\"error\":\"org.varlink.service.InterfaceNotFound\","
			"\"parameters\":{\"interface\":\"org.example.Other\"}}" },
		{ "{\"method\":\"org.sisroll.Control.Explode\"}",
			"{\"error\":\"org.varlink.service.MethodNotFound\","
			"\"parameters\":{\"method\":\"org.sisroll.Control.Explode\"}}" },
		{ "{\"method\":\"org.varlink.service.Explode\"}",
			"{\"error\":\"org.varlink.service.MethodNotFound\","
			"\"parameters\":{\"method\":\"org.varlink.service.Explode\"}}" },
		{ "{\"method\":\"org.sisroll.Control.Status\",\"parameters\":{\"colour\":1}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":\"colour\"}}" },
		{ "{\"method\":\"org.sisroll.Control.Status\",\"parameters\":{\"schools\":7}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\","
			"\"parameters\":{\"parameter\":\"schools\"}}" },
		{ "{\"method\":\"org.sisroll.Control.YearSet\",\"parameters\":{}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":\"year\"}}" },
		{ "{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{\"x\":1}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":\"x\"}}" },
		{ "{\"method\":\"org.varlink.service.GetInterfaceDescription\"}",
			"{\"error\":\"org.varlink.service.InvalidParameter\","
			"\"parameters\":{\"parameter\":\"interface\"}}" },
		{ "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"a.b\"}}",
			"{\"error\":\"org.varlink.service.InterfaceNotFound\",\"parameters\":{\"interface\":\"a.b\"}}" },
		{ "{\"method\":\"org.sisroll.Control.Status\",\"upgrade\":true}",
			"{\"error\":\"org.varlink.service.MethodNotImplemented\","
			"\"parameters\":{\"method\":\"org.sisroll.Control.Status\"}}" },
		/* clang-format on */
	};
	fixture *f = *state;
	client c = dial(f);

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		ask(&c, rows[i].call, rows[i].answer);
	assert_int_equal(f->engine.started, 0);
	hang_up(&c);
}

static void what_is_no_call_ends_the_connection(void **state)
{
	static const char *const calls[] = { "", "hello", "[]", "{}", "{\"method\":7}", "{\"method\":\"nodot\"}",
		"{\"method\":\"a.b\",\"method\":\"a.b\"}", "{\"method\":\"a.b\",\"parameters\":[]}",
		"{\"method\":\"a.b\"} x", "\xff\xfe" };
	fixture *f = *state;

	for (size_t i = 0; i < SR_COUNT_OF(calls); i++) {
		client c = dial(f);

		say(&c, calls[i]);
		assert_null(hear(&c));
		assert_true(c.closed);
		hang_up(&c);
	}
	assert_int_equal(f->engine.started, 0);
	assert_int_equal(sr_ctl_server_connections(f->server), 0);
}

static void depth_and_length_are_bounded(void **state)
{
	fixture *f = *state;
	client deep = dial(f), lengthy = dial(f);
	SR_AUTO(sr_buf) text = { 0 };
	SR_AUTO_FREE char *blanks = malloc((1 << 20) + 100);

	sr_buf_puts(&text, "{\"method\":\"org.sisroll.Control.Status\",\"parameters\":{\"schools\":");
	for (int i = 0; i < 5000; i++)
		sr_buf_putc(&text, '[');
	assert_true(say(&deep, sr_buf_text(&text)));
	assert_null(hear(&deep));
	assert_true(deep.closed);
	memset(blanks, ' ', (1 << 20) + 100);
	say_bytes(&lengthy, blanks, (1 << 20) + 100);
	assert_null(hear(&lengthy));
	assert_true(lengthy.closed);
	hang_up(&deep);
	hang_up(&lengthy);
	assert_int_equal(sr_ctl_server_connections(f->server), 0);
}

static void half_a_message_times_out_a_quiet_peer_does_not(void **state)
{
	fixture *f = *state;
	client half = dial(f), quiet = dial(f);
	int64_t began = sr_clock_mono_ms(sr_loop_clock(f->loop));

	assert_true(say_bytes(&half, "{\"method\":", 10));
	assert_null(hear(&half));
	assert_true(half.closed);
	assert_true(sr_clock_mono_ms(sr_loop_clock(f->loop)) - began >= 75);
	ask(&quiet, "{\"method\":\"org.sisroll.Control.Status\"}", "{\"parameters\":{\"n\":1}}");
	hang_up(&half);
	hang_up(&quiet);
}

static void pipelined_calls_are_answered_one_after_the_other(void **state)
{
	fixture *f = *state;
	client c = dial(f);

	for (int i = 0; i < 20; i++)
		assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\"}"));
	for (int i = 1; i <= 20; i++) {
		char answer[64];
		const char *heard = hear(&c);

		snprintf(answer, sizeof(answer), "{\"parameters\":{\"n\":%d}}", i);
		assert_non_null(heard);
		assert_string_equal(heard, answer);
	}
	hang_up(&c);
}

static void one_call_at_a_time(void **state)
{
	fixture *f = *state;
	client c = dial(f);
	const char *heard;

	f->engine.manner = LATER;
	for (int i = 0; i < 3; i++)
		assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\"}"));
	for (int i = 0; i < 10; i++)
		turn(f);
	assert_int_equal(f->engine.started, 1);
	f->engine.manner = AT_ONCE;
	f->engine.call.ops->done(f->engine.call.arg, json_object());
	heard = hear(&c);
	assert_non_null(heard);
	assert_string_equal(heard, "{\"parameters\":{}}");
	assert_string_equal(hear(&c), "{\"parameters\":{\"n\":2}}");
	assert_string_equal(hear(&c), "{\"parameters\":{\"n\":3}}");
	hang_up(&c);
}

static void more_streams_oneway_is_silent(void **state)
{
	fixture *f = *state;
	client c = dial(f);

	f->engine.manner = STREAM;
	ask(&c, "{\"method\":\"org.sisroll.Control.Status\",\"more\":true}",
		"{\"parameters\":{\"progress\":{\"done\":0}},\"continues\":true}");
	assert_string_equal(hear(&c), "{\"parameters\":{\"progress\":{\"done\":1}},\"continues\":true}");
	assert_string_equal(hear(&c), "{\"parameters\":{\"progress\":{\"done\":2}},\"continues\":true}");
	assert_string_equal(hear(&c), "{\"parameters\":{}}");
	assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\",\"oneway\":true}"));
	f->engine.manner = AT_ONCE;
	ask(&c, "{\"method\":\"org.sisroll.Control.Status\"}", "{\"parameters\":{\"n\":3}}");
	hang_up(&c);
}

static void a_peer_that_goes_is_forgotten(void **state)
{
	fixture *f = *state;
	client c = dial(f);

	f->engine.manner = LATER;
	assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\"}"));
	turn(f);
	assert_int_equal(f->engine.started, 1);
	hang_up(&c);
	turn(f);
	assert_int_equal(f->engine.cancelled, 1);
	assert_int_equal(sr_ctl_server_connections(f->server), 0);
}

static void a_peer_that_ended_his_side_still_gets_his_answers(void **state)
{
	fixture *f = *state;
	client c = dial(f);

	f->engine.manner = LATER;
	assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\"}"));
	assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\"}"));
	shutdown(c.fd, SHUT_WR);
	for (int i = 0; i < 5; i++)
		turn(f);
	f->engine.manner = AT_ONCE;
	f->engine.call.ops->done(f->engine.call.arg, json_object());
	assert_string_equal(hear(&c), "{\"parameters\":{}}");
	assert_string_equal(hear(&c), "{\"parameters\":{\"n\":2}}");
	assert_null(hear(&c));
	assert_true(c.closed);
	hang_up(&c);
}

static void a_slow_reader_holds_up_himself_then_is_cut_off(void **state)
{
	fixture *f = *state;
	client slow = dial(f), brisk = dial(f);
	int64_t until;

	f->engine.manner = HUGE_REPLY;
	for (int i = 0; i < 30; i++)
		assert_true(say(&slow, "{\"method\":\"org.sisroll.Control.Status\"}"));
	for (int i = 0; i < 50; i++)
		turn(f);
	assert_true(f->engine.started <= 2); /* the rest waits until he reads */
	f->engine.manner = AT_ONCE;
	assert_true(say(&brisk, "{\"method\":\"org.sisroll.Control.Status\"}"));
	assert_non_null(hear(&brisk));
	until = sr_clock_mono_ms(sr_loop_clock(f->loop)) + PATIENCE_MS;
	while (sr_ctl_server_connections(f->server) > 1 && sr_clock_mono_ms(sr_loop_clock(f->loop)) < until)
		turn(f);
	assert_int_equal(sr_ctl_server_connections(f->server), 1);
	hang_up(&slow);
	hang_up(&brisk);
}

static void input_behind_a_long_call_is_bounded(void **state)
{
	static const char call[] = "{\"method\":\"org.sisroll.Control.Status\"}";
	fixture *f = *state;
	client c = dial(f);
	size_t sent = 0;

	f->engine.manner = LATER;
	assert_true(say(&c, call));
	for (int i = 0; i < 2000; i++) {
		char many[4096];
		ssize_t n;

		memset(many, ' ', sizeof(many));
		n = send(c.fd, many, sizeof(many), MSG_NOSIGNAL | MSG_DONTWAIT);
		sent += n > 0 ? (size_t)n : 0;
		turn(f);
	}
	assert_true(sent < 1 << 20); /* the kernel's buffers and a little of ours */
	assert_int_equal(sr_ctl_server_connections(f->server), 1);
	hang_up(&c);
}

static void connections_are_counted(void **state)
{
	fixture *f = *state;
	client c[SR_CTL_CONNECTIONS_MAX + 1];

	for (size_t i = 0; i < SR_COUNT_OF(c); i++)
		c[i] = dial(f);
	assert_int_equal(sr_ctl_server_connections(f->server), SR_CTL_CONNECTIONS_MAX);
	assert_null(hear(&c[SR_CTL_CONNECTIONS_MAX]));
	assert_true(c[SR_CTL_CONNECTIONS_MAX].closed);
	ask(&c[0], "{\"method\":\"org.sisroll.Control.Status\"}", "{\"parameters\":{\"n\":1}}");
	for (size_t i = 0; i < SR_COUNT_OF(c); i++)
		hang_up(&c[i]);
}

static void a_stopping_server_takes_no_new_command(void **state)
{
	fixture *f = *state;
	client c = dial(f);

	sr_ctl_server_stop(f->server);
	assert_true(say(&c, "{\"method\":\"org.sisroll.Control.Status\"}"));
	assert_non_null(strstr(hear(&c), "SR-STOPPING"));
	hang_up(&c);
}

static void a_living_socket_is_not_taken_over_a_dead_one_is(void **state)
{
	fixture *f = *state;
	sr_err err = { 0 };
	struct stat st;
	int fd = -1;

	assert_int_equal(sr_ctl_socket_open(f->path, &fd, &err), -1);
	assert_int_equal(err.code, SR_E_STATE);
	sr_ctl_server_free(f->server);
	f->server = NULL;
	assert_int_equal(sr_ctl_socket_open(f->path, &fd, &err), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	close(fd);
	unlink(f->path);
	close(open(f->path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(sr_ctl_socket_open(f->path, &fd, &err), -1);
	assert_int_equal(err.code, SR_E_INVALID);
}

/* ---- who may what ---- */

static void rights_follow_uid_and_groups(void **state)
{
	enum { LOOK_GID = 501, ADMIN_GID = 502, OWN = 900, OPS = 1000 };
	static const struct {
		bool service;
		bool designated; /* OPS */
		uid_t uid;
		gid_t group;
		bool look, admin, operator_, break_glass;
	} rows[] = {
		/* clang-format off */
		/* service  designated uid   group      look   admin  oper.  break-glass */
		{ true,     true,      2000, 100,       false, false, false, false },
		{ true,     true,      2000, LOOK_GID,  true,  false, false, false },
		{ true,     true,      2000, ADMIN_GID, true,  true,  false, false },
		{ true,     true,      OPS,  100,       true,  true,  true,  false },
		{ true,     true,      0,    0,         true,  true,  true,  true },
		{ true,     true,      OWN,  100,       false, false, false, false },
		{ true,     false,     OPS,  ADMIN_GID, true,  true,  false, false },
		{ true,     false,     0,    0,         true,  true,  true,  true },
		{ false,    false,     OWN,  100,       true,  true,  true,  false },
		{ false,    true,      OWN,  100,       true,  true,  false, false },
		{ false,    false,     2000, 100,       false, false, false, false },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		sr_peer_policy policy = {
			.own_uid = OWN,
			.system_service = rows[i].service,
			.designated_set = rows[i].designated,
			.designated = rows[i].designated ? OPS : SR_NOBODY,
			.look_gid = LOOK_GID,
			.admin_gid = ADMIN_GID,
		};
		sr_peer peer;

		sr_peer_judge(&policy, rows[i].uid, &rows[i].group, 1, &peer);
		assert_int_equal(peer.look, rows[i].look);
		assert_int_equal(peer.admin, rows[i].admin);
		assert_int_equal(peer.operator_, rows[i].operator_);
		assert_int_equal(peer.break_glass, rows[i].break_glass);
	}
}

static void an_unknown_operator_account_is_nobody(void **state)
{
	sr_peer_policy policy;
	sr_peer peer;

	(void)state;
	sr_peer_policy_init(&policy, "no-such-account-here", false);
	policy.own_uid = 900;
	sr_peer_judge(&policy, 900, NULL, 0, &peer);
	assert_false(peer.operator_);
	sr_peer_judge(&policy, SR_NOBODY, NULL, 0, &peer);
	assert_false(peer.operator_);
}

/* As root the client becomes nobody for the moment of connecting, which is when the kernel takes note. */
static void a_stranger_is_told_who_may(void **state)
{
	const uid_t nobody = 65534;
	fixture *f = *state;
	bool root = geteuid() == 0;
	const char *heard;
	client c;

	sr_ctl_server_free(f->server);
	serve(f, false);
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_true(!root || seteuid(nobody) == 0);
	c = dial(f);
	assert_true(!root || seteuid(0) == 0);
	assert_true(say(&c, "{\"method\":\"org.sisroll.Control.YearSet\",\"parameters\":{\"year\":\"2026-2027\"}}"));
	heard = hear(&c);
	assert_non_null(heard);
	assert_non_null(strstr(heard, "\"error\":\"org.sisroll.Control.NotPermitted\""));
	assert_non_null(strstr(heard, "\"needs\":\"operator\""));
	assert_int_equal(f->engine.started, 0);
	assert_true(say(&c, "{\"method\":\"org.varlink.service.GetInfo\"}"));
	assert_non_null(hear(&c));
	hang_up(&c);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(calls_reach_the_engine_with_who_asks),
		CASE(the_service_describes_itself),
		CASE(mistakes_get_their_typed_error),
		CASE(what_is_no_call_ends_the_connection),
		CASE(depth_and_length_are_bounded),
		CASE(half_a_message_times_out_a_quiet_peer_does_not),
		CASE(pipelined_calls_are_answered_one_after_the_other),
		CASE(one_call_at_a_time),
		CASE(more_streams_oneway_is_silent),
		CASE(a_peer_that_goes_is_forgotten),
		CASE(a_peer_that_ended_his_side_still_gets_his_answers),
		CASE(a_slow_reader_holds_up_himself_then_is_cut_off),
		CASE(input_behind_a_long_call_is_bounded),
		CASE(connections_are_counted),
		CASE(a_stopping_server_takes_no_new_command),
		CASE(a_living_socket_is_not_taken_over_a_dead_one_is),
		CASE(a_stranger_is_told_who_may),
		cmocka_unit_test(rights_follow_uid_and_groups),
		cmocka_unit_test(an_unknown_operator_account_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
