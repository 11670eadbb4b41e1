/* Text: bounds hold, failures stick, and what is parsed is parsed whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void a_buffer_never_grows_past_its_bound(void **state)
{
	SR_AUTO(sr_buf) b = { .max_bytes = 8 };

	(void)state;
	assert_string_equal(sr_buf_text(&b), "");
	sr_buf_puts(&b, "1234");
	sr_buf_printf(&b, "%d", 5678);
	assert_false(b.failed);
	assert_string_equal(sr_buf_text(&b), "12345678");
	sr_buf_putc(&b, '9');
	assert_true(b.failed);
	sr_buf_puts(&b, "");
	assert_true(b.failed && b.len == 8);
	assert_null(sr_buf_take(&b));
	sr_buf_clear(&b);
	sr_buf_puts(&b, "again");
	assert_false(b.failed);
	assert_string_equal(sr_buf_text(&b), "again");
}

static void an_empty_buffer_is_taken_as_empty_text(void **state)
{
	sr_buf b = { 0 };
	SR_AUTO_FREE char *text = sr_buf_take(&b);

	(void)state;
	assert_string_equal(text, "");
	assert_null(b.p);
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t n;
	} rows[] = {
		{ "0", true, 0 },
		{ "-1", true, -1 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "1.0", false, 0 },
		{ "0x10", false, 0 },
		{ NULL, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		int64_t n = 77;

		assert_int_equal(sr_parse_i64(rows[i].text, &n), rows[i].good);
		assert_true(n == (rows[i].good ? rows[i].n : 77));
	}
}

static void text_is_trimmed_folded_and_compared(void **state)
{
	char padded[] = " \tA b\r\n", blank[] = "  ";

	(void)state;
	assert_string_equal(sr_fold(sr_trim(padded)), "a b");
	assert_string_equal(sr_trim(blank), "");
	assert_true(sr_streq(NULL, NULL) && !sr_streq(NULL, "") && !sr_streq("", NULL));
	assert_true(sr_strcaseeq("T1042", "t1042") && !sr_strcaseeq("T1042", NULL));
	assert_true(sr_starts("SR-GATE", "SR-") && !sr_starts("S", "SR-"));
	assert_true(sr_ends("a.conf", ".conf") && !sr_ends("f", ".conf"));
}

static void utf8_is_known_from_what_only_looks_like_it(void **state)
{
	static const struct {
		const char *bytes;
		bool good;
	} rows[] = {
		{ "", true },
		{ "Jos\xc3\xa9", true },
		{ "\xf0\x9f\x8e\x93", true },
		{ "\xc3", false },             /* cut off */
		{ "\xc0\xaf", false },         /* longer than needed */
		{ "\xed\xa0\x80", false },     /* half of a pair */
		{ "\xf4\x90\x80\x80", false }, /* beyond the last */
		{ "\x80", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		assert_int_equal(sr_utf8_valid(rows[i].bytes, strlen(rows[i].bytes)), rows[i].good);
	assert_false(sr_utf8_valid("a\0b", 3));
}

static void hex_goes_and_comes_back(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x7f, 0xab, 0xff };
	uint8_t back[sizeof(bytes)];
	char hex[2 * sizeof(bytes) + 1];

	(void)state;
	sr_hex(hex, bytes, sizeof(bytes));
	assert_string_equal(hex, "007fabff");
	assert_true(sr_unhex("007FabFF", back, sizeof(back)));
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_false(sr_unhex("007fabf", back, sizeof(back)));
	assert_false(sr_unhex("007fabfg", back, sizeof(back)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_never_grows_past_its_bound),
		cmocka_unit_test(an_empty_buffer_is_taken_as_empty_text),
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(text_is_trimmed_folded_and_compared),
		cmocka_unit_test(utf8_is_known_from_what_only_looks_like_it),
		cmocka_unit_test(hex_goes_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
