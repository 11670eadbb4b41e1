/* The commands as a table, and those that act. A command answers its exit code; a refusal's
 * sentence comes from `err` and is printed in one place. */
#include <stddef.h>
#include <string.h>

#include "admin_int.h"
#include "sgy_api.h"

#define DAY_MS INT64_C(86400000)

static int64_t dated_wall(void *self)
{
	sim_dated_clock *c = self;

	return sr_clock_wall_ms(&c->base) + c->offset_ms;
}

static int64_t dated_mono(void *self)
{
	sim_dated_clock *c = self;

	return sr_clock_mono_ms(&c->base);
}

sr_clock sim_dated_clock_of(sim_dated_clock *c)
{
	return (sr_clock){ c, dated_wall, dated_mono };
}

typedef struct eoy_request {
	sim_eoy_options o;
	admin_schools except;
} eoy_request;

static size_t numbers_of(const admin_schools *schools, int64_t *out)
{
	for (size_t i = 0; i < schools->count; i++)
		out[i] = schools->list[i].number;
	return schools->count;
}

static int cmd_eoy(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	static const admin_option table[] = { { "--except", 's', offsetof(eoy_request, except) },
		{ "--year", 'y', offsetof(eoy_request, o.yearid) },
		{ "--no-schedule", 'f', offsetof(eoy_request, o.no_schedule) } };
	int64_t only_list[ADMIN_SCHOOLS_MAX], except_list[ADMIN_SCHOOLS_MAX];
	const char *rest[ADMIN_SCHOOLS_MAX];
	eoy_request e = { 0 };
	admin_schools only = { 0 };
	size_t count = 0;

	if (admin_parse(argc, argv, table, SR_COUNT_OF(table), &e, rest, &count, ADMIN_SCHOOLS_MAX, err))
		return 2;
	for (size_t i = 0; i < count; i++)
		if (admin_parse_schools(rest[i], &only, err))
			return 2;
	if (admin_schools_there(a, &only, err) || admin_schools_there(a, &e.except, err))
		return 1;
	e.o.only = only_list;
	e.o.only_count = numbers_of(&only, only_list);
	e.o.except = except_list;
	e.o.except_count = numbers_of(&e.except, except_list);
	return sim_eoy(a->world, &e.o, out, err) ? 1 : 0;
}

static int cmd_mutate(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	if (argc < 2 || sr_streq(argv[1], "--help")) {
		sr_buf_puts(out, "mutate NAME [ARGUMENT]...\n");
		sim_mutations_help(out);
		return argc < 2 ? 2 : 0;
	}
	return sim_mutate(a->world, argv[1], argc - 2, argv + 2, out, err) ? 1 : 0;
}

static int cmd_fault(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (sr_streq(what, "add"))
		return sim_fault_add(a->faults, argc - 2, argv + 2, err) ? 2 : 0;
	if (sr_streq(what, "list") && argc == 2)
		return sim_fault_list(a->faults, out), 0;
	if (sr_streq(what, "clear") && argc == 2)
		return sim_fault_clear(a->faults), 0;
	sr_buf_puts(out, "fault add KIND [--service ps|sgy] [--method M] [--path PREFIX] [--after N] [--count"
			 " N]"
			 " [--retry-after S] [--status N] [--ms N] [--item N]\nfault list\nfault"
			 " clear\nkinds:\n");
	sim_fault_help(out);
	return sr_streq(what, "--help") ? 0 : 2;
}

static int cmd_snapshot(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	if (argc != 2 || sr_streq(argv[1], SIM_SNAPSHOT_HANDMADE))
		return sr_fail(err, SR_E_INVALID, "snapshot NAME (and not `%s`)", SIM_SNAPSHOT_HANDMADE), 2;
	return sim_snapshot_take(a->world->db, argv[1], err) ? 1 : 0;
}

static int keep_offset(sim_admin *a, int64_t offset_ms, sr_err *err)
{
	a->clock->offset_ms = offset_ms;
	return sim_sql_run(a->world->db, err,
		"insert or replace into sim_district(key, value)"
		" values('date_offset_ms', ?)",
		"i", offset_ms);
}

