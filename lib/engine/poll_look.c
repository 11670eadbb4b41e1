/* The poller's longer looks: terms, what the acting user sees, and the probe of each school (has
 * PowerSchool rolled over? which terms are in use?). */
#include <stdio.h>
#include <string.h>

#include "engine/poll_priv.h"
#include "engine/run_priv.h"

/* ---- terms ------------------------------------------------------------------------------------- */

static sr_yearid terms_from(const sr_engine *e)
{
	int year, month, day;
	sr_yearid low;

	sr_day_split(sr_today(e), &year, &month, &day);
	low = year - 1990 - 2;
	for (size_t i = 0; i < e->school_count; i++) {
		sr_yearid active = e->schools[i]->row.state.active;

		if (active && active - 1 < low)
			low = active - 1;
	}
	return low < SR_YEARID_MIN ? SR_YEARID_MIN : low;
}

/* TERMS rows can stand twice (contracts/powerschool.md 16.3): the lowest DCID is the term. */
static int term_push(sr_poll *p, const sr_record *r, sr_err *err)
{
	sr_term term = { .id = sr_record_int(r, SR_TERM_ID, 0),
		.dcid = sr_record_int(r, SR_TERM_DCID, 0),
		.school = sr_record_int(r, SR_TERM_SCHOOLID, 0),
		.yearid = (sr_yearid)sr_record_int(r, SR_TERM_YEARID, 0),
		.is_year = sr_record_int(r, SR_TERM_ISYEARREC, 0) == 1,
		.portion = (int)sr_record_int(r, SR_TERM_PORTION, 0),
		.name = sr_arena_strdup(&p->arena, sr_record_text(r, SR_TERM_NAME) ?: ""),
		.abbreviation = sr_arena_strdup(&p->arena, sr_record_text(r, SR_TERM_ABBREVIATION) ?: ""),
		.first = sr_record_day(r, SR_TERM_FIRSTDAY),
		.last = sr_record_day(r, SR_TERM_LASTDAY) };

	for (size_t i = 0; i < p->term_count; i++)
		if (p->terms[i].school == term.school && p->terms[i].id == term.id) {
			p->e->term_duplicates++;
			return 0;
		}
	if (p->term_count == p->term_cap) {
		size_t cap = p->term_cap ? p->term_cap * 2 : 64;
		sr_term *grown = realloc(p->terms, cap * sizeof(*grown));

		if (!grown)
			return sr_fail_nomem(err);
		p->terms = grown;
		p->term_cap = cap;
	}
	p->terms[p->term_count++] = term;
	return 0;
}

static int terms_put(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	(void)arg;
	if (e->poll->term_count == 0)
		return sr_fail(err, SR_E_PROTO, "PowerSchool sent no term at all");
	return sr_store_terms_replace(t, terms_from(e), e->poll->terms, e->poll->term_count, err);
}

static void terms_page(sr_engine *e);

static void terms_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_poll *p = e->poll;
	sr_err err;

	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	if (page->bad) {
		sr_fail(&err, SR_E_PROTO, "a term could not be read: %s", page->bad_paths[0]);
		sr_poll_fail(e, false, &err);
		return;
	}
	for (size_t i = 0; i < page->count; i++)
		if (term_push(p, &page->records[i], &err) < 0) {
			sr_poll_fail(e, false, &err);
			return;
		}
	if (!page->last) {
		p->after = page->last_key;
		terms_page(e);
	} else if (sr_poll_store(e, terms_put, NULL, &err) < 0) {
		sr_poll_fail(e, false, &err);
	} else {
		sr_poll_next(e);
	}
}

static void terms_page(sr_engine *e)
{
	e->c.source->page(e->c.source,
		&(sr_page_ask){ .kind = SR_SRC_TERM,
			.termid_low = terms_from(e),
			.after = e->poll->after,
			.page_size = (int)e->c.config->powerschool.page_size },
		terms_came, e);
}

void sr_poll_ask_terms(sr_engine *e)
{
	e->poll->term_count = 0;
	e->poll->after = 0;
	e->term_duplicates = 0;
	sr_arena_clear(&e->poll->arena);
	terms_page(e);
}

