/* The frame: terms, their map, periods, roles, buildings. A poll replaces whole lists every few
 * minutes and nearly always brings what is there, so a replacement writes only what differs. */
#include "io/store_db.h"
#include "io/store_school.h"

/* One list and how to replace it. Keys are one or two integers of the row. */
typedef struct list {
	const sr_db_shape *shape;
	const char *put;     /* binds a row; must not touch an equal one */
	const char *keys;    /* the present keys as (a, b), those from ?1 on */
	const char *gone;    /* what to do about key (?1, ?2), which was not brought */
	size_t key_a, key_b; /* offsets in the row; NO_KEY: 0 */
} list;
#define NO_KEY SIZE_MAX

/* clang-format off */
static const sr_db_shape ident_shape = { sizeof(sr_ident),
	(const sr_db_col[]){ SR_COL(I64, sr_ident, a), SR_COL(I64, sr_ident, b), SR_COL_END } };
/* clang-format on */

static int compare_idents(const void *x, const void *y)
{
	return sr_ident_cmp(*(const sr_ident *)x, *(const sr_ident *)y);
}

static sr_ident key_of(const list *l, const char *row)
{
	return (sr_ident){ *(const int64_t *)(row + l->key_a),
		l->key_b == NO_KEY ? 0 : *(const int64_t *)(row + l->key_b) };
}

static int remove_others(sr_txn *t, const list *l, int64_t from, const sr_ident *keep, size_t count, sr_err *err)
{
	const sr_db_query keys = { l->keys, &ident_shape, .args = { sr_db_int(from) } };
	SR_AUTO(sr_arena) a = { 0 };
	sr_ident *present;
	size_t n;

	if (sr_db_list(t, &keys, &a, &present, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const sr_db_query gone = { .sql = l->gone,
			.args = { sr_db_int(present[i].a), sr_db_int(present[i].b) } };

		if (count && bsearch(&present[i], keep, count, sizeof(*keep), compare_idents))
			continue;
		if (sr_db_run(t, &gone, err) < 0)
			return -1;
	}
	return 0;
}

static int replace(sr_txn *t, const list *l, int64_t from, const void *rows, size_t count, sr_err *err)
{
	SR_AUTO_FREE sr_ident *keep = calloc(count ? count : 1, sizeof(*keep));

	if (!keep)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const char *row = (const char *)rows + i * l->shape->bytes;

		keep[i] = key_of(l, row);
		if (sr_db_run(t, &(sr_db_query){ l->put, l->shape, row }, err) < 0)
			return -1;
	}
	qsort(keep, count, sizeof(*keep), compare_idents);
	return remove_others(t, l, from, keep, count, err);
}

/* Terms */

#define TERM_COLS "school, id, dcid, yearid, is_year, portion, name, abbreviation, first, last"
/* clang-format off */
#define TERM_SHAPE_COLS(row, at)                                                                   \
	SR_COL(I64, row, at school), SR_COL(I64, row, at id), SR_COL(I64, row, at dcid),           \
		SR_COL(INT, row, at yearid), SR_COL(BOOL, row, at is_year), SR_COL(INT, row, at portion), \
		SR_COL(NTEXT, row, at name), SR_COL(NTEXT, row, at abbreviation),                  \
		SR_COL(DAY, row, at first), SR_COL(DAY, row, at last)
static const sr_db_shape term_shape = { sizeof(sr_term), (const sr_db_col[]){
	TERM_SHAPE_COLS(sr_term, ), SR_COL_END } };
static const sr_db_shape term_row_shape = { sizeof(sr_term_row), (const sr_db_col[]){
	TERM_SHAPE_COLS(sr_term_row, term.), SR_COL(DAY, sr_term_row, mapped_first),
	SR_COL(DAY, sr_term_row, mapped_last), SR_COL_END } };
/* clang-format on */

int sr_store_terms_replace(sr_txn *t, sr_yearid from, const sr_term *terms, size_t count, sr_err *err)
{
	static const list l = {
		.shape = &term_shape,
		.put = "INSERT INTO term (" TERM_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		       "ON CONFLICT DO UPDATE SET dcid = excluded.dcid, yearid = excluded.yearid, "
		       "is_year = excluded.is_year, portion = excluded.portion, name = excluded.name, "
		       "abbreviation = excluded.abbreviation, first = excluded.first, last = excluded.last "
		       "WHERE (dcid, yearid, is_year, portion, name, abbreviation, first, last) IS NOT "
		       "(excluded.dcid, excluded.yearid, excluded.is_year, excluded.portion, excluded.name, "
		       "excluded.abbreviation, excluded.first, excluded.last)",
		.keys = "SELECT school, id FROM term WHERE yearid >= ?",
		.gone = "DELETE FROM term WHERE school = ? AND id = ?",
		.key_a = offsetof(sr_term, school),
		.key_b = offsetof(sr_term, id),
	};

	return replace(t, &l, from, terms, count, err);
}

