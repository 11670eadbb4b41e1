/* What PowerSchool's answers mean for a question: the sentences for its refusals, and one reader for
 * each kind of question. */
#include <string.h>

#include "codec/ps_codec.h"
#include "remote/ps_op.h"

#define SCHOOLS_MAX 5000

const char *const sr_ps_query_names[SR_SRC_COUNT] = {
	[SR_SRC_TERM] = "terms",
	[SR_SRC_SECTION] = "sections",
	[SR_SRC_COURSE] = "courses",
	[SR_SRC_STUDENT] = "students",
	[SR_SRC_STAFF] = "staff",
	[SR_SRC_ENROLLMENT] = "enrollments",
	[SR_SRC_TEACHING] = "teachings",
};

/* ---- refusals ---- */

static int refused_plugin(const op *o, const sr_ps_refusal *why, sr_err *err)
{
	if (*why->field)
		return sr_fail(err, SR_E_FORBIDDEN,
			"PowerSchool does not let the plugin read %s.%s: install the current sisroll plugin and enable "
			"it, so "
			"that its access request is granted",
			why->table, why->field);
	return sr_fail(err, SR_E_FORBIDDEN, "PowerSchool does not let the plugin read %s: %s",
		o->query ? o->query : "its v1 data", *why->message ? why->message : "no reason given");
}

static int judge_status(const op *o, int status, const sr_ps_refusal *why, sr_err *err)
{
	switch (status) {
	case 401:
		return sr_fail(err, SR_E_FORBIDDEN,
			"PowerSchool does not let the plugin use its v1 API: raise the plugin's API access level to "
			"READ on its "
			"Data Provider Configuration page");
	case 403:
		return refused_plugin(o, why, err);
	case 404:
		if (o->query)
			return sr_fail(err, SR_E_FORBIDDEN,
				"PowerSchool does not know the query %s: install or enable the sisroll plugin, and let "
				"it use "
				"customizations",
				o->query);
		return sr_fail(err, SR_E_NOTFOUND,
			"PowerSchool answered 404 to a v1 request: is the url that of a PowerSchool server?");
	case 400:
		sr_fail(err, SR_E_PROTO,
			"PowerSchool refuses the arguments of %s: is the installed sisroll plugin of this version? "
			"(%s)",
			o->query ? o->query : "a request", why->message);
		if (err)
			err->retry = SR_RETRY_PERSON;
		return -1;
	default:
		return sr_fail(err, SR_E_PROTO, "PowerSchool answered %d: %s", status, why->message);
	}
}

/* Two things are called 401 (contracts/powerschool.md section 2): a token that is no longer good,
 * and a plugin without a right, which no new token will give it. */
bool sr_ps_op_token_refused(op *o, const sr_response *r)
{
	sr_ps_refusal why;

	if (r->status != 401)
		return false;
	sr_ps_refusal_read(r->body, r->body_bytes, &o->arena, &why);
	return !strstr(why.message, "accessLevelV1Api");
}

int sr_ps_op_refusal(op *o, const sr_response *r, sr_err *err)
{
	sr_ps_refusal why;

	sr_ps_refusal_read(r->body, r->body_bytes, &o->arena, &why);
	return judge_status(o, r->status, &why, err);
}

/* ---- answers ---- */

static int read_info(op *o, const sr_response *r, sr_err *err)
{
	sr_ps_info info;

	if (sr_ps_info_read(r->body, r->body_bytes, &o->arena, &info, err) < 0)
		return -1;
	o->fn.info(o->arg, &(sr_source_info){ info.uuid, info.version, info.timezone }, NULL);
	return 0;
}

static int keep_schools(op *o, const sr_ps_school *rows, size_t count, sr_err *err)
{
	if (!o->schools)
		o->schools = sr_arena_alloc(&o->arena, SCHOOLS_MAX * sizeof(*o->schools));
	if (!o->schools)
		return sr_fail_nomem(err);
	if (o->school_count + count > SCHOOLS_MAX)
		return sr_fail(err, SR_E_LIMIT, "PowerSchool lists more than %d schools", SCHOOLS_MAX);
	for (size_t i = 0; i < count; i++)
		o->schools[o->school_count++] = (sr_source_school){ rows[i].number, rows[i].dcid, rows[i].name };
	return 0;
}

/* First the page size that the district has set, then pages until one is short. 1: asks on. */
static int read_schools(op *o, const sr_response *r, sr_err *err)
{
	sr_ps_school *rows;
	sr_ps_info info;
	size_t count, seen;

	if (!o->school_page) {
		if (sr_ps_info_read(r->body, r->body_bytes, &o->arena, &info, err) < 0)
			return -1;
		o->school_size = info.school_page_size;
	} else {
		if (sr_ps_schools_read(r->body, r->body_bytes, &o->arena, &rows, &count, &seen, err) < 0 ||
			keep_schools(o, rows, count, err) < 0)
			return -1;
		if (seen < (size_t)o->school_size) {
			o->fn.schools(o->arg, o->schools, o->school_count, NULL);
			return 0;
		}
	}
	o->school_page++;
	return 1;
}

