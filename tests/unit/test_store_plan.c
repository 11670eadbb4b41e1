/* Plans, the outbox, runs, history, quarantine and tokens. */
#include "store_fixture.h"

#include "io/store_history.h"
#include "io/store_outbox.h"

static int64_t new_plan(fixture *f, int64_t school)
{
	const sr_plan_row row = { .school = school,
		.run = 3,
		.epoch = 4,
		.year = 36,
		.kind = SR_RK_FIRST,
		.created_ms = 100,
		.state = "done",
		.items = 99 };
	int64_t id = 0;

	OK(f, sr_store_plan_new(f->txn, &row, &id, &f->err));
	assert_true(id > 0);
	return id;
}

static void add(fixture *f, int64_t plan, int64_t seq, sr_stage stage, sr_item_state state)
{
	const sr_plan_item item = { .seq = seq,
		.stage = stage,
		.kind = SR_TGT_USER,
		.op = SR_OP_CREATE,
		.ident = { 1000 + seq, 0 },
		.key = "k" };

	OK(f, sr_store_plan_add(f->txn, plan, &item, state, &f->err));
}

static void seal(fixture *f, int64_t plan, int64_t items)
{
	OK(f, sr_store_plan_seal(f->txn, plan, "d1ge57", items, 200, &f->err));
}

static sr_item_row item_of(fixture *f, int64_t plan, int64_t seq)
{
	sr_item_row *rows;
	size_t n;

	OK(f, sr_store_plan_items(f->txn, &f->arena, plan, seq - 1, -1, -1, 1, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].item.seq, seq);
	return rows[0];
}

static void a_plan_is_built_sealed_and_never_edited(void **state)
{
	fixture *f = *state;
	const sr_plan_item late = { .seq = 9, .key = "k" };
	int64_t plan = new_plan(f, 101);
	sr_plan_row row;

	add(f, plan, 1, SR_SG_USER_CREATE, SR_IS_PLANNED);
	assert_int_equal(sr_store_plan_get(f->txn, &f->arena, plan, &row, &f->err), 1);
	assert_string_equal(row.state, "building");
	assert_null(row.digest);
	assert_int_equal(row.items, 0);
	fixture_next(f);
	seal(f, plan, 1);
	assert_int_equal(sr_store_plan_get(f->txn, &f->arena, plan, &row, &f->err), 1);
	assert_string_equal(row.state, "sealed");
	assert_string_equal(row.digest, "d1ge57");
	assert_int_equal(row.items + row.sealed_ms + row.created_ms, 301);
	assert_int_equal(row.school + row.run + row.epoch + row.year, 144);
	assert_int_equal(row.kind, SR_RK_FIRST);
	REFUSED(f, sr_store_plan_add(f->txn, plan, &late, SR_IS_PLANNED, &f->err), "not being built");
	REFUSED(f, sr_store_plan_seal(f->txn, plan, "x", 1, 1, &f->err), "not being built");
	REFUSED(f, sr_store_plan_add(f->txn, plan + 1, &late, SR_IS_PLANNED, &f->err), "not being built");
	OK(f, sr_store_plan_state(f->txn, plan, "applying", &f->err));
	assert_int_equal(sr_store_plan_get(f->txn, &f->arena, plan, &row, &f->err), 1);
	assert_string_equal(row.state, "applying");
	assert_int_equal(sr_store_plan_get(f->txn, &f->arena, plan + 1, &row, &f->err), 0);
}

static void guards_divert_what_they_match_until_the_plan_is_sealed(void **state)
{
	fixture *f = *state;
	int64_t plan = new_plan(f, 101);
	const sr_item_match drops = { .state = SR_IS_HELD, .stage = SR_SG_STUDENT_DROP },
			    logins = { .state = SR_IS_PLANNED, .stage = -1, .login = true },
			    names = { .state = SR_IS_PLANNED, .stage = -1, .fields = 1u << SR_U_NAME_LAST };

	add(f, plan, 1, SR_SG_STUDENT_DROP, SR_IS_HELD);
	add(f, plan, 2, SR_SG_TEACHER_DROP, SR_IS_HELD);
	add(f, plan, 3, SR_SG_STUDENT_DROP, SR_IS_WAITING);
	add(f, plan, 4, SR_SG_STUDENT_DROP, SR_IS_HELD);
	assert_int_equal(sr_store_plan_divert(f->txn, plan, &drops, SR_IS_WAITING, "too many", &f->err), 2);
	assert_int_equal(item_of(f, plan, 4).state, SR_IS_WAITING);
	assert_string_equal(item_of(f, plan, 1).item.why, "too many");
	assert_int_equal(item_of(f, plan, 2).state, SR_IS_HELD);
	assert_null(item_of(f, plan, 3).item.why);
	add(f, plan, 5, SR_SG_USER_UPDATE, SR_IS_PLANNED);
	assert_int_equal(sr_store_plan_divert(f->txn, plan, &logins, SR_IS_WAITING, "x", &f->err), 0);
	assert_int_equal(sr_store_plan_divert(f->txn, plan, &names, SR_IS_WAITING, "x", &f->err), 0);
	seal(f, plan, 5);
	assert_int_equal(sr_store_plan_divert(f->txn, plan, &drops, SR_IS_PLANNED, NULL, &f->err), 0);
}

