/* The inventory: before a school's first write of a year, what stands in Schoology already is read
 * into `found`. Users once for the district, courses and their sections for the school's building. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#define USERS_FRESH_MS (6 * 3600 * 1000LL)
#define WAIT_MS 500

typedef struct sr_inv_job {
	struct sr_inv_job *next;
	sr_run *run;
	void (*done)(sr_run *r);
	bool users_only;
	int64_t *courses; /* ids whose sections are still to be read */
	size_t count, at;
	int64_t sections;
} sr_inv_job;

struct sr_inventory {
	sr_run *users_reader; /* the run that reads the district's users; others wait */
	sr_inv_job *jobs;
};

static void sections_next(sr_inv_job *j);
static void users_begin(sr_run *r);

static sr_inv_job *job_of(sr_engine *e, const sr_run *r)
{
	for (sr_inv_job *j = e->inventory ? e->inventory->jobs : NULL; j; j = j->next)
		if (j->run == r)
			return j;
	return NULL;
}

static void job_drop(sr_engine *e, sr_inv_job *job)
{
	for (sr_inv_job **p = &e->inventory->jobs; *p; p = &(*p)->next)
		if (*p == job) {
			*p = job->next;
			free(job->courses);
			free(job);
			return;
		}
}

/* The run is going away, whatever its inventory was doing. */
void sr_inventory_forget(sr_run *r)
{
	sr_inv_job *j = job_of(r->e, r);

	if (!j)
		return;
	if (r->e->inventory->users_reader == r)
		r->e->inventory->users_reader = NULL;
	job_drop(r->e, j);
}

void sr_inventory_free(sr_inventory *i)
{
	while (i && i->jobs) {
		sr_inv_job *j = i->jobs;

		i->jobs = j->next;
		free(j->courses);
		free(j);
	}
	free(i);
}

bool sr_inventory_needed(const sr_run *r)
{
	return !r->inventoried && r->s->row.inventory_year != r->year;
}

static void inv_fail(sr_run *r, const sr_err *err)
{
	sr_inventory_forget(r);
	sr_block_by_error(r->e, true, err);
	sr_run_fail(r, err);
}

static int school_note(sr_run *r, sr_txn *t, int64_t sections, sr_err *err)
{
	int64_t users = 0, ours = 0;

	if (sr_store_found_count(t, SR_TGT_USER, r->s->building, &users, err) < 0 ||
		sr_store_mirror_count(t, SR_TGT_USER, r->s->number, 0, &ours, err) < 0 ||
		sr_school_reload_row(r->s, t, err) < 0)
		return -1;
	r->s->row.inventory_year = r->year;
	r->s->row.found_users = users > ours ? users - ours : 0;
	r->s->row.found_sections = sections;
	return sr_school_save_row(r->s, t, err);
}

static void job_done(sr_inv_job *j)
{
	void (*done)(sr_run *) = j->done;
	sr_run *r = j->run;
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, school_note(r, t, j->sections, &err), &err) < 0) {
		inv_fail(r, &err);
		return;
	}
	r->inventoried = true;
	sr_inventory_forget(r);
	done(r);
}

/* What a list leaves out would be made a second time. */
static int list_whole(const sr_read_answer *answer, const char *what, sr_err *err)
{
	return answer->total_agrees
		       ? 0
		       : sr_fail(err, SR_E_PROTO, "Schoology announced another number of %s than it sent", what);
}

static int sections_put(sr_inv_job *j, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	if (list_whole(answer, "sections", err) < 0)
		return -1;
	for (size_t i = 0; i < answer->count; i++) {
		const sr_target_section *s = &answer->sections[i];

		if (sr_store_found_put(t,
			    &(sr_found_row){ .kind = SR_TGT_SECTION,
				    .id = s->id,
				    .key = s->code,
				    .title = s->title,
				    .building = j->run->s->building,
				    .parent = s->course_id ? s->course_id : j->courses[j->at],
				    .periods = s->periods,
				    .synced = s->synced },
			    err) < 0)
			return -1;
	}
	j->sections += (int64_t)answer->count;
	return 0;
}

static void sections_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;
	sr_inv_job *j = job_of(r->e, r);
	sr_err err;
	sr_txn *t;

	if (failed) {
		inv_fail(r, failed);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, sections_put(j, t, answer, &err), &err) < 0) {
		inv_fail(r, &err);
		return;
	}
	j->at++;
	sections_next(j);
}

static void sections_next(sr_inv_job *j)
{
	sr_run *r = j->run;

	if (j->at == j->count) {
		job_done(j);
		return;
	}
	r->e->c.target->read(
		r->e->c.target, &(sr_read_ask){ .what = SR_READ_SECTIONS, .id = j->courses[j->at] }, sections_came, r);
}

static int courses_put(sr_inv_job *j, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	int64_t building = j->run->s->building;

	if (list_whole(answer, "courses", err) < 0)
		return -1;
	if (sr_store_found_clear(t, SR_TGT_COURSE, building, err) < 0 ||
		sr_store_found_clear(t, SR_TGT_SECTION, building, err) < 0)
		return -1;
	j->courses = malloc((answer->count + 1) * sizeof(*j->courses));
	if (!j->courses)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < answer->count; i++) {
		const sr_target_course *c = &answer->courses[i];

		if (sr_store_found_put(t,
			    &(sr_found_row){ .kind = SR_TGT_COURSE,
				    .id = c->id,
				    .key = c->code,
				    .title = c->title,
				    .building = building,
				    .synced = c->synced },
			    err) < 0)
			return -1;
		j->courses[j->count++] = c->id;
	}
	return 0;
}