int sr_store_terms(
	sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, sr_term_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " TERM_COLS ", mapped_first, mapped_last FROM term "
				  "WHERE school = ?1 AND (?2 = 0 OR yearid = ?2) ORDER BY yearid, portion, first, id";
	const sr_db_query q = { sql, &term_row_shape, .args = { sr_db_int(school), sr_db_int(year) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

/* The map */

/* clang-format off */
static const sr_db_shape map_shape = { sizeof(sr_map_row), (const sr_db_col[]){
	SR_COL(I64, sr_map_row, school), SR_COL(I64, sr_map_row, term), SR_COL(I64, sr_map_row, period),
	SR_COL(TEXT, sr_map_row, by_who), SR_COL(NTEXT, sr_map_row, forced_reason),
	SR_COL(I64, sr_map_row, at_ms), SR_COL_END } };
/* clang-format on */
#define MAP_COLS "school, term, period, by_who, forced_reason, at_ms"

int sr_store_maps(sr_txn *t, sr_arena *a, int64_t school, sr_map_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " MAP_COLS " FROM term_map WHERE school BETWEEN ? AND ? "
				  "ORDER BY school, term, period";
	const sr_db_query q = { sql, &map_shape, .args = { sr_db_school_low(school), sr_db_school_high(school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

static int remember_dates(sr_txn *t, int64_t school, int64_t term, bool mapped, sr_err *err)
{
	static const char sql[] =
		"UPDATE term SET mapped_first = iif(?3, first, NULL), mapped_last = iif(?3, last, NULL) "
		"WHERE school = ?1 AND id = ?2";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_int(term), sr_db_int(mapped) } };

	return sr_db_run(t, &q, err);
}

int sr_store_map_set(sr_txn *t, int64_t school, int64_t term, const int64_t *periods, size_t count, const char *who,
	const char *forced_reason, int64_t now_ms, sr_err *err)
{
	static const char clear[] = "DELETE FROM term_map WHERE school = ? AND term = ?";
	static const char add[] = "INSERT OR IGNORE INTO term_map (" MAP_COLS ") VALUES (?, ?, ?, ?, ?, ?)";

	if (sr_db_run(t, &(sr_db_query){ .sql = clear, .args = { sr_db_int(school), sr_db_int(term) } }, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const sr_map_row row = { school, term, periods[i], who, forced_reason, now_ms };

		if (sr_db_run(t, &(sr_db_query){ add, &map_shape, &row }, err) < 0)
			return -1;
	}
	return remember_dates(t, school, term, count > 0, err);
}

/* Schoology's frame */

/* clang-format off */
static const sr_db_shape period_shape = { sizeof(sr_period), (const sr_db_col[]){
	SR_COL(I64, sr_period, id), SR_COL(TEXT, sr_period, title), SR_COL(DAY, sr_period, start),
	SR_COL(DAY, sr_period, end), SR_COL(BOOL, sr_period, exists), SR_COL_END } };
static const sr_db_shape used_period_shape = { sizeof(sr_period), (const sr_db_col[]){
	SR_COL(I64, sr_period, id), SR_COL(TEXT, sr_period, title), SR_COL(DAY, sr_period, start),
	SR_COL(DAY, sr_period, end), SR_COL(BOOL, sr_period, exists), SR_COL(BOOL, sr_period, used_last_year),
	SR_COL_END } };
/* clang-format on */
#define PERIOD_PUT                                                                                       \
	"INSERT INTO period (id, title, start, end, present) VALUES (?, ?, ?, ?, ?) "                    \
	"ON CONFLICT DO UPDATE SET title = excluded.title, start = excluded.start, end = excluded.end, " \
	"present = excluded.present WHERE (title, start, end, present) IS NOT "                          \
	"(excluded.title, excluded.start, excluded.end, excluded.present)"

/* Only brought periods are present: what a map points to stays, to be named in a finding. */
int sr_store_periods_replace(sr_txn *t, const sr_period *rows, size_t count, sr_err *err)
{
	static const list l = {
		.shape = &period_shape,
		.put = PERIOD_PUT,
		.keys = "SELECT id, 0 FROM period WHERE present AND id > ?",
		.gone = "UPDATE period SET present = 0 WHERE id = ?1 AND ?2 = 0",
		.key_a = offsetof(sr_period, id),
		.key_b = NO_KEY,
	};

	return replace(t, &l, INT64_MIN, rows, count, err);
}

int sr_store_period_add(sr_txn *t, const sr_period *row, sr_err *err)
{
	static const char sql[] = PERIOD_PUT;
	const sr_db_query q = { sql, &period_shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_periods(sr_txn *t, sr_arena *a, sr_yearid active, sr_period **rows, size_t *count, sr_err *err)
{
	static const char sql[] =
		"SELECT id, title, start, end, present, "
		"EXISTS (SELECT 1 FROM section_period AS s WHERE s.period = period.id AND s.year < ?1) "
		"FROM period ORDER BY start, id";
	const sr_db_query q = { sql, &used_period_shape, .args = { sr_db_int(active) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

/* clang-format off */
static const sr_db_shape role_shape = { sizeof(sr_role_row), (const sr_db_col[]){
	SR_COL(I64, sr_role_row, id), SR_COL(TEXT, sr_role_row, title), SR_COL(INT, sr_role_row, role_type),
	SR_COL_END } };
/* clang-format on */

int sr_store_roles_replace(sr_txn *t, const sr_role_row *rows, size_t count, sr_err *err)
{
	static const list l = {
		.shape = &role_shape,
		.put = "INSERT INTO role (id, title, role_type) VALUES (?, ?, ?) "
		       "ON CONFLICT DO UPDATE SET title = excluded.title, role_type = excluded.role_type "
		       "WHERE (title, role_type) IS NOT (excluded.title, excluded.role_type)",
		.keys = "SELECT id, 0 FROM role WHERE id > ?",
		.gone = "DELETE FROM role WHERE id = ?1 AND ?2 = 0",
		.key_a = offsetof(sr_role_row, id),
		.key_b = NO_KEY,
	};

	return replace(t, &l, INT64_MIN, rows, count, err);
}

int sr_store_roles(sr_txn *t, sr_arena *a, sr_role_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT id, title, role_type FROM role ORDER BY id";
	const sr_db_query q = { sql, &role_shape };

	return sr_db_list(t, &q, a, rows, count, err);
}

/* clang-format off */
static const sr_db_shape building_shape = { sizeof(sr_building_row), (const sr_db_col[]){
	SR_COL(I64, sr_building_row, id), SR_COL(TEXT, sr_building_row, title),
	SR_COL(NTEXT, sr_building_row, code), SR_COL(BOOL, sr_building_row, is_school), SR_COL_END } };
/* clang-format on */

int sr_store_buildings_replace(sr_txn *t, const sr_building_row *rows, size_t count, sr_err *err)
{
	static const list l = {
		.shape = &building_shape,
		.put = "INSERT INTO building (id, title, code, is_school) VALUES (?, ?, ?, ?) "
		       "ON CONFLICT DO UPDATE SET title = excluded.title, code = excluded.code, "
		       "is_school = excluded.is_school "
		       "WHERE (title, code, is_school) IS NOT (excluded.title, excluded.code, excluded.is_school)",
		.keys = "SELECT id, 0 FROM building WHERE id > ?",
		.gone = "DELETE FROM building WHERE id = ?1 AND ?2 = 0",
		.key_a = offsetof(sr_building_row, id),
		.key_b = NO_KEY,
	};

	return replace(t, &l, INT64_MIN, rows, count, err);
}

int sr_store_buildings(sr_txn *t, sr_arena *a, sr_building_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT id, title, code, is_school FROM building ORDER BY id";
	const sr_db_query q = { sql, &building_shape };

	return sr_db_list(t, &q, a, rows, count, err);
}

/* Periods that a person asked for */

/* clang-format off */
#define INTENT_SHAPE_COLS                                                                                     \
	SR_COL(TEXT, sr_period_intent, title), SR_COL(TEXT, sr_period_intent, who),                           \
		SR_COL(DAY, sr_period_intent, start), SR_COL(DAY, sr_period_intent, end),                     \
		SR_COL(INT, sr_period_intent, year), SR_COL_ENUM(sr_period_intent, state, SR_PI_REFUSED + 1), \
		SR_COL(I64, sr_period_intent, period), SR_COL(I64, sr_period_intent, at_ms), SR_COL_END
static const sr_db_shape intent_shape = { sizeof(sr_period_intent), (const sr_db_col[]){ INTENT_SHAPE_COLS } };
static const sr_db_shape intent_id_shape = { sizeof(sr_period_intent), (const sr_db_col[]){
	SR_COL(I64, sr_period_intent, id), INTENT_SHAPE_COLS } };
/* clang-format on */
#define INTENT_COLS "title, who, start, end, year, state, period, at_ms"

int sr_store_period_intent_put(sr_txn *t, const sr_period_intent *row, int64_t *id, sr_err *err)
{
	static const char put[] =
		"INSERT INTO period_intent (" INTENT_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (title) DO UPDATE SET who = excluded.who, start = excluded.start, end = excluded.end, "
		"year = excluded.year, state = excluded.state, period = excluded.period, at_ms = excluded.at_ms";
	static const char find[] = "SELECT id FROM period_intent WHERE title = ?";
	const sr_db_query found = { .sql = find, .args = { sr_db_text(row->title) } };

	if (sr_db_run(t, &(sr_db_query){ put, &intent_shape, row }, err) < 0)
		return -1;
	return sr_db_get_int(t, &found, id, err) < 0 ? -1 : 0;
}

int sr_store_period_intents(sr_txn *t, sr_arena *a, sr_period_intent **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT id, " INTENT_COLS " FROM period_intent ORDER BY id";
	const sr_db_query q = { sql, &intent_id_shape };

	return sr_db_list(t, &q, a, rows, count, err);
}