static void items_come_back_as_added(void **state)
{
	fixture *f = *state;
	int64_t plan = new_plan(f, 101);
	const sr_plan_item item = {
		.seq = 7,
		.stage = SR_SG_TEACHER_ADD,
		.kind = SR_TGT_MEMBERSHIP,
		.op = SR_OP_UPDATE,
		.ident = { 9001, SR_PERSON_STAFF | 5 },
		.key = "101-2026-9001/T7",
		.fields = 0x8001,
		.before = { (uint8_t *)"\1\2", 2 },
		.after = { (uint8_t *)"\3\0\4", 3 },
		.login = true,
		.waits = true,
		.why = "first run",
	};
	sr_item_row got;

	OK(f, sr_store_plan_add(f->txn, plan, &item, SR_IS_WAITING, &f->err));
	add(f, plan, 8, SR_SG_STUDENT_DROP, SR_IS_HELD);
	fixture_next(f);
	got = item_of(f, plan, 7);
	assert_int_equal(got.item.stage, item.stage);
	assert_int_equal(got.item.kind, item.kind);
	assert_int_equal(got.item.op, item.op);
	assert_int_equal(sr_ident_cmp(got.item.ident, item.ident), 0);
	assert_string_equal(got.item.key, item.key);
	assert_int_equal(got.item.fields, 0x8001);
	assert_int_equal(got.item.before.len, 2);
	assert_memory_equal(got.item.after.bytes, "\3\0\4", 3);
	assert_true(got.item.login && got.item.waits);
	assert_string_equal(got.item.why, "first run");
	assert_int_equal(got.state, SR_IS_WAITING);
	assert_int_equal(got.batch + got.attempts + got.code + got.sent_ms + got.ended_ms, 0);
	got = item_of(f, plan, 8);
	assert_null(got.item.before.bytes);
	assert_null(got.item.why);
}

