/* Configuration: sisrolld.conf and its drop-ins as typed values, and one resolved view per school.
 * Never half loads: every line is checked and every problem is told, or nothing is taken. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/model.h"

/* Text settings are never NULL in the district's structs ("" when empty); in the school's view
 * role titles and templates are NULL when empty: then the role is not synced, the field not sent. */
typedef struct sr_config_daemon {
	const char *state_dir, *socket;
	const char *timezone; /* "": as PowerSchool says */
	int log_level;        /* sr_level of base/log.h */
} sr_config_daemon;

typedef struct sr_config_powerschool {
	const char *url; /* without a trailing slash */
	const char *ca_file, *id_file, *secret_file;
	const char *query_prefix; /* org.sisroll.sync.roster */
	int64_t page_size, timeout_ms;
} sr_config_powerschool;

typedef struct sr_config_schoology {
	const char *url; /* without a trailing slash, with /v1 */
	const char *ca_file, *key_file, *secret_file;
	const char *acting_role; /* the role title the acting user must have */
	int64_t rate_credits, rate_window_ms, read_cost, write_cost, concurrency, page_size;
	int64_t timeout_ms, settle_ms;
	int signature; /* sr_oauth1_method of codec/oauth1.h */
} sr_config_schoology;

typedef struct sr_clock_window {
	int from_min, to_min; /* minutes of the day; both 0: always. to <= from: over midnight */
} sr_clock_window;

typedef struct sr_config_sync {
	int64_t interval_ms, poll_interval_ms, full_every_ms, retry_first_ms, retry_max_ms;
	sr_clock_window window;
	int drops_at_min;    /* minute of the day */
	int64_t drop_status; /* 5 archived, or 2 expired */
	int64_t verify_sample, duplicate_percent;
	int found_active, found_inactive, found_none; /* 0: adopt, reactivate, create; SR_FOUND_ASK */
} sr_config_sync;
#define SR_FOUND_ASK 1

typedef struct sr_config_operator {
	const char *designated; /* "": nobody beside root */
	bool two_person;        /* grave acts are asked for by one account and confirmed by the other */
	const char *second;     /* the other; "": none */
} sr_config_operator;

/* How alerts leave the machine; each way is optional. */
typedef struct sr_config_alert {
	const char *command; /* absolute program and arguments, split without a shell; "": none */
	const char *const *mail_to;
	size_t mail_to_count;
	const char *mail_from, *sendmail;
	const char *webhook, *ca_file, *secret_file;
	int64_t timeout_ms; /* of one command, mail or request */
} sr_config_alert;

typedef struct sr_config_calendar {
	const int *remind; /* days before */
	size_t remind_count;
} sr_config_calendar;

typedef struct sr_config_metrics {
	const char *listen; /* ADDRESS:PORT; "": not served */
} sr_config_metrics;

/* What holds at one school. All pointers are borrowed from the configuration. */
typedef struct sr_school_config {
	int64_t number;
	bool sync;            /* default: no */
	int64_t building;     /* Schoology's id; 0: to be found by its code */
	sr_day students_from; /* SR_DAY_NONE: released */
	/* [roles]: titles in Schoology; NULL: not synced */
	const char *role_student, *role_teacher, *role_staff, *role_substitute;
	/* [identity]: templates; NULL: the field is not sent. Their fields:
	 * student_*: student_number student_web_id dcid id first_name last_name grade_level grad_year school_number
	 * staff_*: teacher_number loginid teacherloginid email_addr users_dcid first_name last_name school_number
	 * course_code: school_number course_number course_dcid
	 * section_*: school_number start_year section_dcid section_id section_number course_number course_name
	 *            term_id term_name term_abbreviation
	 * period_title: year start_year term_name term_abbreviation school_number */
	const char *student_uid, *student_username, *student_email;
	const char *staff_uid, *staff_username, *staff_email;
	const char *course_code, *section_code, *section_title, *period_title;
	int names; /* 0: the names in use, the only choice of this version */
	/* [filter] */
	const char *const *exclude_courses; /* fnmatch patterns on course numbers */
	size_t exclude_courses_count;
	const int *exclude_grades;
	size_t exclude_grades_count;
	const char *const *teaching_roles; /* ends of ROLEDEF.ROLEKEY, or numbers; none: lead and co-teacher */
	size_t teaching_roles_count;
	/* [guard] */
	int64_t drop_count, drop_percent, settle_percent, login_changes, name_changes, shrink_percent;
	int64_t counts_percent, plan_differs_percent; /* of last year's figures; of the rehearsed plan */
	int64_t inactive_percent;                     /* of a school's accounts, in one plan of leavers */
	int settle_days;                              /* from first_day on */
	/* [calendar] */
	sr_day last_day, first_day; /* SR_DAY_NONE: not said */
	bool auto_pause;            /* pause once, by itself, on last_day */
	/* [sync], the same at every school */
	int end_grace_days;
	bool preregistered;
} sr_school_config;

typedef struct sr_number_range {
	int64_t low, high; /* both inclusive */
} sr_number_range;

typedef struct sr_config {
	sr_config_daemon daemon;
	sr_config_powerschool powerschool;
	sr_config_schoology schoology;
	sr_config_sync sync;
	sr_config_operator operator_;
	sr_config_alert alert;
	sr_config_calendar calendar;
	sr_config_metrics metrics;
	struct sr_config_inner *inner; /* schools, groups and what owns the texts */
} sr_config;

/* Reads `path`, then every *.conf of `conf_d_path` (may be NULL or missing) in the order of their
 * names; a later file replaces single settings of an earlier one. -1: *out untouched; `problems`
 * (may be NULL) has one `file:line: text` line each, all of them. */
int sr_config_load(const char *path, const char *conf_d_path, sr_config **out, sr_buf *problems, sr_err *err);
void sr_config_free(sr_config *c);

/* A complete commented file, every setting with its default. */
void sr_config_example(sr_buf *out);

/* [school *], overridden by [school N]. 0: the school has a section of its own; 1: it has not. */
int sr_config_school(const sr_config *c, int64_t number, sr_school_config *out);
/* Schools with a section of their own, rising. Returns how many. */
size_t sr_config_school_list(const sr_config *c, const int64_t **numbers);
/* The schools of [group NAME], as ranges. False: no such group. */
bool sr_config_group(const sr_config *c, const char *name, const sr_number_range **ranges, size_t *count);
