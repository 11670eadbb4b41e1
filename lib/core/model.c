/* The columns of every kind stand here once: readers find them by name, packers by position. */
#include "core/model.h"

#include <string.h>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "base/str.h"

/* clang-format off */
#define I(name)        { (name), SR_T_INT,  0 }
#define T(name)        { (name), SR_T_TEXT, 0 }
#define D(name)        { (name), SR_T_DAY,  0 }
#define TI(name, when) { (name), SR_T_INT,  (when) }
#define TT(name, when) { (name), SR_T_TEXT, (when) }

static const sr_field term_fields[SR_TERM_FIELDS] = {
	[SR_TERM_DCID] = I("dcid"), [SR_TERM_ID] = I("id"), [SR_TERM_SCHOOLID] = I("schoolid"),
	[SR_TERM_YEARID] = I("yearid"), [SR_TERM_ISYEARREC] = I("isyearrec"), [SR_TERM_PORTION] = I("portion"),
	[SR_TERM_NAME] = T("name"), [SR_TERM_ABBREVIATION] = T("abbreviation"),
	[SR_TERM_FIRSTDAY] = D("firstday"), [SR_TERM_LASTDAY] = D("lastday"),
};

static const sr_field section_fields[SR_SEC_FIELDS] = {
	[SR_SEC_DCID] = I("dcid"), [SR_SEC_ID] = I("id"), [SR_SEC_COURSE_NUMBER] = T("course_number"),
	[SR_SEC_SECTION_NUMBER] = T("section_number"), [SR_SEC_SCHOOLID] = I("schoolid"), [SR_SEC_TERMID] = I("termid"),
	[SR_SEC_TEACHER] = I("teacher"), [SR_SEC_TEACHER_USERS_DCID] = I("teacher_users_dcid"),
};

static const sr_field course_fields[SR_CRS_FIELDS] = {
	[SR_CRS_DCID] = I("dcid"), [SR_CRS_COURSE_NUMBER] = T("course_number"), [SR_CRS_COURSE_NAME] = T("course_name"),
	[SR_CRS_SCHOOLID] = I("schoolid"),
};

/* A student number is a text: it may carry leading zeros, and it is a key, not a quantity. */
static const sr_field student_fields[SR_STU_FIELDS] = {
	[SR_STU_DCID] = I("dcid"), [SR_STU_ID] = I("id"), [SR_STU_STUDENT_NUMBER] = T("student_number"),
	[SR_STU_STUDENT_WEB_ID] = T("student_web_id"), [SR_STU_FIRST_NAME] = T("first_name"),
	[SR_STU_LAST_NAME] = T("last_name"), [SR_STU_GRADE_LEVEL] = I("grade_level"),
	[SR_STU_ENROLL_STATUS] = I("enroll_status"), [SR_STU_SCHOOLID] = I("schoolid"),
	[SR_STU_ENTRYDATE] = D("entrydate"), [SR_STU_EXITDATE_EXCL] = D("exitdate"), [SR_STU_GRAD_YEAR] = I("grad_year"),
};

static const sr_field staff_fields[SR_STF_FIELDS] = {
	[SR_STF_DCID] = I("dcid"), [SR_STF_ID] = I("id"), [SR_STF_USERS_DCID] = I("users_dcid"),
	[SR_STF_SCHOOLID] = I("schoolid"), [SR_STF_STATUS] = I("status"), [SR_STF_STAFFSTATUS] = I("staffstatus"),
	[SR_STF_FIRST_NAME] = T("first_name"), [SR_STF_LAST_NAME] = T("last_name"),
	[SR_STF_PREFERREDNAME] = T("preferredname"), [SR_STF_EMAIL_ADDR] = T("email_addr"),
	[SR_STF_TEACHERNUMBER] = T("teachernumber"), [SR_STF_LOGINID] = T("loginid"),
	[SR_STF_TEACHERLOGINID] = T("teacherloginid"), [SR_STF_HOMESCHOOLID] = I("homeschoolid"),
};

