/* Which reply is shown how: plain lists by a table of columns, the larger pictures by their own function, and the
 * results of everything that changes something in one form. */
#include "render.h"

#include <string.h>

/* clang-format off */
static const ctl_column check_columns[] = {
	{ "CHECK",    "check",    0,            NULL },
	{ "OK",       "ok",       0,            NULL },
	{ "EVIDENCE", "evidence", CTL_COL_WRAP, NULL },
	{ "FIX",      "fix",      CTL_COL_WRAP, NULL },
};
static const ctl_column alert_columns[] = {
	{ "SINCE",   "since",   0,            ctl_cell_time },
	{ "SUBJECT", "subject", 0,            NULL },
	{ "ALERT",   "code",    0,            NULL },
	{ "SAID",    "said",    0,            ctl_cell_time },
	{ "TEXT",    "text",    CTL_COL_WRAP, NULL },
};
static const ctl_column user_columns[] = {
	{ "UID",       "uid",        0,            NULL },
	{ "ROLE",      "role",       0,            NULL },
	{ "BUILDINGS", "buildings",  0,            NULL },
	{ "VALID",     "ok",         0,            NULL },
	{ "CHECKED",   "checked_at", 0,            ctl_cell_time },
	{ "WHY",       "why",        CTL_COL_WRAP, NULL },
};
static const ctl_column school_columns[] = {
	{ "SCHOOL",   "school",         0,             ctl_cell_school },
	{ "SYNC",     "synced",         0,             NULL },
	{ "BUILDING", "building",       CTL_COL_RIGHT, NULL },
	{ "TITLE",    "building_title", 0,             NULL },
	{ "FOUND BY", "building_by",    0,             NULL },
	{ "PHASE",    "phase",          0,             NULL },
	{ "YEAR",     "active_year",    0,             NULL },
};
static const ctl_column role_columns[] = {
	{ "ID",    "id",          CTL_COL_RIGHT, NULL },
	{ "TITLE", "title",       0,             NULL },
	{ "KIND",  "kind",        0,             NULL },
	{ "FROM",  "mapped_from", 0,             NULL },
};
static const ctl_column period_columns[] = {
	{ "ID",      "id",              CTL_COL_RIGHT, NULL },
	{ "TITLE",   "title",           0,             NULL },
	{ "START",   "start",           0,             NULL },
	{ "END",     "end",             0,             NULL },
	{ "USED BY", "used_by_schools", CTL_COL_WRAP,  NULL },
};
static const ctl_column plan_columns[] = {
	{ "PLAN",   "id",     CTL_COL_RIGHT, NULL },
	{ "SCHOOL", "school", CTL_COL_RIGHT, NULL },
	{ "YEAR",   "year",   0,             NULL },
	{ "STATE",  "state",  0,             NULL },
	{ "MADE",   "at",     0,             ctl_cell_time },
	{ "RUN",    "run",    CTL_COL_RIGHT, NULL },
	{ "DIGEST", "digest", 0,             NULL },
	{ "COUNTS", "counts", CTL_COL_WRAP,  NULL },
};
static const ctl_column summary_columns[] = {
	{ "SCHOOL",      "school",          0,             ctl_cell_school },
	{ "PLAN",        "plan",            CTL_COL_RIGHT, NULL },
	{ "KIND",        "kind",            0,             NULL },
	{ "USERS",       "user",            CTL_COL_RIGHT, ctl_cell_ops },
	{ "COURSES",     "course",          CTL_COL_RIGHT, ctl_cell_ops },
	{ "SECTIONS",    "section",         CTL_COL_RIGHT, ctl_cell_ops },
	{ "MEMBERSHIPS", "membership",      CTL_COL_RIGHT, ctl_cell_ops },
	{ "WAIT",        "waiting",         CTL_COL_RIGHT, NULL },
	{ "NOW",         "figures",         0,             ctl_cell_counts },
	{ "LAST YEAR",   "last_year",       0,             ctl_cell_counts },
	{ "OFF",         "differs_percent", CTL_COL_RIGHT, ctl_cell_off },
	{ "WHY",         "why",             CTL_COL_WRAP,  NULL },
};
static const ctl_column run_columns[] = {
	{ "RUN",     "id",      CTL_COL_RIGHT, NULL },
	{ "SCHOOL",  "school",  CTL_COL_RIGHT, NULL },
	{ "KIND",    "kind",    0,             NULL },
	{ "STATE",   "state",   0,             NULL },
	{ "BEGAN",   "at",      0,             ctl_cell_time },
	{ "ENDED",   "ended",   0,             ctl_cell_time },
	{ "PLAN",    "plan",    CTL_COL_RIGHT, NULL },
	{ "CREATED", "created", CTL_COL_RIGHT, NULL },
	{ "UPDATED", "updated", CTL_COL_RIGHT, NULL },
	{ "DROPPED", "dropped", CTL_COL_RIGHT, NULL },
	{ "WAITING", "waiting", CTL_COL_RIGHT, NULL },
	{ "FAILED",  "failed",  CTL_COL_RIGHT, NULL },
	{ "WHY",     "why",     CTL_COL_WRAP,  NULL },
};
static const ctl_column history_columns[] = {
	{ "AT",     "at",     0,             ctl_cell_time },
	{ "SCHOOL", "school", CTL_COL_RIGHT, NULL },
	{ "FROM",   "from",   0,             NULL },
	{ "EVENT",  "event",  0,             NULL },
	{ "TO",     "to",     0,             NULL },
	{ "WHO",    "who",    0,             NULL },
	{ "WHY",    "why",    CTL_COL_WRAP,  NULL },
};
static const ctl_column quarantine_columns[] = {
	{ "ID",     "id",       CTL_COL_RIGHT, NULL },
	{ "SCHOOL", "school",   CTL_COL_RIGHT, NULL },
	{ "KIND",   "kind",     0,             NULL },
	{ "KEY",    "key",      0,             NULL },
	{ "SINCE",  "since",    0,             ctl_cell_time },
	{ "TRIES",  "attempts", CTL_COL_RIGHT, NULL },
	{ "WHY",    "why",      CTL_COL_WRAP,  NULL },
};

