/* Reads: an address for each step, pages until all that was announced has come, one callback. */
#include <string.h>

#include "codec/oauth1.h"
#include "remote/answer.h"
#include "remote/sgy_op.h"

#define THROTTLED_MAX 5  /* times a read waits and goes on, before its caller is told */
#define TRIES_MAX 3      /* more, for a moment's trouble; longer trouble is the caller's */
#define TRY_FIRST_MS 400 /* doubled every time */

/* ---- addresses ---- */

typedef enum path_arg { NO_ARG, ARG_OBJECT, ARG_BUILDING, ARG_KEYS, ARG_ORGANISATION, ARG_ME } path_arg;

typedef struct step_row {
	sr_sgy_kind kind;
	const char *path; /* $: the argument */
	path_arg arg;
	bool paged;
} step_row;

#define NO_STEP              \
	{                    \
		.path = NULL \
	}

/* Statuses are always named: what comes without them is not said (contracts/schoology.md section 10). */
static const step_row steps[SR_READ_COUNT][2] = {
	/* clang-format off */
	[SR_READ_ME]               = { { SR_SGY_USER,     "/users/me", NO_ARG, false },
				       { SR_SGY_USER,     "/users/$", ARG_ME, false } },
	[SR_READ_SCHOOLS]          = { { SR_SGY_SCHOOL,   "/schools", NO_ARG, true },
				       { SR_SGY_BUILDING, "/schools/$/buildings", ARG_ORGANISATION, true } },
	[SR_READ_ROLES]            = { { SR_SGY_ROLE,     "/roles", NO_ARG, true }, NO_STEP },
	[SR_READ_PERIODS]          = { { SR_SGY_PERIOD,   "/gradingperiods", NO_ARG, true }, NO_STEP },
	[SR_READ_USERS]            = { { SR_SGY_USER,     "/users?building_id=$", ARG_BUILDING, true }, NO_STEP },
	[SR_READ_INACTIVE]         = { { SR_SGY_INACTIVE, "/users/inactive", NO_ARG, true }, NO_STEP },
	[SR_READ_USERS_BY_KEY]     = { { SR_SGY_USER,     "/users?school_uids=$", ARG_KEYS, true }, NO_STEP },
	[SR_READ_COURSES]          = { { SR_SGY_COURSE,   "/courses?building_id=$", ARG_BUILDING, true }, NO_STEP },
	[SR_READ_SECTIONS]         = { { SR_SGY_SECTION,  "/courses/$/sections?include_past=1", ARG_OBJECT, true }, NO_STEP },
	[SR_READ_SECTIONS_BY_CODE] = { { SR_SGY_SECTION,  "/sections?section_school_codes=$&include_past=1", ARG_KEYS, true },
				       NO_STEP },
	[SR_READ_SECTION]          = { { SR_SGY_SECTION,  "/sections/$", ARG_OBJECT, false }, NO_STEP },
	[SR_READ_MEMBERS]          = { { SR_SGY_MEMBER,   "/sections/$/enrollments?enrollment_status=1%2C2%2C5", ARG_OBJECT, true },
				       NO_STEP },
	/* clang-format on */
};

static const step_row *step_of(const sgy_op *o)
{
	return &steps[o->what][o->step];
}

static int64_t number_arg(const sgy_op *o)
{
	switch (step_of(o)->arg) {
	case ARG_OBJECT:
		return o->object;
	case ARG_BUILDING:
		return o->building;
	case ARG_ORGANISATION:
		return o->organisation.id;
	case ARG_ME:
		return o->me;
	default:
		return 0;
	}
}

/* Of a read that may be of a building or of all, the filter is left out with its `?`. */
static void put_path(const sgy_op *o, sr_buf *path)
{
	const step_row *step = step_of(o);
	const char *stop = step->arg == ARG_BUILDING && !o->building ? "?" : "";

	for (const char *p = step->path; *p && *p != *stop; p++) {
		if (*p != '$')
			sr_buf_putc(path, *p);
		else if (step->arg == ARG_KEYS)
			sr_buf_puts(path, o->keys);
		else
			sr_buf_printf(path, "%lld", (long long)number_arg(o));
	}
	if (step->paged)
		sr_buf_printf(path, "%cstart=%zu&limit=%d", strchr(sr_buf_text(path), '?') ? '&' : '?', o->list.seen,
			o->c->c.page_size);
}

