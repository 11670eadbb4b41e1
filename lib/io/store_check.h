/* What verifying keeps: how far a look at a school has come, and what another writer did there.
 * Never judges who is right; never touches what Schoology is believed to hold. */
#pragma once
#include "io/store_mirror.h"
#include "io/store_plan.h"

/* A look goes through them in this order; each has its own count of what was seen. */
typedef enum sr_check_step {
	SR_CK_USERS,
	SR_CK_SECTIONS, /* by code */
	SR_CK_COURSES,  /* of the building */
	SR_CK_ACCOUNTS, /* of the building: is there one that is not ours? */
	SR_CK_CLASSES,  /* every course's list of sections: the same question */
	SR_CK_MEMBERS,  /* of one section after the other */
	SR_CK_COUNT
} sr_check_step;

typedef struct sr_check_pass {
	int64_t school;
	bool daily;
	sr_yearid year;
	int step;      /* SR_CK_COUNT: it has come to its end */
	int64_t after; /* the object that the step has come to; INT64_MIN: none yet */
	int64_t seen[SR_CK_COUNT];
	int64_t at_ms;
} sr_check_pass;

int sr_store_check_get(sr_txn *t, int64_t school, bool daily, sr_check_pass *out, sr_err *err); /* 1, 0 */
int sr_store_check_put(sr_txn *t, const sr_check_pass *pass, sr_err *err);

typedef struct sr_foreign_row {
	int64_t school;
	sr_tgt kind;
	int64_t id;
	const char *key;
	int64_t parent, building;
	bool made; /* another's; else ours, and written over */
	int64_t at_ms, accepted_ms;
} sr_foreign_row;

int sr_store_foreign_put(sr_txn *t, const sr_foreign_row *row, sr_err *err);
int sr_store_foreign_get(
	sr_txn *t, sr_arena *a, int64_t school, sr_tgt kind, int64_t id, sr_foreign_row *out, sr_err *err); /* 1, 0 */
/* A person has looked at all that stands against the school: what another made counts as found from now on. */
int sr_store_foreign_accept(sr_txn *t, int64_t school, int64_t now_ms, sr_err *err);

/* Is it ours, under whatever key it stands there now? */
int sr_store_mirror_has_id(sr_txn *t, sr_tgt kind, int64_t id, bool *out, sr_err *err);
/* Did the inventory find it? */
int sr_store_found_has(sr_txn *t, sr_tgt kind, int64_t id, bool *out, sr_err *err);
/* The newest confirmed update of the object since: 1, 0. */
int sr_store_update_since(
	sr_txn *t, sr_arena *a, sr_tgt kind, sr_ident ident, int64_t since_ms, sr_item_row *out, sr_err *err);
/* The section was made anew, and is empty: what was believed of its members went with the old one. */
int sr_store_section_members_forget(sr_txn *t, int64_t section, sr_err *err);