static int read_page(op *o, const sr_response *r, sr_err *err)
{
	sr_ps_rows rows;
	sr_page page;

	if (sr_ps_rows_read(o->ask.kind, r->body, r->body_bytes, o->ask.after, &o->arena, &rows, err) < 0)
		return sr_err_prefix(err, sr_ps_query_names[o->ask.kind]);
	page = (sr_page){ .records = rows.records,
		.raw = rows.raw,
		.count = rows.count,
		.last = rows.count + rows.bad < (size_t)o->ask.page_size,
		.last_key = rows.last_key,
		.bad = rows.bad,
		.bad_paths = rows.bad_paths,
		.bad_keys = rows.bad_keys };
	/* A full page without one readable key would be asked for again and again. */
	if (!page.last && rows.last_key == o->ask.after)
		return sr_fail(err, SR_E_PROTO, "%s: a whole page without a key (%s)", sr_ps_query_names[o->ask.kind],
			rows.bad ? rows.bad_paths[0] : "");
	o->fn.page(o->arg, &page, NULL);
	return 0;
}

static int read_count(op *o, const sr_response *r, sr_err *err)
{
	int64_t count = -1;

	if (r->status == 200 && sr_ps_count_read(r->body, r->body_bytes, &count, err) < 0)
		return -1;
	o->fn.count(o->arg, count, NULL);
	return 0;
}

static int read_roles(op *o, const sr_response *r, sr_err *err)
{
	sr_ps_pair *pairs;
	const char **keys;
	int64_t *ids;
	size_t count;

	if (sr_ps_pairs_read(r->body, r->body_bytes, "id", "rolekey", &o->arena, &pairs, &count, err) < 0)
		return -1;
	ids = sr_arena_alloc(&o->arena, (count + 1) * sizeof(*ids));
	keys = sr_arena_alloc(&o->arena, (count + 1) * sizeof(*keys));
	if (!ids || !keys)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		if (!sr_parse_i64(pairs[i].a, &ids[i]))
			return sr_fail(err, SR_E_PROTO, "roles: record[%zu].id: expected a whole number", i);
		keys[i] = pairs[i].b;
	}
	o->fn.roles(o->arg, true, ids, keys, count, NULL);
	return 0;
}

/* A value that is no yearid is as good as none: it is shown beside the evidence, not used for it. */
static int read_year(op *o, const sr_response *r, sr_err *err)
{
	sr_ps_pair *pairs;
	size_t count;
	int64_t year = SR_YEARID_NONE, n;

	if (sr_ps_pairs_read(r->body, r->body_bytes, "name", "value", &o->arena, &pairs, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (sr_strcaseeq(pairs[i].a, "coursearchiveyear") && sr_parse_i64(pairs[i].b, &n) &&
			n >= SR_YEARID_MIN && n <= SR_YEARID_MAX)
			year = n;
	o->fn.year(o->arg, (sr_yearid)year, NULL);
	return 0;
}

/* The credit type, else the department; courses without either are left out. Both are free text. */
static int subject_rows(op *o, const sr_response *r, sr_course_subject **out, sr_subject_page *page, sr_err *err)
{
	sr_ps_pair *numbers, *departments;
	sr_course_subject *rows;
	size_t count, n = 0;

	if (sr_ps_pairs_read(r->body, r->body_bytes, "course_number", "credittype", &o->arena, &numbers, &count, err) <
			0 ||
		sr_ps_pairs_read(
			r->body, r->body_bytes, "dcid", "sched_department", &o->arena, &departments, &count, err) < 0)
		return -1;
	rows = sr_arena_alloc(&o->arena, (count + 1) * sizeof(*rows));
	if (!rows)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const char *subject = *numbers[i].b ? numbers[i].b : departments[i].b;

		if (!sr_parse_i64(departments[i].a, &page->last_key))
			return sr_fail(err, SR_E_PROTO, "subjects: record[%zu].dcid: expected a whole number", i);
		if (*numbers[i].a && *subject)
			rows[n++] = (sr_course_subject){ numbers[i].a, subject };
	}
	page->last = count < (size_t)o->ask.page_size;
	page->count = n;
	*out = rows;
	return 0;
}

static int read_subjects(op *o, const sr_response *r, sr_err *err)
{
	sr_subject_page page = { .ok = true, .last_key = o->ask.after };
	sr_course_subject *rows = NULL;

	if (subject_rows(o, r, &rows, &page, err) < 0)
		return -1;
	if (!page.last && page.last_key <= o->ask.after)
		return sr_fail(err, SR_E_PROTO, "subjects: the keys do not rise");
	page.rows = rows;
	o->fn.subjects(o->arg, &page, NULL);
	return 0;
}

static int (*const readers[OP_KIND_COUNT])(op *o, const sr_response *r, sr_err *err) = {
	[OP_INFO] = read_info,
	[OP_SCHOOLS] = read_schools,
	[OP_PAGE] = read_page,
	[OP_COUNT] = read_count,
	[OP_ROLES] = read_roles,
	[OP_YEAR] = read_year,
	[OP_SUBJECTS] = read_subjects,
};

int sr_ps_op_read(op *o, const sr_response *r, sr_err *err)
{
	return readers[o->kind](o, r, err);
}
