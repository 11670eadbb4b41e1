/* The cutter against jansson as the judge: whatever jansson takes is cut into the same records,
 * whatever jansson refuses is never a success from which nothing is missing. */
#include "codec_fixture.h"

#include "codec/slice.h"
#include "wire/json.h"

static int cut(const char *body, sr_arena *a, sr_slices *out)
{
	return sr_slice_records(body, strlen(body), "record", a, out, NULL);
}

/* True if the body and every slice of it are whole. */
static bool all_valid(const sr_slices *s)
{
	for (size_t i = 0; i < s->count; i++) {
		json_t *v = json_loadb(s->items[i].bytes, s->items[i].len, JSON_REJECT_DUPLICATES, NULL);

		if (!v)
			return false;
		json_decref(v);
	}
	return true;
}

/* The law: cut and valid if and only if jansson takes the whole and the records are records; then the
 * same records in the same order. */
static void law(const char *body)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO(sr_slices) s = { 0 };
	json_t *whole = json_loads(body, JSON_REJECT_DUPLICATES, NULL), *list, *one;
	bool ok = cut(body, &a, &s) == 0 && all_valid(&s);

	if (ok && !whole)
		fail_msg("jansson refuses what was cut: %s", body);
	list = json_object_get(whole, "record");
	for (size_t i = 0; ok && i < s.count; i++) {
		one = json_loadb(s.items[i].bytes, s.items[i].len, 0, NULL);
		assert_true(json_equal(one, json_is_array(list) ? json_array_get(list, i) : list));
		json_decref(one);
	}
	if (ok)
		assert_int_equal(s.count, json_is_array(list) ? json_array_size(list) : json_is_object(list));
	json_decref(whole);
}

static void takes_the_three_ways_of_having_rows(void **state)
{
	static const struct {
		const char *body;
		int count; /* -1: refused */
	} rows[] = {
		{ "{\"record\":[{\"a\":1},{\"a\":2}]}", 2 },
		{ "{\"record\":{\"a\":1}}", 1 },
		{ "{\"@extensions\":\"\"}", 0 },
		{ "{}", 0 },
		{ "{\"record\":null}", 0 },
		{ "{\"record\":\"\"}", 0 },
		{ "{\"record\":[]}", 0 },
		{ " { \"x\" : { \"record\" : [1] } , \"record\" : [ { \"s\" : \"}]\\\"\" } ] } \n", 1 },
		{ "{\"record\":5}", -1 },
		{ "{\"record\":[5]}", -1 },
		{ "{\"record\":[{\"a\":1},]}", -1 },
		{ "{\"record\":[{\"a\":1}", -1 },
		{ "{\"record\":[{\"a\":1}]", -1 },
		{ "{\"record\":[{\"a\":1]}", -1 },
		{ "{\"record\":[{\"a\":1}]}x", -1 },
		{ "{\"record\":[{\"a\":1}],}", -1 },
		{ "{\"record\":[],\"record\":[{\"a\":1}]}", -1 },
		{ "{\"rec\\u006frd\":[{\"a\":1}]}", -1 },
		{ "{\"x\":nul,\"record\":[]}", -1 },
		{ "[]", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_arena) a = { 0 };
		SR_AUTO(sr_slices) s = { 0 };
		int rc = cut(rows[i].body, &a, &s);

		if (rc != (rows[i].count < 0 ? -1 : 0) || (rc == 0 && (int)s.count != rows[i].count))
			fail_msg("%s: %d, %zu records", rows[i].body, rc, s.count);
	}
}

static void is_never_fooled_by_damage(void **state)
{
	static const char *const pages[] = { "ps_students_flat.json", "ps_students_default.json", "ps_single_row.json",
		"ps_bad_rows.json" };
	static const char noise[] = "{}[]\",:\\x0 ";
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (size_t p = 0; p < SR_COUNT_OF(pages); p++) {
		SR_AUTO_FREE char *page = golden(pages[p]);
		size_t len = strlen(page);

		law(page);
		for (size_t cut_at = 0; cut_at < len; cut_at++) {
			SR_AUTO_FREE char *half = sr_strndup(page, cut_at);

			law(half);
		}
		for (int round = 0; round < 4000; round++) {
			size_t at;
			char was;

			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			at = seed % len;
			was = page[at];
			page[at] = noise[(seed >> 32) % (sizeof(noise) - 1)];
			law(page);
			page[at] = was;
		}
	}
}

static void refuses_a_tower(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO(sr_slices) s = { 0 };
	SR_AUTO(sr_buf) body = { 0 };
	sr_err err;

	(void)state;
	sr_buf_puts(&body, "{\"record\":[{\"a\":");
	for (int i = 0; i < 100000; i++)
		sr_buf_putc(&body, '[');
	assert_int_equal(sr_slice_records(body.p, body.len, "record", &a, &s, &err), -1);
	assert_int_equal(err.code, SR_E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_three_ways_of_having_rows),
		cmocka_unit_test(is_never_fooled_by_damage),
		cmocka_unit_test(refuses_a_tower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
