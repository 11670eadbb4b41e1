/* What a record is: one row of values of a known kind, from PowerSchool or for Schoology.
 * Never reads JSON, never asks the clock, never decides anything. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* Days since 1970-01-01. Ends are inclusive unless the name says _excl. */
typedef int32_t sr_day;
#define SR_DAY_NONE INT32_MIN

sr_day sr_day_make(int year, int month, int day); /* SR_DAY_NONE: no such date */
/* Reads YYYY-MM-DD, YYYY-MM-DD HH:MM:SS[.f], YYYY-MM-DDTHH:MM:SS..., M/D/YYYY
 * (contracts/powerschool.md 16.17). A year before 1901 means "none" (16.16): true, SR_DAY_NONE. */
bool sr_day_parse(const char *text, sr_day *out);
void sr_day_print(sr_day day, char out[11]); /* "2026-08-17"; "" for none */
void sr_day_split(sr_day day, int *year, int *month, int *dayofmonth);

/* People: students and staff share Schoology's users, so they share one number space here.
 * A student is STUDENTS.DCID, a member of staff USERS.DCID with a mark (never a number that
 * people type: student 1042 and teacher 1042 stay two). */
#define SR_PERSON_STAFF ((int64_t)1 << 56)
static inline int64_t sr_person_student(int64_t students_dcid)
{
	return students_dcid;
}
static inline int64_t sr_person_staff(int64_t users_dcid)
{
	return users_dcid | SR_PERSON_STAFF;
}
static inline bool sr_person_is_staff(int64_t person)
{
	return (person & SR_PERSON_STAFF) != 0;
}
static inline int64_t sr_person_dcid(int64_t person)
{
	return person & ~SR_PERSON_STAFF;
}

typedef enum sr_type { SR_T_INT, SR_T_TEXT, SR_T_DAY } sr_type;

typedef struct sr_value {
	bool set;      /* false: NULL, blank or missing */
	int64_t n;     /* SR_T_INT, SR_T_DAY */
	const char *s; /* SR_T_TEXT; borrowed from the record's arena */
} sr_value;

typedef struct sr_field {
	const char *name; /* the query's column, or Schoology's field */
	sr_type type;
	unsigned flags;
} sr_field;

#define SR_FIELDS_MAX 16

typedef struct sr_kind {
	const char *name;
	const sr_field *fields;
	size_t count;
} sr_kind;

typedef struct sr_record {
	const sr_kind *kind;
	sr_value v[SR_FIELDS_MAX];
} sr_record;

/* Source kinds, in the order in which they are pulled and judged. */
typedef enum sr_src {
	SR_SRC_TERM,
	SR_SRC_SECTION,
	SR_SRC_COURSE,
	SR_SRC_STUDENT,
	SR_SRC_STAFF,
	SR_SRC_ENROLLMENT, /* a CC row */
	SR_SRC_TEACHING,   /* a SECTIONTEACHER row */
	SR_SRC_LEAD,       /* made here from SECTIONS.TEACHER; key = section dcid */
	SR_SRC_COUNT
} sr_src;

/* The columns of each kind, in the order of the query that brings them
 * (schema/powerschool/, contracts/powerschool.md 16). The first is the paging key. */
enum {
	SR_TERM_DCID,
	SR_TERM_ID,
	SR_TERM_SCHOOLID,
	SR_TERM_YEARID,
	SR_TERM_ISYEARREC,
	SR_TERM_PORTION,
	SR_TERM_NAME,
	SR_TERM_ABBREVIATION,
	SR_TERM_FIRSTDAY,
	SR_TERM_LASTDAY,
	SR_TERM_FIELDS
};
enum {
	SR_SEC_DCID,
	SR_SEC_ID,
	SR_SEC_COURSE_NUMBER,
	SR_SEC_SECTION_NUMBER,
	SR_SEC_SCHOOLID,
	SR_SEC_TERMID,
	SR_SEC_TEACHER,
	SR_SEC_TEACHER_USERS_DCID,
	SR_SEC_FIELDS
};
enum { SR_CRS_DCID, SR_CRS_COURSE_NUMBER, SR_CRS_COURSE_NAME, SR_CRS_SCHOOLID, SR_CRS_FIELDS };
enum {
	SR_STU_DCID,
	SR_STU_ID,
	SR_STU_STUDENT_NUMBER,
	SR_STU_STUDENT_WEB_ID,
	SR_STU_FIRST_NAME,
	SR_STU_LAST_NAME,
	SR_STU_GRADE_LEVEL,
	SR_STU_ENROLL_STATUS,
	SR_STU_SCHOOLID,
	SR_STU_ENTRYDATE,
	SR_STU_EXITDATE_EXCL,
	SR_STU_GRAD_YEAR,
	SR_STU_FIELDS
};
enum {
	SR_STF_DCID,
	SR_STF_ID,
	SR_STF_USERS_DCID,
	SR_STF_SCHOOLID,
	SR_STF_STATUS,
	SR_STF_STAFFSTATUS,
	SR_STF_FIRST_NAME,
	SR_STF_LAST_NAME,
	SR_STF_PREFERREDNAME,
	SR_STF_EMAIL_ADDR,
	SR_STF_TEACHERNUMBER,
	SR_STF_LOGINID,
	SR_STF_TEACHERLOGINID,
	SR_STF_HOMESCHOOLID,
	SR_STF_FIELDS
};
enum {
	SR_CC_DCID,
	SR_CC_STUDENTID,
	SR_CC_STUDENT_DCID,
	SR_CC_SECTIONID,
	SR_CC_SECTION_DCID,
	SR_CC_TERMID,
	SR_CC_SCHOOLID,
	SR_CC_DATEENROLLED,
	SR_CC_DATELEFT_EXCL,
	SR_CC_ATTENDANCE_TYPE_CODE,
	SR_CC_FIELDS
};
enum {
	SR_ST_ID,
	SR_ST_SECTIONID,
	SR_ST_SECTION_DCID,
	SR_ST_TERMID,
	SR_ST_TEACHERID,
	SR_ST_USERS_DCID,
	SR_ST_ROLEID,
	SR_ST_START_DATE,
	SR_ST_END_DATE,
	SR_ST_FIELDS
};
enum { SR_LEAD_SECTION_DCID, SR_LEAD_TERMID, SR_LEAD_TEACHERID, SR_LEAD_USERS_DCID, SR_LEAD_FIELDS };

