/* Every setting there is, one row each. Parser, checks, example and manual page are made from these
 * rows, so that none of them can know a setting that the others do not. */
#include <string.h>

#include "codec/config_priv.h"

#define OF(member) offsetof(sr_config, member)
#define AT(member) offsetof(sr_school_config, member)
#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define PER_CENT .min = 0, .max = 100, .unit = "%"
#define MS_PER_MIN 60000
#define MS_PER_DAY 86400000LL

/* What is checked and kept, so that a file written for a later version is no error, but read by nothing. */
#define NOT_USED_YET " [not used yet]"

static const char *const student_fields[] = { "student_number", "student_web_id", "dcid", "id", "first_name",
	"last_name", "grade_level", "grad_year", "school_number", NULL };
static const char *const staff_fields[] = { "teacher_number", "loginid", "teacherloginid", "email_addr", "users_dcid",
	"first_name", "last_name", "school_number", NULL };
static const char *const course_fields[] = { "school_number", "course_number", "course_dcid", NULL };
static const char *const section_fields[] = { "school_number", "start_year", "section_dcid", "section_id",
	"section_number", "course_number", "course_name", "term_id", "term_name", "term_abbreviation", NULL };
static const char *const period_fields[] = { "year", "start_year", "term_name", "term_abbreviation", "school_number",
	NULL };

static const char *const log_levels[] = { "error", "warning", "notice", "info", "debug", NULL };
static const char *const name_sources[] = { "in-use", NULL };
static const char *const active_words[] = { "adopt", "ask", NULL };
static const char *const inactive_words[] = { "reactivate", "ask", NULL };
static const char *const none_words[] = { "create", "ask", NULL };
static const char *const signatures[] = { "hmac-sha1", "plaintext", NULL };