/* A term whose dates moved after it was mapped is told, not pushed (DESIGN section 2). */
static int moved_look(sr_school *s, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_term_row *rows;
	int64_t moved = 0;
	size_t count;

	if (sr_store_terms(t, &arena, s->number, s->row.state.active, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (rows[i].mapped_first != SR_DAY_NONE &&
			(rows[i].mapped_first != rows[i].term.first || rows[i].mapped_last != rows[i].term.last))
			moved = moved * 31 + rows[i].term.id + rows[i].term.first * 7 + rows[i].term.last;
	if (moved && moved != s->said_moved)
		sr_engine_say(s->e, SR_WARNING, SR_MSG_TERM_MOVED, s->number, "term-moved",
			"dates of a mapped term moved in PowerSchool; its grading period was not changed: sisrollctl "
			"terms lint %lld",
			(long long)s->number);
	s->said_moved = moved;
	return 0;
}

void sr_poll_tell_moved(sr_school *s)
{
	sr_txn *t;

	if (s->config.sync && s->row.state.active && sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0)
		sr_txn_end(s->e, t, moved_look(s, t, NULL), NULL);
}

/* ---- the acting user --------------------------------------------------------------------------- */

void sr_acting_invalid(sr_engine *e, const char *why)
{
	e->acting.known = true;
	e->acting.ok = false;
	e->acting.checked_ms = sr_now_ms(e);
	snprintf(e->acting.why, sizeof(e->acting.why), "%s", why);
	sr_fail(&e->target_err, SR_E_FORBIDDEN, "%s", why);
	sr_block_raise(e, 0, SR_BL_ACTING_USER_INVALID, why);
}

static void acting_valid(sr_engine *e)
{
	sr_acting_user *a = &e->acting;

	if (a->known && a->id && a->id != e->poll->me)
		sr_engine_say(e, SR_WARNING, SR_MSG_ACTING_USER, 0, NULL, "the acting user changed from %lld to %lld",
			(long long)a->id, (long long)e->poll->me);
	a->known = a->ok = true;
	a->id = e->poll->me;
	a->checked_ms = sr_now_ms(e);
	snprintf(a->role, sizeof(a->role), "%s", e->poll->my_title);
	e->target_ok_ms = sr_now_ms(e);
	e->target_err = (sr_err){ 0 };
	sr_block_lift(e, 0, SR_BL_ACTING_USER_INVALID);
	sr_block_lift(e, 0, SR_BL_SCHOOLOGY_AUTH);
	sr_poll_next(e);
}

#define SCOPE_KEYS 50 /* what one request may ask for */
#define SCOPE_SCHOOLS 10
#define SCOPE_EACH (SCOPE_KEYS / SCOPE_SCHOOLS) /* several of each, since one may have been deleted by hand */

static bool scope_stands_in(const sr_engine *e, const sr_mirror_row *row, int64_t building)
{
	return building && !row->object.is_acting_user && building != e->poll->my_building &&
	       sr_record_int(&row->object.values, SR_U_BUILDING_ID, 0) == building;
}

/* Keys of accounts that are known to stand in other buildings than the acting user's own, some of each. */
static size_t scope_keys(sr_engine *e, sr_arena *a, const char **keys)
{
	size_t count, n = 0;
	sr_mirror_row *rows;
	sr_txn *t;

	e->poll->scope_asked = 0;
	if (sr_txn_begin(e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return 0;
	for (size_t i = 0; i < e->school_count && e->poll->scope_asked < SCOPE_SCHOOLS; i++) {
		size_t before = n;

		if (sr_store_mirror_range(t, a, SR_TGT_USER, e->schools[i]->number, 0,
			    (sr_ident){ INT64_MIN, INT64_MIN }, SCOPE_KEYS, &rows, &count, NULL) < 0)
			break;
		for (size_t k = 0; k < count && n - before < SCOPE_EACH; k++)
			if (scope_stands_in(e, &rows[k], e->schools[i]->building))
				keys[n++] = rows[k].key;
		e->poll->scope_asked += n > before;
	}
	sr_txn_rollback(t);
	return n;
}

/* In how many buildings the people stand that were found. */
static size_t scope_seen(const sr_read_answer *answer)
{
	size_t buildings = 0;

	for (size_t i = 0; i < answer->count; i++) {
		size_t k = 0;

		while (k < i && answer->users[k].building_id != answer->users[i].building_id)
			k++;
		buildings += k == i;
	}
	return buildings;
}

static void scope_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_engine *e = arg;

	if (failed) {
		sr_poll_fail(e, true, failed);
	} else if (e->poll->scope_asked && scope_seen(answer) < (e->poll->scope_asked > 1 ? 2 : 1)) {
		sr_acting_invalid(e, "the acting user sees the users of one building only");
		sr_poll_next(e);
	} else {
		acting_valid(e);
	}
}

/* Others' data must be readable (personal keys may not since June 2025), and of all buildings. */
void sr_poll_ask_scope(sr_engine *e)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const char *keys[SCOPE_KEYS] = { "sisroll-probe" };
	char why[200];
	size_t n;

	if (strcmp(e->poll->my_title, e->c.config->schoology.acting_role) != 0) {
		snprintf(why, sizeof(why), "the acting user %lld has the role '%s', not '%s'", (long long)e->poll->me,
			e->poll->my_title, e->c.config->schoology.acting_role);
		sr_acting_invalid(e, why);
		sr_poll_next(e);
		return;
	}
	n = scope_keys(e, &arena, keys);
	e->c.target->read(e->c.target,
		&(sr_read_ask){ .what = SR_READ_USERS_BY_KEY, .keys = keys, .key_count = n ? n : 1 }, scope_came, e);
}

/* ---- the probe --------------------------------------------------------------------------------- */

static void probe_school(sr_engine *e);
static void probe_page(sr_engine *e, sr_src kind);

static sr_school *probed(sr_engine *e)
{
	return e->schools[e->poll->school];
}

static sr_yearid probe_year(const sr_school *s)
{
	return s->row.state.chosen ? s->row.state.chosen : s->row.state.active;
}

static void probe_next_school(sr_engine *e)
{
	e->poll->school++;
	probe_school(e);
}

static void count_section(sr_poll *p, const sr_record *r)
{
	int64_t term = sr_record_int(r, SR_SEC_TERMID, 0);

	for (size_t i = 0; i < p->count_len; i++)
		if (p->counts[i].term == term) {
			p->counts[i].sections++;
			return;
		}
	if (p->count_len == p->count_cap) {
		size_t cap = p->count_cap ? p->count_cap * 2 : 16;
		sr_term_count *grown = realloc(p->counts, cap * sizeof(*grown));

		if (!grown)
			return;
		p->counts = grown;
		p->count_cap = cap;
	}
	p->counts[p->count_len++] = (sr_term_count){ .term = term, .sections = 1 };
}

static void sections_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_engine *e = arg;

	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	for (size_t i = 0; i < page->count; i++)
		count_section(e->poll, &page->records[i]);
	if (!page->last) {
		e->poll->after = page->last_key;
		probe_page(e, SR_SRC_SECTION);
		return;
	}
	sr_school_counts_set(probed(e), probe_year(probed(e)), e->poll->counts, e->poll->count_len);
	probe_next_school(e);
}

/* Runs count the sections of a syncing school; of the others nobody else does. */
static void probe_sections(sr_engine *e)
{
	sr_phase phase = probed(e)->row.state.phase;

	if (phase == SR_PH_SYNCING || phase == SR_PH_RESUMED || probed(e)->run || !probe_year(probed(e))) {
		probe_next_school(e);
		return;
	}
	e->poll->after = 0;
	e->poll->count_len = 0;
	probe_page(e, SR_SRC_SECTION);
}

static void students_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_poll *p = e->poll;
	sr_school *s = probed(e);

	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	for (size_t i = 0; i < page->count; i++) {
		const sr_record *r = &page->records[i];

		if (sr_record_int(r, SR_STU_SCHOOLID, 0) != s->number ||
			sr_record_int(r, SR_STU_ENROLL_STATUS, -9) != 0)
			continue;
		p->active++;
		p->promoted += p->since != SR_DAY_NONE && sr_record_day(r, SR_STU_ENTRYDATE) >= p->since;
	}
	if (!page->last) {
		p->after = page->last_key;
		probe_page(e, SR_SRC_STUDENT);
		return;
	}
	/* The school may have moved on meanwhile, and asks about another year now: this is no evidence about that one.
	 */
	if (sr_school_rolled_year(s) == p->rolled_year) {
		s->row.rolled_year = p->rolled_year;
		s->row.rolled_active = p->active;
		s->row.rolled_promoted = p->promoted;
		sr_school_rolled_save(s);
	}
	probe_sections(e);
}