extern const sr_kind sr_src_kinds[SR_SRC_COUNT];
const char *sr_src_name(sr_src kind); /* "section", "enrollment", ... */

/* Target kinds, in the order in which they are written. */
typedef enum sr_tgt { SR_TGT_USER, SR_TGT_COURSE, SR_TGT_SECTION, SR_TGT_MEMBERSHIP, SR_TGT_COUNT } sr_tgt;

/* DESIGN section 4: when a field of a target object is sent. */
#define SR_F_KEY 1u    /* the frozen external key: never updated */
#define SR_F_CREATE 2u /* sent on create */
#define SR_F_UPDATE 4u /* a difference makes an update */
#define SR_F_LOGIN 8u  /* an update of it is a login change: guarded */
#define SR_F_GUARD 16u /* updated under a rule of its own (role, grading periods) */
#define SR_F_CLEAR 32u /* all of it is ours: unset means that nothing may stand there */

enum {
	SR_U_SCHOOL_UID,
	SR_U_NAME_FIRST,
	SR_U_NAME_LAST,
	SR_U_NAME_FIRST_PREFERRED,
	SR_U_USERNAME,
	SR_U_PRIMARY_EMAIL,
	SR_U_ROLE_ID,
	SR_U_BUILDING_ID,
	SR_U_ADDITIONAL_BUILDINGS,
	SR_U_GRAD_YEAR,
	SR_U_FIELDS
};
enum { SR_C_COURSE_CODE, SR_C_TITLE, SR_C_BUILDING_ID, SR_C_FIELDS };
enum {
	SR_S_SECTION_SCHOOL_CODE,
	SR_S_COURSE_CODE,
	SR_S_TITLE,
	SR_S_GRADING_PERIODS /* sorted, comma list */,
	SR_S_FIELDS
};
enum { SR_M_SECTION_SCHOOL_CODE, SR_M_SCHOOL_UID, SR_M_ADMIN, SR_M_STATUS, SR_M_FIELDS };

extern const sr_kind sr_tgt_kinds[SR_TGT_COUNT];
const char *sr_tgt_name(sr_tgt kind); /* "user", "course", "section", "membership" */

/* Whom a target object is, by SIS identity, not by its text key:
 * user (person, 0); course (hash of school and course number, school); section (dcid, 0);
 * membership (section dcid, person). */
typedef struct sr_ident {
	int64_t a, b;
} sr_ident;

static inline int sr_ident_cmp(sr_ident x, sr_ident y)
{
	if (x.a != y.a)
		return x.a < y.a ? -1 : 1;
	return x.b == y.b ? 0 : x.b < y.b ? -1 : 1;
}

/* Values. Setters copy text into `arena`; false: out of memory. */
void sr_record_init(sr_record *r, const sr_kind *kind);
void sr_record_set_int(sr_record *r, size_t field, int64_t n);
bool sr_record_set_text(sr_record *r, size_t field, const char *s, sr_arena *arena); /* NULL or "": unset */
static inline int64_t sr_record_int(const sr_record *r, size_t field, int64_t otherwise)
{
	return r->v[field].set ? r->v[field].n : otherwise;
}
static inline const char *sr_record_text(const sr_record *r, size_t field) /* NULL: unset */
{
	return r->v[field].set ? r->v[field].s : NULL;
}
static inline sr_day sr_record_day(const sr_record *r, size_t field)
{
	return r->v[field].set ? (sr_day)r->v[field].n : SR_DAY_NONE;
}
bool sr_value_eq(sr_type type, const sr_value *a, const sr_value *b);
bool sr_record_eq(const sr_record *a, const sr_record *b); /* same kind, all fields */

/* The packed form: what source and mirror keep. pack(unpack(x)) = x.
 * The bytes are `version, then per field: tag, varint | length, text`; not portable text, not
 * for people. A packed record of another version is refused (the row is then read anew). */
typedef struct sr_packed {
	uint8_t *bytes; /* of the arena */
	size_t len;
} sr_packed;

int sr_record_pack(const sr_record *r, sr_arena *arena, sr_packed *out, sr_err *err);
int sr_record_unpack(const sr_kind *kind, const void *bytes, size_t len, sr_arena *arena, sr_record *out, sr_err *err);

/* 128-bit fingerprint, seeded per installation (XXH3; PERFORMANCE section 2d). */
typedef struct sr_hash {
	uint8_t b[16];
} sr_hash;

sr_hash sr_hash_bytes(uint64_t seed, const void *bytes, size_t len);
bool sr_hash_eq(const sr_hash *a, const sr_hash *b);
/* A positive 56-bit identity for a text key (course numbers, trimmed and folded). */
int64_t sr_text_ident(const char *text);
