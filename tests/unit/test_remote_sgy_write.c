/* The Schoology client's writes: one permit, one call, and what becomes of it. */
#include "sgy_fixture.h"

/* ---- writes ---- */

typedef struct writing {
	sr_arena a;
	sr_record user;
	sr_write_item item;
	sr_permit *permit;
} writing;

static sr_fence_state open_school(void)
{
	return (sr_fence_state){ .school = { .phase = SR_PH_SYNCING, .epoch = 4, .active = 36, .verified = 36 },
		.school_number = 312,
		.plan_epoch = 4 };
}

static void prepare(writing *w)
{
	sr_fence_state s = open_school();
	sr_fence_object o = { .kind = SR_TGT_USER, .stage = SR_SG_USER_CREATE };
	sr_fence_verdict verdict;
	size_t which;

	*w = (writing){ 0 };
	sr_record_init(&w->user, &sr_tgt_kinds[SR_TGT_USER]);
	sr_record_set_text(&w->user, SR_U_SCHOOL_UID, "s100", &w->a);
	w->item = (sr_write_item){ SR_TGT_USER, SR_OP_CREATE, &w->user };
	w->permit = sr_fence_pass(&s, &o, 1, &verdict, &which);
	assert_non_null(w->permit);
}

static void put_away(writing *w)
{
	sr_permit_free(w->permit);
	sr_arena_done(&w->a);
}

static int write_it(desk *d, writing *w, told *t, sr_err *err)
{
	return d->t->write(d->t, SR_SG_USER_CREATE, &w->item, 1, w->permit, on_write, t, 99, err);
}

static void a_permit_is_good_for_one_write(void **state)
{
	static const net_step script[] = { { "POST", SGY "/users?update_existing=1", "\"school_uid\":\"s100\"", 207,
		"{\"user\":[{\"response_code\":200,\"school_uid\":\"s100\",\"id\":\"17\"}]}" } };
	DESK(d, script);
	told t = { 0 }, no = { 0 };
	writing w;
	sr_err err;

	(void)state;
	prepare(&w);
	assert_int_equal(d.t->write_wait_ms(d.t), 0);
	assert_int_equal(write_it(&d, &w, &t, &err), 0);
	assert_int_equal(write_it(&d, &w, &no, &err), -1);
	assert_int_equal(err.code, SR_E_STATE);
	/* What was sent is not the caller's to keep until the answer. */
	put_away(&w);
	net_run(&d.n);
	assert_int_equal(t.calls, 1);
	assert_int_equal(no.calls, 0);
	assert_int_equal(t.cookie, 99);
	assert_int_equal(t.result.end, SR_ITEM_DONE);
	assert_int_equal(t.result.id, 17);
	prepare(&w);
	sr_permit_free(w.permit);
	w.permit = NULL;
	assert_int_equal(write_it(&d, &w, &no, &err), -1);
	put_away(&w);
	sr_sgy_client_free(d.c);
}