/* clang-format off */
const config_row sr_config_rows[] = {
	{ "daemon", "state_dir", CONFIG_PATH, CONFIG_DISTRICT, OF(daemon.state_dir), "/var/lib/sisroll",
	  "Where the state database is kept" },
	{ "daemon", "socket", CONFIG_PATH, CONFIG_DISTRICT, OF(daemon.socket), "/run/sisroll/control",
	  "The socket sisrollctl talks to" },
	{ "daemon", "timezone", CONFIG_TEXT, CONFIG_DISTRICT, OF(daemon.timezone), "",
	  "Time zone of the district, like America/Boise; empty: as PowerSchool says" },
	{ "daemon", "log_level", CONFIG_WORD, CONFIG_DISTRICT, OF(daemon.log_level), "info",
	  "What goes to the journal", .words = log_levels },

	{ "powerschool", "url", CONFIG_URL, CONFIG_DISTRICT, OF(powerschool.url), NULL,
	  "Address of the PowerSchool server" },
	{ "powerschool", "page_size", CONFIG_INT, CONFIG_DISTRICT, OF(powerschool.page_size), "1000",
	  "Rows asked for at a time", .min = 1, .max = 10000 },
	{ "powerschool", "timeout", CONFIG_DURATION, CONFIG_DISTRICT, OF(powerschool.timeout_ms), "60s",
	  "How long one answer may take", .min = 1000, .max = 30 * MS_PER_MIN },
	{ "powerschool", "ca_file", CONFIG_PATH, CONFIG_DISTRICT, OF(powerschool.ca_file), "",
	  "Certificate authorities to trust instead of the system's" },
	{ "powerschool", "query_prefix", CONFIG_TEXT, CONFIG_DISTRICT, OF(powerschool.query_prefix),
	  "org.sisroll.sync.roster", "First four parts of the names of the plugin's queries" },
	{ "powerschool", "id_file", CONFIG_PATH, CONFIG_DISTRICT, OF(powerschool.id_file), "",
	  "File with the plugin's client id; empty: the credential powerschool-id" },
	{ "powerschool", "secret_file", CONFIG_PATH, CONFIG_DISTRICT, OF(powerschool.secret_file), "",
	  "File with the plugin's client secret; empty: the credential powerschool-secret" },

	{ "schoology", "url", CONFIG_URL, CONFIG_DISTRICT, OF(schoology.url), "https://api.schoology.com/v1",
	  "Base address of the Schoology API" },
	{ "schoology", "acting_role", CONFIG_TEXT, CONFIG_DISTRICT, OF(schoology.acting_role), "System Admin",
	  "Title of the role that the acting user must have" },
	{ "schoology", "rate_credits", CONFIG_INT, CONFIG_DISTRICT, OF(schoology.rate_credits), "50",
	  "Credits that may be spent in one window", .min = 1, .max = 100000 },
	{ "schoology", "rate_window", CONFIG_DURATION, CONFIG_DISTRICT, OF(schoology.rate_window_ms), "5s",
	  "Length of the window", .min = 100, .max = 60 * MS_PER_MIN },
	{ "schoology", "read_cost", CONFIG_INT, CONFIG_DISTRICT, OF(schoology.read_cost), "1",
	  "Credits that a read costs", .min = 0, .max = 1000 },
	{ "schoology", "write_cost", CONFIG_INT, CONFIG_DISTRICT, OF(schoology.write_cost), "3",
	  "Credits that a write costs", .min = 0, .max = 1000 },
	{ "schoology", "concurrency", CONFIG_INT, CONFIG_DISTRICT, OF(schoology.concurrency), "8",
	  "Requests under way at the same time", .min = 1, .max = 64 },
	{ "schoology", "page_size", CONFIG_INT, CONFIG_DISTRICT, OF(schoology.page_size), "200",
	  "Objects asked for at a time", .min = 1, .max = 200 },
	{ "schoology", "timeout", CONFIG_DURATION, CONFIG_DISTRICT, OF(schoology.timeout_ms), "60s",
	  "How long one answer may take", .min = 1000, .max = 30 * MS_PER_MIN },
	{ "schoology", "settle", CONFIG_DURATION, CONFIG_DISTRICT, OF(schoology.settle_ms), "10s",
	  "Wait before asking what became of a request whose answer was lost",
	   .min = 0, .max = 60 * MS_PER_MIN },
	{ "schoology", "signature", CONFIG_WORD, CONFIG_DISTRICT, OF(schoology.signature), "hmac-sha1",
	  "OAuth signature method", .words = signatures },
	{ "schoology", "ca_file", CONFIG_PATH, CONFIG_DISTRICT, OF(schoology.ca_file), "",
	  "Certificate authorities to trust instead of the system's" },
	{ "schoology", "key_file", CONFIG_PATH, CONFIG_DISTRICT, OF(schoology.key_file), "",
	  "File with the API key; empty: the credential schoology-key" },
	{ "schoology", "secret_file", CONFIG_PATH, CONFIG_DISTRICT, OF(schoology.secret_file), "",
	  "File with the API secret; empty: the credential schoology-secret" },

	{ "sync", "interval", CONFIG_DURATION, CONFIG_DISTRICT, OF(sync.interval_ms), "1h",
	  "Time between two runs of a school", .min = 1000, .max = 30 * MS_PER_DAY },
	{ "sync", "window", CONFIG_WINDOW, CONFIG_DISTRICT, OF(sync.window), "",
	  "When runs may begin by themselves, HH:MM-HH:MM; empty: always" },
	{ "sync", "drops_at", CONFIG_TIME, CONFIG_DISTRICT, OF(sync.drops_at_min), "02:00",
	  "The run of the day that sends drops" },
	{ "sync", "full_every", CONFIG_DURATION, CONFIG_DISTRICT, OF(sync.full_every_ms), "7d",
	  "How often everything is compared, changed or not [not used yet: every run compares everything]",
	  .min = 60 * MS_PER_MIN, .max = 365 * MS_PER_DAY },
	{ "sync", "end_grace", CONFIG_DAYS, CONFIG_EVERYWHERE, AT(end_grace_days), "7d",
	  "A class left this close to the term's end was completed, not dropped", .min = 0, .max = 60 },
	{ "sync", "drop_status", CONFIG_INT, CONFIG_DISTRICT, OF(sync.drop_status), "5",
	  "Status of a dropped membership: 5 archived, 2 expired", .min = 2, .max = 5 },
	{ "sync", "preregistered", CONFIG_BOOL, CONFIG_EVERYWHERE, AT(preregistered), "no",
	  "Take in pre-registered students" },
	{ "sync", "poll_interval", CONFIG_DURATION, CONFIG_DISTRICT, OF(sync.poll_interval_ms), "5min",
	  "How often schools, terms, roles and the acting user are looked at", .min = 100, .max = MS_PER_DAY },
	{ "sync", "verify_sample", CONFIG_INT, CONFIG_DISTRICT, OF(sync.verify_sample), "20",
	  "Sections whose members are read back after a first run", .min = 0, .max = 1000, .unit = "sections" },
	{ "sync", "duplicate_percent", CONFIG_INT, CONFIG_DISTRICT, OF(sync.duplicate_percent), "30",
	  "A plan that creates this share of a used building's users is refused", PER_CENT },
	{ "sync", "found_active", CONFIG_WORD, CONFIG_DISTRICT, OF(sync.found_active), "adopt",
	  "An active account that holds a person's key already, and is of the same person", .words = active_words },
	{ "sync", "found_inactive", CONFIG_WORD, CONFIG_DISTRICT, OF(sync.found_inactive), "reactivate",
	  "The same, made inactive by somebody", .words = inactive_words },
	{ "sync", "found_none", CONFIG_WORD, CONFIG_DISTRICT, OF(sync.found_none), "create",
	  "No account holds his key, e-mail or username", .words = none_words },
	{ "sync", "retry_first", CONFIG_DURATION, CONFIG_DISTRICT, OF(sync.retry_first_ms), "30s",
	  "Wait after the first failure, doubled after each further one", .min = 100, .max = MS_PER_DAY },
	{ "sync", "retry_max", CONFIG_DURATION, CONFIG_DISTRICT, OF(sync.retry_max_ms), "15min",
	  "The longest such wait", .min = 100, .max = MS_PER_DAY },

	{ "identity", "student_uid", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(student_uid), "{student_number}",
	  "Key of a student in Schoology", .words = student_fields,
	  .needs = FIELDS("student_number", "student_web_id", "dcid", "id") },
	{ "identity", "staff_uid", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(staff_uid), "T{teacher_number}",
	  "Key of a member of staff", .words = staff_fields,
	  .needs = FIELDS("teacher_number", "loginid", "teacherloginid", "email_addr", "users_dcid") },
	{ "identity", "student_username", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(student_username), "{student_web_id}",
	  "Login of a student; empty: not sent", .words = student_fields },
	{ "identity", "student_email", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(student_email), "",
	  "E-mail of a student; empty: not sent", .words = student_fields },
	{ "identity", "staff_username", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(staff_username), "{loginid}",
	  "Login of a member of staff; empty: not sent", .words = staff_fields },
	{ "identity", "staff_email", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(staff_email), "{email_addr}",
	  "E-mail of a member of staff; empty: not sent", .words = staff_fields },
	{ "identity", "course_code", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(course_code),
	  "{school_number}-{course_number}",
	  "Code of a course, unique in the organisation", .words = course_fields,
	  .needs = FIELDS("course_number", "course_dcid") },
	{ "identity", "section_code", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(section_code),
	  "{school_number}-{start_year}-{section_dcid}",
	  "Code of a section; of one year only, or last year's section would be moved", .words = section_fields,
	  .needs = FIELDS("section_dcid", "section_id") },
	{ "identity", "section_title", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(section_title),
	  "{course_name} - {section_number}",
	  "Title of a section", .words = section_fields,
	  .needs = FIELDS("course_name", "course_number", "section_number", "section_dcid", "section_id") },
	{ "identity", "period_title", CONFIG_TEMPLATE, CONFIG_OVERRIDABLE, AT(period_title), "{year} {term_name}",
	  "Title of a grading period that is created", .words = period_fields,
	  .needs = FIELDS("year", "start_year") },
	{ "identity", "names", CONFIG_WORD, CONFIG_OVERRIDABLE, AT(names), "in-use",
	  "Which of a person's names are shown; legal names would need a grant that the plugin does not ask for",
	  .words = name_sources },

	{ "roles", "student", CONFIG_TITLE, CONFIG_OVERRIDABLE, AT(role_student), "",
	  "Title of the Schoology role of students; empty: not synced" },
	{ "roles", "teacher", CONFIG_TITLE, CONFIG_OVERRIDABLE, AT(role_teacher), "",
	  "Title of the role of whoever teaches" },
	{ "roles", "staff", CONFIG_TITLE, CONFIG_OVERRIDABLE, AT(role_staff), "",
	  "Title of the role of other staff" },
	{ "roles", "substitute", CONFIG_TITLE, CONFIG_OVERRIDABLE, AT(role_substitute), "",
	  "Title of the role of substitutes" },

	{ "filter", "exclude_courses", CONFIG_WORDS, CONFIG_OVERRIDABLE, AT(exclude_courses), "",
	  "Course numbers to keep out, as patterns (HR* LUNCH)" },
	{ "filter", "exclude_grades", CONFIG_NUMBERS, CONFIG_OVERRIDABLE, AT(exclude_grades), "",
	  "Grade levels to keep out (-1 0)", .min = -20, .max = 99 },
	{ "filter", "teaching_roles", CONFIG_WORDS, CONFIG_OVERRIDABLE, AT(teaching_roles), "",
	  "Role keys or numbers that teach; empty: lead and co-teacher" },

	{ "guard", "drop_count", CONFIG_INT, CONFIG_OVERRIDABLE, AT(drop_count), "25",
	  "Drops wait from this many on, if the share is reached too", .min = 0, .max = 1000000 },
	{ "guard", "drop_percent", CONFIG_INT, CONFIG_OVERRIDABLE, AT(drop_percent), "5",
	  "Drops wait from this share on, if the number is reached too", PER_CENT },
	{ "guard", "settle_percent", CONFIG_INT, CONFIG_OVERRIDABLE, AT(settle_percent), "40",
	  "The share while the new year settles", PER_CENT },
	{ "guard", "settle_days", CONFIG_DAYS, CONFIG_OVERRIDABLE, AT(settle_days), "21d",
	  "How long it settles, from first_day on", .min = 0, .max = 120 },
	{ "guard", "login_changes", CONFIG_INT, CONFIG_OVERRIDABLE, AT(login_changes), "10",
	  "Login changes wait from this many on in one run", .min = 0, .max = 1000000 },
	{ "guard", "name_changes", CONFIG_INT, CONFIG_OVERRIDABLE, AT(name_changes), "10",
	  "Changes of people's names wait from this many on in one run, and so do those of section titles", .min = 0, .max = 1000000 },
	{ "guard", "shrink_percent", CONFIG_INT, CONFIG_OVERRIDABLE, AT(shrink_percent), "30",
	  "Drops wait when PowerSchool sends this much less of something than the last time", PER_CENT },

	{ "guard", "counts_percent", CONFIG_INT, CONFIG_OVERRIDABLE, AT(counts_percent), "50",
	  "The gate of resume stays shut when a school or grade has less than this share of last year's figures", PER_CENT },
	{ "guard", "plan_differs_percent", CONFIG_INT, CONFIG_OVERRIDABLE, AT(plan_differs_percent), "2",
	  "A rehearsed plan still holds while a fresh one differs from it in less than this share", PER_CENT },
	{ "guard", "inactive_percent", CONFIG_INT, CONFIG_OVERRIDABLE, AT(inactive_percent), "30",
	  "A plan of leavers with more than this share of a school's accounts needs --force", PER_CENT },

	{ "calendar", "last_day", CONFIG_DATE, CONFIG_OVERRIDABLE, AT(last_day), "",
	  "Last day of school, YYYY-MM-DD: alerts remind of it" },
	{ "calendar", "first_day", CONFIG_DATE, CONFIG_OVERRIDABLE, AT(first_day), "",
	  "First day of school, YYYY-MM-DD: from it the new year settles; empty: the first day of its terms" },
	{ "calendar", "auto_pause", CONFIG_BOOL, CONFIG_OVERRIDABLE, AT(auto_pause), "no",
	  "Pause once, by itself, after the last day; resuming is always a person's act" },
	{ "calendar", "remind", CONFIG_NUMBERS, CONFIG_DISTRICT, OF(calendar.remind), "14 3 1",
	  "Days before first_day and last_day at which alerts remind", .min = 0, .max = 200 },

	{ "alert", "command", CONFIG_TEXT, CONFIG_DISTRICT, OF(alert.command), "",
	  "Program that gets each alert: absolute path and arguments, quoted as in a unit file, never run by a shell" },
	{ "alert", "mail_to", CONFIG_WORDS, CONFIG_DISTRICT, OF(alert.mail_to), "",
	  "Addresses that alerts are mailed to, by the sendmail interface of this machine" },
	{ "alert", "mail_from", CONFIG_TEXT, CONFIG_DISTRICT, OF(alert.mail_from), "",
	  "Address that they come from; empty: as sendmail says" },
	{ "alert", "sendmail", CONFIG_PATH, CONFIG_DISTRICT, OF(alert.sendmail), "/usr/sbin/sendmail",
	  "Program that takes a mail on its standard input (sendmail -t)" },
	{ "alert", "webhook", CONFIG_TEXT, CONFIG_DISTRICT, OF(alert.webhook), "",
	  "Address that each alert is posted to as signed JSON; https, or http on this machine" },
	{ "alert", "ca_file", CONFIG_PATH, CONFIG_DISTRICT, OF(alert.ca_file), "",
	  "Certificate authorities to trust for the webhook instead of the system's" },
	{ "alert", "secret_file", CONFIG_PATH, CONFIG_DISTRICT, OF(alert.secret_file), "",
	  "File with the secret that signs the webhook's body; empty: the credential alert-secret" },
	{ "alert", "timeout", CONFIG_DURATION, CONFIG_DISTRICT, OF(alert.timeout_ms), "30s",
	  "How long one command, mail or request may take", .min = 100, .max = 10 * MS_PER_MIN },

	{ "operator", "designated", CONFIG_TEXT, CONFIG_DISTRICT, OF(operator_.designated), "",
	  "The account that may make the rollover's decisions" },
	{ "operator", "two_person", CONFIG_BOOL, CONFIG_DISTRICT, OF(operator_.two_person), "no",
	  "Choosing a year, approving many operations at once and inactivating leavers take two persons" },
	{ "operator", "second", CONFIG_TEXT, CONFIG_DISTRICT, OF(operator_.second), "",
	  "The second of them: confirms what the operator asks for, or asks for what he confirms" },

	{ "metrics", "listen", CONFIG_ADDRESS, CONFIG_DISTRICT, OF(metrics.listen), "",
	  "Address and port for metrics, like 127.0.0.1:9464" NOT_USED_YET },

	{ "group NAME", "schools", CONFIG_RANGES, CONFIG_GROUP, 0, "",
	  "School numbers and ranges (101 300-319), selected by @NAME" },

	{ "school N", "sync", CONFIG_BOOL, CONFIG_SCHOOL, AT(sync), "no",
	  "Sync this school" },
	{ "school N", "building", CONFIG_INT, CONFIG_SCHOOL, AT(building), "0",
	  "Id of its building in Schoology; 0: found by building_code = school number",
	   .min = 0, .max = INT64_MAX },
	{ "school N", "students_from", CONFIG_DATE, CONFIG_SCHOOL, AT(students_from), "",
	  "Students' memberships wait until this day" },
};
/* clang-format on */

