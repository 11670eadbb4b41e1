/* sisrollctl against a daemon of a few lines: what is sent, what is printed, how it exits. */
#include "ctl_client_fixture.h"

#include <locale.h>

#include "print.h"

/* --- What is sent --- */

static const struct {
	const char *line, *request;
} sent[] = {
	{ "status", CALL("Status", "{}") },
	{ "status 101 Cedar_M 300-319,@north --except 305 --phase paused",
		CALL("Status", "{\"schools\":[\"101\",\"Cedar "
			       "M\",\"300-319\",\"@north\"],\"except\":[\"305\"],\"phase\":\"paused\"}") },
	{ "--json terms list --all", CALL("TermsList", "{\"all\":true}") },
	{ "pause 101 --reason rollover_2026", CALL("Pause", "{\"schools\":[\"101\"],\"reason\":\"rollover 2026\"}") },
	{ "terms map 101 3603 --period 7,8 --force --reason=why",
		CALL("TermsMap",
			"{\"school\":\"101\",\"term\":3603,\"periods\":[7,8],\"reason\":\"why\",\"force\":true}") },
	{ "terms map 101 3603 --create --title a=b",
		CALL("TermsMap", "{\"school\":\"101\",\"term\":3603,\"create\":true,\"title\":\"a=b\"}") },
	{ "resume 101 --override rehearsal --override people --plan 5 --no-wait",
		CALL("Resume", "{\"schools\":[\"101\"],\"override\":[\"rehearsal\",\"people\"],\"plan\":5}") },
	{ "year set 2026-27 --token T", CALL("YearSet", "{\"year\":\"2026-27\",\"token\":\"T\"}") },
	{ "backup /var/lib/sisroll/copy.db", CALL("Backup", "{\"file\":\"/var/lib/sisroll/copy.db\"}") },
	{ "refresh --no-wait", CALL("Refresh", "{}") },
	{ "explain section -- -3601", CALL("Explain", "{\"kind\":\"section\",\"id\":\"-3601\"}") },
	{ "run show 17", CALL("RunShow", "{\"run\":17}") },
	{ "history 101 --reason ignored_when_looking", CALL("History", "{\"schools\":[\"101\"]}") },
};

static void the_command_line_becomes_one_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(sent); i++) {
		SR_AUTO(result) r = run(sent[i].line, REPLY("{}"), NULL, NULL);

		assert_int_equal(r.calls, 1);
		assert_string_equal(r.requests[0], sent[i].request);
		assert_int_equal(r.code, CTL_DONE);
	}
}

static const struct {
	const char *line, *says;
} misuses[] = {
	{ "statsu", "did you mean 'status'" },
	{ "term list", "did you mean 'terms list'" },
	{ "terms", "did you mean 'terms list'" },
	{ "quarantine lst", "did you mean 'quarantine list'" },
	{ "status --colour", "status takes no option --colour" },
	{ "terms map 101", "terms map needs TERM" },
	{ "terms map 101 abc", "'abc' is no number" },
	{ "terms map 101 1 2", "one argument too many" },
	{ "roles list 101", "one argument too many" },
	{ "status --timeout soon", "is no time" },
	{ "pause 101 --reason", "--reason needs a value" },
	{ "pause --all=yes", "takes no value" },
	{ "sync --wait --no-wait", "contradict" },
	{ "resume 101 --plan 5 --plan 6", "given twice" },
	{ "terms map 1 2 --period 7,,8", "empty part" },
};

static void misuse_is_told_before_anything_is_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(misuses); i++) {
		SR_AUTO(result) r = run_at("/nonexistent/control", misuses[i].line, NULL);

		assert_int_equal(r.code, CTL_USAGE);
		contains(r.err, misuses[i].says);
		contains(r.err, "[SR-USAGE]");
	}
}

static void every_verb_has_its_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < sr_command_count(); i++) {
		SR_AUTO_FREE char *line = sr_asprintf("%s --help", sr_command_at(i)->verb);
		SR_AUTO(result) r = run_at("/nonexistent/control", line, NULL);

		assert_int_equal(r.code, CTL_DONE);
		contains(r.out, sr_command_at(i)->verb);
		contains(r.out, sr_command_at(i)->help);
		contains(r.out, "--json");
	}
}

/* --- Refusals and exit codes --- */