static const sr_field cc_fields[SR_CC_FIELDS] = {
	[SR_CC_DCID] = I("dcid"), [SR_CC_STUDENTID] = I("studentid"), [SR_CC_STUDENT_DCID] = I("student_dcid"),
	[SR_CC_SECTIONID] = I("sectionid"), [SR_CC_SECTION_DCID] = I("section_dcid"), [SR_CC_TERMID] = I("termid"),
	[SR_CC_SCHOOLID] = I("schoolid"), [SR_CC_DATEENROLLED] = D("dateenrolled"), [SR_CC_DATELEFT_EXCL] = D("dateleft"),
	[SR_CC_ATTENDANCE_TYPE_CODE] = I("attendance_type_code"),
};

static const sr_field teaching_fields[SR_ST_FIELDS] = {
	[SR_ST_ID] = I("id"), [SR_ST_SECTIONID] = I("sectionid"), [SR_ST_SECTION_DCID] = I("section_dcid"),
	[SR_ST_TERMID] = I("termid"), [SR_ST_TEACHERID] = I("teacherid"), [SR_ST_USERS_DCID] = I("users_dcid"),
	[SR_ST_ROLEID] = I("roleid"), [SR_ST_START_DATE] = D("start_date"), [SR_ST_END_DATE] = D("end_date"),
};

static const sr_field lead_fields[SR_LEAD_FIELDS] = {
	[SR_LEAD_SECTION_DCID] = I("section_dcid"), [SR_LEAD_TERMID] = I("termid"),
	[SR_LEAD_TEACHERID] = I("teacherid"), [SR_LEAD_USERS_DCID] = I("users_dcid"),
};

#define KEY     (SR_F_KEY | SR_F_CREATE)
#define ONCE    SR_F_CREATE
#define ALWAYS  (SR_F_CREATE | SR_F_UPDATE)
#define LOGIN   (SR_F_CREATE | SR_F_UPDATE | SR_F_LOGIN)
#define GUARDED (SR_F_CREATE | SR_F_UPDATE | SR_F_GUARD)

static const sr_field user_fields[SR_U_FIELDS] = {
	[SR_U_SCHOOL_UID] = TT("school_uid", KEY), [SR_U_NAME_FIRST] = TT("name_first", ALWAYS),
	[SR_U_NAME_LAST] = TT("name_last", ALWAYS), [SR_U_NAME_FIRST_PREFERRED] = TT("name_first_preferred", ALWAYS),
	[SR_U_USERNAME] = TT("username", LOGIN), [SR_U_PRIMARY_EMAIL] = TT("primary_email", LOGIN),
	[SR_U_ROLE_ID] = TI("role_id", GUARDED), [SR_U_BUILDING_ID] = TI("building_id", ALWAYS),
	[SR_U_ADDITIONAL_BUILDINGS] = TT("additional_buildings", ALWAYS | SR_F_CLEAR), [SR_U_GRAD_YEAR] = TI("grad_year", ALWAYS),
};

static const sr_field target_course_fields[SR_C_FIELDS] = {
	[SR_C_COURSE_CODE] = TT("course_code", KEY), [SR_C_TITLE] = TT("title", ALWAYS),
	[SR_C_BUILDING_ID] = TI("building_id", ONCE),
};

static const sr_field target_section_fields[SR_S_FIELDS] = {
	[SR_S_SECTION_SCHOOL_CODE] = TT("section_school_code", KEY), [SR_S_COURSE_CODE] = TT("course_code", ONCE),
	[SR_S_TITLE] = TT("title", ALWAYS), [SR_S_GRADING_PERIODS] = TT("grading_periods", GUARDED),
};

static const sr_field membership_fields[SR_M_FIELDS] = {
	[SR_M_SECTION_SCHOOL_CODE] = TT("section_school_code", KEY), [SR_M_SCHOOL_UID] = TT("school_uid", KEY),
	[SR_M_ADMIN] = TI("admin", ALWAYS), [SR_M_STATUS] = TI("status", GUARDED),
};