#define LIST(verb, key, columns, empty) { verb, key, columns, SR_COUNT_OF(columns), empty, NULL }
#define PICTURE(verb, render)           { verb, NULL, NULL, 0, NULL, render }

static const struct view {
	const char *verb, *key;
	const ctl_column *columns;
	size_t count;
	const char *empty;
	int (*render)(const ctl_out *o, const json_t *reply, sr_err *err);
} views[] = {
	PICTURE("status",       ctl_render_status),
	PICTURE("year list",    ctl_render_years),
	PICTURE("terms list",   ctl_render_terms),
	PICTURE("terms lint",   ctl_render_terms),
	PICTURE("plan show",    ctl_render_plan),
	PICTURE("waiting list", ctl_render_waiting),
	PICTURE("run show",     ctl_render_run),
	PICTURE("explain",      ctl_render_explain),
	LIST("doctor",          "checks",     check_columns,      "No checks."),
	LIST("alert test",      "checks",     check_columns,      "No way."),
	LIST("alerts list",     "alerts",     alert_columns,      "Nothing is alerted."),
	LIST("schools list",    "schools",    school_columns,     "PowerSchool's schools are not known yet."),
	LIST("roles list",      "roles",      role_columns,       "Schoology's roles are not known yet."),
	LIST("periods list",    "periods",    period_columns,     "No grading period."),
	LIST("plan list",       "plans",      plan_columns,       "No plan."),
	LIST("plan summary",    "summary",     summary_columns,    "No school."),
	LIST("runs",            "runs",       run_columns,        "No run."),
	LIST("history",         "history",    history_columns,    "No transition yet."),
	LIST("quarantine list", "quarantine", quarantine_columns, "Nothing is set aside."),
};
/* clang-format on */

/* --- Results: one line a school done, the refusal form for the others --- */