static void items_are_listed_by_state_and_kind(void **state)
{
	fixture *f = *state;
	int64_t plan = new_plan(f, 101);
	sr_plan_counts counts;
	sr_item_row *rows;
	size_t n;

	for (int64_t seq = 1; seq <= 30; seq++)
		add(f, plan, seq, SR_SG_USER_CREATE, seq % 3 ? SR_IS_PLANNED : SR_IS_HELD);
	OK(f, sr_store_plan_items(f->txn, &f->arena, plan, 10, -1, -1, 5, &rows, &n, &f->err));
	assert_int_equal(n, 5);
	assert_int_equal(rows[0].item.seq, 11);
	OK(f, sr_store_plan_items(f->txn, &f->arena, plan, 0, SR_IS_HELD, SR_TGT_USER, 50, &rows, &n, &f->err));
	assert_int_equal(n, 10);
	OK(f, sr_store_plan_items(f->txn, &f->arena, plan, 0, -1, SR_TGT_COURSE, 50, &rows, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_store_plan_counts(f->txn, plan, &counts, &f->err));
	assert_int_equal(counts.by_kind_op[SR_TGT_USER][SR_OP_CREATE], 30);
	assert_int_equal(counts.by_state[SR_IS_HELD], 10);
	assert_int_equal(counts.by_state[SR_IS_PLANNED], 20);
	assert_int_equal(counts.by_state[SR_IS_SENT], 0);
	{
		sr_item_row row;

		assert_int_equal(sr_store_plan_item_of(
					 f->txn, &f->arena, plan, SR_TGT_USER, (sr_ident){ 1002, 0 }, &row, &f->err),
			1);
		assert_int_equal(row.item.seq, 2);
		assert_int_equal(sr_store_plan_item_of(f->txn, &f->arena, plan + 1, SR_TGT_USER, (sr_ident){ 1002, 0 },
					 &row, &f->err),
			0);
	}
}

static sr_item_row *next(fixture *f, int64_t plan, size_t max, size_t *n)
{
	sr_item_row *rows;

	OK(f, sr_store_plan_next(f->txn, &f->arena, plan, max, &rows, n, &f->err));
	return rows;
}

static int64_t send_next(fixture *f, int64_t plan, size_t max)
{
	size_t n;
	sr_item_row *rows = next(f, plan, max, &n);
	int64_t seqs[50], batch = 0;

	for (size_t i = 0; i < n; i++)
		seqs[i] = rows[i].item.seq;
	OK(f, sr_outbox_mark_sent(f->txn, plan, 101, rows[0].item.stage, 4, seqs, n, 300, &batch, &f->err));
	return batch;
}

static void the_next_items_are_of_one_stage_the_lowest(void **state)
{
	fixture *f = *state;
	int64_t plan = new_plan(f, 101);
	sr_item_row *rows;
	size_t n;

	add(f, plan, 1, SR_SG_STUDENT_ADD, SR_IS_PLANNED);
	add(f, plan, 2, SR_SG_COURSE_UPSERT, SR_IS_PLANNED);
	add(f, plan, 3, SR_SG_USER_CREATE, SR_IS_HELD);
	add(f, plan, 4, SR_SG_COURSE_UPSERT, SR_IS_PLANNED);
	add(f, plan, 5, SR_SG_USER_UPDATE, SR_IS_PLANNED);
	add(f, plan, 6, SR_SG_COURSE_UPSERT, SR_IS_PLANNED);
	rows = next(f, plan, 50, &n);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].item.seq, 5);
	send_next(f, plan, 50);
	rows = next(f, plan, 2, &n);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].item.seq, 2);
	assert_int_equal(rows[1].item.seq, 4);
	send_next(f, plan, 50);
	rows = next(f, plan, 50, &n);
	assert_int_equal(rows[0].item.seq, 1);

	/* What must be sent again comes back at its stage, in its place. */
	OK(f, sr_outbox_item_end(f->txn, plan, 4, SR_IS_RETRY, 503, "busy", 301, &f->err));
	rows = next(f, plan, 50, &n);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].item.seq, 4);
	assert_int_equal(rows[0].ended_ms, 0);
	assert_int_equal(rows[0].code, 503);
	send_next(f, plan, 50);
	send_next(f, plan, 50);
	next(f, plan, 50, &n);
	assert_int_equal(n, 0);
}

static void an_operation_is_under_way_once(void **state)
{
	fixture *f = *state;
	int64_t plan = new_plan(f, 101), first, second = 0;
	sr_item_row row;

	for (int64_t seq = 1; seq <= 3; seq++)
		add(f, plan, seq, SR_SG_USER_CREATE, SR_IS_PLANNED);
	first = send_next(f, plan, 2);
	row = item_of(f, plan, 2);
	assert_int_equal(row.state, SR_IS_SENT);
	assert_int_equal(row.batch, first);
	assert_int_equal(row.attempts + row.sent_ms, 301);
	fixture_next(f);
	REFUSED(f,
		sr_outbox_mark_sent(
			f->txn, plan, 101, SR_SG_USER_CREATE, 4, (int64_t[]){ 3, 2 }, 2, 310, &second, &f->err),
		"operation 2 of plan");
	assert_int_equal(second, 0);
	sr_txn_rollback(f->txn);
	fixture_begin(f, SR_TXN_WRITE);
	assert_int_equal(item_of(f, plan, 3).state, SR_IS_PLANNED);

	OK(f, sr_outbox_item_end(f->txn, plan, 1, SR_IS_CONFIRMED, 201, NULL, 320, &f->err));
	row = item_of(f, plan, 1);
	assert_int_equal(row.ended_ms, 320);
	assert_null(row.message);
	REFUSED(f,
		sr_outbox_mark_sent(
			f->txn, plan, 101, SR_SG_USER_CREATE, 4, (int64_t[]){ 1 }, 1, 310, &second, &f->err),
		"may be sent now");
	REFUSED(f, sr_outbox_item_end(f->txn, plan, 77, SR_IS_CONFIRMED, 201, NULL, 320, &f->err), "no operation 77");
}