static void a_refusal_has_its_form(void **state)
{
	SR_AUTO(result)
	r = run("resume 101",
		ERROR("org.sisroll.Control.Refused",
			"{\"code\":\"SR-TERMS-UNMAPPED\",\"what\":\"1 of 3 used terms is not mapped (3603 T3: 44 "
			"sections, 612 enrollments)\","
			"\"untouched\":\"Nothing was changed; 101 Adams Elem stays in year-set.\","
			"\"do\":[\"sisrollctl periods list --year 2026-2027\",\"sisrollctl terms map 101 3603 --period "
			"ID      (or --create)\"]}"),
		NULL, NULL);

	(void)state;
	assert_int_equal(r.code, CTL_FAILED);
	assert_string_equal(r.out, "");
	assert_string_equal(r.err, "sisrollctl: resume 101 refused: 1 of 3 used terms is not mapped (3603 T3: 44 "
				   "sections, 612 enrollments).   "
				   "[SR-TERMS-UNMAPPED]\n"
				   "Nothing was changed; 101 Adams Elem stays in year-set.\n"
				   "Do:  sisrollctl periods list --year 2026-2027\n"
				   "     sisrollctl terms map 101 3603 --period ID      (or --create)\n");
}

static const struct {
	const char *line, *answer;
	ctl_exit code;
	const char *says; /* on standard error */
} exits[] = {
	{ "status", "", CTL_UNREACHABLE, "[SR-UNREACHABLE]" },
	{ "status", "{\"parameters\":{", CTL_UNREACHABLE, "[SR-UNREACHABLE]" },
	{ "status", "nonsense\n", CTL_FAILED, "[SR-BAD-ANSWER]" },
	{ "status", MORE("{}"), CTL_FAILED, "[SR-BAD-ANSWER]" },
	{ "status --timeout 100ms", HANG, CTL_TIMED_OUT, "[SR-TIMED-OUT]" },
	{ "year cancel 101",
		ERROR("org.sisroll.Control.NotPermitted",
			"{\"needs\":\"operator\",\"who\":\"the designated operator\"}"),
		CTL_NOT_PERMITTED, "this is for the designated operator" },
	{ "status", ERROR("org.varlink.service.InvalidParameter", "{\"parameter\":\"schools\"}"), CTL_USAGE,
		"parameter schools" },
	{ "status", ERROR("org.varlink.service.MethodNotFound", "{\"method\":\"x\"}"), CTL_FAILED, "MethodNotFound" },
	{ "year set 2026-2027 --token old",
		ERROR("org.sisroll.Control.Refused", "{\"code\":\"SR-TOKEN-STALE\",\"what\":\"stale\"}"), CTL_FAILED,
		"[SR-TOKEN-STALE]" },
	{ "sync 101", ERROR("org.sisroll.Control.Refused", "{\"code\":\"SR-TOKEN-NEEDED\",\"what\":\"w\"}"), CTL_WAITS,
		"w." },
	{ "pause 101",
		REPLY("{\"results\":[{\"school\":101,\"name\":\"Adams\",\"done\":true,\"noop\":true,\"phase\":"
		      "\"paused\"}]}"),
		CTL_DONE, "" },
	{ "doctor", REPLY("{\"checks\":[{\"check\":\"clock\",\"ok\":false,\"evidence\":\"e\",\"fix\":[\"f\"]}]}"),
		CTL_FAILED, "" },
	{ "resume 101 --check", REPLY("{\"gates\":[{\"school\":101,\"name\":\"A\",\"passes\":false,\"checks\":[]}]}"),
		CTL_FAILED, "" },
	{ "resume 101 --check", REPLY("{\"gates\":[{\"school\":101,\"name\":\"A\",\"passes\":true,\"checks\":[]}]}"),
		CTL_DONE, "" },
	{ "sync 101 --wait",
		REPLY("{\"results\":[{\"school\":101,\"name\":\"A\",\"done\":true,\"state\":\"waiting\"}]}"), CTL_WAITS,
		"" },
	{ "terms lint",
		REPLY("{\"schools\":[{\"school\":1,\"name\":\"A\",\"terms\":[{\"findings\":[{\"level\":\"error\","
		      "\"rule\":\"gap\","
		      "\"text\":\"t\"}]}]}]}"),
		CTL_FAILED, "" },
};

static void exit_codes_mean_one_thing_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(exits); i++) {
		SR_AUTO(result) r = run(exits[i].line, exits[i].answer, NULL, NULL);

		if (r.code != exits[i].code)
			fail_msg("row %zu (%s): exit %d, expected %d; %s", i, exits[i].line, r.code, exits[i].code,
				r.err);
		contains(r.err, exits[i].says);
	}
}

