/* Does Schoology hold what the SIS tables imply? The sandbox's own answer, in plain SQL.
 * Never shares code or tables with the daemon; never changes either service. */
#pragma once
#include "district_db.h"

/* --- Snapshots: every row of Schoology as text, to be compared byte for byte later --- */

#define SIM_SNAPSHOT_HANDMADE "handmade" /* taken when the district was made */

/* Replaces a snapshot of that name. */
int sim_snapshot_take(sqlite3 *db, const char *name, sr_err *err);
/* Takes one row of `name` anew ("user", "course", "section", "enrollment", "period", "building"):
 * somebody changed it on purpose. */
int sim_snapshot_retake(sqlite3 *db, const char *name, const char *kind, int64_t id, sr_err *err);
/* Fills temp.v_now(kind, id, bytes) with the rows of today. */
int sim_snapshot_now(sqlite3 *db, sr_err *err);
bool sim_snapshot_exists(sqlite3 *db, const char *name);

/* --- Verify --- */

typedef struct sim_verify_school {
	int64_t number;
	int yearid; /* 0: the options' year */
} sim_verify_school;

/* Zero-initialised, it demands exactness for the ordinary schools with default templates. */
typedef struct sim_verify_options {
	int yearid;                       /* 0: the year of PREFS.coursearchiveyear */
	const sim_verify_school *schools; /* the synced ones */
	size_t school_count;              /* 0: every ordinary school that has a term of the year */
	const char *snapshot;             /* what is not of the active year must be as in it; NULL: must not be there */
	int today;                        /* 0: the world's date */
	int end_grace;                    /* 0: 7 days */
	bool preregistered;
	bool allow_left;    /* what a `leave` verdict keeps may be there without a snapshot */
	bool allow_drops;   /* what should be dropped may still be there: its hour has not come yet, or it waits */
	bool roles_refused; /* ROLEDEF may not be read: whoever stands at a section teaches it */
	bool past_refused;  /* members of sections that are over may be missing: Schoology takes none in */
	bool no_logins;     /* usernames and e-mails are not compared: login changes may wait */
	/* Schoology role titles; NULL: Student, Teacher, Staff, not synced; "": not synced */
	const char *role_student, *role_teacher, *role_staff, *role_substitute;
	size_t list_max; /* differences listed per check; 0: 20 */
} sim_verify_options;

typedef enum sim_verify_kind {
	SIM_VERIFY_USERS,
	SIM_VERIFY_COURSES,
	SIM_VERIFY_SECTIONS,
	SIM_VERIFY_MEMBERS,
	SIM_VERIFY_KIND_COUNT
} sim_verify_kind;

typedef struct sim_verify_report {
	int64_t expected[SIM_VERIFY_KIND_COUNT]; /* implied by the SIS for the active years */
	int64_t kept[SIM_VERIFY_KIND_COUNT];     /* not of the active years, byte for byte as in the snapshot */
	int64_t handmade;                        /* rows made by hand, untouched */
	int64_t pending_drops;                   /* memberships to be dropped, still there */
	int64_t differences;
	sr_buf text; /* lines for people and logs: counts, then ids of what differs */
} sim_verify_report;

/* 0: compared; exact if report->differences is 0. -1: could not compare. */
int sim_verify(sim_world *w, const sim_verify_options *options, sim_verify_report *report, sr_err *err);
void sim_verify_report_done(sim_verify_report *report);
SR_AUTO_DEFINE(sim_verify_report, sim_verify_report_done);