static void batches_without_an_outcome_are_open(void **state)
{
	fixture *f = *state;
	int64_t plan = new_plan(f, 101), a, b, c;
	sr_batch_row *rows;
	sr_item_row *items;
	size_t n;

	for (int64_t seq = 1; seq <= 6; seq++)
		add(f, plan, seq, SR_SG_USER_CREATE, SR_IS_PLANNED);
	a = send_next(f, plan, 2);
	b = send_next(f, plan, 2);
	c = send_next(f, plan, 2);
	fixture_next(f);
	OK(f, sr_outbox_batch_state(f->txn, a, SR_BS_ANSWERED, &f->err));
	OK(f, sr_outbox_batch_state(f->txn, c, SR_BS_LOST, &f->err));
	OK(f, sr_outbox_item_end(f->txn, plan, 5, SR_IS_LOST, 0, "no answer", 400, &f->err));
	OK(f, sr_outbox_open(f->txn, &f->arena, 0, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, b);
	assert_int_equal(rows[1].state, SR_BS_LOST);
	assert_int_equal(rows[1].stage, SR_SG_USER_CREATE);
	assert_int_equal(rows[1].plan, plan);
	assert_int_equal(rows[1].count + rows[1].sent_ms + rows[1].epoch + rows[1].school, 407);
	OK(f, sr_outbox_open(f->txn, &f->arena, 102, &rows, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_store_plan_batch_items(f->txn, &f->arena, c, &items, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(items[0].item.seq, 5);
	assert_int_equal(items[0].state, SR_IS_LOST);
	assert_string_equal(items[0].message, "no answer");
	OK(f, sr_store_plan_batch_items(f->txn, &f->arena, 0, &items, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_outbox_batch_state(f->txn, c, SR_BS_SETTLED, &f->err));
	OK(f, sr_outbox_open(f->txn, &f->arena, 101, &rows, &n, &f->err));
	assert_int_equal(n, 1);
}

static void plans_are_listed_searched_and_expire(void **state)
{
	fixture *f = *state;
	int64_t first = new_plan(f, 101), second = new_plan(f, 102), third = new_plan(f, 101), *plans;
	sr_plan_row *rows;
	sr_item_row *items;
	size_t n;

	add(f, first, 1, SR_SG_USER_CREATE, SR_IS_PLANNED);
	add(f, third, 1, SR_SG_USER_CREATE, SR_IS_PLANNED);
	add(f, third, 2, SR_SG_USER_CREATE, SR_IS_PLANNED);
	send_next(f, first, 1);
	OK(f, sr_store_plans(f->txn, &f->arena, 0, 2, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, third);
	assert_int_equal(rows[1].id, second);
	OK(f, sr_store_plans(f->txn, &f->arena, 101, 9, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	OK(f, sr_store_plan_of_ident(
		      f->txn, &f->arena, SR_TGT_USER, (sr_ident){ 1001, 0 }, 9, &plans, &items, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(plans[0], third);
	assert_int_equal(items[1].state, SR_IS_SENT);
	OK(f, sr_store_plan_of_ident(
		      f->txn, &f->arena, SR_TGT_USER, (sr_ident){ 5, 0 }, 9, &plans, &items, &n, &f->err));
	assert_int_equal(n, 0);

	OK(f, sr_store_plan_state(f->txn, first, "done", &f->err));
	OK(f, sr_store_plan_expire(f->txn, 100, &f->err)); /* not older */
	assert_int_equal(item_of(f, first, 1).state, SR_IS_SENT);
	OK(f, sr_store_plan_expire(f->txn, 101, &f->err));
	OK(f, sr_store_plans(f->txn, &f->arena, 0, 9, &rows, &n, &f->err));
	assert_int_equal(n, 2); /* the others are not done */
	OK(f, sr_store_plan_items(f->txn, &f->arena, first, 0, -1, -1, 9, &items, &n, &f->err));
	assert_int_equal(n, 0);
}

static void every_item_state_has_a_name(void **state)
{
	(void)state;
	for (int s = 0; s < SR_IS_COUNT; s++)
		assert_string_not_equal(sr_item_state_name((sr_item_state)s), "unknown");
	assert_string_equal(sr_item_state_name(SR_IS_COUNT), "unknown");
}

/* What happened */

static void history_is_read_backwards(void **state)
{
	fixture *f = *state;
	sr_history_row row = { .school = 101,
		.epoch = 1,
		.from = "syncing",
		.event = "pause",
		.to = "paused",
		.why = "w",
		.who = "ops",
		.year = 36 };
	sr_history_row *rows;
	size_t n;

	for (row.at_ms = 1; row.at_ms <= 9; row.at_ms++) {
		row.school = row.at_ms % 2 ? 101 : 102;
		OK(f, sr_store_history_add(f->txn, &row, &f->err));
	}
	fixture_next(f);
	OK(f, sr_store_history(f->txn, &f->arena, 0, 0, 3, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].at_ms, 9);
	assert_string_equal(rows[0].from, "syncing");
	assert_string_equal(rows[0].to, "paused");
	assert_string_equal(rows[0].event, "pause");
	assert_string_equal(rows[0].who, "ops");
	assert_int_equal(rows[0].year + rows[0].epoch, 37);
	OK(f, sr_store_history(f->txn, &f->arena, 0, rows[2].id, 3, &rows, &n, &f->err));
	assert_int_equal(rows[0].at_ms, 6);
	OK(f, sr_store_history(f->txn, &f->arena, 102, 0, 99, &rows, &n, &f->err));
	assert_int_equal(n, 4);
	assert_int_equal(rows[3].at_ms, 2);
}

static void runs_are_saved_found_and_interrupted(void **state)
{
	fixture *f = *state;
	sr_run_row row = { .school = 101,
		.epoch = 2,
		.started_ms = 10,
		.kind = SR_RK_REHEARSAL,
		.state = SR_RS_PULLING,
		.year = 36,
		.who = "ops" };
	sr_run_row got, *rows;
	int64_t first = 0, second = 0;
	size_t n;

	OK(f, sr_store_run_new(f->txn, &row, &first, &f->err));
	row.kind = SR_RK_SCHEDULED;
	OK(f, sr_store_run_new(f->txn, &row, &second, &f->err));
	assert_int_equal(sr_store_run_get(f->txn, &f->arena, first, &got, &f->err), 1);
	assert_null(got.outcome);
	assert_int_equal(got.ended_ms, 0);
	got.outcome = "done";
	got.why = "";
	got.counts = "{\"n\":1}";
	got.ended_ms = 20;
	got.plan = 5;
	got.state = SR_RS_IDLE;
	OK(f, sr_store_run_save(f->txn, &got, &f->err));
	fixture_next(f);
	assert_int_equal(sr_store_run_get(f->txn, &f->arena, first, &got, &f->err), 1);
	assert_string_equal(got.counts, "{\"n\":1}");
	assert_null(got.why);
	assert_int_equal(got.plan + got.started_ms + got.ended_ms + got.epoch, 37);
	assert_int_equal(got.state, SR_RS_IDLE);
	got.id = 999;
	REFUSED(f, sr_store_run_save(f->txn, &got, &f->err), "no run 999");

	assert_int_equal(sr_store_runs_interrupt(f->txn, 30, &f->err), 1);
	assert_int_equal(sr_store_run_get(f->txn, &f->arena, second, &got, &f->err), 1);
	assert_string_equal(got.outcome, "interrupted");
	assert_int_equal(got.ended_ms, 30);
	assert_int_equal(sr_store_runs_interrupt(f->txn, 31, &f->err), 0);
	OK(f, sr_store_runs(f->txn, &f->arena, 101, 9, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, second);
	OK(f, sr_store_runs(f->txn, &f->arena, 0, 1, &rows, &n, &f->err));
	assert_int_equal(n, 1);
}

static void the_last_run_is_found_by_kind_and_outcome(void **state)
{
	fixture *f = *state;
	sr_run_row row = { .school = 101, .who = "ops", .outcome = "done" }, got;
	int64_t ids[4];

	for (int i = 0; i < 4; i++) {
		row.ended_ms = i + 1;
		row.kind = i == 1 ? SR_RK_REHEARSAL : SR_RK_SCHEDULED;
		row.outcome = i == 3 ? "failed" : "done";
		OK(f, sr_store_run_new(f->txn, &row, &ids[i], &f->err));
	}
	assert_int_equal(sr_store_run_last(f->txn, &f->arena, 101, -1, "done", &got, &f->err), 1);
	assert_int_equal(got.id, ids[2]);
	assert_int_equal(sr_store_run_last(f->txn, &f->arena, 101, SR_RK_REHEARSAL, "done", &got, &f->err), 1);
	assert_int_equal(got.id, ids[1]);
	assert_int_equal(sr_store_run_last(f->txn, &f->arena, 101, SR_RK_MANUAL, "done", &got, &f->err), 0);
	assert_int_equal(sr_store_run_last(f->txn, &f->arena, 102, -1, "done", &got, &f->err), 0);
}

static void a_refusal_keeps_its_age_until_it_is_another(void **state)
{
	fixture *f = *state;
	sr_quar_row row = { .school = 101,
		.what = SR_Q_TARGET,
		.kind = SR_TGT_USER,
		.ident = { 5, 0 },
		.digest.b = { 1 },
		.code = "400",
		.message = "e-mail taken",
		.since_ms = 10 };
	sr_quar_row got, *rows;
	int64_t count;
	size_t n;

	OK(f, sr_store_quar_put(f->txn, &row, &f->err));
	row.since_ms = 20;
	OK(f, sr_store_quar_put(f->txn, &row, &f->err));
	fixture_next(f);
	assert_int_equal(
		sr_store_quar_get(f->txn, &f->arena, 101, SR_Q_TARGET, SR_TGT_USER, row.ident, &got, &f->err), 1);
	assert_int_equal(got.since_ms, 10);
	assert_string_equal(got.code, "400");
	assert_string_equal(got.message, "e-mail taken");
	assert_true(sr_hash_eq(&got.digest, &row.digest));
	row.digest.b[0] = 2;
	OK(f, sr_store_quar_put(f->txn, &row, &f->err));
	assert_int_equal(
		sr_store_quar_get(f->txn, &f->arena, 101, SR_Q_TARGET, SR_TGT_USER, row.ident, &got, &f->err), 1);
	assert_int_equal(got.since_ms, 20);
	assert_int_equal(
		sr_store_quar_get(f->txn, &f->arena, 101, SR_Q_RECORD, SR_TGT_USER, row.ident, &got, &f->err), 0);

	row.what = SR_Q_RECORD;
	row.school = 102;
	OK(f, sr_store_quar_put(f->txn, &row, &f->err));
	OK(f, sr_store_quar_list(f->txn, &f->arena, 0, 9, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	OK(f, sr_store_quar_list(f->txn, &f->arena, 102, 9, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	OK(f, sr_store_quar_count(f->txn, 101, &count, &f->err));
	assert_int_equal(count, 1);
	OK(f, sr_store_quar_clear(f->txn, 101, SR_Q_TARGET, SR_TGT_USER, row.ident, &f->err));
	OK(f, sr_store_quar_count(f->txn, 0, &count, &f->err));
	assert_int_equal(count, 1);
	assert_int_equal(sr_store_quar_clear_all(f->txn, 102, &f->err), 1);
	assert_int_equal(sr_store_quar_clear_all(f->txn, 0, &f->err), 0);
}

static void a_token_is_taken_once(void **state)
{
	fixture *f = *state;
	int64_t uid = 0, expires = 0;
	char *action = NULL, *digest = NULL;

	OK(f, sr_store_token_put(f->txn, "old", 0, "year-set", "d", 1000, &f->err));
	OK(f, sr_store_token_put(f->txn, "t0k", 1000, "year-set", "d1", 200000000, &f->err));
	fixture_next(f);
	assert_int_equal(sr_store_token_take(f->txn, "t0k", &uid, &action, &digest, &expires, &f->err), 1);
	assert_int_equal(uid, 1000);
	assert_int_equal(expires, 200000000);
	assert_string_equal(action, "year-set");
	assert_string_equal(digest, "d1");
	free(action);
	free(digest);
	assert_int_equal(sr_store_token_take(f->txn, "t0k", &uid, &action, &digest, &expires, &f->err), 0);
	assert_int_equal(sr_store_token_take(f->txn, "old", &uid, &action, &digest, &expires, &f->err), 0);
	assert_int_equal(sr_store_token_take(f->txn, "", &uid, &action, &digest, &expires, &f->err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_plan_is_built_sealed_and_never_edited, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(
			guards_divert_what_they_match_until_the_plan_is_sealed, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(items_come_back_as_added, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(items_are_listed_by_state_and_kind, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(the_next_items_are_of_one_stage_the_lowest, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(an_operation_is_under_way_once, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(batches_without_an_outcome_are_open, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(plans_are_listed_searched_and_expire, fixture_open, fixture_done),
		cmocka_unit_test(every_item_state_has_a_name),
		cmocka_unit_test_setup_teardown(history_is_read_backwards, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(runs_are_saved_found_and_interrupted, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(the_last_run_is_found_by_kind_and_outcome, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(
			a_refusal_keeps_its_age_until_it_is_another, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_token_is_taken_once, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