const size_t sr_config_row_count = SR_COUNT_OF(sr_config_rows);

/* ---- the example, made from the rows ---- */

/* Sections that carry a name come commented out: they are made, not filled in. */
static void example_section(sr_buf *out, const config_row *row)
{
	bool named = row->scope == CONFIG_GROUP || row->scope == CONFIG_SCHOOL;

	sr_buf_puts(out, "\n");
	if (row->scope == CONFIG_SCHOOL)
		sr_buf_puts(out, "# N is the number of a school, or * for all. What stands in [identity], [roles],\n"
				 "# [filter], [guard] and [calendar] may be set for a school as well.\n");
	sr_buf_printf(out, "%s[%s]\n", named ? "#" : "", row->section);
}

static void example_row(sr_buf *out, const config_row *row)
{
	sr_buf_printf(out, "# %s", row->help);
	if (row->kind == CONFIG_INT && row->max < 1000000000)
		sr_buf_printf(out, " (%lld to %lld%s%s)", (long long)row->min, (long long)row->max,
			row->unit ? " " : "", row->unit ? row->unit : "");
	if (row->kind == CONFIG_WORD)
		for (size_t i = 0; row->words[i]; i++)
			sr_buf_printf(out, "%s%s", i ? ", " : ": ", row->words[i]);
	sr_buf_puts(out, row->initial ? "\n" : " (must be given)\n");
	sr_buf_printf(out, "#%s = %s\n", row->key, row->initial ? row->initial : "https://");
}

void sr_config_example(sr_buf *out)
{
	const char *section = "";

	sr_buf_puts(out, "# sisrolld.conf: every setting with its default. See sisrolld.conf(5).\n"
			 "# Check a changed file with: sisrollctl config check\n");
	for (size_t i = 0; i < sr_config_row_count; i++) {
		if (strcmp(section, sr_config_rows[i].section) != 0)
			example_section(out, &sr_config_rows[i]);
		section = sr_config_rows[i].section;
		example_row(out, &sr_config_rows[i]);
	}
}
