/* For the engine's tests: a real store in a folder of its own, and two systems that live in memory and answer a turn
 * later. Never used by anything that ships. */
#pragma once
#include "engine_clock_fixture.h"

/* ---- PowerSchool ---- */

static const sr_err fx_down = { .code = SR_E_NET, .retry = SR_RETRY_LATER, .text = "no connection to PowerSchool" };

#define FX_SOURCE(name, type)                                         \
	static inline void fx_##name(fx_world *w, fx_event *ev)       \
	{                                                             \
		const sr_err *err = w->source_down ? &fx_down : NULL; \
		type fn = (type)ev->callback;                         \
		(void)err;                                            \
		(void)fn;

typedef void (*fx_info_fn)(void *, const sr_source_info *, const sr_err *);
FX_SOURCE(info_fire, fx_info_fn)
fn(ev->arg, &(sr_source_info){ .district_uuid = "d-1", .version = "1", .timezone = "" }, err);
}

typedef void (*fx_schools_fn)(void *, const sr_source_school *, size_t, const sr_err *);
FX_SOURCE(schools_fire, fx_schools_fn)
sr_source_school rows[8];

for (size_t i = 0; i < w->school_count; i++)
	rows[i] = (sr_source_school){ w->schools[i].number, w->schools[i].number, w->schools[i].name };
fn(ev->arg, rows, w->school_count, err);
}

typedef void (*fx_roles_fn)(void *, bool, const int64_t *, const char *const *, size_t, const sr_err *);
FX_SOURCE(roles_fire, fx_roles_fn)
fn(ev->arg, false, NULL, NULL, 0, err);
}

typedef void (*fx_year_fn)(void *, sr_yearid, const sr_err *);
FX_SOURCE(year_fire, fx_year_fn)
fn(ev->arg, 0, err);
}

static inline size_t fx_term_records(const fx_world *w, sr_arena *a, sr_record *out)
{
	for (size_t i = 0; i < w->term_count; i++) {
		const sr_term *t = &w->terms[i];

		sr_record_init(&out[i], &sr_src_kinds[SR_SRC_TERM]);
		sr_record_set_int(&out[i], SR_TERM_DCID, t->dcid);
		sr_record_set_int(&out[i], SR_TERM_ID, t->id);
		sr_record_set_int(&out[i], SR_TERM_SCHOOLID, t->school);
		sr_record_set_int(&out[i], SR_TERM_YEARID, t->yearid);
		sr_record_set_int(&out[i], SR_TERM_ISYEARREC, t->is_year);
		sr_record_set_int(&out[i], SR_TERM_PORTION, t->portion);
		sr_record_set_text(&out[i], SR_TERM_NAME, t->name, a);
		sr_record_set_text(&out[i], SR_TERM_ABBREVIATION, t->abbreviation, a);
		sr_record_set_int(&out[i], SR_TERM_FIRSTDAY, t->first);
		sr_record_set_int(&out[i], SR_TERM_LASTDAY, t->last);
	}
	return w->term_count;
}

static inline size_t fx_section_records(const fx_world *w, const sr_page_ask *ask, sr_arena *a, sr_record *out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->section_count; i++) {
		sr_record *r = &out[n];

		if (w->sections[i].school != ask->school || w->sections[i].term < ask->termid_low ||
			w->sections[i].term > ask->termid_high)
			continue;
		sr_record_init(r, &sr_src_kinds[SR_SRC_SECTION]);
		sr_record_set_int(r, SR_SEC_DCID, w->sections[i].dcid);
		sr_record_set_int(r, SR_SEC_ID, w->sections[i].dcid + 5000);
		sr_record_set_text(r, SR_SEC_COURSE_NUMBER, "M1", a);
		sr_record_set_text(r, SR_SEC_SECTION_NUMBER, "1", a);
		sr_record_set_int(r, SR_SEC_SCHOOLID, ask->school);
		sr_record_set_int(r, SR_SEC_TERMID, w->sections[i].term);
		n++;
	}
	return n;
}