static void nobody_listening_is_unreachable(void **state)
{
	SR_AUTO(result) r = run_at("/nonexistent/control", "pause 101", NULL);
	SR_AUTO(result) json = run_at("/nonexistent/control", "pause 101 --json", NULL);

	(void)state;
	assert_int_equal(r.code, CTL_UNREACHABLE);
	contains(r.err, "Nothing was changed.");
	assert_int_equal(json.code, CTL_UNREACHABLE);
	assert_string_equal(json.err, "");
	contains(json.out, "{\"error\":\"org.sisroll.Control.Refused\",\"parameters\":{\"code\":\"SR-UNREACHABLE\"");
}

static void a_lost_answer_is_not_told_as_nothing_changed(void **state)
{
	SR_AUTO(result) r = run("pause 101", "{\"param", NULL, NULL);

	(void)state;
	contains(r.err, "may have been done");
}

static void one_refused_school_does_not_hide_the_others(void **state)
{
	SR_AUTO(result)
	r = run("resume --all",
		REPLY("{\"results\":[{\"school\":101,\"name\":\"Adams "
		      "Elem\",\"done\":true,\"phase\":\"resumed\",\"run\":17},"
		      "{\"school\":102,\"name\":\"Brook Elem\",\"done\":false,\"code\":\"SR-GATE\",\"why\":\"2 checks "
		      "failed\","
		      "\"untouched\":\"102 stays.\",\"do\":[\"sisrollctl resume 102 --check\"]}]}"),
		NULL, NULL);

	(void)state;
	assert_int_equal(r.code, CTL_FAILED);
	assert_string_equal(r.out, "101 Adams Elem: resumed (run 17)\n");
	assert_string_equal(r.err, "sisrollctl: resume 102 refused: 2 checks failed.   [SR-GATE]\n102 stays.\n"
				   "Do:  sisrollctl resume 102 --check\n");
}

/* --- year set --- */

#define PREVIEW                                                                                                       \
	REPLY("{\"preview\":{\"year\":\"2026-2027\",\"token\":\"tok-1\",\"expires_s\":900,\"schools\":[{\"school\":"  \
	      "101,\"name\":"                                                                                         \
	      "\"Adams "                                                                                              \
	      "Elem\",\"from\":\"2025-2026\",\"to\":\"2026-2027\",\"terms_exist\":true,\"rolled\":true,\"promoted\":" \
	      "613,"                                                                                                  \
	      "\"students\":618,\"stops\":{\"sections\":214},\"comes_in\":{\"sections\":220},\"why\":\"year-set at "  \
	      "once\"}]}}")
#define CHANGED                                                 \
	REPLY("{\"changed\":[{\"school\":101,\"name\":\"Adams " \
	      "Elem\",\"phase\":\"paused\",\"chosen_year\":\"2026-2027\"}]}")

static void a_script_gets_the_token_and_has_to_come_back(void **state)
{
	SR_AUTO(result) r = run("year set 2026-2027 O'Neill_High --except 101,102 --yes", PREVIEW, NULL, NULL);
	SR_AUTO(result) json = run("year set 2026-2027 --all --json", PREVIEW, NULL, NULL);

	(void)state;
	assert_int_equal(r.code, CTL_WAITS);
	contains(r.out, "613 of 618");
	contains(r.out, "Do:  sisrollctl year set 2026-2027 'O'\\''Neill High' --except 101,102 --token tok-1");
	assert_int_equal(json.code, CTL_WAITS);
	contains(json.out, "\"token\":\"tok-1\"");
}

static void a_person_types_the_year(void **state)
{
	SR_AUTO(result) r = run("year set 2026-2027 101", PREVIEW, CHANGED, "2026-2027\n");

	(void)state;
	assert_int_equal(r.code, CTL_DONE);
	assert_int_equal(r.calls, 2);
	assert_string_equal(
		r.requests[1], CALL("YearSet", "{\"year\":\"2026-2027\",\"schools\":[\"101\"],\"token\":\"tok-1\"}"));
	contains(r.out, "101 Adams Elem: paused, chosen 2026-2027");
}

static void anything_else_typed_changes_nothing(void **state)
{
	SR_AUTO(result) r = run("year set 2026-2027 101", PREVIEW, CHANGED, "yes\n");

	(void)state;
	assert_int_equal(r.code, CTL_FAILED);
	assert_int_equal(r.calls, 1);
	contains(r.err, "Nothing was changed.");
}

