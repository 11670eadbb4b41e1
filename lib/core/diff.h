/* One target object: what it should be against what Schoology has confirmed -> one change.
 * Never sends; never drops by itself what a row says to leave. DESIGN sections 3 and 4. */
#pragma once
#include "base/str.h"
#include "core/filter.h"

typedef enum sr_op {
	SR_OP_KEEP,
	SR_OP_CREATE,
	SR_OP_UPDATE,
	SR_OP_DROP,
	SR_OP_RESTORE /* archived membership back, inactive account active */,
	SR_OP_INACTIVATE /* account of a leaver: never planned by a diff */,
	SR_OP_COUNT
} sr_op;
const char *sr_op_name(sr_op op);

/* How a mirror object came to be. */
typedef enum sr_origin {
	SR_OR_OURS,    /* sisroll made it */
	SR_OR_ADOPTED, /* found, key and person agree; ours to update, its members not ours to drop */
	SR_OR_COUNT
} sr_origin;

typedef struct sr_mirror_object {
	sr_record values; /* as confirmed; grading periods: our own set, not theirs */
	sr_origin origin;
	int64_t sgy_id;
	sr_yearid year;     /* sections, memberships: theirs; users, courses: the highest that wrote */
	int64_t role_by_us; /* user: the role id sisroll set; 0: not by us */
	bool is_acting_user;
	bool gone;       /* somebody deleted it in Schoology: waits, never made again by itself */
	bool restorable; /* membership: archived by us, comes back on the known id; user: inactive, by us or, with
			  * `gone`, by somebody's hand */
} sr_mirror_object;

typedef struct sr_diff_ctx {
	bool may_update_person;      /* this is the home school, in syncing or resumed */
	const int64_t *mapped_roles; /* every mapped role id: a role outside them is never changed */
	size_t mapped_roles_count;
	bool ask_inactive; /* an account that somebody made inactive comes back only with a person's approval */
} sr_diff_ctx;

typedef struct sr_change {
	sr_op op;
	uint32_t fields; /* bit per target field that differs (UPDATE), or is sent (CREATE) */
	bool login;      /* among them a login change */
	bool waits;      /* op must wait for a person; `why` says */
	const char *why; /* constant text; NULL: nothing special */
} sr_change;

/* `desired` NULL when want is LEAVE, DROP or NOTHING; `mirror` NULL: not confirmed there. Pure. */
sr_change sr_diff(
	sr_tgt kind, sr_want want, const sr_record *desired, const sr_mirror_object *mirror, const sr_diff_ctx *ctx);

/* Writes the object that Schoology would hold once `change` is confirmed: apply(diff(a,b)) = b
 * but for what is left alone. `before` may be NULL (create). */
int sr_diff_apply(sr_tgt kind, const sr_change *change, const sr_record *before, const sr_record *desired,
	sr_arena *arena, sr_record *after, sr_err *err);

/* Grading periods of a section: theirs - ours before + ours now, sorted, never empty (-1 then).
 * All are comma lists of ids. */
int sr_diff_periods(const char *theirs, const char *ours_before, const char *ours_now, sr_buf *out, sr_err *err);