static inline size_t fx_student_records(const fx_world *w, const sr_page_ask *ask, sr_arena *a, sr_record *out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->school_count; i++)
		for (int64_t k = 0; w->schools[i].number == ask->school && k < w->schools[i].students; k++, n++) {
			bool promoted = k < w->schools[i].promoted;
			char number[24];

			snprintf(number, sizeof(number), "%lld", (long long)(ask->school * 1000 + k));
			sr_record_init(&out[n], &sr_src_kinds[SR_SRC_STUDENT]);
			sr_record_set_int(&out[n], SR_STU_DCID, ask->school * 100 + k + 1);
			sr_record_set_int(&out[n], SR_STU_ID, ask->school * 100 + k + 1);
			sr_record_set_text(&out[n], SR_STU_STUDENT_NUMBER, number, a);
			sr_record_set_text(&out[n], SR_STU_STUDENT_WEB_ID, number, a);
			sr_record_set_text(&out[n], SR_STU_FIRST_NAME, "Ann", a);
			sr_record_set_text(&out[n], SR_STU_LAST_NAME, "Lee", a);
			sr_record_set_int(&out[n], SR_STU_GRADE_LEVEL, 5);
			sr_record_set_int(&out[n], SR_STU_ENROLL_STATUS, 0);
			sr_record_set_int(&out[n], SR_STU_SCHOOLID, ask->school);
			sr_record_set_int(&out[n], SR_STU_ENTRYDATE,
				promoted ? sr_day_make(2026, 8, 1) : sr_day_make(2025, 8, 18));
			sr_record_set_int(&out[n], SR_STU_EXITDATE_EXCL,
				promoted ? sr_day_make(2027, 6, 5) : sr_day_make(2026, 6, 6));
		}
	return n;
}

static inline size_t fx_records(const fx_world *w, const sr_page_ask *ask, sr_arena *a, sr_record *out)
{
	switch (ask->kind) {
	case SR_SRC_TERM:
		return fx_term_records(w, a, out);
	case SR_SRC_SECTION:
		return fx_section_records(w, ask, a, out);
	case SR_SRC_STUDENT:
		return fx_student_records(w, ask, a, out);
	default:
		return 0;
	}
}

typedef void (*fx_page_fn)(void *, const sr_page *, const sr_err *);
FX_SOURCE(page_fire, fx_page_fn)
SR_AUTO(sr_arena) a = { 0 };
sr_record all[FX_RECORDS], *from = all;
sr_packed raw[FX_RECORDS];
size_t n = fx_records(w, &ev->page, &a, all);

while (n && from->v[0].n <= ev->page.after) {
	from++;
	n--;
}
for (size_t i = 0; i < n; i++)
	assert_int_equal(sr_record_pack(&from[i], &a, &raw[i], NULL), 0);
fn(ev->arg, &(sr_page){ .records = from, .raw = raw, .count = n, .last = true }, err);
}

typedef void (*fx_count_fn)(void *, int64_t, const sr_err *);
FX_SOURCE(count_fire, fx_count_fn)
SR_AUTO(sr_arena) a = { 0 };
sr_record all[FX_RECORDS];

fn(ev->arg, (int64_t)fx_records(w, &ev->page, &a, all), err);
}

#define FX_WORLD_OF(s) ((fx_world *)(s)->self)

static inline void fx_info(sr_source *s, fx_info_fn fn, void *arg)
{
	fx_later(FX_WORLD_OF(s), 10, fx_info_fire, arg)->callback = (void (*)(void))fn;
}

static inline void fx_schools(sr_source *s, fx_schools_fn fn, void *arg)
{
	fx_later(FX_WORLD_OF(s), 10, fx_schools_fire, arg)->callback = (void (*)(void))fn;
}

static inline void fx_page(sr_source *s, const sr_page_ask *ask, fx_page_fn fn, void *arg)
{
	fx_event *ev = fx_later(FX_WORLD_OF(s), 10, fx_page_fire, arg);

	ev->callback = (void (*)(void))fn;
	ev->page = *ask;
}

static inline void fx_count(sr_source *s, const sr_page_ask *ask, fx_count_fn fn, void *arg)
{
	fx_event *ev = fx_later(FX_WORLD_OF(s), 10, fx_count_fire, arg);

	ev->callback = (void (*)(void))fn;
	ev->page = *ask;
}

static inline void fx_roles(sr_source *s, fx_roles_fn fn, void *arg)
{
	fx_later(FX_WORLD_OF(s), 10, fx_roles_fire, arg)->callback = (void (*)(void))fn;
}

static inline void fx_current_year(sr_source *s, fx_year_fn fn, void *arg)
{
	fx_later(FX_WORLD_OF(s), 10, fx_year_fire, arg)->callback = (void (*)(void))fn;
}

static inline void fx_source_cancel(sr_source *s, void *arg)
{
	fx_forget(FX_WORLD_OF(s), arg);
}

/* ---- Schoology ---- */

