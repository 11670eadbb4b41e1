/* The spec, and the order in which a district comes to be: places, people, classes of three
 * years, then everything that hurts, then what Schoology holds before anybody syncs. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "district_int.h"

/* clang-format off */
static const struct { const char *name; sim_district_spec spec; } presets[] = {
	/*              schools students year  slots size history hurts extras hold early emails handmade no_code */
	{ "quickstart", { 5,    4000,    2025, 6,    25,  1,      1,    1,     1,   1,    1,     1,       0 } },
	{ "small",      { 2,    40,      2025, 6,    10,  1,      1,    0,     1,   1,    0,     1,       0 } },
	{ "tiny",       { 1,    1,       2025, 1,    25,  0,      0,    0,     0,   0,    0,     1,       0 } },
	{ "huge",       { 200,  1000000, 2025, 6,    25,  0,      1,    1,     0,   0,    0,     1,       0 } },
};

#define KEY(name, lo, hi) { #name, offsetof(sim_district_spec, name), lo, hi }
static const struct { const char *name; size_t at; int lo, hi; } keys[] = {
	KEY(schools, 1, GEN_ORDINARY_MAX), KEY(students, 1, 2000000), KEY(year, 2000, 2099), KEY(slots, 1, GEN_SLOTS),
	KEY(class_size, 1, 500), KEY(history, 0, 1), KEY(hurts, 0, 1), KEY(extras, 0, 1), KEY(hold, 0, 30),
	KEY(early, 0, 30), KEY(emails, 0, 1), KEY(handmade, 0, 1), KEY(no_code, 0, 1),
};

static const struct { const char *sql, *types; } puts_sql[GEN_PUT_COUNT] = {
	[GEN_PUT_SCHOOL] = { "insert into schools(dcid, id, school_number, name, abbreviation, low_grade,"
		" high_grade,"
		" sortorder, issummerschool, state_excludefromreporting) values(?,?,?,?,?,?,?,?,?,?)",
		"iiittnnnnn" },
	[GEN_PUT_STUDENT] = { "insert into students(dcid, id, student_number, state_studentnumber,"
		" student_web_id,"
		" student_allowwebaccess, first_name, last_name, lastfirst, grade_level, enroll_status,"
		" schoolid,"
		" enrollment_schoolid, entrydate, exitdate, entrycode, gender, dob, sched_yearofgraduation,"
		" classof,"
		" enrollmentid, person_id, home_room) values(?,?,?,?,?,1,?,?,?,?,?,?,?,?,?,'E1',?,?,?,?,?,?,?)",
		"iiitttttnniiddtdnniit" },
	[GEN_PUT_USER] = { "insert into users(dcid, first_name, last_name, lastfirst, preferredname, title,"
		" email_addr,"
		" teachernumber, loginid, teacherloginid, homeschoolid, ptaccess, psaccess)"
		" values(?,?,?,?,?,?,?,?,?,?,?,1,0)", "itttttttttn" },
	[GEN_PUT_STAFF] = { "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
		" values(?,?,?,?,?,?)", "iiiinn" },
};
/* clang-format on */

uint64_t gen_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u); /* splitmix64: one word of state, any seed is a good one */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

int gen_put(sim_gen *g, sr_err *err, gen_table table, ...)
{
	va_list ap;

	va_start(ap, table);
	int rc = sim_stmt_vrun(g->put[table], err, puts_sql[table].types, ap);
	va_end(ap);
	return rc;
}

static int set_key(sim_district_spec *spec, const char *name, const char *value, sr_err *err)
{
	int64_t n;

	for (size_t i = 0; i < SR_COUNT_OF(keys); i++) {
		if (!sr_streq(keys[i].name, name))
			continue;
		if (!sr_parse_i64(value, &n) || n < keys[i].lo || n > keys[i].hi)
			return sr_fail(err, SR_E_RANGE,
				"district: %s=%s is not within"
				" %d..%d",
				name, value, keys[i].lo, keys[i].hi);
		*(int *)(void *)((char *)spec + keys[i].at) = (int)n;
		return 0;
	}
	return sr_fail(err, SR_E_INVALID, "district: unknown key %s", name);
}

static int set_preset(sim_district_spec *spec, const char *name, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(presets); i++) {
		if (sr_streq(presets[i].name, name)) {
			*spec = presets[i].spec;
			return 0;
		}
	}
	return sr_fail(err, SR_E_INVALID, "district: unknown preset %s (quickstart, small, tiny, huge)", name);
}

int sim_district_parse(const char *text, sim_district_spec *out, sr_err *err)
{
	sim_district_spec spec = presets[0].spec;
	SR_AUTO_FREE char *copy = sr_strdup(text);
	char *save = NULL;
	int rc = 0;

	if (!copy)
		return sr_fail_nomem(err);
	for (char *part = strtok_r(copy, ",", &save); part && rc == 0; part = strtok_r(NULL, ",", &save)) {
		char *value = strchr(part, '=');
		if (value)
			*value++ = '\0';
		rc = value ? set_key(&spec, sr_trim(part), sr_trim(value), err) : set_preset(&spec, sr_trim(part), err);
	}
	if (rc == 0)
		*out = spec;
	return rc;
}

