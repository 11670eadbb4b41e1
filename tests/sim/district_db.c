/* Everything here is thin on purpose: what a statement means stands beside its caller. Dates are
 * counted by the proleptic Gregorian calendar; SQLite's own date() agrees with it. */
#include <stdio.h>
#include <string.h>

#include "district_db.h"

int sim_day_make(int year, int month, int day)
{
	/* Days are counted from 1 March, so that the leap day comes last. */
	int y = month <= 2 ? year - 1 : year;
	int era = y / 400, yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void sim_day_text(int day, char out[11])
{
	int z = day + 719468, era = z / 146097, doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;

	out[0] = '\0';
	if (day == SIM_DAY_NONE || z < 0 || z > 3652424)
		return;
	char text[32];
	snprintf(text, sizeof(text), "%04d-%02d-%02d", yoe + era * 400 + (month <= 2), month,
		doy - (153 * mp + 2) / 5 + 1);
	memcpy(out, text, 11);
}

bool sim_day_parse(const char *text, int *out)
{
	int year, month, day, used = 0, made;
	char back[11];

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used != 10 || text[10] != '\0')
		return false;
	if (year < 1900 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	made = sim_day_make(year, month, day);
	sim_day_text(made, back);
	if (strcmp(back, text) != 0)
		return false;
	*out = made;
	return true;
}

int sim_day_of_ms(int64_t wall_ms)
{
	int64_t day_ms = 86400000;

	return (int)((wall_ms >= 0 ? wall_ms : wall_ms - day_ms + 1) / day_ms);
}

int sim_day_weekday(int day, int weekday)
{
	int is = (day + 3) % 7; /* 1970-01-01 was a Thursday */

	return day + (weekday - is + 7) % 7;
}

static int fail(sqlite3 *db, sr_err *err)
{
	return sr_fail(err, SR_E_DB, "sandbox database: %s", sqlite3_errmsg(db));
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *s, bool keep_empty)
{
	if (s && (*s || keep_empty))
		sqlite3_bind_text(stmt, at, s, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(stmt, at);
}

static void bind_all(sqlite3_stmt *stmt, const char *types, va_list ap)
{
	char day[11];

	for (int i = 0; types[i]; i++) {
		switch (types[i]) {
		case 'i':
			sqlite3_bind_int64(stmt, i + 1, va_arg(ap, int64_t));
			break;
		case 'n':
			sqlite3_bind_int(stmt, i + 1, va_arg(ap, int));
			break;
		case 'd':
			sim_day_text(va_arg(ap, int), day);
			bind_text(stmt, i + 1, day, false);
			break;
		default:
			bind_text(stmt, i + 1, va_arg(ap, const char *), types[i] == 'e');
		}
	}
}

static sqlite3_stmt *prepare(sqlite3 *db, sr_err *err, const char *sql, const char *types, va_list ap)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		fail(db, err);
		return NULL;
	}
	bind_all(stmt, types, ap);
	return stmt;
}

sqlite3_stmt *sim_sql(sqlite3 *db, sr_err *err, const char *sql, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *stmt = prepare(db, err, sql, types, ap);
	va_end(ap);
	return stmt;
}

int sim_sql_run(sqlite3 *db, sr_err *err, const char *sql, const char *types, ...)
{
	va_list ap;
	int rc;

	va_start(ap, types);
	SR_AUTO(sim_stmt) stmt = prepare(db, err, sql, types, ap);
	va_end(ap);
	if (!stmt)
		return -1;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		;
	return rc == SQLITE_DONE ? 0 : fail(db, err);
}

int sim_sql_int(sqlite3 *db, int64_t *out, sr_err *err, const char *sql, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	SR_AUTO(sim_stmt) stmt = prepare(db, err, sql, types, ap);
	va_end(ap);
	int rc = stmt ? sim_stmt_step(stmt, err) : -1;
	if (rc == 1)
		*out = sqlite3_column_int64(stmt, 0);
	return rc;
}

int sim_school_there(sqlite3 *db, int64_t number, sr_err *err)
{
	int64_t there;
	int rc = sim_sql_int(db, &there, err, "select 1 from schools where school_number = ?", "i", number);

	return rc == 0 ? sr_fail(err, SR_E_NOTFOUND, "there is no school %lld", (long long)number) : rc < 0 ? -1 : 0;
}

int sim_sql_script(sqlite3 *db, const char *sql, sr_err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db, err);
}

int sim_stmt_vrun(sqlite3_stmt *stmt, sr_err *err, const char *types, va_list ap)
{
	bind_all(stmt, types, ap);
	int rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		fail(sqlite3_db_handle(stmt), err);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : -1;
}

int sim_stmt_run(sqlite3_stmt *stmt, sr_err *err, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	int rc = sim_stmt_vrun(stmt, err, types, ap);
	va_end(ap);
	return rc;
}

int sim_stmt_step(sqlite3_stmt *stmt, sr_err *err)
{
	int rc = sqlite3_step(stmt);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : fail(sqlite3_db_handle(stmt), err);
}

int sim_sql_begin(sqlite3 *db, sr_err *err)
{
	return sim_sql_script(db, "savepoint sandbox", err);
}

int sim_sql_end(sqlite3 *db, int rc, sr_err *err)
{
	if (rc != 0) {
		sqlite3_exec(db, "rollback to sandbox; release sandbox", NULL, NULL, NULL);
		return rc;
	}
	return sim_sql_script(db, "release sandbox", err);
}
