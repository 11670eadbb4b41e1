/* Text keys and titles, made from the district's templates. A name that is nobody's to read aloud
 * never leaves here but into the object it belongs to. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

typedef struct sr_tpl {
	const sr_school *s;
	sr_src kind;
	const sr_record *row;
	const sr_key_facts *facts;
	char number[8][24]; /* numbers printed for the template; one slot a use */
	int used;
} sr_tpl;

static const char *tpl_number(sr_tpl *t, int64_t n)
{
	int slot = t->used++ % (int)SR_COUNT_OF(t->number);

	snprintf(t->number[slot], sizeof(t->number[slot]), "%lld", (long long)n);
	return t->number[slot];
}

/* Template names that are not simply a column of the row. */
static const struct {
	const char *name;
	sr_src kind;
	int field;
} aliases[] = {
	{ "teacher_number", SR_SRC_STAFF, SR_STF_TEACHERNUMBER },
	{ "students_dcid", SR_SRC_STUDENT, SR_STU_DCID },
	{ "users_dcid", SR_SRC_STAFF, SR_STF_USERS_DCID },
	{ "section_dcid", SR_SRC_SECTION, SR_SEC_DCID },
	{ "section_id", SR_SRC_SECTION, SR_SEC_ID },
};

static const char *tpl_value(sr_tpl *t, const sr_record *row, int field)
{
	const sr_value *v = &row->v[field];

	if (!v->set)
		return NULL;
	return row->kind->fields[field].type == SR_T_TEXT ? v->s : tpl_number(t, v->n);
}

static const char *tpl_column(sr_tpl *t, const sr_record *row, const char *name)
{
	for (size_t i = 0; row && i < row->kind->count; i++)
		if (strcmp(row->kind->fields[i].name, name) == 0)
			return tpl_value(t, row, (int)i);
	return NULL;
}

/* Sign-ins that start with ## or ~~ are managed elsewhere: no usable name (contracts/powerschool.md 16.7). */
static const char *tpl_usable(const char *name, const char *value)
{
	bool login = strstr(name, "login") || strstr(name, "web_id");

	return value && login && (sr_starts(value, "##") || sr_starts(value, "~~")) ? NULL : value;
}

static const char *tpl_term(sr_tpl *t, const char *name)
{
	const sr_term *term = t->facts->term;

	if (!term)
		return NULL;
	if (strcmp(name, "term_id") == 0)
		return tpl_number(t, term->id);
	return strcmp(name, "term_abbreviation") == 0 ? term->abbreviation : term->name;
}

static const char *tpl_get(void *arg, const char *name)
{
	sr_tpl *t = arg;

	if (strcmp(name, "school_number") == 0)
		return tpl_number(t, t->s->number);
	if (strcmp(name, "start_year") == 0)
		return t->facts->year ? tpl_number(t, sr_year_start(t->facts->year)) : NULL;
	if (sr_starts(name, "term_"))
		return tpl_term(t, name);
	for (size_t i = 0; i < SR_COUNT_OF(aliases); i++)
		if (aliases[i].kind == t->kind && strcmp(aliases[i].name, name) == 0)
			return tpl_value(t, t->row, aliases[i].field);
	if (strcmp(name, "course_dcid") == 0)
		return t->facts->course ? tpl_value(t, t->facts->course, SR_CRS_DCID) : NULL;
	if (t->facts->course && sr_starts(name, "course_"))
		return tpl_column(t, t->facts->course, name);
	return tpl_usable(name, tpl_column(t, t->row, name));
}

int sr_key_expand(const sr_school *s, const char *tpl, sr_src kind, const sr_record *row, const sr_key_facts *facts,
	sr_buf *out, sr_err *err)
{
	static const sr_key_facts none;
	sr_tpl t = { .s = s, .kind = kind, .row = row, .facts = facts ? facts : &none };

	sr_buf_clear(out);
	if (tpl && *tpl)
		sr_template_expand(tpl, tpl_get, &t, out);
	return out->failed ? sr_fail_nomem(err) : 0;
}

int sr_key_person(const sr_school *s, sr_src kind, const sr_record *row, sr_buf *out, sr_err *err)
{
	return sr_key_expand(
		s, kind == SR_SRC_STUDENT ? s->config.student_uid : s->config.staff_uid, kind, row, NULL, out, err);
}

static int key_add(sr_engine *e, sr_keys *keys, const sr_source_row *row, sr_arena *a, sr_err *err)
{
	SR_AUTO(sr_buf) key = { 0 };
	const sr_school *s = sr_engine_school(e, row->school);
	sr_record rec;

	if (!s || sr_record_unpack(&sr_src_kinds[row->kind], row->data.bytes, row->data.len, a, &rec, err) < 0)
		return s ? -1 : 0;
	if (sr_key_person(s, row->kind, &rec, &key, err) < 0)
		return -1;
	return key.len ? sr_keys_add(keys, sr_key_fold(key.p), row->ident.a, err) : 0;
}

static int keys_of_kind(sr_engine *e, sr_txn *t, sr_keys *keys, sr_src kind, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	int64_t school = 0, key = 0;
	sr_source_row *rows;
	size_t count;

	do {
		sr_arena_clear(&arena);
		if (sr_store_source_people(t, &arena, kind, school, key, SR_CHUNK, &rows, &count, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (key_add(e, keys, &rows[i], &arena, err) < 0)
				return -1;
		if (count) {
			school = rows[count - 1].school;
			key = rows[count - 1].key;
		}
	} while (count == SR_CHUNK);
	return 0;
}

int sr_keys_build(sr_engine *e, sr_txn *t, sr_err *err)
{
	sr_keys *keys;

	if (e->keys && !e->keys_stale)
		return 0;
	keys = sr_keys_new();
	if (!keys)
		return sr_fail_nomem(err);
	if (keys_of_kind(e, t, keys, SR_SRC_STUDENT, err) < 0 || keys_of_kind(e, t, keys, SR_SRC_STAFF, err) < 0) {
		sr_keys_free(keys);
		return -1;
	}
	sr_keys_free(e->keys);
	e->keys = keys;
	e->keys_stale = false;
	return 0;
}