#define KIND(name, fields) { (name), (fields), SR_COUNT_OF(fields) }

const sr_kind sr_src_kinds[SR_SRC_COUNT] = {
	[SR_SRC_TERM]       = KIND("term", term_fields),
	[SR_SRC_SECTION]    = KIND("section", section_fields),
	[SR_SRC_COURSE]     = KIND("course", course_fields),
	[SR_SRC_STUDENT]    = KIND("student", student_fields),
	[SR_SRC_STAFF]      = KIND("staff", staff_fields),
	[SR_SRC_ENROLLMENT] = KIND("enrollment", cc_fields),
	[SR_SRC_TEACHING]   = KIND("teaching", teaching_fields),
	[SR_SRC_LEAD]       = KIND("lead", lead_fields),
};

const sr_kind sr_tgt_kinds[SR_TGT_COUNT] = {
	[SR_TGT_USER]       = KIND("user", user_fields),
	[SR_TGT_COURSE]     = KIND("course", target_course_fields),
	[SR_TGT_SECTION]    = KIND("section", target_section_fields),
	[SR_TGT_MEMBERSHIP] = KIND("membership", membership_fields),
};
/* clang-format on */

_Static_assert(SR_STF_FIELDS <= SR_FIELDS_MAX && SR_STU_FIELDS <= SR_FIELDS_MAX && SR_U_FIELDS <= SR_FIELDS_MAX,
	"a record holds every field of its kind");

const char *sr_src_name(sr_src kind)
{
	return (unsigned)kind < SR_SRC_COUNT ? sr_src_kinds[kind].name : "?";
}

const char *sr_tgt_name(sr_tgt kind)
{
	return (unsigned)kind < SR_TGT_COUNT ? sr_tgt_kinds[kind].name : "?";
}

void sr_record_init(sr_record *r, const sr_kind *kind)
{
	*r = (sr_record){ .kind = kind };
}

void sr_record_set_int(sr_record *r, size_t field, int64_t n)
{
	r->v[field] = (sr_value){ .set = true, .n = n };
}

bool sr_record_set_text(sr_record *r, size_t field, const char *s, sr_arena *arena)
{
	char *copy;

	r->v[field] = (sr_value){ 0 };
	if (!s || !*s)
		return true;
	copy = sr_arena_strdup(arena, s);
	if (!copy)
		return false;
	r->v[field] = (sr_value){ .set = true, .s = copy };
	return true;
}

bool sr_value_eq(sr_type type, const sr_value *a, const sr_value *b)
{
	if (!a->set || !b->set)
		return a->set == b->set;
	return type == SR_T_TEXT ? strcmp(a->s, b->s) == 0 : a->n == b->n;
}

bool sr_record_eq(const sr_record *a, const sr_record *b)
{
	if (a->kind != b->kind)
		return false;
	for (size_t i = 0; i < a->kind->count; i++)
		if (!sr_value_eq(a->kind->fields[i].type, &a->v[i], &b->v[i]))
			return false;
	return true;
}

sr_hash sr_hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
	XXH128_canonical_t canonical;
	sr_hash out;

	XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(bytes, len, seed));
	_Static_assert(sizeof(canonical.digest) == sizeof(out.b), "a fingerprint is 128 bits");
	memcpy(out.b, canonical.digest, sizeof(out.b));
	return out;
}

bool sr_hash_eq(const sr_hash *a, const sr_hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int64_t sr_text_ident(const char *text)
{
	size_t len;
	XXH3_state_t state;
	uint64_t ident;

	text = sr_trimmed(text, &len);
	XXH3_INITSTATE(&state);
	XXH3_64bits_reset(&state);
	for (size_t i = 0; i < len; i++) {
		char c[2] = { text[i], '\0' };

		XXH3_64bits_update(&state, sr_fold(c), 1);
	}
	ident = XXH3_64bits_digest(&state) & (((uint64_t)1 << 56) - 1);
	return ident ? (int64_t)ident : 1;
}