int sim_admin_restore_date(sim_admin *a, sr_err *err)
{
	return sim_sql_int(a->world->db, &a->clock->offset_ms, err,
		       "select value from sim_district"
		       " where key = 'date_offset_ms'",
		       "") < 0
		       ? -1
		       : 0;
}

int admin_move_days(sim_admin *a, int days, sr_err *err)
{
	return keep_offset(a, a->clock->offset_ms + days * DAY_MS, err);
}

/* "2026-08-17", "real", "+7", "-1": the offset it means. */
static bool offset_of(const sim_admin *a, const char *text, int64_t *offset_ms)
{
	int64_t real_day = sim_day_of_ms(sr_clock_wall_ms(&a->clock->base)), days;
	int day;

	if (sr_streq(text, "real"))
		*offset_ms = 0;
	else if (sim_day_parse(text, &day))
		*offset_ms = (day - real_day) * DAY_MS;
	else if ((*text == '+' || *text == '-') && sr_parse_i64(text + (*text == '+'), &days) && days > -40000 &&
		 days < 40000)
		*offset_ms = a->clock->offset_ms + days * DAY_MS;
	else
		return false;
	return true;
}

/* The time of day stays; only the date moves. */
static int cmd_date(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	int64_t offset_ms;
	char text[11];

	if (!a->clock)
		return sr_fail(err, SR_E_STATE, "date: this world's clock cannot be set"), 1;
	if (argc > 2 || (argc == 2 && !offset_of(a, argv[1], &offset_ms)))
		return sr_fail(err, SR_E_INVALID, "date [YYYY-MM-DD|real|+DAYS|-DAYS]"), 2;
	if (argc == 2 && keep_offset(a, offset_ms, err))
		return 1;
	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&a->world->clock)), text);
	sr_buf_printf(out, "%s\n", text);
	return 0;
}

/* Members of sections that have begun get grades: what a deletion in Schoology would destroy. */
static int cmd_grades(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	int64_t n;
	char today[11];

	(void)out;
	if (argc != 2 || !sr_parse_i64(argv[1], &n) || n < 0)
		return sr_fail(err, SR_E_INVALID, "grades N"), 2;
	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&a->world->clock)), today);
	return sim_sgy_give_grades(a->world->db, today, n, err) ? 1 : 0;
}

static int cmd_status(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	static const char sql[] =
		"select s.school_number, s.name, (select count(*) from students t"
		" where t.schoolid = s.school_number and"
		" t.enroll_status = 0), (select group_concat(y, ' ') from (select distinct t.yearid + 1990 y"
		" from terms t"
		" where t.schoolid = s.school_number order by 1)) from schools s order by s.school_number";
	char text[11];
	int rc;

	(void)argv;
	if (argc != 1)
		return sr_fail(err, SR_E_INVALID, "status takes no argument"), 2;
	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&a->world->clock)), text);
	SR_AUTO(sim_stmt) q = sim_sql(a->world->db, err, sql, "");
	sr_buf_printf(out, "date %s\n", text);
	for (rc = q ? 1 : -1; rc == 1 && (rc = sim_stmt_step(q, err)) == 1;) {
		const char *years = (const char *)sqlite3_column_text(q, 3);
		sr_buf_printf(out,
			"%6d %-24s %5d active students, years beginning"
			" %s\n",
			sqlite3_column_int(q, 0), (const char *)sqlite3_column_text(q, 1), sqlite3_column_int(q, 2),
			years ? years : "-");
	}
	return rc ? 1 : 0;
}

static int cmd_quit(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)argv;
	(void)out;
	if (argc != 1)
		return sr_fail(err, SR_E_INVALID, "quit takes no argument"), 2;
	a->quit = true;
	return 0;
}