static inline void fx_read_fire(fx_world *w, fx_event *ev)
{
	static const sr_target_role roles[] = { { 1, "System Admin", 1 }, { 2, "Student", 1 }, { 3, "Teacher", 1 } };
	static const sr_target_user me = { .id = 7, .first = "S", .last = "R", .role_id = 1, .building_id = 10 };
	static const sr_target_user demoted = { .id = 7, .first = "S", .last = "R", .role_id = 2, .building_id = 10 };
	static const sr_target_building buildings[] = { { 10, "Cedar Valley SD", "" }, { 11, "Adams", "101" },
		{ 12, "Brook", "102" }, { 13, "Cedar", "312" } };
	sr_read_answer a = { .total_agrees = true };

	if (ev->read == SR_READ_ME) {
		a.users = w->acting_wrong ? &demoted : &me;
		a.count = 1;
	} else if (ev->read == SR_READ_SCHOOLS) {
		a.buildings = buildings;
		a.count = SR_COUNT_OF(buildings);
	} else if (ev->read == SR_READ_ROLES) {
		a.roles = roles;
		a.count = SR_COUNT_OF(roles);
	} else if (ev->read == SR_READ_PERIODS) {
		a.periods = w->periods;
		a.count = w->period_count;
	}
	((sr_read_fn)ev->callback)(ev->arg, &a, NULL);
}

static inline void fx_read(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg)
{
	fx_event *ev = fx_later(FX_WORLD_OF(t), 10, fx_read_fire, arg);

	ev->callback = (void (*)(void))fn;
	ev->read = ask->what;
}

static inline int64_t fx_write_wait(sr_target *t)
{
	(void)t;
	return 0;
}

static inline int fx_write(sr_target *t, sr_stage stage, const sr_write_item *items, size_t count, sr_permit *permit,
	sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	(void)t, (void)stage, (void)items, (void)count, (void)permit, (void)fn, (void)arg, (void)cookie;
	return sr_fail(err, SR_E_NET, "this stand-in takes no rosters");
}

static inline void fx_created_fire(fx_world *w, fx_event *ev)
{
	sr_item_result r = { .end = SR_ITEM_DONE, .code = 200, .id = ev->number };
	sr_write_fn fn = (sr_write_fn)ev->callback;

	if (w->lose_period)
		fn(ev->arg, ev->cookie, NULL, 0, true, &(sr_err){ .code = SR_E_TIMEOUT, .text = "no answer in time" });
	else
		fn(ev->arg, ev->cookie, &r, 1, true, NULL);
}

static inline void fx_period_add(fx_world *w, int64_t id, const char *title, sr_day start, sr_day end)
{
	size_t n = w->period_count++;

	assert_true(n < FX_PERIODS);
	snprintf(w->period_titles[n], sizeof(w->period_titles[n]), "%s", title);
	w->periods[n] =
		(sr_period){ .id = id, .title = w->period_titles[n], .start = start, .end = end, .exists = true };
}

static inline int fx_create_period(sr_target *t, const char *title, sr_day start, sr_day end, sr_permit *permit,
	sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	fx_world *w = FX_WORLD_OF(t);
	fx_event *ev;

	if (!sr_permit_spend_period(permit))
		return sr_fail(err, SR_E_STATE, "no permit");
	ev = fx_later(w, 10, fx_created_fire, arg);
	ev->callback = (void (*)(void))fn;
	ev->cookie = cookie;
	ev->number = 900 + (int64_t)w->period_count;
	w->creations++;
	fx_period_add(w, ev->number, title, start, end);
	return 0;
}

static inline int fx_move_period(sr_target *t, int64_t id, const char *title, sr_day start, sr_day end,
	sr_permit *permit, sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	fx_world *w = FX_WORLD_OF(t);
	fx_event *ev;

	(void)title;
	if (!sr_permit_spend_period(permit))
		return sr_fail(err, SR_E_STATE, "no permit");
	ev = fx_later(w, 10, fx_created_fire, arg);
	ev->callback = (void (*)(void))fn;
	ev->cookie = cookie;
	ev->number = id;
	for (size_t i = 0; i < w->period_count; i++)
		if (w->periods[i].id == id) {
			w->periods[i].start = start;
			w->periods[i].end = end;
		}
	return 0;
}

static inline void fx_target_cancel(sr_target *t, void *arg)
{
	fx_forget(FX_WORLD_OF(t), arg);
}

/* ---- The district ---- */

static inline void fx_term(fx_world *w, int64_t school, sr_yearid year, int n, int portion, const char *abbr,
	const char *name, sr_day first, sr_day last)
{
	int64_t dcid = (int64_t)w->term_count + 1;

	assert_true(w->term_count < FX_TERMS);
	w->terms[w->term_count++] = (sr_term){ .id = year * 100 + n,
		.dcid = dcid,
		.school = school,
		.yearid = year,
		.is_year = n == 0,
		.portion = portion,
		.name = name,
		.abbreviation = abbr,
		.first = first,
		.last = last };
}

