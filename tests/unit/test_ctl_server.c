/* The control server over real UNIX sockets, before a fake engine. */
#include "ctl_server_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

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
	enum { LOOK_GID = 501, ADMIN_GID = 502, OWN = 900, OPS = 1000, SECOND = 1001 };
	static const struct {
		bool service;
		bool designated; /* OPS */
		uid_t uid;
		gid_t group;
		bool look, admin, operator_, break_glass, second;
	} rows[] = {
		/* clang-format off */
		/* service  designated uid   group      look   admin  oper.  break-glass second */
		{ true,     true,      2000, 100,       false, false, false, false, false },
		{ true,     true,      2000, LOOK_GID,  true,  false, false, false, false },
		{ true,     true,      2000, ADMIN_GID, true,  true,  false, false, false },
		{ true,     true,      OPS,  100,       true,  true,  true,  false, false },
		{ true,     true,      0,    0,         true,  true,  true,  true, false },
		{ true,     true,      OWN,  100,       false, false, false, false, false },
		{ true,     false,     OPS,  ADMIN_GID, true,  true,  false, false, false },
		{ true,     false,     0,    0,         true,  true,  true,  true, false },
		{ false,    false,     OWN,  100,       true,  true,  true,  false, false },
		{ false,    true,      OWN,  100,       true,  true,  false, false, false },
		{ false,    false,     2000, 100,       false, false, false, false, false },
		{ true,     true,      SECOND, 100,     true,  false, false, false, true },
		{ true,     false,     SECOND, 100,     false, false, false, false, false },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		sr_peer_policy policy = {
			.own_uid = OWN,
			.system_service = rows[i].service,
			.designated_set = rows[i].designated,
			.designated = rows[i].designated ? OPS : SR_NOBODY,
			.second = rows[i].designated ? SECOND : SR_NOBODY,
			.look_gid = LOOK_GID,
			.admin_gid = ADMIN_GID,
		};
		sr_peer peer;

		sr_peer_judge(&policy, rows[i].uid, &rows[i].group, 1, &peer);
		assert_int_equal(peer.look, rows[i].look);
		assert_int_equal(peer.admin, rows[i].admin);
		assert_int_equal(peer.operator_, rows[i].operator_);
		assert_int_equal(peer.break_glass, rows[i].break_glass);
		assert_int_equal(peer.second, rows[i].second);
		/* The second account takes part where two persons are needed, and nowhere else. */
		assert_int_equal(sr_peer_may(&peer, sr_command_find("year set")), rows[i].operator_ || rows[i].second);
		assert_int_equal(sr_peer_may(&peer, sr_command_find("resume")), rows[i].operator_);
	}
}

static void an_unknown_operator_account_is_nobody(void **state)
{
	sr_peer_policy policy;
	sr_peer peer;

	(void)state;
	sr_peer_policy_init(&policy, "no-such-account-here", NULL, false);
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
