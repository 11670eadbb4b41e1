/* Each file becomes a temporary table of its known columns as text, with the line every row began
 * on. Column order is the file's own business; unknown columns (metadata) are passed over. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "csv.h"
#include "oneroster_int.h"

#define COLUMNS_MAX 24

typedef struct or_file {
	const char *name;
	bool needed;         /* without it there is no district */
	const char *columns; /* separated by blanks; `*`: must be there and have a value */
} or_file;

/* clang-format off */
static const or_file files[] = {
	{ "manifest", false, "propertyName* value" },
	{ "orgs", true, "sourcedId* status name* type* identifier parentSourcedId" },
	{ "academicSessions", false, "sourcedId* status title* type* startDate* endDate* parentSourcedId schoolYear" },
	{ "courses", false, "sourcedId* status title* courseCode orgSourcedId*" },
	{ "classes", false, "sourcedId* status title* courseSourcedId* classCode classType location schoolSourcedId*"
	  " termSourcedIds periods" },
	{ "users", true, "sourcedId* status enabledUser orgSourcedIds role username givenName* familyName* middleName"
	  " identifier email grades preferredGivenName primaryOrgSourcedId" },
	{ "roles", false, "sourcedId* status userSourcedId* roleType role* beginDate endDate orgSourcedId*" },
	{ "enrollments", false, "sourcedId* status classSourcedId* schoolSourcedId userSourcedId* role* primary"
	  " beginDate endDate" },
};
/* clang-format on */

typedef struct column {
	char name[32];
	bool needed;
	int at; /* field of the file; -1: not there */
} column;

typedef struct staging {
	or_load *load;
	const or_file *file;
	char name[40]; /* "users.csv" */
	column columns[COLUMNS_MAX];
	size_t count, width; /* columns known, fields of the header */
	sqlite3_stmt *put;
	int64_t deleted;
} staging;

int or_report(or_load *l, const char *file, int line, const char *reason, sr_err *err)
{
	return sim_sql_run(
		l->db, err, "insert into sim_load_report(file, line, reason) values(?,?,?)", "tnt", file, line, reason);
}

static void known_columns(staging *s)
{
	const char *p = s->file->columns;

	while (*p && s->count < COLUMNS_MAX) {
		column *c = &s->columns[s->count++];
		size_t len = strcspn(p, " "), plain = strcspn(p, " *");
		snprintf(c->name, sizeof(c->name), "%.*s", (int)plain, p);
		c->needed = plain < len;
		c->at = -1;
		p += len + strspn(p + len, " ");
	}
}

static int make_table(staging *s, sr_err *err)
{
	SR_AUTO(sr_buf) create = { 0 };
	SR_AUTO(sr_buf) put = { 0 };

	sr_buf_printf(&create, "drop table if exists temp.or_%s; create temp table or_%s(line integer primary key",
		s->file->name, s->file->name);
	sr_buf_printf(&put, "insert into temp.or_%s values(?", s->file->name);
	for (size_t i = 0; i < s->count; i++) {
		/* `primary` is a word of SQL. */
		sr_buf_printf(&create, ", \"%s\" text", s->columns[i].name);
		sr_buf_puts(&put, ",?");
	}
	sr_buf_puts(&create, ")");
	sr_buf_puts(&put, ")");
	if (create.failed || put.failed)
		return sr_fail_nomem(err);
	if (sim_sql_script(s->load->db, sr_buf_text(&create), err))
		return -1;
	return (s->put = sim_sql(s->load->db, err, sr_buf_text(&put), "")) ? 0 : -1;
}

static int read_header(staging *s, sim_csv *csv, sr_err *err)
{
	int rc = sim_csv_next(csv, err);

	if (rc < 0 || (rc == 1 && csv->bad))
		return rc < 0 ? -1 : sr_fail(err, SR_E_PARSE, "%s:%d: %s", s->name, csv->line, csv->bad);
	s->width = rc == 1 ? csv->count : 0;
	for (size_t i = 0; i < s->width; i++)
		for (size_t k = 0; k < s->count; k++)
			if (sr_strcaseeq(sr_trim(csv->row.p + csv->at[i]), s->columns[k].name))
				s->columns[k].at = (int)i;
	for (size_t k = 0; k < s->count; k++)
		if (s->columns[k].needed && s->columns[k].at < 0)
			return sr_fail(err, SR_E_PARSE, "%s:1: column %s is missing", s->name, s->columns[k].name);
	return 0;
}