/* A year and its two semesters. */
static inline void fx_year(fx_world *w, int64_t school, sr_yearid year)
{
	int start = sr_year_start(year);

	fx_term(w, school, year, 0, 1, "YR", "Year", sr_day_make(start, 8, 17), sr_day_make(start + 1, 6, 4));
	fx_term(w, school, year, 1, 2, "S1", "Semester 1", sr_day_make(start, 8, 17), sr_day_make(start + 1, 1, 15));
	fx_term(w, school, year, 2, 2, "S2", "Semester 2", sr_day_make(start + 1, 1, 18), sr_day_make(start + 1, 6, 4));
}

static inline void fx_section(fx_world *w, int64_t school, int64_t term)
{
	size_t n = w->section_count++;

	assert_true(n < FX_RECORDS);
	w->sections[n].school = school;
	w->sections[n].dcid = (int64_t)n + 1;
	w->sections[n].term = term;
}

static inline void fx_config(fx_world *w)
{
	SR_AUTO(sr_buf) problems = { 0 };
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/sisrolld.conf", w->folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f,
		"[daemon]\nstate_dir=%s\n[powerschool]\nurl=http://127.0.0.1:1\n[schoology]\nurl=http://127.0.0.1:2/"
		"v1\n"
		"[operator]\ndesignated=ops\n[roles]\nstudent=Student\nteacher=Teacher\n[group elem]\nschools=101-102\n"
		"[school *]\nsync=yes\n[school 900]\nsync=no\n",
		w->folder);
	fclose(f);
	if (sr_config_load(path, NULL, &w->config, &problems, &w->err) < 0)
		fail_msg("%s", sr_buf_text(&problems));
}

static inline void fx_boot(fx_world *w)
{
	static sr_log log;
	const sr_store_options options = { .path = w->path, .no_sync = true, .now_ms = 1000 };

	log = (sr_log){ .self = w, .write = fx_log, .max_level = SR_DEBUG };
	if (sr_store_open(&options, &w->store, &w->err) < 0 ||
		sr_engine_new(&(sr_engine_config){ .clock = { w, fx_wall, fx_mono },
				      .timers = { w, fx_timer_start, fx_timer_cancel },
				      .log = &log,
				      .store = w->store,
				      .source = &w->source,
				      .target = &w->target,
				      .config = w->config,
				      .random = fx_random,
				      .random_arg = w,
				      .today = fx_today,
				      .version = "1.0.0" },
			&w->engine, &w->err) < 0 ||
		sr_engine_start(w->engine, &w->err) < 0)
		fail_msg("%s", w->err.text);
}

static inline void fx_halt(fx_world *w)
{
	sr_engine_free(w->engine);
	w->engine = NULL;
	sr_store_close(w->store);
	w->store = NULL;
	assert_null(w->events);
}

/* Three synced schools with 2025-2026; 101 and 312 have the next year and have rolled over to it. */
static inline int fx_open(void **state)
{
	static const fx_school schools[] = { { 101, "Adams Elem", 10, 10 }, { 102, "Brook Elem", 10, 0 },
		{ 312, "Cedar Middle", 8, 8 }, { 900, "Cedar Annex", 0, 0 } };
	fx_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	strcpy(w->folder, "/tmp/test_engine.XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/state.db", w->folder);
	w->base_ms = (int64_t)sr_day_make(2026, 8, 4) * 86400000 + 36000000;
	w->chance = 42;
	memcpy(w->schools, schools, sizeof(schools));
	w->school_count = SR_COUNT_OF(schools);
	for (size_t i = 0; i < 3; i++)
		fx_year(w, schools[i].number, 35);
	fx_year(w, 101, 36);
	fx_year(w, 312, 36);
	fx_section(w, 101, 3601);
	fx_section(w, 101, 3602);
	fx_section(w, 312, 3600);
	fx_period_add(w, 800, "2025-2026 Semester 1", sr_day_make(2025, 8, 17), sr_day_make(2026, 1, 15));
	w->source = (sr_source){ w, fx_info, fx_schools, fx_page, fx_count, fx_roles, fx_current_year,
		fx_source_cancel };
	w->target = (sr_target){ w, fx_read, fx_write_wait, fx_write, fx_create_period, fx_move_period,
		fx_target_cancel };
	fx_config(w);
	fx_boot(w);
	fx_pass(w, 10000);
	*state = w;
	return 0;
}

static inline int fx_close(void **state)
{
	fx_world *w = *state;
	char command[160];

	fx_halt(w);
	sr_config_free(w->config);
	snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}
