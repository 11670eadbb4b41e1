/* Alerts on their way out: words of a command, what may stand in a mail's headers, a signature, a child's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "alert_text.h"
#include "child.h"

static void a_command_is_split_without_a_shell(void **state)
{
	static const struct {
		const char *command, *words; /* joined by '|'; NULL: refused */
	} rows[] = {
		/* clang-format off */
		{ "/bin/a", "/bin/a" },
		{ "  /bin/a  b\tc ", "/bin/a|b|c" },
		{ "/bin/a 'b c' \"d 'e\"", "/bin/a|b c|d 'e" },
		{ "/bin/a b\\ c \\\"d", "/bin/a|b c|\"d" },
		{ "/bin/a $HOME; `id` | x > y", "/bin/a|$HOME;|`id`|||x|>|y" },
		{ "/bin/a ''", "/bin/a|" },
		{ "/bin/a 'open", NULL },
		{ "bin/a", NULL },
		{ "", NULL },
		{ "   ", NULL },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		SR_AUTO(sr_buf) joined = { 0 };
		char **words = NULL;
		sr_err err;

		assert_int_equal(sr_alert_words(rows[i].command, &arena, &words, &err), rows[i].words ? 0 : -1);
		for (size_t w = 0; words && words[w]; w++)
			sr_buf_printf(&joined, "%s%s", w ? "|" : "", words[w]);
		if (rows[i].words)
			assert_string_equal(sr_buf_text(&joined), rows[i].words);
	}
}

