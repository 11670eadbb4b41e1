/* Before anything is created: is it there already? An object with our key and the same person or
 * course behind it is adopted; anything doubtful waits for a person. Never makes a twin. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

typedef struct sr_claim {
	sr_run *r;
	sr_txn *t;
	sr_ident ident;
	const sr_record *desired;
	sr_arena *a;
} sr_claim;

static int claim_put(const sr_claim *c, sr_tgt kind, const sr_found_row *found, const sr_record *values, sr_yearid year,
	bool acting, sr_err *err)
{
	return sr_store_mirror_put(c->t,
		&(sr_mirror_row){ .kind = kind,
			.ident = c->ident,
			.school = c->r->s->number,
			.key = found->key ? found->key : "",
			.object = { .values = *values,
				.origin = SR_OR_ADOPTED,
				.sgy_id = found->id,
				.year = year,
				.gone = found->inactive,
				.restorable = found->inactive,
				.is_acting_user = acting },
			.confirmed_ms = sr_now_ms(c->r->e) },
		err);
}

static bool set_texts(sr_record *out, sr_arena *a, const size_t *fields, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!sr_record_set_text(out, fields[i], texts[i], a))
			return false;
	return true;
}

static int user_values(const sr_claim *c, const sr_found_row *f, sr_record *out, sr_err *err)
{
	static const size_t fields[] = { SR_U_SCHOOL_UID, SR_U_NAME_FIRST, SR_U_NAME_LAST, SR_U_NAME_FIRST_PREFERRED,
		SR_U_USERNAME, SR_U_PRIMARY_EMAIL, SR_U_ADDITIONAL_BUILDINGS };
	const char *const texts[] = { f->key, f->first, f->last, f->preferred, f->username, f->email,
		f->additional_buildings };

	sr_record_init(out, &sr_tgt_kinds[SR_TGT_USER]);
	if (!set_texts(out, c->a, fields, texts, SR_COUNT_OF(fields)))
		return sr_fail_nomem(err);
	sr_record_set_int(out, SR_U_ROLE_ID, f->role);
	sr_record_set_int(out, SR_U_BUILDING_ID, f->building);
	return 0;
}

int sr_adopt_take_user(const sr_target_user *u, sr_arena *a, sr_record *values, sr_err *err)
{
	static const size_t fields[] = { SR_U_NAME_FIRST, SR_U_NAME_LAST, SR_U_NAME_FIRST_PREFERRED, SR_U_USERNAME,
		SR_U_PRIMARY_EMAIL, SR_U_ADDITIONAL_BUILDINGS };
	const char *const texts[] = { u->first, u->last, u->preferred, u->username, u->email, u->additional_buildings };
	int64_t year;

	if (!set_texts(values, a, fields, texts, SR_COUNT_OF(fields)))
		return sr_fail_nomem(err);
	sr_record_set_int(values, SR_U_ROLE_ID, u->role_id);
	sr_record_set_int(values, SR_U_BUILDING_ID, u->building_id);
	if (u->grad_year && sr_parse_i64(u->grad_year, &year))
		sr_record_set_int(values, SR_U_GRAD_YEAR, year);
	return 0;
}

static bool same_person(const sr_record *d, const sr_found_row *f)
{
	return sr_match_same_person(sr_record_text(d, SR_U_NAME_FIRST), sr_record_text(d, SR_U_NAME_FIRST_PREFERRED),
		sr_record_text(d, SR_U_NAME_LAST), sr_record_text(d, SR_U_PRIMARY_EMAIL),
		sr_record_text(d, SR_U_USERNAME), f->first, f->preferred, f->last, f->email, f->username);
}

/* Somebody else of ours already stands behind this Schoology account. */
static int taken(const sr_claim *c, const sr_found_row *f, bool *out, sr_err *err)
{
	sr_mirror_row other;
	int found = f->key ? sr_store_mirror_by_key(c->t, c->a, SR_TGT_USER, f->key, &other, err) : 0;

	*out = found > 0 && sr_ident_cmp(other.ident, c->ident) != 0;
	return found < 0 ? -1 : 0;
}

