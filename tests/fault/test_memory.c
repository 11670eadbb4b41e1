/* The n-th allocation fails, for every n, once and for good: every layer says so by an error, or does what it does with
 * all its memory; nothing is lost, and nothing crashes. */
#include "codec_fixture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/config.h"
#include "codec/oauth1.h"
#include "codec/ps_codec.h"
#include "codec/sgy_codec.h"
#include "core/diff.h"
#include "core/match.h"
#include "core/plan_diff.h"
#include "core/undo.h"
#include "io/store_outbox.h"
#include "memory.h"
#include "wire/ctl_msg.h"
#include "wire/frame.h"

/* One thing that is done. `text` is a golden page, where it needs one; `sum` takes in what came out. */
typedef struct work {
	const char *name;
	int (*play)(const struct work *w, const char *text, uint64_t *sum, sr_err *err);
	const char *golden;
	int what;
	bool other_words; /* lack of memory may be told as another error */
	int64_t thinned;  /* with so many behind it, a failure stands for those that follow; 0: every one is played */
} work;

static void take(uint64_t *sum, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*sum = (*sum ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
}

static void take_text(uint64_t *sum, const char *text)
{
	take(sum, text ? text : "-", text ? strlen(text) + 1 : 1);
}

static int take_buf(uint64_t *sum, sr_buf *b, sr_err *err)
{
	if (b->failed)
		return sr_fail_nomem(err);
	take_text(sum, sr_buf_text(b));
	return 0;
}

/* ---- wire ---- */

static int json_there_and_back(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	SR_AUTO_FREE char *again = NULL;
	json_t *value;

	(void)w;
	if (sr_json_parse(text, strlen(text), SIZE_MAX, &value, err) < 0)
		return -1;
	again = sr_json_dump(value, err);
	json_decref(value);
	take_text(sum, again);
	return again ? 0 : -1;
}

static int control_message(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	static const char call[] = "{\"method\":\"org.sisroll.Control.Status\",\"parameters\":{\"schools\":[312]}}";
	SR_AUTO(sr_ctl_call) got = { 0 };
	SR_AUTO(sr_frames) frames = { 0 };
	SR_AUTO_FREE char *reply = NULL;
	json_t *params;
	sr_json_obj o;
	size_t len;

	(void)w;
	sr_frames_init(&frames, 4096);
	if (sr_frames_feed(&frames, call, sizeof(call), err) < 0)
		return -1;
	if (!sr_frames_take(&frames, &text, &len) || sr_ctl_call_parse(text, len, &got, err) < 0)
		return -1;
	take_text(sum, got.method);
	o = sr_json_obj_new();
	sr_json_put_text(&o, "name", "Cedar");
	sr_json_put_int(&o, "school", 312);
	params = sr_json_obj_take(&o);
	if (!params)
		return sr_fail_nomem(err);
	reply = sr_ctl_reply_text(params, false, err);
	json_decref(params);
	take_text(sum, reply);
	return reply ? 0 : -1;
}

/* ---- codec ---- */

static int powerschool_rows(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_ps_rows rows;

	if (sr_ps_rows_read((sr_src)w->what, text, strlen(text), 0, &arena, &rows, err) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++) {
		sr_packed packed;

		if (sr_record_pack(&rows.records[i], &arena, &packed, err) < 0)
			return -1;
		take(sum, packed.bytes, packed.len);
	}
	for (size_t i = 0; i < rows.bad; i++)
		take_text(sum, rows.bad_paths[i]);
	return 0;
}

static int powerschool_answers(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_ps_school *schools;
	size_t count, seen;
	sr_ps_token token;
	sr_ps_info info;

	switch (w->what) {
	case 0:
		if (sr_ps_schools_read(text, strlen(text), &arena, &schools, &count, &seen, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			take_text(sum, schools[i].name);
		return 0;
	case 1:
		if (sr_ps_token_read(text, strlen(text), &arena, &token, err) < 0)
			return -1;
		take_text(sum, token.text);
		return 0;
	default:
		if (sr_ps_info_read(text, strlen(text), &arena, &info, err) < 0)
			return -1;
		take_text(sum, info.uuid);
		take_text(sum, info.timezone);
		return 0;
	}
}

static int schoology_list(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_sgy_list list = { .kind = (sr_sgy_kind)w->what };
	size_t got;

	if (sr_sgy_page_read(&list, text, strlen(text), &arena, &got, err) < 0)
		return -1;
	take(sum, &list.count, sizeof(list.count));
	take(sum, &list.total, sizeof(list.total));
	sr_sgy_list_finish(&list); /* false where memory is short, as where a page was missing */
	return 0;
}

static int schoology_results(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_result results[2] = { 0 };
	sr_write_item items[2] = { 0 };
	sr_record values[2];
	sr_sgy_call call = { 0 };

	for (size_t i = 0; i < 2; i++) {
		sr_record_init(&values[i], &sr_tgt_kinds[SR_TGT_USER]);
		if (!sr_record_set_text(&values[i], 0, i ? "1002" : "1001", &arena))
			return sr_fail_nomem(err);
		items[i] = (sr_write_item){ .kind = SR_TGT_USER, .values = &values[i], .id = (int64_t)i + 1 };
	}
	if (sr_sgy_bulk_write((sr_stage)w->what, items, 2, &call, err) < 0)
		return -1;
	take_text(sum, sr_buf_text(&call.path));
	sr_sgy_call_done(&call);
	if (sr_sgy_results_read((sr_stage)w->what, items, 2, text, strlen(text), &arena, results, err) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		take(sum, &results[i].end, sizeof(results[i].end));
	return 0;
}

static int signature(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	static const sr_oauth1 someone = { .key = "ck1", .secret = "s3cret", .timestamp_s = 1791000000 };
	SR_AUTO(sr_buf) out = { 0 };

	(void)w;
	(void)text;
	if (sr_oauth1_header(&someone, "GET", "https://h.example.org/v1/users?school_uids=a%2Cb&start=0", &out, err) <
		0)
		return -1;
	return take_buf(sum, &out, err);
}

static int configuration(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	static const char conf[] = "[powerschool]\nurl = https://ps.example.org/\n[roles]\nstudent = Student\n"
				   "[school *]\nsync = yes\n[school 312]\nsync = no\n";
	SR_AUTO(sr_buf) problems = { 0 };
	sr_config *c = NULL;
	char path[40];
	int fd = memfd_create("config", MFD_CLOEXEC), rc;

	(void)w;
	(void)text;
	assert_int_equal(write(fd, conf, sizeof(conf) - 1), sizeof(conf) - 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = sr_config_load(path, NULL, &c, &problems, err);
	close(fd);
	if (rc < 0)
		return -1;
	take_text(sum, c->powerschool.url);
	take_text(sum, c->powerschool.query_prefix);
	sr_config_free(c);
	return 0;
}

/* ---- core ---- */

static int texts_of_the_core(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	SR_AUTO(sr_buf) periods = { 0 };
	sr_keys *keys = sr_keys_new();
	int rc = -1;

	(void)w;
	(void)text;
	if (!keys) {
		sr_fail_nomem(err);
		goto out;
	}
	for (int64_t i = 0; i < 40; i++) {
		char key[24];

		snprintf(key, sizeof(key), "k%lld", (long long)(i % 37));
		if (sr_keys_add(keys, key, i, err) < 0)
			goto out;
	}
	if (sr_diff_periods("3,1,9", "1", "4,5", &periods, err) < 0 || take_buf(sum, &periods, err) < 0)
		goto out;
	take(sum, &(size_t){ sr_keys_collision_count(keys) }, sizeof(size_t));
	rc = 0;
out:
	sr_keys_free(keys);
	return rc;
}

static int two_plans(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	sr_plan_diff *d = sr_plan_diff_new(7, 101, 35);
	sr_plan_item item = { .key = "k", .why = "w" };
	sr_plan_diff_result result;

	(void)w;
	(void)text;
	if (!d)
		return sr_fail_nomem(err);
	for (item.seq = 1; item.seq <= 100; item.seq++) {
		item.ident.a = item.seq;
		if (sr_plan_diff_add(d, item.seq % 3 ? SR_PD_OLD : SR_PD_NEW, &item, err) < 0) {
			sr_plan_diff_free(d);
			return -1;
		}
	}
	sr_plan_diff_judge(d, &result);
	sr_plan_diff_free(d);
	take(sum, &result.moved, sizeof(result.moved));
	return 0;
}

/* ---- store ---- */

static int plan_through(sr_store *s, uint64_t *sum, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const sr_plan_row row = { .school = 101, .kind = SR_RK_FIRST };
	sr_plan_item item = { .key = "k", .why = "w" };
	sr_item_row *rows;
	size_t count;
	int64_t id;
	sr_txn *t;

	if (sr_txn_begin(s, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	if (sr_store_plan_new(t, &row, &id, err) < 0)
		goto failed;
	for (item.seq = 1; item.seq <= 20; item.seq++)
		if (sr_store_plan_add(t, id, &item, SR_IS_PLANNED, err) < 0)
			goto failed;
	if (sr_store_plan_items(t, &arena, id, 0, -1, -1, 100, &rows, &count, err) < 0)
		goto failed;
	take(sum, &count, sizeof(count));
	return sr_txn_commit(t, err);
failed:
	sr_txn_rollback(t);
	return -1;
}

static int store(const work *w, const char *text, uint64_t *sum, sr_err *err)
{
	char folder[] = "/tmp/test_memory.XXXXXX", path[64], command[96];
	sr_store *s = NULL;
	int rc;

	(void)w;
	(void)text;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/state.db", folder);
	rc = sr_store_open(&(sr_store_options){ .path = path, .no_sync = true, .now_ms = 1 }, &s, err);
	if (rc == 0)
		rc = plan_through(s, sum, err);
	sr_store_close(s);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
	return rc;
}

static const work works[] = {
	/* clang-format off */
	{ "json",                  json_there_and_back, "sgy_users.json",           0 },
	{ "control message",       control_message,     NULL,                       0 },
	{ "students, flat",        powerschool_rows,    "ps_students_flat.json",    SR_SRC_STUDENT },
	{ "students",              powerschool_rows,    "ps_students_default.json", SR_SRC_STUDENT },
	{ "rows that are bad",     powerschool_rows,    "ps_bad_rows.json",         SR_SRC_STUDENT },
	{ "schools",               powerschool_answers, "ps_schools.json",          0 },
	{ "token",                 powerschool_answers, "ps_token.json",            1 },
	{ "metadata",              powerschool_answers, "ps_metadata.json",         2 },
	{ "users",                 schoology_list,      "sgy_users.json",           SR_SGY_USER },
	{ "inactive users",        schoology_list,      "sgy_inactive.json",        SR_SGY_INACTIVE },
	{ "grading periods",       schoology_list,      "sgy_periods.json",         SR_SGY_PERIOD },
	{ "sections",              schoology_list,      "sgy_sections.json",        SR_SGY_SECTION },
	{ "members",               schoology_list,      "sgy_members.json",         SR_SGY_MEMBER },
	{ "results of a write",    schoology_results,   "sgy_import_207.json",      SR_SG_USER_UPDATE },
	{ "signature",             signature,           NULL,                       0 },
	{ "configuration",         configuration,       NULL,                       0, true, 0 },
	{ "keys and periods",      texts_of_the_core,   NULL,                       0 },
	{ "two plans",             two_plans,           NULL,                       0 },
	{ "state database",        store,               NULL,                       0, false, 40 },
	/* clang-format on */
};

typedef struct outcome {
	int rc;
	uint64_t sum;
	sr_err err;
	memory_count memory;
} outcome;

static outcome play_once(const work *w, const char *text, int64_t n, bool for_good)
{
	outcome o = { .sum = 0xcbf29ce484222325u };

	memory_fail_at(n, for_good);
	o.rc = w->play(w, text, &o.sum, &o.err);
	o.memory = memory_fail_end();
	return o;
}

/* How many allocations it took. */
static int64_t every_allocation_fails(const work *w, const char *text, bool for_good)
{
	outcome good = play_once(w, text, -1, false);
	int64_t n;

	if (good.rc < 0)
		fail_msg("%s: %s", w->name, good.err.text);
	for (n = 0;; n += w->thinned ? 1 + n / w->thinned : 1) {
		outcome o = play_once(w, text, n, for_good);

		if (o.memory.live != 0)
			fail_msg("%s, allocation %lld: %lld blocks lost", w->name, (long long)n,
				(long long)o.memory.live);
		if (o.rc < 0 && (o.err.code == SR_E_OK || !*o.err.text))
			fail_msg("%s, allocation %lld: failed without a word", w->name, (long long)n);
		if (o.rc < 0 && o.err.code != SR_E_NOMEM && !w->other_words)
			fail_msg("%s, allocation %lld: %s", w->name, (long long)n, o.err.text);
		if (o.rc == 0 && o.sum != good.sum)
			fail_msg("%s, allocation %lld: another result, and no error", w->name, (long long)n);
		if (!o.memory.refused)
			return o.memory.asked;
	}
}

static void an_error_and_nothing_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(works); i++) {
		char *text = works[i].golden ? golden(works[i].golden) : NULL;
		int64_t count = every_allocation_fails(&works[i], text, false);

		every_allocation_fails(&works[i], text, true);
		print_message("%-20s %lld allocations\n", works[i].name, (long long)count);
		assert_true(count > 0);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_and_nothing_lost),
	};

	memory_take_over();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