static void only_plain_addresses_are_mailed_to(void **state)
{
	static const struct {
		const char *address;
		bool ok;
	} rows[] = {
		{ "ops@example.org", true },
		{ "a.b+c@x-y.example", true },
		{ "@example.org", false },
		{ "ops@", false },
		{ "a@b@c", false },
		{ "ops@example.org\nBcc: x@y", false },
		{ "Ops <ops@example.org>", false },
		{ "-oQ/tmp@x", false },
		{ "a,b@x", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		assert_int_equal(sr_alert_address_ok(rows[i].address), rows[i].ok);
}

static void a_text_stays_one_line(void **state)
{
	SR_AUTO_FREE char *line = sr_alert_clean("one\r\nBcc: two\x7f");
	SR_AUTO_FREE char *cut = sr_alert_clean("Ca\xc3");

	(void)state;
	assert_string_equal(line, "one  Bcc: two ");
	assert_string_equal(cut, "Ca?");
}

static void a_mail_has_clean_headers(void **state)
{
	static const char *const to[] = { "a@example.org", "b@example.org" };
	sr_alert one = { .code = "no-building", .school = 312, .text = "Blocked.", .state = SR_AL_RAISED };
	const sr_alert *alerts[] = { &one, &one };
	sr_alert_mail mail = { to, 2, "s@example.org", alerts, 1, 0 };
	SR_AUTO(sr_buf) plain = { 0 }, encoded = { 0 }, many = { 0 };

	(void)state;
	one.subject = "312 Cedar Middle";
	sr_alert_mail_print(&mail, &plain);
	assert_non_null(strstr(plain.p, "To: a@example.org,\n b@example.org\nFrom: s@example.org\n"));
	assert_non_null(strstr(plain.p, "\nSubject: [sisroll] 312 Cedar Middle: no-building\n"));
	assert_non_null(strstr(plain.p, "\nDate: Thu, 01 Jan 1970 00:00:00 +0000\n"));
	one.subject = "312 Ca\xc3\xb1on =?UTF-8?B?eA==?=, a name so long that it takes more than one encoded word";
	sr_alert_mail_print(&mail, &encoded);
	assert_non_null(strstr(encoded.p, "\nSubject: =?UTF-8?B?W3Npc3JvbGxdIDMxMiBDYcOxb24g"));
	assert_non_null(strstr(encoded.p, "?=\n =?UTF-8?B?"));
	mail.count = 2;
	sr_alert_mail_print(&mail, &many);
	assert_non_null(strstr(many.p, "2 alerts") ? many.p : strstr(many.p, "=?UTF-8?B?"));
}

static void the_body_is_signed(void **state)
{
	char signature[SR_ALERT_SIGNATURE_BYTES];
	sr_err err;

	(void)state;
	/* The second case of RFC 4231. */
	assert_int_equal(sr_alert_sign("Jefe", 4, "what do ya want for nothing?", 28, signature, &err), 0);
	assert_string_equal(signature, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void the_json_is_whole(void **state)
{
	const sr_alert alert = { "test", 0, "the district", "a \"text\"", SR_AL_TEST, 0, 1000 };
	SR_AUTO_FREE char *json = sr_alert_json(&alert);

	(void)state;
	assert_string_equal(json,
		"{\"code\":\"test\",\"school\":0,\"subject\":\"the district\",\"text\":\"a \\\"text\\\"\","
		"\"state\":\"test\",\"since\":\"1970-01-01T00:00:00Z\",\"at\":\"1970-01-01T00:00:01Z\"}");
}

/* ---- children ---- */

typedef struct ended {
	sr_loop *loop;
	int count;
	bool ok;
	char outcome[80], output[1100];
} ended;

static void child_ended(void *arg, bool ok, const char *outcome, const char *output)
{
	ended *e = arg;

	e->count++;
	e->ok = ok;
	snprintf(e->outcome, sizeof(e->outcome), "%s", outcome);
	snprintf(e->output, sizeof(e->output), "%s", output);
	sr_loop_stop(e->loop);
}

static void a_child_ends_in_any_case(void **state)
{
	static const struct {
		const char *script;
		bool ok;
		const char *outcome, *output; /* output: what it begins with */
	} rows[] = {
		{ "cat", true, "ended with status 0", "given" },
		{ "exit 3", false, "ended with status 3", "" },
		{ "kill -9 $$", false, "died of signal 9", "" },
		{ "exec yes", false, NULL, "y\ny\n" },
		{ "sleep 60 & sleep 60", false, "was killed: not ended after 500 ms", "" },
		{ "env", true, "ended with status 0", "" },
	};
	sr_err err;
	sr_loop *loop = sr_loop_new(&err);
	sr_children *children = sr_children_new(loop, &err);

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		const char *argv[] = { "/bin/sh", "-c", rows[i].script, NULL },
			   *envp[] = { "PATH=/usr/bin:/bin", NULL };
		ended e = { .loop = loop };
		sr_child_ask ask = { argv, envp, "given", 5, 500, child_ended, &e };

		assert_int_equal(sr_child_start(children, &ask, &err), 0);
		assert_int_equal(e.count, 0);
		assert_int_equal(sr_loop_run(loop, &err), 0);
		assert_int_equal(e.count, 1);
		assert_int_equal(e.ok, rows[i].ok);
		if (rows[i].outcome)
			assert_string_equal(e.outcome, rows[i].outcome);
		assert_true(sr_starts(e.output, rows[i].output));
		assert_null(strstr(e.output, "HOME="));
	}
	sr_children_free(children);
	sr_loop_free(loop);
}

static void what_cannot_run_is_said(void **state)
{
	const char *argv[] = { "/no/such/program", NULL }, *envp[] = { NULL };
	sr_err err;
	sr_loop *loop = sr_loop_new(&err);
	sr_children *children = sr_children_new(loop, &err);
	sr_child_ask ask = { argv, envp, "", 0, 500, child_ended, NULL };
	const char *slow[] = { "/bin/sleep", "60", NULL };

	(void)state;
	assert_int_equal(sr_child_start(children, &ask, &err), -1);
	assert_non_null(strstr(err.text, "/no/such/program"));
	ask.argv = slow;
	assert_int_equal(sr_child_start(children, &ask, &err), 0);
	sr_children_free(children); /* does not wait for it */
	sr_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_split_without_a_shell),
		cmocka_unit_test(only_plain_addresses_are_mailed_to),
		cmocka_unit_test(a_text_stays_one_line),
		cmocka_unit_test(a_mail_has_clean_headers),
		cmocka_unit_test(the_body_is_signed),
		cmocka_unit_test(the_json_is_whole),
		cmocka_unit_test(a_child_ends_in_any_case),
		cmocka_unit_test(what_cannot_run_is_said),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does: a child may not want its input */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