static void a_question_is_asked_of_people_only(void **state)
{
	SR_AUTO(result) no = run("terms automap --all", REPLY("{}"), NULL, "n\n");
	SR_AUTO(result) yes = run("terms automap --all", REPLY("{}"), NULL, "y\n");
	SR_AUTO(result) script = run("terms automap --all", REPLY("{}"), NULL, NULL);

	(void)state;
	assert_int_equal(no.code, CTL_FAILED);
	assert_int_equal(no.calls, 0);
	assert_int_equal(yes.calls, 1);
	assert_int_equal(script.calls, 1);
	assert_int_equal(script.code, CTL_DONE);
}

/* --- Pictures --- */

#define STATUS                                                                                                         \
	REPLY("{\"daemon\":{\"version\":\"1.0.0\",\"now\":\"2026-08-04T09:12:00-04:00\",\"district\":\"Cedar Valley "  \
	      "SD\",\"timezone\":\"EDT\","                                                                             \
	      "\"operator\":\"ops\",\"other_year_writes\":0,\"acting_user\":{\"ok\":true,\"uid\":\"4711902\","         \
	      "\"role\":\"System Admin\","                                                                             \
	      "\"buildings\":\"all\",\"checked_at\":\"2026-08-04T13:08:00Z\"},\"powerschool\":{\"ok\":true,\"checked_" \
	      "at\":\"2026-08-04T09:09:00-04:00\","                                                                    \
	      "\"rolled\":1},\"schoology\":{\"ok\":true,\"checked_at\":\"2026-08-04T09:11:00-04:00\",\"credits\":38,"  \
	      "\"budget\":50,\"window_s\":5}},"                                                                        \
	      "\"schools\":[{\"school\":102,\"name\":\"Brook "                                                         \
	      "Elem\",\"phase\":\"paused\",\"since\":\"2026-06-09T16:02:00-04:00\",\"by\":\"ops\","                    \
	      "\"active_year\":\"2025-2026\",\"chosen_year\":null,\"sis\":{\"terms\":false},\"terms\":{\"used\":0,"    \
	      "\"mapped\":0},\"blocks\":[],"                                                                           \
	      "\"waiting\":0,\"quarantined\":0,\"next\":\"wait\",\"next_why\":\"PowerSchool has no 2026-2027 terms "   \
	      "at 102\",\"last_run\":null},"                                                                           \
	      "{\"school\":415,\"name\":\"North\\u001b[2J "                                                            \
	      "High\",\"phase\":\"syncing\",\"since\":\"2026-08-03T06:10:00-04:00\",\"by\":\"sisrolld\","              \
	      "\"active_year\":\"2026-2027\",\"sis\":{\"terms\":true,\"rolled\":true,\"promoted\":612,\"students\":"   \
	      "618,\"scheduled\":600},"                                                                                \
	      "\"terms\":{\"used\":8,\"mapped\":7},\"blocks\":[{\"code\":\"duplicate-suspect\",\"since\":\"2026-08-"   \
	      "04T08:00:00-04:00\","                                                                                   \
	      "\"clear\":\"a person\"}],\"waiting\":31,\"quarantined\":2,\"next\":\"terms map 415 "                    \
	      "3607\",\"next_why\":\"EXP: 12 sections\","                                                              \
	      "\"last_run\":{\"id\":9,\"kind\":\"update\",\"state\":\"done\",\"at\":\"2026-08-04T06:41:00-04:00\"}}]"  \
	      "}")

static void status_reads_as_designed(void **state)
{
	SR_AUTO(result) r = run("status", STATUS, NULL, NULL);

	(void)state;
	assert_int_equal(r.code, CTL_DONE);
	contains(r.out, "Cedar Valley SD · 2026-08-04 09:12 EDT · sisrolld 1.0.0 · 2 schools: 1 syncing, 1 paused\n");
	contains(r.out,
		"acting user  4711902 (System Admin, all buildings)  valid, checked 4 min ago        operator  ops\n");
	contains(r.out,
		"PowerSchool  ok 3 min ago · rolled over at 1 of 2       Schoology  ok 1 min ago · 38/50 per 5 s"
		"        other-year writes  0\n\n");
	contains(r.out, "! syncing");
	contains(r.out, "Mon 06:10");
	contains(r.out, "sched 97%");
	contains(r.out, "7/8");
	contains(r.out, "update ok 06:41");
	contains(r.out, "terms map 415 3607   (EXP: 12 sections)");
	contains(r.out, "wait: PowerSchool has no 2026-2027 terms at 102");
	contains(r.out, "9 Jun 16:02");
	contains(r.out, "is blocked: duplicate-suspect, since today 08:00");
	/* Worst first, and nothing of a name reaches the terminal as a command to it. */
	assert_true(strstr(r.out, "415 North") < strstr(r.out, "102 Brook"));
	assert_null(strchr(r.out, '\033'));
}

