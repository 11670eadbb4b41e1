/* A plan: changes in their order, cut into bounded calls, with stable ids and a digest.
 * Never sends; never holds the whole plan in memory. DESIGN section 4 (order), ARCHITECTURE 5. */
#pragma once
#include "core/diff.h"

#define SR_BATCH_MAX 50 /* objects a bulk call may carry (contracts/schoology.md 11) */

/* The order of sending: additions before drops, teachers before students. An item's stage is all that decides it. */
typedef enum sr_stage {
	SR_SG_USER_REACTIVATE, /* PUT users/reactivate */
	SR_SG_USER_CREATE,     /* POST users?update_existing=1 */
	SR_SG_USER_UPDATE,     /* PUT users, by id */
	SR_SG_COURSE_UPSERT,   /* POST courses?update_existing=1, sections nested */
	SR_SG_COURSE_UPDATE,   /* PUT courses, by id */
	SR_SG_SECTION_UPDATE,  /* PUT sections, by id */
	SR_SG_TEACHER_ADD,     /* POST enrollments/import/course, admin 1 */
	SR_SG_TEACHER_RESTORE, /* PUT sections/{id}/enrollments, status 1 */
	SR_SG_STUDENT_ADD,     /* POST enrollments/import/course, admin 0 */
	SR_SG_STUDENT_RESTORE,
	SR_SG_TEACHER_DROP, /* PUT sections/{id}/enrollments, status 5 or 2; never a DELETE */
	SR_SG_STUDENT_DROP,
	SR_SG_USER_INACTIVATE, /* DELETE users, enrollments kept, nobody mailed: only by `inactive apply` */
	SR_SG_COUNT
} sr_stage;

const char *sr_stage_name(sr_stage stage);
bool sr_stage_drops(sr_stage stage);      /* takes something away */
bool sr_stage_by_section(sr_stage stage); /* its call is addressed to one section */
/* SECTION create belongs to SR_SG_COURSE_UPSERT: it is nested in its course. A membership's
 * UPDATE (admin flag) goes by the import as well, by `admin` of the new value. */
sr_stage sr_stage_of(sr_tgt kind, sr_op op, bool admin);

typedef struct sr_plan_item {
	int64_t seq;
	sr_stage stage;
	sr_tgt kind;
	sr_op op;
	sr_ident ident;
	const char *key; /* the target's text key(s), for people: ids, never names */
	uint32_t fields;
	sr_packed before, after; /* packed sr_record of the target kind; before: as believed */
	bool login, waits;
	const char *why;
} sr_plan_item;

/* 64-bit id of what is to be done, equal whenever the same change is planned again. */
uint64_t sr_plan_op_id(uint64_t seed, int64_t school, sr_yearid year, const sr_plan_item *item);

/* What exactly a person is asked about, where an item waits: equal whenever the same change is planned again. */
sr_hash sr_plan_item_digest(uint64_t seed, int64_t school, sr_yearid year, const sr_plan_item *item);

/* Digest over the items in their order: two plans that would do the same have the same. */
typedef struct sr_digest {
	uint64_t state[4];
} sr_digest;
void sr_digest_init(sr_digest *d, int64_t school, sr_yearid year);
void sr_digest_add(sr_digest *d, const sr_plan_item *item);
void sr_digest_text(const sr_digest *d, char out[33]);

/* How many of the next `count` items (same stage, in order) fit one call: at most SR_BATCH_MAX,
 * and for stages by section only items of the first one's section. */
size_t sr_plan_batch(const sr_plan_item *items, size_t count);