int sr_sgy_read_send(sgy_op *o, sr_err *err)
{
	SR_AUTO(sr_buf) path = { 0 };

	if (step_of(o)->arg == ARG_KEYS && !o->keys)
		return sr_fail(err, SR_E_INVALID, "1 to %d keys may be asked for at a time", SR_BATCH_MAX);
	put_path(o, &path);
	if (path.failed)
		return sr_fail_nomem(err);
	o->sent++;
	return sr_sgy_gate_send(o, "GET", path.p, NULL, o->c->c.read_cost, err);
}

/* ---- the end ---- */

void sr_sgy_read_fail(sgy_op *o, const sr_err *err)
{
	if (!o->forgotten)
		o->read_fn(o->arg, NULL, err);
	sr_sgy_op_free(o);
}

static void set_array(sr_read_answer *a, sr_sgy_kind kind, const void *items)
{
	switch (kind) {
	case SR_SGY_USER:
	case SR_SGY_INACTIVE:
		a->users = items;
		break;
	case SR_SGY_SCHOOL:
	case SR_SGY_BUILDING:
		a->buildings = items;
		break;
	case SR_SGY_ROLE:
		a->roles = items;
		break;
	case SR_SGY_PERIOD:
		a->periods = items;
		break;
	case SR_SGY_COURSE:
		a->courses = items;
		break;
	case SR_SGY_SECTION:
		a->sections = items;
		break;
	default:
		a->members = items;
	}
}

static void tell(sgy_op *o, const void *items, size_t count, bool agrees)
{
	sr_read_answer answer = { .count = count, .total_agrees = agrees, .requests = o->sent };

	set_array(&answer, step_of(o)->kind, items);
	if (!o->forgotten)
		o->read_fn(o->arg, &answer, NULL);
	sr_sgy_op_free(o);
}

/* ---- pages ---- */

/* A server may give less than the limit on every page, so a short page ends a list only where no total
 * and no next page was said. */
static bool is_last(const sgy_op *o, size_t got)
{
	const sr_sgy_list *l = &o->list;

	if (got == 0 || !step_of(o)->paged)
		return true;
	if (l->total >= 0)
		return (int64_t)l->seen >= l->total;
	return !l->more_said && got != (size_t)o->c->c.page_size;
}

/* The organisation stands first; a server may list it among its buildings too. */
static void tell_schools(sgy_op *o)
{
	bool agrees = sr_sgy_list_finish(&o->list);
	const sr_target_building *buildings = o->list.items;
	sr_target_building *all = sr_arena_alloc(&o->arena, (o->list.count + 1) * sizeof(*all));
	size_t count = 0;
	sr_err err;

	if (!all) {
		sr_fail_nomem(&err);
		sr_sgy_read_fail(o, &err);
		return;
	}
	all[count++] = o->organisation;
	for (size_t i = 0; i < o->list.count; i++)
		if (buildings[i].id != o->organisation.id)
			all[count++] = buildings[i];
	tell(o, all, count, agrees);
}

static void to_buildings(sgy_op *o)
{
	sr_err err;

	if (!o->list.count) {
		sr_fail(&err, SR_E_FORBIDDEN, "Schoology shows no school to the acting user");
		sr_sgy_read_fail(o, &err);
		return;
	}
	o->organisation = *(const sr_target_building *)o->list.items;
	o->step = 1;
	o->list = (sr_sgy_list){ .kind = SR_SGY_BUILDING };
	sr_sgy_gate_wait(o, true);
}

static void all_pages_came(sgy_op *o)
{
	bool agrees;

	if (o->what == SR_READ_SCHOOLS && o->step == 0) {
		to_buildings(o);
	} else if (o->what == SR_READ_SCHOOLS) {
		tell_schools(o);
	} else {
		agrees = sr_sgy_list_finish(&o->list);
		tell(o, o->list.items, o->list.count, agrees);
	}
}

/* Sections of one course do not always say whose they are. */
static void name_course(sgy_op *o, size_t from)
{
	sr_target_section *sections = o->list.items;

	for (size_t i = from; o->what == SR_READ_SECTIONS && i < o->list.count; i++)
		if (!sections[i].course_id)
			sections[i].course_id = o->object;
}

/* A read that failed is sent again, after a while in which nothing is asked of a server in trouble. */
static void try_again(sgy_op *o, const sr_err *err)
{
	bool passes = err->code == SR_E_NET || err->code == SR_E_REMOTE || err->code == SR_E_PROTO;

	if (!passes || o->tries == TRIES_MAX) {
		sr_sgy_read_fail(o, err);
		return;
	}
	sr_sgy_gate_rest(o->c, (int64_t)TRY_FIRST_MS << o->tries++);
	sr_sgy_gate_wait(o, true);
}