static void progress_is_plain_lines_in_a_pipe(void **state)
{
	SR_AUTO(result)
	r = run("sync 101 --wait",
		MORE("{\"progress\":{\"school\":101,\"run\":17,\"phase\":\"pulling\",\"done\":0,\"total\":0}}") MORE(
			"{\"progress\":{\"school\":101,\"run\":17,\"phase\":\"applying\",\"done\":1,\"total\":100}}")
			MORE("{\"progress\":{\"school\":101,\"run\":17,\"phase\":\"applying\",\"done\":2,\"total\":100}"
			     "}") MORE("{\"progress\":{\"school\":101,\"run\":17,\"phase\":\"applying\",\"done\":50,"
				       "\"total\":100}}") REPLY("{\"results\":[{\"school\":101,\"name\":\"A\",\"done\":"
								"true,\"phase\":\"syncing\",\"state\":\"done\"}]}"),
		NULL, NULL);

	(void)state;
	assert_string_equal(r.out, "101 run 17 pulling\n101 run 17 applying 1/100\n101 run 17 applying 50/100\n"
				   "101 A: syncing (done)\n");
	assert_string_equal(r.requests[0],
		"{\"method\":\"org.sisroll.Control.Sync\",\"parameters\":{\"schools\":[\"101\"],"
		"\"wait\":true},\"more\":true}");
}

static void a_plan_comes_in_pages_and_is_shown_whole(void **state)
{
	SR_AUTO(result)
	r = run("plan show 5 --csv",
		REPLY("{\"plan\":{\"id\":5},\"items\":[{\"seq\":1,\"kind\":\"user\",\"op\":\"create\",\"ident\":"
		      "\"student 7\",\"key\":\"=s1\","
		      "\"state\":\"planned\","
		      "\"changes\":{}}],\"next\":1}"),
		REPLY("{\"plan\":{\"id\":5},\"items\":[{\"seq\":2,\"kind\":\"course\",\"op\":\"update\",\"key\":"
		      "\"c\\\"1\",\"state\":\"planned\","
		      "\"changes\":{\"title\":[\"A\",\"B\"]},\"why\":null}]}"),
		NULL);

	(void)state;
	assert_int_equal(r.code, CTL_DONE);
	assert_string_equal(r.out,
		"seq,kind,op,ident,key,state,before,after,why\n"
		"\"1\",\"user\",\"create\",\"student 7\",\"'=s1\",\"planned\",\"\",\"\",\"\"\n"
		"\"2\",\"course\",\"update\",\"\",\"c\"\"1\",\"planned\",\"title: A\",\"title: B\",\"\"\n");
	contains(r.requests[1], "\"after\":1");
}

/* Every verb prints something sensible, in both forms, for an answer that has next to nothing in it. */
static void every_verb_survives_an_empty_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sr_command_count(); i++) {
		const sr_command *c = sr_command_at(i);
		SR_AUTO(sr_buf) line = { 0 };

		if (c->local)
			continue;
		sr_buf_puts(&line, c->verb);
		for (int n = 0; n < c->min_args; n++)
			sr_buf_puts(&line, " 1");
		for (int json = 0; json < 2; json++) {
			SR_AUTO(result) r = { 0 };

			sr_buf_puts(&line, json ? " --json" : "");
			r = run(sr_buf_text(&line), REPLY("{}"), NULL, NULL);
			assert_int_equal(r.code, CTL_DONE);
			assert_string_equal(r.err, "");
			if (json)
				assert_string_equal(r.out, "{}\n");
		}
	}
}

