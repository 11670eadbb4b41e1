/* Messages on a stream: however the bytes are cut, the same messages come out, and no peer makes the buffer grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/frame.h"

static void expect(sr_frames *f, const char *wanted)
{
	const char *text;
	size_t len;

	assert_true(sr_frames_take(f, &text, &len));
	assert_int_equal(len, strlen(wanted));
	assert_string_equal(text, wanted);
}

static void expect_none(sr_frames *f)
{
	const char *text;
	size_t len;

	assert_false(sr_frames_take(f, &text, &len));
}

static void messages_survive_any_cut(void **state)
{
	static const char stream[] = "one\0two\0\0three";
	const size_t len = sizeof(stream); /* the last NUL ends "three" */

	(void)state;
	for (size_t cut = 1; cut <= len; cut++) {
		SR_AUTO(sr_frames) f = { 0 };
		SR_AUTO(sr_buf) seen = { 0 };
		const char *text;
		size_t text_len;

		sr_frames_init(&f, 16);
		for (size_t at = 0; at < len; at += cut) {
			assert_int_equal(sr_frames_feed(&f, stream + at, at + cut < len ? cut : len - at, NULL), 0);
			while (sr_frames_take(&f, &text, &text_len))
				sr_buf_printf(&seen, "<%s>", text);
		}
		assert_string_equal(sr_buf_text(&seen), "<one><two><><three>");
		assert_int_equal(sr_frames_pending(&f), 0);
	}
}

static void pending_counts_what_has_not_ended(void **state)
{
	SR_AUTO(sr_frames) f = { 0 };

	(void)state;
	sr_frames_init(&f, 16);
	expect_none(&f);
	assert_int_equal(sr_frames_feed(&f, "a\0bc", 4, NULL), 0);
	assert_int_equal(sr_frames_pending(&f), 2);
	expect(&f, "a");
	expect_none(&f);
	assert_int_equal(sr_frames_feed(&f, "d\0", 2, NULL), 0);
	assert_int_equal(sr_frames_pending(&f), 0);
	expect(&f, "bcd");
}

static void a_long_message_is_refused(void **state)
{
	SR_AUTO(sr_frames) f = { 0 };
	sr_err err = { 0 };

	(void)state;
	sr_frames_init(&f, 4);
	assert_int_equal(sr_frames_feed(&f, "1234\0", 5, &err), 0);
	expect(&f, "1234");
	assert_int_equal(sr_frames_feed(&f, "123", 3, &err), 0);
	assert_int_equal(sr_frames_feed(&f, "45", 2, &err), -1);
	assert_int_equal(err.code, SR_E_LIMIT);
	assert_int_equal(sr_frames_feed(&f,
				 "\0a\0b\0"
				 "12345",
				 10, &err),
		-1);
	assert_int_equal(err.code, SR_E_LIMIT);
}

static void messages_nobody_takes_are_bounded(void **state)
{
	SR_AUTO(sr_frames) f = { 0 };
	sr_err err = { 0 };
	int fed = 0;

	(void)state;
	sr_frames_init(&f, 8);
	while (sr_frames_feed(&f, "abc\0", 4, &err) == 0)
		assert_true(++fed < 10);
	assert_int_equal(err.code, SR_E_LIMIT);
	assert_true(f.buf.len <= 18);
	expect(&f, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_survive_any_cut),
		cmocka_unit_test(pending_counts_what_has_not_ended),
		cmocka_unit_test(a_long_message_is_refused),
		cmocka_unit_test(messages_nobody_takes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