static void courses_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;
	sr_inv_job *j = job_of(r->e, r);
	sr_err err;
	sr_txn *t;

	if (failed) {
		inv_fail(r, failed);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, courses_put(j, t, answer, &err), &err) < 0) {
		inv_fail(r, &err);
		return;
	}
	sections_next(j);
}

static void courses_begin(sr_run *r)
{
	sr_inv_job *j = job_of(r->e, r);
	void (*done)(sr_run *) = j->done;

	if (j->users_only) {
		sr_inventory_forget(r);
		done(r);
		return;
	}
	r->e->c.target->read(
		r->e->c.target, &(sr_read_ask){ .what = SR_READ_COURSES, .building = r->s->building }, courses_came, r);
}

/* ---- the district's users --------------------------------------------------------------------- */

static int users_put(sr_txn *t, const sr_read_answer *answer, bool inactive, sr_err *err)
{
	for (size_t i = 0; i < answer->count; i++) {
		const sr_target_user *u = &answer->users[i];

		if (sr_store_found_put(t,
			    &(sr_found_row){ .kind = SR_TGT_USER,
				    .id = u->id,
				    .key = u->school_uid,
				    .email = u->email,
				    .username = u->username,
				    .first = u->first,
				    .preferred = u->preferred,
				    .last = u->last,
				    .role = u->role_id,
				    .building = u->building_id,
				    .synced = u->synced,
				    .inactive = inactive,
				    .additional_buildings = u->additional_buildings },
			    err) < 0)
			return -1;
	}
	return 0;
}

static int users_store(sr_run *r, sr_txn *t, const sr_read_answer *answer, bool inactive, sr_err *err)
{
	if (list_whole(answer, "users", err) < 0)
		return -1;
	if (!inactive && sr_store_found_clear(t, SR_TGT_USER, 0, err) < 0)
		return -1;
	if (users_put(t, answer, inactive, err) < 0)
		return -1;
	return inactive ? sr_meta_set_int(t, "inventory_users_ms", sr_now_ms(r->e), err) : 0;
}

/* Keeps what came; false: the run has failed. */
static bool users_keep(sr_run *r, const sr_read_answer *answer, const sr_err *failed, bool inactive)
{
	sr_err err;
	sr_txn *t;

	if (failed) {
		inv_fail(r, failed);
		return false;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, users_store(r, t, answer, inactive, &err), &err) < 0) {
		inv_fail(r, &err);
		return false;
	}
	return true;
}

static void inactive_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;

	if (!users_keep(r, answer, failed, true))
		return;
	r->e->inventory->users_reader = NULL;
	courses_begin(r);
}

static void users_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;

	if (users_keep(r, answer, failed, false))
		r->e->c.target->read(r->e->c.target, &(sr_read_ask){ .what = SR_READ_INACTIVE }, inactive_came, r);
}

static void users_wait(void *arg)
{
	sr_run *r = arg;

	r->timer = NULL;
	if (sr_run_stale(r)) {
		sr_inventory_forget(r);
		sr_run_raise(r, SR_RE_STOP, "the school's phase changed");
		return;
	}
	users_begin(r);
}

static bool users_fresh(sr_run *r)
{
	int64_t at = 0;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return false;
	sr_meta_get_int(t, "inventory_users_ms", &at, NULL);
	sr_txn_rollback(t);
	/* Who runs by hand has perhaps just mended something by hand. */
	if (r->kind == SR_RK_MANUAL)
		return at >= r->started_ms;
	return at && sr_now_ms(r->e) - at >= 0 && sr_now_ms(r->e) - at < USERS_FRESH_MS;
}

static void users_begin(sr_run *r)
{
	sr_inventory *i = r->e->inventory;

	if (i->users_reader && i->users_reader != r) {
		sr_run_later(r, WAIT_MS, users_wait);
	} else if (users_fresh(r)) {
		courses_begin(r);
	} else {
		i->users_reader = r;
		r->e->c.target->read(r->e->c.target, &(sr_read_ask){ .what = SR_READ_USERS }, users_came, r);
	}
}

static void inventory_begin(sr_run *r, bool users_only, void (*done)(sr_run *r))
{
	sr_err err;
	sr_inv_job *j = calloc(1, sizeof(*j));

	if (!r->e->inventory)
		r->e->inventory = calloc(1, sizeof(*r->e->inventory));
	if (!j || !r->e->inventory || !r->s->building) {
		free(j);
		sr_fail(&err, r->s->building ? SR_E_NOMEM : SR_E_STATE,
			r->s->building ? "out of memory" : "no Schoology building is known for this school");
		sr_run_fail(r, &err);
		return;
	}
	*j = (sr_inv_job){ .next = r->e->inventory->jobs, .run = r, .done = done, .users_only = users_only };
	r->e->inventory->jobs = j;
	users_begin(r);
}

void sr_run_inventory(sr_run *r, void (*done)(sr_run *r))
{
	inventory_begin(r, false, done);
}

void sr_run_users(sr_run *r, void (*done)(sr_run *r))
{
	inventory_begin(r, true, done);
}