/* clang-format off */
static const struct {
	const char *name;
	int (*fn)(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
	const char *help;
	bool more; /* `--help` says more: the command itself answers it, without a world */
} commands[] = {
	{ "status",   cmd_status,     "status                         the date, the schools"
	  " and their students\n" },
	{ "eoy",      cmd_eoy,        "eoy [SCHOOL...] [--except SCHOOL,...] [--year YEAR] [--no-schedule]\n"
	                              "                               PowerSchool's end-of-year process\n" },
	{ "mutate",   cmd_mutate,     "mutate NAME [ARGUMENT...]      one small change"
	  " (mutate --help lists them)\n", true },
	{ "date",     cmd_date,       "date [YYYY-MM-DD|real|+N|-N]   the sandbox's own date, set or moved by days\n" },
	{ "year",     admin_year,     "year [--days N|--step] [--seed N] [--dry-run] [--quiet]\n"
	                              "                               a year's life from today on, day by day (365);"
	                              " prints it as a script\n" },
	{ "snapshot", cmd_snapshot,   "snapshot NAME                  keeps every row of Schoology, for"
	  " verify\n" },
	{ "verify",   admin_verify,   "verify [--year YEAR] [--schools SCHOOL[:YEAR],...] [--snapshot NAME]"
	  " [--today DATE]\n"
	                              "       [--end-grace DAYS] [--preregistered] [--allow-left]"
	                              " [--allow-drops] [--roles-refused] [--past-refused] [--no-logins]\n"
	                              "       [--role-student|-teacher|-staff|-substitute TITLE] [--list N]"
	                              " [--json]\n"
	                              "                               compares Schoology with the SIS tables;"
	                              " 0 only if exact\n" },
	{ "writes",   admin_writes,   "writes [--since SEQ] [--all] [--list] [--json]\n"
	                              "                               objects written in Schoology"
	                              " (--all: unchanged ones too)\n" },
	{ "requests", admin_requests, "requests [--since SEQ] [--window-ms N] [--list|--windows] [--powerschool]"
	                              " [--json]\n"
	                              "                               requests to Schoology (PowerSchool), the dearest"
	                              " window; each; or rates per window\n" },
	{ "fault",    cmd_fault,      "fault add KIND ...|list|clear  what goes wrong (fault --help)\n", true },
	{ "plugin",   admin_plugin,   "plugin FOLDER|ZIP|ACTION ...   installs a plugin in PowerSchool, manages several"
	                              " (plugin --help)\n", true },
	{ "dataversion", admin_dataversion, "dataversion APP TABLE,...|none  subscribes an application to changes\n" },
	{ "grades",   cmd_grades,     "grades N                       every member of a section under way has N grades\n" },
	{ "export",   admin_export,   "export [--json FOLDER] [--csv FOLDER]\n"
	                              "                               every table of both services, a file each\n" },
	{ "query",    admin_query,    "query SQL                      reads the tables of both services\n" },
	{ "quit",     cmd_quit,       "quit                           ends the sandbox\n" },
};
/* clang-format on */

void sim_admin_help(sr_buf *out)
{
	for (size_t i = 0; i < SR_COUNT_OF(commands); i++)
		sr_buf_printf(out, "  %s", commands[i].help);
}

int sim_admin_run(sim_admin *a, int argc, const char *const *argv, sr_buf *out)
{
	sr_err err = { 0 };

	for (size_t i = 0; argc > 0 && i < SR_COUNT_OF(commands); i++) {
		if (!sr_streq(commands[i].name, argv[0]))
			continue;
		if (argc == 2 && sr_streq(argv[1], "--help")) {
			sr_buf_puts(out, commands[i].help);
			return commands[i].more ? commands[i].fn(a, argc, argv, out, &err) : 0;
		}
		int rc = commands[i].fn(a, argc, argv, out, &err);
		if (err.code != SR_E_OK)
			sr_buf_printf(out, "sisroll-sim: %s\n", err.text);
		return rc;
	}
	sr_buf_printf(out, "sisroll-sim: no command %s\n", argc > 0 ? argv[0] : "given");
	return 2;
}
