/* Small tables of the gate; each is read as a whole. */
#include "io/store_figure.h"

#include "io/store_db.h"

/* clang-format off */
typedef struct figure_row {
	int64_t school, year, at_ms;
	sr_figure f;
} figure_row;

static const sr_db_shape put_shape = { sizeof(figure_row), (const sr_db_col[]){
	SR_COL(I64, figure_row, school), SR_COL(I64, figure_row, year), SR_COL(I64, figure_row, f.grade),
	SR_COL(TEXT, figure_row, f.subject), SR_COL(I64, figure_row, f.sections), SR_COL(I64, figure_row, f.students),
	SR_COL(I64, figure_row, f.memberships), SR_COL(I64, figure_row, at_ms), SR_COL_END } };
static const sr_db_shape figure_shape = { sizeof(sr_figure), (const sr_db_col[]){
	SR_COL(I64, sr_figure, grade), SR_COL(TEXT, sr_figure, subject), SR_COL(I64, sr_figure, sections),
	SR_COL(I64, sr_figure, students), SR_COL(I64, sr_figure, memberships), SR_COL_END } };
static const sr_db_shape subject_shape = { sizeof(sr_subject_row), (const sr_db_col[]){
	SR_COL(I64, sr_subject_row, course), SR_COL(TEXT, sr_subject_row, name), SR_COL_END } };
static const sr_db_shape follower_shape = { sizeof(sr_follower_row), (const sr_db_col[]){
	SR_COL(I64, sr_follower_row, school), SR_COL(I64, sr_follower_row, canary), SR_COL(INT, sr_follower_row, year),
	SR_COL(TEXT, sr_follower_row, who), SR_COL(NTEXT, sr_follower_row, reason),
	SR_COL(I64, sr_follower_row, at_ms), SR_COL_END } };
/* clang-format on */

#define FOLLOWER_COLS "school, canary, year, who, reason, at_ms"

int sr_store_figures_set(
	sr_txn *t, int64_t school, sr_yearid year, const sr_figure *rows, size_t count, int64_t now_ms, sr_err *err)
{
	static const char forget[] = "DELETE FROM figure WHERE school = ? AND year = ?";
	static const char put[] =
		"INSERT INTO figure (school, year, grade, subject, sections, students, memberships, at_ms) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

	if (sr_db_run(t, &(sr_db_query){ .sql = forget, .args = { sr_db_int(school), sr_db_int(year) } }, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const figure_row row = { .school = school, .year = year, .at_ms = now_ms, .f = rows[i] };

		if (sr_db_run(t, &(sr_db_query){ put, &put_shape, &row }, err) < 0)
			return -1;
	}
	return 0;
}

int sr_store_figures(
	sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, sr_figure **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT grade, subject, sections, students, memberships FROM figure "
				  "WHERE school = ? AND year = ? ORDER BY grade, subject";
	const sr_db_query q = { sql, &figure_shape, .args = { sr_db_int(school), sr_db_int(year) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_subject_put(sr_txn *t, int64_t school, const sr_subject_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO subject (school, course, name) VALUES (?, ?, ?)";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(school), sr_db_int(row->course), sr_db_text(row->name) } };

	return sr_db_run(t, &q, err);
}

int sr_store_subjects(sr_txn *t, sr_arena *a, int64_t school, sr_subject_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT course, name FROM subject WHERE school = ? ORDER BY course";
	const sr_db_query q = { sql, &subject_shape, .args = { sr_db_int(school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_subjects_forget(sr_txn *t, int64_t school, sr_err *err)
{
	static const char sql[] = "DELETE FROM subject WHERE school = ?";

	return sr_db_run(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(school) } }, err);
}

int sr_store_follower_put(sr_txn *t, const sr_follower_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO follower (" FOLLOWER_COLS ") VALUES (?, ?, ?, ?, ?, ?)";

	return sr_db_run(t, &(sr_db_query){ sql, &follower_shape, row }, err);
}

int sr_store_followers(sr_txn *t, sr_arena *a, sr_follower_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " FOLLOWER_COLS " FROM follower ORDER BY school";

	return sr_db_list(t, &(sr_db_query){ sql, &follower_shape }, a, rows, count, err);
}

int sr_store_follower_get(sr_txn *t, sr_arena *a, int64_t school, sr_follower_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " FOLLOWER_COLS " FROM follower WHERE school = ?";

	return sr_db_get(t, &(sr_db_query){ sql, &follower_shape, .args = { sr_db_int(school) } }, a, out, err);
}

int sr_store_followers_clear(sr_txn *t, int64_t school, bool followed, sr_err *err)
{
	static const char sql[] = "DELETE FROM follower WHERE school = ?1 OR (?2 AND canary = ?1)";

	return sr_db_change(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(school), sr_db_int(followed) } }, err);
}