/* "312 Cedar Middle: paused (run 17, plan 5, done): why" */
static void result_done(const ctl_out *o, const json_t *result)
{
	static const char *const fields[] = { "run", "plan", "state" };
	SR_AUTO(sr_buf) line = { 0 };
	const char *phase = sr_json_text(result, "phase"), *why = sr_json_text(result, "why"), *open = " (";

	ctl_cell_school(result, "school", &line);
	sr_buf_puts(&line, sr_json_bool(result, "noop", false) ? ": nothing to do, " : ": ");
	ctl_clean(&line, phase ? phase : "done");
	for (size_t i = 0; i < SR_COUNT_OF(fields); i++) {
		const json_t *value = json_object_get(result, fields[i]);

		if (!value || json_is_null(value))
			continue;
		sr_buf_puts(&line, open);
		sr_buf_puts(&line, json_is_string(value) ? "" : fields[i]);
		sr_buf_puts(&line, json_is_string(value) ? "" : " ");
		ctl_value(value, &line);
		open = ", ";
	}
	sr_buf_puts(&line, sr_streq(open, ", ") ? ")" : "");
	if (why && *why) {
		sr_buf_puts(&line, ": ");
		ctl_clean(&line, why);
	}
	ctl_say(o, "%s\n", sr_buf_text(&line));
}

static bool result_is_done(const json_t *result)
{
	return sr_json_bool(result, "done", false) || sr_json_bool(result, "noop", false);
}

static void results(const ctl_out *o, const ctl_request *request, const json_t *list)
{
	size_t i;
	json_t *result;

	json_array_foreach(list, i, result) {
		SR_AUTO(sr_buf) subject = { 0 };

		if (result_is_done(result)) {
			result_done(o, result);
			continue;
		}
		sr_buf_printf(&subject, "%s ", request->command->verb);
		ctl_value(json_object_get(result, "school"), &subject);
		fflush(o->io->out);
		ctl_refusal(o, sr_buf_text(&subject), "refused", result, "why");
	}
}

/* What a change reports beside its results; each line only if the reply has it. */
static void mapped(const ctl_out *o, const json_t *list)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row) {
		SR_AUTO(sr_buf) line = { 0 };

		ctl_value(json_object_get(row, "school"), &line);
		sr_buf_puts(&line, ": term ");
		ctl_value(json_object_get(row, "term"), &line);
		sr_buf_puts(&line, " -> ");
		ctl_cell_titled(row, "periods", &line);
		sr_buf_puts(&line, sr_json_bool(row, "created", false) ? " (created)" : "");
		ctl_say(o, "%s\n", sr_buf_text(&line));
	}
}

static void changed_years(const ctl_out *o, const json_t *list)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row) {
		const char *chosen = sr_json_text(row, "chosen_year"), *active = sr_json_text(row, "active_year");
		SR_AUTO(sr_buf) line = { 0 };

		ctl_cell_school(row, "school", &line);
		sr_buf_puts(&line, ": ");
		ctl_value(json_object_get(row, "phase"), &line);
		sr_buf_puts(&line, chosen ? ", chosen " : active ? ", active " : "");
		ctl_clean(&line, chosen ? chosen : active ? active : "");
		ctl_say(o, "%s\n", sr_buf_text(&line));
	}
}

static void changes(const ctl_out *o, const json_t *reply)
{
	const json_t *list = sr_json_array(reply, "changes");
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row) {
		SR_AUTO(sr_buf) line = { 0 };

		ctl_value(json_object_get(row, "what"), &line);
		if (sr_json_int(row, "school", 0)) {
			sr_buf_puts(&line, " of ");
			ctl_value(json_object_get(row, "school"), &line);
		}
		sr_buf_puts(&line, ": ");
		ctl_value(json_object_get(row, "text"), &line);
		ctl_say(o, "%s\n", sr_buf_text(&line));
	}
	if (list && json_array_size(list) == 0)
		ctl_say(o, "Nothing has changed.\n");
}