static const char *value_of(const staging *s, const sim_csv *csv, size_t i)
{
	return s->columns[i].at < 0 ? "" : sim_csv_field(csv, (size_t)s->columns[i].at);
}

/* Why a row cannot be staged; an empty `reason`: it can. */
static void judge(const staging *s, sim_csv *csv, char *reason, size_t size)
{
	*reason = '\0';
	if (csv->bad) {
		snprintf(reason, size, "%s", csv->bad);
		return;
	}
	if (csv->count != s->width) {
		snprintf(reason, size, "%zu fields, the header has %zu", csv->count, s->width);
		return;
	}
	for (size_t i = 0; i < csv->count; i++)
		sr_trim(csv->row.p + csv->at[i]);
	for (size_t i = 0; i < s->count; i++) {
		if (!s->columns[i].needed || *value_of(s, csv, i))
			continue;
		snprintf(reason, size, "%s is empty", s->columns[i].name);
		return;
	}
}

static int put_row(staging *s, sim_csv *csv, sr_err *err)
{
	for (size_t i = 0; i < s->count; i++) {
		const char *value = value_of(s, csv, i);
		if (sr_streq(s->columns[i].name, "status") && sr_streq(value, "tobedeleted")) {
			s->deleted++;
			return 0;
		}
		if (*value)
			sqlite3_bind_text(s->put, (int)i + 2, value, -1, SQLITE_TRANSIENT);
		else
			sqlite3_bind_null(s->put, (int)i + 2);
	}
	return sim_stmt_run(s->put, err, "n", csv->line);
}

static int read_rows(staging *s, sim_csv *csv, sr_err *err)
{
	char reason[120];
	int rc;

	while ((rc = sim_csv_next(csv, err)) == 1) {
		judge(s, csv, reason, sizeof(reason));
		if (*reason ? or_report(s->load, s->name, csv->line, reason, err) : put_row(s, csv, err))
			return -1;
	}
	return rc;
}

static int stage_file(or_load *l, const or_file *file, sr_err *err)
{
	staging s = { .load = l, .file = file };
	SR_AUTO(sim_csv) csv = { 0 };
	SR_AUTO_FREE char *path = sr_asprintf("%s/%s.csv", l->folder, file->name);
	int rc = -1;

	if (!path)
		return sr_fail_nomem(err);
	snprintf(s.name, sizeof(s.name), "%s.csv", file->name);
	known_columns(&s);
	if (make_table(&s, err))
		return -1;
	if (access(path, R_OK) != 0 && !file->needed) {
		rc = 0;
		goto out;
	}
	if (sim_csv_open(&csv, path, err) || read_header(&s, &csv, err) || read_rows(&s, &csv, err))
		goto out;
	if (s.deleted)
		sr_buf_printf(
			l->say, "%s: %lld rows are marked tobedeleted and left out\n", s.name, (long long)s.deleted);
	rc = 0;
out:
	sqlite3_finalize(s.put);
	return rc;
}

int or_stage(or_load *l, sr_err *err)
{
	int64_t roles = 0;

	if (sim_sql_script(l->db,
		    "create table if not exists sim_load_report(seq integer primary key, file text, line integer,"
		    " reason text)",
		    err))
		return -1;
	for (size_t i = 0; i < SR_COUNT_OF(files); i++)
		if (stage_file(l, &files[i], err))
			return -1;
	/* What the manifest says of its version is often wrong; the files say what they are. */
	if (sim_sql_int(l->db, &roles, err, "select count(*) from temp.or_roles", "") < 0)
		return -1;
	l->v12 = roles > 0;
	return 0;
}