static void probe_page(sr_engine *e, sr_src kind)
{
	sr_yearid year = probe_year(probed(e));
	/* Students: an empty range of terms asks for those whose home the school is, and nobody else. */
	bool students = kind == SR_SRC_STUDENT;

	e->c.source->page(e->c.source,
		&(sr_page_ask){ .kind = kind,
			.school = probed(e)->number,
			.termid_low = students ? 0 : (int64_t)year * 100,
			.termid_high = students ? 0 : (int64_t)year * 100 + 99,
			.after = e->poll->after,
			.page_size = (int)e->c.config->powerschool.page_size },
		students ? students_came : sections_came, e);
}

static void probe_school(sr_engine *e)
{
	sr_poll *p = e->poll;

	while (p->school < e->school_count &&
		(!e->schools[p->school]->config.sync || !sr_school_rolled_year(e->schools[p->school])))
		p->school++;
	if (p->school == e->school_count) {
		sr_poll_next(e);
		return;
	}
	p->after = 0;
	p->active = p->promoted = 0;
	p->rolled_year = sr_school_rolled_year(probed(e));
	p->since = sr_school_rolled_since(probed(e), p->rolled_year);
	probe_page(e, SR_SRC_STUDENT);
}

void sr_poll_ask_probes(sr_engine *e)
{
	e->poll->school = 0;
	probe_school(e);
}