/* What the district's later life has to know of how it was made. */
int gen_remember(sim_gen *g, uint64_t seed, sr_err *err)
{
	return sim_sql_script(g->db,
		       "create table if not exists sim_district(key text primary key,"
		       " value)",
		       err) || sim_sql_run(g->db, err,
				       "insert into sim_district values('slots', ?), ('class_size', ?),"
				       " ('hurts', ?), ('seed', ?)",
				       "nnni", g->spec.slots, g->spec.class_size, g->spec.hurts, (int64_t)seed)
		       ? -1
		       : 0;
}

int gen_classes_options_load(sqlite3 *db, gen_classes_options *out, sr_err *err)
{
	static const char sql[] = "select value from sim_district where key = ?";
	int64_t slots = GEN_SLOTS, size = 25, hurts = 0;

	if (sim_sql_int(db, &slots, err, sql, "t", "slots") < 0 ||
		sim_sql_int(db, &size, err, sql, "t", "class_size") < 0 ||
		sim_sql_int(db, &hurts, err, sql, "t", "hurts") < 0)
		return -1;
	*out = (gen_classes_options){ .slots = (int)slots, .class_size = (int)size, .hurts = hurts != 0 };
	return 0;
}

static int make_classes(sim_gen *g, sr_err *err)
{
	const gen_classes_options options = { g->spec.slots, g->spec.class_size, g->spec.hurts != 0 };

	for (size_t i = 0; i < g->school_count; i++) {
		const gen_school *s = &g->schools[i];
		if (s->p.structure == GEN_SUMMER)
			continue;
		if (g->spec.history && gen_classes(g->db, s->p.number, g->yearid - 1, GEN_COHORT_BEFORE, &options, err))
			return -1;
		if (gen_classes(g->db, s->p.number, g->yearid, GEN_COHORT_NOW, &options, err))
			return -1;
		if (s->early && gen_classes(g->db, s->p.number, g->yearid + 1, GEN_COHORT_NEXT, &options, err))
			return -1;
	}
	return 0;
}

static int make_all(sim_gen *g, uint64_t seed, sr_err *err)
{
	if (gen_remember(g, seed, err) || gen_schools(g, err) || gen_prefs(g, err) || gen_roles(g->db, err) ||
		gen_people(g, err) || make_classes(g, err) || gen_bulk_indexes(g->db, err))
		return -1;
	if (g->spec.hurts && gen_hurts(g, err))
		return -1;
	return gen_schoology(g, seed, err) || gen_bulk_end(g->db, err) ? -1 : 0;
}

int gen_open(sim_gen *g, sim_world *w, uint64_t seed, sr_err *err)
{
	g->db = w->db;
	g->rng = seed ^ 0x5155494c4c;
	g->yearid = g->spec.year - 1990;
	if (gen_bulk_prepare(w->db, err) || sim_sql_begin(w->db, err))
		return -1;
	for (size_t i = 0; i < GEN_PUT_COUNT; i++)
		if (!(g->put[i] = sim_sql(w->db, err, puts_sql[i].sql, "")))
			return gen_close(g, -1, err);
	return 0;
}

int gen_close(sim_gen *g, int rc, sr_err *err)
{
	for (size_t i = 0; i < GEN_PUT_COUNT; i++)
		sqlite3_finalize(g->put[i]);
	return sim_sql_end(g->db, rc, err);
}

int sim_district_make(sim_world *w, const char *spec, uint64_t seed, sr_err *err)
{
	sim_gen *g = calloc(1, sizeof(*g));
	int rc = -1;

	if (!g)
		return sr_fail_nomem(err);
	if (sim_district_parse(spec, &g->spec, err) || gen_open(g, w, seed, err))
		goto out;
	rc = gen_bulk_begin(w->db, err);
	if (rc == 0)
		rc = make_all(g, seed, err);
	rc = gen_close(g, rc, err);
out:
	free(g);
	return rc;
}

static void hex_key(uint64_t *state, char *out, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[gen_random(state) % 16];
	out[digits] = '\0';
}

void sim_district_keys(uint64_t seed, char schoology_key[33], char schoology_secret[41], char powerschool_id[37],
	char powerschool_secret[37])
{
	uint64_t state = seed ^ 0x4b455953;

	hex_key(&state, schoology_key, 32);
	hex_key(&state, schoology_secret, 40);
	hex_key(&state, powerschool_id, 36);
	hex_key(&state, powerschool_secret, 36);
	/* PowerSchool's look like UUIDs. */
	for (int i = 8; i <= 23; i += 5)
		powerschool_id[i] = powerschool_secret[i] = '-';
}