static int user_adopt(const sr_claim *c, const sr_found_row *f, bool acting, sr_adopt *out, sr_err *err)
{
	sr_record values;

	if (user_values(c, f, &values, err) < 0 ||
		claim_put(c, SR_TGT_USER, f, &values, SR_YEARID_NONE, acting, err) < 0)
		return -1;
	*out = SR_ADOPT_DONE;
	return 0;
}

/* With an account's id and one more word. NULL: out of memory. */
static const char *say(const sr_claim *c, const char *fmt, int64_t id, const char *word)
	__attribute__((format(printf, 2, 0)));

static const char *say(const sr_claim *c, const char *fmt, int64_t id, const char *word)
{
	return sr_arena_printf(c->a, fmt, (long long)id, word);
}

static int user_judge(const sr_claim *c, const sr_found_row *f, sr_adopt *out, const char **why, sr_err *err)
{
	const char *key = sr_record_text(c->desired, SR_U_SCHOOL_UID);
	bool acting = f->id == c->r->e->acting.id && f->id, held, ours;

	if (taken(c, f, &held, err) < 0)
		return -1;
	ours = f->key && key && sr_strcaseeq(f->key, key);
	*out = SR_ADOPT_WAITS;
	if (held)
		*why = "an account with this e-mail or username belongs to another person of the roster";
	else if (acting && !f->key)
		*why = "this is the acting user, who has no unique id in Schoology: give him one there";
	else if (acting)
		return user_adopt(c, f, true, out, err);
	else if (!ours)
		*why = say(c,
			"account %lld holds his e-mail or username, with another unique id than his%s: give it "
			"his, or free them there",
			f->id, f->inactive ? " (inactive)" : "");
	else if (!same_person(c->desired, f))
		*why = say(c, "account %lld holds this unique id and is of another person%s", f->id,
			f->inactive ? " (inactive)" : "");
	else if (!f->inactive && c->r->e->c.config->sync.found_active == SR_FOUND_ASK)
		*why = say(c, "account %lld holds this unique id%s; [sync] found_active = ask", f->id, "");
	else
		return user_adopt(c, f, false, out, err);
	return *why ? 0 : sr_fail_nomem(err);
}

/* Another active account that has his e-mail or username: two of one person. Merging them is a person's work. */
static const sr_found_row *twin_of(const sr_found_row *rows, size_t count, size_t best)
{
	for (size_t i = 0; i < count; i++)
		if (i != best && !rows[i].inactive && rows[i].id != rows[best].id)
			return &rows[i];
	return NULL;
}