static void times_are_as_short_as_they_may_be(void **state)
{
	static const struct {
		const char *time, *shown;
	} rows[] = {
		{ "2026-08-04T08:55:00-04:00", "today 08:55" },
		{ "2026-08-03T06:10:00-04:00", "Mon 06:10" },
		{ "2026-06-09T16:02:00-04:00", "9 Jun 16:02" },
		{ "2024-06-09T16:02:00-04:00", "2024-06-09" },
		{ "2026-08-05T00:00:00Z", "2026-08-05" },
		{ "soon\033", "soon?" },
		{ NULL, "-" },
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_buf) text = { 0 };

		ctl_when(rows[i].time, "2026-08-04T09:12:00-04:00", &text);
		assert_string_equal(sr_buf_text(&text), rows[i].shown);
	}
	assert_true(ctl_seconds_between("2026-08-04T09:00:00-04:00", "2026-08-04T13:01:00.5Z", &seconds));
	assert_int_equal(seconds, 60);
	assert_false(ctl_seconds_between(NULL, "2026-08-04T13:01:00Z", &seconds));
}

static void foreign_text_cannot_drive_the_terminal(void **state)
{
	SR_AUTO(sr_buf) text = { 0 };

	(void)state;
	ctl_clean(&text, "Jos\xc3\xa9\033[31m\r\n\x7f\xc2\x9b\xe2\x80\xae ok\xe2\x81\xa6");
	assert_string_equal(sr_buf_text(&text), "Jos\xc3\xa9?[31m????? ok?");
}

static void codes_are_explained_without_a_daemon(void **state)
{
	SR_AUTO(result) r = run_at("/nonexistent/control", "help sr-gate", NULL);
	SR_AUTO(result) verb = run_at("/nonexistent/control", "help year set", NULL);
	SR_AUTO(result) none = run_at("/nonexistent/control", "help SR-NO-SUCH --json", NULL);

	(void)state;
	assert_int_equal(r.code, CTL_DONE);
	contains(r.out, "SR-GATE: The gate does not open.");
	contains(verb.out, "Usage: sisrollctl year set YEAR [SCHOOL…]");
	assert_int_equal(none.code, CTL_USAGE);
	contains(none.out, "SR-USAGE");
}

/* A command is a row, a schema and a place in the interface; one without the others is refused here. */
static void every_verb_has_its_schema(void **state)
{
	char method[SR_METHOD_BYTES];

	(void)state;
	for (size_t i = 0; i < sr_command_count(); i++) {
		const char *name = sr_command_method(sr_command_at(i), method);
		SR_AUTO_FREE char *path = sr_asprintf("%s/%s.schema.json", SCHEMA_FOLDER, name);
		json_auto_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
		const json_t *fields = sr_json_object(
			sr_json_object(sr_json_object(schema, "$defs"), "request"), "properties");
		const char *field;
		json_t *value;
		sr_param_type type;

		if (!schema)
			fail_msg("no schema %s", path);
		if (sr_command_at(i)->local)
			continue;
		json_object_foreach((json_t *)fields, field, value)
			if (!sr_command_field(sr_command_at(i), field, &type))
				fail_msg("%s: the interface has %s, the table has not", name, field);
		for (const sr_param *p = sr_param_next(sr_command_at(i), NULL); p;
			p = sr_param_next(sr_command_at(i), p))
			if (p->type < TYPE_RENDER && !json_object_get(fields, p->field))
				fail_msg("%s: the table has %s, the interface has not", name, p->field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_line_becomes_one_call),
		cmocka_unit_test(misuse_is_told_before_anything_is_sent),
		cmocka_unit_test(every_verb_has_its_help),
		cmocka_unit_test(a_refusal_has_its_form),
		cmocka_unit_test(exit_codes_mean_one_thing_each),
		cmocka_unit_test(nobody_listening_is_unreachable),
		cmocka_unit_test(a_lost_answer_is_not_told_as_nothing_changed),
		cmocka_unit_test(one_refused_school_does_not_hide_the_others),
		cmocka_unit_test(a_script_gets_the_token_and_has_to_come_back),
		cmocka_unit_test(a_person_types_the_year),
		cmocka_unit_test(anything_else_typed_changes_nothing),
		cmocka_unit_test(a_question_is_asked_of_people_only),
		cmocka_unit_test(status_reads_as_designed),
		cmocka_unit_test(progress_is_plain_lines_in_a_pipe),
		cmocka_unit_test(a_plan_comes_in_pages_and_is_shown_whole),
		cmocka_unit_test(every_verb_survives_an_empty_answer),
		cmocka_unit_test(times_are_as_short_as_they_may_be),
		cmocka_unit_test(foreign_text_cannot_drive_the_terminal),
		cmocka_unit_test(codes_are_explained_without_a_daemon),
		cmocka_unit_test(every_verb_has_its_schema),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