static void small_replies(const ctl_out *o, const json_t *reply)
{
	SR_AUTO(sr_buf) line = { 0 };

	if (sr_json_text(reply, "file")) {
		ctl_value(json_object_get(reply, "file"), &line);
		sr_buf_printf(&line, ": %lld bytes written\n", (long long)sr_json_int(reply, "bytes", 0));
	}
	if (sr_json_int(reply, "count", -1) >= 0)
		sr_buf_printf(&line, "%lld records are tried again with the next run.\n",
			(long long)sr_json_int(reply, "count", 0));
	ctl_say(o, "%s", sr_buf_text(&line));
}

static int render_change(const ctl_out *o, const ctl_request *request, const json_t *reply, sr_err *err)
{
	mapped(o, sr_json_array(reply, "mapped"));
	changed_years(o, sr_json_array(reply, "changed"));
	changes(o, reply);
	small_replies(o, reply);
	if (json_array_size(sr_json_array(reply, "items")) > 0 &&
		ctl_render_waiting_items(o, sr_json_array(reply, "items"), "", err) != 0)
		return -1;
	if (ctl_render_gates(o, reply, err) != 0 || ctl_render_verify(o, reply, err) != 0)
		return -1;
	results(o, request, sr_json_array(reply, "results"));
	return 0;
}

/* One object shown as a table of one line. */
static int render_acting_user(const ctl_out *o, const json_t *reply, sr_err *err)
{
	json_auto_t *rows = json_pack("[O]", json_object_get(reply, "acting_user"));

	return ctl_table_print(o, user_columns, SR_COUNT_OF(user_columns), rows, "Not known yet.", err);
}

static int render(const ctl_out *o, const ctl_request *request, const json_t *reply, sr_err *err)
{
	const char *verb = request->command->verb;

	if (sr_streq(verb, "acting-user show"))
		return render_acting_user(o, reply, err);
	if (sr_streq(verb, "plan show") && json_object_get(request->render, "csv")) {
		ctl_render_plan_csv(o, reply);
		return 0;
	}
	for (size_t i = 0; i < SR_COUNT_OF(views); i++) {
		const struct view *v = &views[i];

		if (!sr_streq(v->verb, verb))
			continue;
		if (v->render)
			return v->render(o, reply, err);
		return ctl_table_print(o, v->columns, v->count, sr_json_array(reply, v->key), v->empty, err);
	}
	return render_change(o, request, reply, err);
}

ctl_exit ctl_render_text(const ctl_out *o, const ctl_request *request, const json_t *reply, sr_err *err)
{
	return render(o, request, reply, err) == 0 ? ctl_reply_exit(request, reply) : CTL_FAILED;
}

/* --- The exit code a reply means --- */

static bool all_true(const json_t *list, const char *field)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
		if (!sr_json_bool(row, field, false))
			return false;
	return true;
}

static bool has_error_finding(const json_t *schools)
{
	size_t i, j, k;
	json_t *school, *term, *finding;

	json_array_foreach(schools, i, school)
		json_array_foreach(sr_json_array(school, "terms"), j, term)
			json_array_foreach(sr_json_array(term, "findings"), k, finding)
				if (sr_streq(sr_json_text(finding, "level"), "error"))
					return true;
	return false;
}

/* A refused school outweighs one whose run waits for approval. */
static ctl_exit results_exit(const json_t *list)
{
	ctl_exit code = CTL_DONE;
	size_t i;
	json_t *result;

	json_array_foreach(list, i, result) {
		if (!result_is_done(result) || sr_streq(sr_json_text(result, "state"), "failed"))
			return CTL_FAILED;
		if (sr_streq(sr_json_text(result, "state"), "waiting"))
			code = CTL_WAITS;
	}
	return code;
}

ctl_exit ctl_reply_exit(const ctl_request *request, const json_t *reply)
{
	if (!all_true(sr_json_array(reply, "checks"), "ok") || !all_true(sr_json_array(reply, "gates"), "passes"))
		return CTL_FAILED;
	if (sr_streq(request->command->verb, "terms lint") && has_error_finding(sr_json_array(reply, "schools")))
		return CTL_FAILED;
	return results_exit(sr_json_array(reply, "results"));
}