static int user_try(const sr_claim *c, sr_adopt *out, const char **why, sr_err *err)
{
	const char *key = sr_record_text(c->desired, SR_U_SCHOOL_UID);
	const sr_found_row *twin;
	sr_found_row *rows;
	size_t count, best = 0;

	if (sr_store_found_search(c->t, c->a, SR_TGT_USER, key, sr_record_text(c->desired, SR_U_PRIMARY_EMAIL),
		    sr_record_text(c->desired, SR_U_USERNAME), &rows, &count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	/* The row with our key speaks first: the others may be twins of it. */
	for (size_t i = 0; i < count; i++)
		if (rows[i].key && key && sr_strcaseeq(rows[i].key, key))
			best = i;
	twin = key && rows[best].key && sr_strcaseeq(rows[best].key, key) ? twin_of(rows, count, best) : NULL;
	if (!twin || rows[best].inactive || rows[best].id == c->r->e->acting.id)
		return user_judge(c, &rows[best], out, why, err);
	*out = SR_ADOPT_WAITS;
	*why = sr_arena_printf(c->a,
		"two accounts of this person: %lld holds his unique id, %lld his e-mail or username; merge them in "
		"Schoology, then: sisrollctl sync %lld",
		(long long)rows[best].id, (long long)twin->id, (long long)c->r->s->number);
	return *why ? 0 : sr_fail_nomem(err);
}

static int course_try(const sr_claim *c, sr_adopt *out, const char **why, sr_err *err)
{
	sr_found_row *rows;
	sr_record values;
	size_t count;

	(void)why;
	if (sr_store_found_search(c->t, c->a, SR_TGT_COURSE, sr_record_text(c->desired, SR_C_COURSE_CODE), NULL, NULL,
		    &rows, &count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	sr_record_init(&values, &sr_tgt_kinds[SR_TGT_COURSE]);
	if (!sr_record_set_text(&values, SR_C_COURSE_CODE, rows[0].key, c->a) ||
		!sr_record_set_text(&values, SR_C_TITLE, rows[0].title, c->a))
		return sr_fail_nomem(err);
	sr_record_set_int(&values, SR_C_BUILDING_ID, rows[0].building);
	if (claim_put(c, SR_TGT_COURSE, &rows[0], &values, SR_YEARID_NONE, false, err) < 0)
		return -1;
	*out = SR_ADOPT_DONE;
	return 0;
}

/* Does any of the section's periods lie in the active year? Else it is another year's section. */
static bool periods_of_year(const sr_context *ctx, const char *list)
{
	for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
		int64_t id = strtoll(p, NULL, 10);

		for (size_t i = 0; i < ctx->period_count; i++)
			if (ctx->periods[i].id == id && ctx->periods[i].start != SR_DAY_NONE &&
				ctx->periods[i].start <= ctx->year_last && ctx->periods[i].end >= ctx->year_first)
				return true;
	}
	return false;
}

static bool has_id(const char *list, int64_t id)
{
	for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strtoll(p, NULL, 10) == id)
			return true;
	return false;
}

/* Of the periods it has, those we would have set: only they are ours to move later. */
static int common_periods(const char *theirs, const char *ours, sr_buf *out, sr_err *err)
{
	for (const char *p = ours; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (has_id(theirs, strtoll(p, NULL, 10)))
			sr_buf_printf(out, "%s%lld", out->len ? "," : "", strtoll(p, NULL, 10));
	return out->failed ? sr_fail_nomem(err) : 0;
}

static int section_try(const sr_claim *c, sr_adopt *out, const char **why, sr_err *err)
{
	SR_AUTO(sr_buf) periods = { 0 };
	sr_found_row *rows;
	sr_record values;
	size_t count;

	if (sr_store_found_search(c->t, c->a, SR_TGT_SECTION, sr_record_text(c->desired, SR_S_SECTION_SCHOOL_CODE),
		    NULL, NULL, &rows, &count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	if (!periods_of_year(&c->r->judge.ctx, rows[0].periods)) {
		*out = SR_ADOPT_WAITS;
		*why = "this section code belongs to a section of another year: using it would move that section";
		return 0;
	}
	sr_record_init(&values, &sr_tgt_kinds[SR_TGT_SECTION]);
	if (common_periods(rows[0].periods, sr_record_text(c->desired, SR_S_GRADING_PERIODS), &periods, err) < 0)
		return -1;
	values.v[SR_S_COURSE_CODE] = c->desired->v[SR_S_COURSE_CODE];
	if (!sr_record_set_text(&values, SR_S_SECTION_SCHOOL_CODE, rows[0].key, c->a) ||
		!sr_record_set_text(&values, SR_S_TITLE, rows[0].title, c->a) ||
		!sr_record_set_text(&values, SR_S_GRADING_PERIODS, sr_buf_text(&periods), c->a))
		return sr_fail_nomem(err);
	if (claim_put(c, SR_TGT_SECTION, &rows[0], &values, c->r->year, false, err) < 0)
		return -1;
	*out = SR_ADOPT_DONE;
	return 0;
}

int sr_adopt_try(sr_run *r, sr_txn *t, sr_tgt kind, sr_ident ident, const sr_record *desired, sr_arena *a,
	sr_adopt *out, const char **why, sr_err *err)
{
	static int (*const tries[SR_TGT_COUNT])(const sr_claim *, sr_adopt *, const char **,
		sr_err *) = { [SR_TGT_USER] = user_try, [SR_TGT_COURSE] = course_try, [SR_TGT_SECTION] = section_try };
	sr_claim c = { r, t, ident, desired, a };

	*out = SR_ADOPT_NONE;
	return tries[kind] ? tries[kind](&c, out, why, err) : 0;
}