static void what_becomes_of_a_write(void **state)
{
	static const struct {
		int status;
		const char *answer;
		bool failed, sent;
		sr_errc code;
		sr_item_end end;
	} rows[] = {
		{ 207, "{\"user\":[{\"response_code\":400,\"school_uid\":\"s100\",\"message\":\"no\"}]}", false, true,
			0, SR_ITEM_REJECTED },
		{ 200, "{\"user\":{\"response_code\":\"503\",\"school_uid\":\"s100\"}}", false, true, 0,
			SR_ITEM_RETRY },
		{ 207, "{\"user\":[]}", false, true, 0, SR_ITEM_UNKNOWN },
		{ 204, "", false, true, 0, SR_ITEM_UNKNOWN },
		{ 207, "{\"user\":[{\"respon", true, true, SR_E_PROTO, 0 },
		{ 207, "<html>", true, true, SR_E_REMOTE, 0 },
		{ 0, "", true, true, SR_E_NET, 0 },
		{ -1, "", true, false, SR_E_NET, 0 },
		{ 500, "", true, true, SR_E_REMOTE, 0 },
		{ 503, "", true, true, SR_E_REMOTE, 0 },
		{ 429, "", true, false, SR_E_THROTTLED, 0 },
		{ 401, "Duplicate timestamp/nonce combination, possible replay attack.  Request rejected.", true, false,
			SR_E_REMOTE, 0 },
		{ 401, "", true, false, SR_E_AUTH, 0 },
		{ 403, "", true, false, SR_E_FORBIDDEN, 0 },
		{ 400, "too many", true, false, SR_E_REJECTED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		const net_step script[] = { { "POST", SGY "/users?update_existing=1", NULL, rows[i].status,
			rows[i].answer } };
		DESK(d, script);
		told t = { 0 };
		writing w;

		prepare(&w);
		assert_int_equal(write_it(&d, &w, &t, NULL), 0);
		net_run(&d.n);
		put_away(&w);
		assert_int_equal(t.calls, 1);
		if (t.failed != rows[i].failed || t.sent != rows[i].sent || (t.failed && t.err.code != rows[i].code))
			fail_msg("row %zu: failed %d sent %d %s", i, t.failed, t.sent, t.err.text);
		if (!t.failed)
			assert_int_equal(t.result.end, rows[i].end);
		sr_sgy_client_free(d.c);
	}
}

static void a_period_is_created_or_refused(void **state)
{
	static const net_step script[] = {
		{ "POST", SGY "/gradingperiods",
			"{\"title\":\"2026-2027 S1\",\"start\":\"2026-08-17\",\"end\":\"2027-01-15\"}", 201, "",
			{ { "Location", "http://api.schoology.com/v1/gradingperiods/903" } } },
		{ "POST", SGY "/gradingperiods", NULL, 400, "{\"message\": \"Title is taken\"}" }
	};
	sr_fence_state s = open_school();
	DESK(d, script);

	(void)state;
	for (int i = 0; i < 2; i++) {
		sr_fence_verdict verdict;
		sr_permit *p = sr_fence_pass_period(&s, 36, &verdict);
		told t = { 0 };
		sr_err err;

		assert_non_null(p);
		assert_int_equal(d.t->create_period(d.t, "2026-2027 S1", sr_day_make(2026, 8, 17),
					 sr_day_make(2027, 1, 15), p, on_write, &t, i, &err),
			0);
		while (!t.calls)
			assert_true(net_turn(&d.n));
		assert_int_equal(t.result.end, i ? SR_ITEM_REJECTED : SR_ITEM_DONE);
		assert_int_equal(t.result.id, i ? 0 : 903);
		sr_permit_free(p);
	}
	net_run(&d.n);
	sr_sgy_client_free(d.c);
}

/* Other dates go to the period that is there; the answer has no body and no location. */
static void a_period_gets_other_dates(void **state)
{
	static const net_step script[] = {
		{ "PUT", SGY "/gradingperiods/903",
			"{\"title\":\"2026-2027 S1\",\"start\":\"2026-08-17\",\"end\":\"2027-01-22\"}", 204, "" },
		{ "PUT", SGY "/gradingperiods/904", NULL, 400, "{\"message\": \"Dates overlap\"}" }
	};
	sr_fence_state s = open_school();
	DESK(d, script);

	(void)state;
	for (int i = 0; i < 2; i++) {
		sr_fence_verdict verdict;
		sr_permit *p = sr_fence_pass_period(&s, 36, &verdict);
		told t = { 0 };
		sr_err err;

		assert_int_equal(d.t->move_period(d.t, 903 + i, "2026-2027 S1", sr_day_make(2026, 8, 17),
					 sr_day_make(2027, 1, 22), p, on_write, &t, i, &err),
			0);
		while (!t.calls)
			assert_true(net_turn(&d.n));
		if (i == 0) {
			assert_int_equal(t.result.end, SR_ITEM_DONE);
			assert_int_equal(t.result.id, 903);
		} else {
			assert_true(t.result.end == SR_ITEM_REJECTED);
		}
		/* Spent: one permit, one call. */
		assert_int_equal(d.t->move_period(d.t, 903, "2026-2027 S1", sr_day_make(2026, 8, 17),
					 sr_day_make(2027, 1, 22), p, on_write, &t, i, &err),
			-1);
		sr_permit_free(p);
	}
	net_run(&d.n);
	sr_sgy_client_free(d.c);
}

static void a_write_does_not_begin_without_its_credits(void **state)
{
	static const net_step script[] = { { "POST", SGY "/users?update_existing=1", NULL, 204, "" },
		{ "POST", SGY "/users?update_existing=1", NULL, 204, "" } };
	DESK(d, script);
	told t = { 0 };
	sr_err err;

	(void)state;
	for (int i = 0; i < 3; i++) {
		writing w;

		prepare(&w);
		assert_int_equal(write_it(&d, &w, &t, &err), i < 2 ? 0 : -1);
		put_away(&w);
	}
	assert_int_equal(err.code, SR_E_STATE);
	net_run(&d.n);
	assert_int_equal(d.t->write_wait_ms(d.t), 5001);
	assert_int_equal(sr_sgy_used(d.c).credits_used, 6);
	sr_sgy_client_free(d.c);
}

/* Reads without end and a writer who wants to go on: neither starves. */
static void reads_and_writes_take_turns(void **state)
{
	net_step script[40];
	size_t reads = 24, writes = 0, at = 0;
	desk d;
	sr_sgy_config conf;
	told read = { 0 }, written = { 0 };

	(void)state;
	/* With 6 credits, 1 and 3 a piece: two reads first, then turn by turn until the writer is done. */
	for (size_t i = 0; i < SR_COUNT_OF(script); i++)
		script[i] = (net_step){ "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" };
	d = (desk){ .n = NET(script) };
	d.n.step_count = 0;
	conf = config(&d);
	open_desk(&d, &conf);
	for (size_t i = 0; i < reads; i++)
		d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 }, on_read, &read);
	d.n.step_count = SR_COUNT_OF(script);
	while (writes < 6 && d.n.now_ms < 100000 + 60000) {
		int64_t wait = d.t->write_wait_ms(d.t);
		int64_t until = d.n.now_ms + wait;
		writing w;

		if (wait == 0) {
			script[at = d.n.at] = (net_step){ "POST", SGY "/users?update_existing=1", NULL, 204, "" };
			prepare(&w);
			assert_int_equal(write_it(&d, &w, &written, NULL), 0);
			put_away(&w);
			writes++;
			continue;
		}
		while (d.n.now_ms < until && net_turn(&d.n) && d.n.timers && d.n.timers->at_ms <= until)
			;
		if (d.n.now_ms < until)
			d.n.now_ms = until;
	}
	assert_int_equal(writes, 6);
	assert_true(at < 6 + reads);
	assert_true(read.calls >= 4);
	d.n.step_count = reads + writes;
	net_run(&d.n);
	assert_int_equal(read.calls, (int)reads);
	assert_int_equal(written.calls, 6);
	sr_sgy_client_free(d.c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_permit_is_good_for_one_write),
		cmocka_unit_test(what_becomes_of_a_write),
		cmocka_unit_test(a_period_is_created_or_refused),
		cmocka_unit_test(a_period_gets_other_dates),
		cmocka_unit_test(a_write_does_not_begin_without_its_credits),
		cmocka_unit_test(reads_and_writes_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
