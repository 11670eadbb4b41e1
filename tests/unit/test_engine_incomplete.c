/* What comes in pieces, or came for another year, must change nothing. */
#include "command_fixture.h"

/* ---- Schoology leaves something out ---- */

static void (*honest_read)(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg);

/* The organisation came, and its buildings did not. */
static void half_fire(fx_world *w, fx_event *ev)
{
	static const sr_target_building alone[] = { { 10, "Cedar Valley SD", "" } };

	(void)w;
	((sr_read_fn)ev->callback)(ev->arg, &(sr_read_answer){ .buildings = alone, .count = 1 }, NULL);
}

static void half_read(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg)
{
	if (ask->what == SR_READ_SCHOOLS)
		fx_later(FX_WORLD_OF(t), 10, half_fire, arg)->callback = (void (*)(void))fn;
	else
		honest_read(t, ask, fn, arg);
}

static void test_half_a_list_of_buildings_moves_no_school(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	assert_int_equal(school(w, 101)->building, 11);
	honest_read = w->target.read;
	w->target.read = half_read;
	run(w, &a, "Refresh", "{\"wait\": true}");
	assert_non_null(a.refused);
	assert_int_equal(school(w, 101)->building, 11);
	w->target.read = honest_read;
	run(w, &a, "Refresh", "{\"wait\": true}");
	assert_int_equal(school(w, 101)->building, 11);
}

/* ---- PowerSchool leaves something out ---- */

static void test_no_term_at_all_is_an_error(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	size_t terms = w->term_count;

	to_terms_mapped(w);
	w->term_count = 0;
	run(w, &a, "Refresh", "{\"wait\": true}");
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
	w->term_count = terms;
	run(w, &a, "Refresh", "{\"wait\": true}");
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
}

/* Students of the page are all unreadable, and it is not the last. */
static void (*honest_page)(sr_source *s, const sr_page_ask *ask, fx_page_fn fn, void *arg);

static void bad_page_fire(fx_world *w, fx_event *ev)
{
	static const int64_t keys[] = { 1, 2 };
	static const char *const paths[] = { "record[0].schoolid: expected a whole number",
		"record[1].schoolid: missing" };
	bool first = ev->page.after == 0;
	sr_page page = { .last = !first, .last_key = 2 };

	(void)w;
	if (first) {
		page.bad = 2;
		page.bad_keys = keys;
		page.bad_paths = (const char **)paths;
	}
	((fx_page_fn)ev->callback)(ev->arg, &page, NULL);
}

static void bad_page(sr_source *s, const sr_page_ask *ask, fx_page_fn fn, void *arg)
{
	fx_event *ev;

	if (ask->kind != SR_SRC_SECTION && ask->kind != SR_SRC_STUDENT)
		return honest_page(s, ask, fn, arg);
	ev = fx_later(FX_WORLD_OF(s), 10, bad_page_fire, arg);
	ev->callback = (void (*)(void))fn;
	ev->page = *ask;
}

static void test_a_page_of_unreadable_rows_is_gone_on_after(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	to_terms_mapped(w);
	honest_page = w->source.page;
	w->source.page = bad_page;
	run(w, &a, "Refresh", "{\"wait\": true}");
	w->source.page = honest_page;
	run(w, &a, "Refresh", "{\"wait\": true}");
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
}

/* ---- An answer that was lost under another year ---- */

/* A section of 2025-2026, sent by a process that died before the answer. */
static void section_lost(fx_world *w, int64_t *plan)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_plan_item item = {
		.seq = 1, .stage = SR_SG_COURSE_UPSERT, .kind = SR_TGT_SECTION, .op = SR_OP_CREATE, .ident = { 77, 0 }
	};
	const int64_t seq = 1;
	sr_record r;
	int64_t batch;
	sr_txn *t;

	sr_record_init(&r, &sr_tgt_kinds[SR_TGT_SECTION]);
	sr_record_set_text(&r, SR_S_SECTION_SCHOOL_CODE, "101-2025-77", &a);
	sr_record_set_text(&r, SR_S_TITLE, "Math - 1", &a);
	item.key = "101-2025-77";
	item.fields = 1u << SR_S_TITLE;
	assert_int_equal(sr_record_pack(&r, &a, &item.after, NULL), 0);
	assert_int_equal(sr_txn_begin(w->store, SR_TXN_WRITE, &t, NULL), 0);
	assert_int_equal(sr_store_plan_new(t, &(sr_plan_row){ .school = 101, .run = 1, .year = 35 }, plan, NULL), 0);
	assert_int_equal(sr_store_plan_add(t, *plan, &item, SR_IS_PLANNED, NULL), 0);
	assert_int_equal(sr_outbox_mark_sent(t, *plan, 101, SR_SG_COURSE_UPSERT, 1, &seq, 1, 1000, &batch, NULL), 0);
	assert_int_equal(sr_txn_commit(t, NULL), 0);
}

static void found_fire(fx_world *w, fx_event *ev)
{
	static const sr_target_section there[] = { { .id = 5, .code = "101-2025-77", .title = "Math - 1" } };

	(void)w;
	((sr_read_fn)ev->callback)(
		ev->arg, &(sr_read_answer){ .sections = there, .count = 1, .total_agrees = true }, NULL);
}

static void found_read(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg)
{
	if (ask->what == SR_READ_SECTIONS_BY_CODE)
		fx_later(FX_WORLD_OF(t), 10, found_fire, arg)->callback = (void (*)(void))fn;
	else
		honest_read(t, ask, fn, arg);
}

static void test_a_lost_section_keeps_the_year_it_was_sent_under(void **state)
{
	fx_world *w = *state;
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(answer) a = { 0 };
	sr_mirror_row mirror;
	int64_t plan;
	sr_txn *t;

	to_terms_mapped(w);
	section_lost(w, &plan);
	honest_read = w->target.read;
	w->target.read = found_read;
	run(w, &a, "Rehearse", "{\"schools\": [\"101\"], \"wait\": true}");
	expect_result(&a, 101, NULL);
	w->target.read = honest_read;
	assert_int_equal(sr_txn_begin(w->store, SR_TXN_READ, &t, NULL), 0);
	assert_int_equal(sr_store_mirror_get(t, &arena, SR_TGT_SECTION, (sr_ident){ 77, 0 }, &mirror, NULL), 1);
	sr_txn_rollback(t);
	assert_int_equal(mirror.object.year, 35);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_half_a_list_of_buildings_moves_no_school),
		T(test_no_term_at_all_is_an_error),
		T(test_a_page_of_unreadable_rows_is_gone_on_after),
		T(test_a_lost_section_keeps_the_year_it_was_sent_under),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