static void page_came(sgy_op *o, const sr_response *r)
{
	size_t got, before = o->list.count;
	sr_err err;

	if (sr_sgy_page_read(&o->list, r->body, r->body_bytes, &o->arena, &got, &err) < 0) {
		try_again(o, &err);
		return;
	}
	name_course(o, before);
	if (is_last(o, got))
		all_pages_came(o);
	else
		sr_sgy_gate_wait(o, true);
}

/* ---- single objects ---- */

static void object_came(sgy_op *o, const sr_response *r)
{
	union {
		sr_target_user user;
		sr_target_section section;
	} one;
	sr_err err;

	if (sr_sgy_one_read(step_of(o)->kind, r->body, r->body_bytes, &o->arena, &one, &err) < 0)
		try_again(o, &err);
	else
		tell(o, &one, 1, true);
}

/* users/me answers with the address of the user. Only the number in it is taken, so the signed
 * request goes to the configured place whatever the link says. */
static void follow(sgy_op *o, const sr_response *r)
{
	sr_err err;

	o->me = sr_sgy_id_in(sr_response_header(r, "Location"), "/users/");
	if (o->what != SR_READ_ME || o->step != 0 || !o->me) {
		sr_fail(&err, SR_E_PROTO, "Schoology redirects to a place that is no user");
		sr_sgy_read_fail(o, &err);
		return;
	}
	o->step = 1;
	sr_sgy_gate_wait(o, true);
}

static void refused(sgy_op *o, const sr_response *r)
{
	sr_err err;
	sgy_refusal why;

	if (r->status == 404 && o->what == SR_READ_SECTION) {
		tell(o, NULL, 0, true);
		return;
	}
	why = sr_sgy_gate_refused(o, r, &err);
	if ((why == SGY_RESIGN && !o->resigned) || (why == SGY_SLOW_DOWN && o->throttled < THROTTLED_MAX)) {
		o->resigned |= why == SGY_RESIGN;
		o->throttled += why == SGY_SLOW_DOWN;
		sr_sgy_gate_wait(o, true);
		return;
	}
	if (r->status >= 300 && r->status < 500)
		sr_sgy_read_fail(o, &err);
	else
		try_again(o, &err);
}

/* 303 is what the documentation names. */
static bool is_redirect(const sr_response *r)
{
	return r->status >= 301 && r->status <= 308 && r->status != 304;
}

void sr_sgy_read_answer(sgy_op *o, const sr_response *r)
{
	sr_err err;

	if (o->forgotten) {
		if (!is_redirect(r) && !sr_answer_is_2xx(r))
			sr_sgy_gate_refused(o, r, &err);
		sr_sgy_op_free(o);
	} else if (is_redirect(r))
		follow(o, r);
	else if (r->status != 200 || sr_answer_is_html(r))
		refused(o, r);
	else if (step_of(o)->paged)
		page_came(o, r);
	else
		object_came(o, r);
}

/* ---- the start ---- */

static int put_keys(sgy_op *o, const sr_read_ask *ask)
{
	sr_buf list = { 0 };

	if (!ask->key_count || ask->key_count > SR_BATCH_MAX)
		return 0; /* found out, and told, when it would be sent */
	for (size_t i = 0; i < ask->key_count; i++) {
		sr_buf_puts(&list, i ? "%2C" : "");
		sr_pct_encode(&list, ask->keys[i], strlen(ask->keys[i]));
	}
	o->keys = list.failed ? NULL : sr_arena_strdup(&o->arena, sr_buf_text(&list));
	sr_buf_done(&list);
	return o->keys ? 0 : -1;
}

/* Without memory for the read there is no later either: only then the caller is told at once. */
void sr_sgy_read_start(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg)
{
	sgy_op *o = sr_sgy_op_new(t->self, SGY_READ, arg);
	sr_err err;

	if (!o || put_keys(o, ask) < 0) {
		sr_sgy_op_free(o);
		sr_fail_nomem(&err);
		fn(arg, NULL, &err);
		return;
	}
	o->read_fn = fn;
	o->what = ask->what;
	o->object = ask->id;
	o->building = ask->building;
	o->list.kind = steps[ask->what][0].kind;
	sr_sgy_gate_wait(o, false);
}
