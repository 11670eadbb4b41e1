/* Ids and digests are made from the meaning of an item, never from its place or its maker: the
 * same change planned again on another day is the same operation. */
#include "core/plan.h"

#include <string.h>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#define NOT_SENT_AT_ALL SR_SG_COUNT

typedef struct stage_row {
	const char *name;
	bool drops;
	bool by_section; /* its call is addressed to one section */
} stage_row;

/* clang-format off */
static const stage_row stages[SR_SG_COUNT] = {
	[SR_SG_USER_REACTIVATE] = { "user-reactivate", false, false },
	[SR_SG_USER_CREATE]     = { "user-create",     false, false },
	[SR_SG_USER_UPDATE]     = { "user-update",     false, false },
	[SR_SG_COURSE_UPSERT]   = { "course-upsert",   false, false },
	[SR_SG_COURSE_UPDATE]   = { "course-update",   false, false },
	[SR_SG_SECTION_UPDATE]  = { "section-update",  false, false },
	[SR_SG_TEACHER_ADD]     = { "teacher-add",     false, false },
	[SR_SG_TEACHER_RESTORE] = { "teacher-restore", false, true },
	[SR_SG_STUDENT_ADD]     = { "student-add",     false, false },
	[SR_SG_STUDENT_RESTORE] = { "student-restore", false, true },
	[SR_SG_TEACHER_DROP]    = { "teacher-drop",    true,  true },
	[SR_SG_STUDENT_DROP]    = { "student-drop",    true,  true },
	[SR_SG_USER_INACTIVATE] = { "user-inactivate", true,  false },
};

#define NEVER { NOT_SENT_AT_ALL, NOT_SENT_AT_ALL }
#define BOTH(stage) { (stage), (stage) }

/* By kind, operation, and admin (no, yes). */
static const sr_stage stage_table[SR_TGT_COUNT][SR_OP_COUNT][2] = {
	[SR_TGT_USER] = {
		[SR_OP_KEEP] = NEVER, [SR_OP_CREATE] = BOTH(SR_SG_USER_CREATE), [SR_OP_UPDATE] = BOTH(SR_SG_USER_UPDATE),
		[SR_OP_DROP] = NEVER, [SR_OP_RESTORE] = BOTH(SR_SG_USER_REACTIVATE),
		[SR_OP_INACTIVATE] = BOTH(SR_SG_USER_INACTIVATE),
	},
	[SR_TGT_COURSE] = {
		[SR_OP_KEEP] = NEVER, [SR_OP_CREATE] = BOTH(SR_SG_COURSE_UPSERT), [SR_OP_UPDATE] = BOTH(SR_SG_COURSE_UPDATE),
		[SR_OP_DROP] = NEVER, [SR_OP_RESTORE] = NEVER, [SR_OP_INACTIVATE] = NEVER,
	},
	[SR_TGT_SECTION] = {
		[SR_OP_KEEP] = NEVER, [SR_OP_CREATE] = BOTH(SR_SG_COURSE_UPSERT), [SR_OP_UPDATE] = BOTH(SR_SG_SECTION_UPDATE),
		[SR_OP_DROP] = NEVER, [SR_OP_RESTORE] = NEVER, [SR_OP_INACTIVATE] = NEVER,
	},
	[SR_TGT_MEMBERSHIP] = {
		[SR_OP_KEEP] = NEVER,
		[SR_OP_CREATE] = { SR_SG_STUDENT_ADD, SR_SG_TEACHER_ADD },
		[SR_OP_UPDATE] = { SR_SG_STUDENT_ADD, SR_SG_TEACHER_ADD },
		[SR_OP_DROP] = { SR_SG_STUDENT_DROP, SR_SG_TEACHER_DROP },
		[SR_OP_RESTORE] = { SR_SG_STUDENT_RESTORE, SR_SG_TEACHER_RESTORE }, [SR_OP_INACTIVATE] = NEVER,
	},
};
/* clang-format on */

const char *sr_stage_name(sr_stage stage)
{
	return (unsigned)stage < SR_SG_COUNT ? stages[stage].name : "?";
}

bool sr_stage_drops(sr_stage stage)
{
	return (unsigned)stage < SR_SG_COUNT && stages[stage].drops;
}

bool sr_stage_by_section(sr_stage stage)
{
	return (unsigned)stage < SR_SG_COUNT && stages[stage].by_section;
}

sr_stage sr_stage_of(sr_tgt kind, sr_op op, bool admin)
{
	if ((unsigned)kind >= SR_TGT_COUNT || (unsigned)op >= SR_OP_COUNT)
		return NOT_SENT_AT_ALL;
	return stage_table[kind][op][admin];
}

static void mix_u64(XXH3_state_t *state, uint64_t n)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(n >> (8 * i));
	XXH3_128bits_update(state, bytes, sizeof(bytes));
}

/* Length first, so that two neighbouring texts cannot be cut in two ways. */
static void mix_bytes(XXH3_state_t *state, const void *bytes, size_t len)
{
	mix_u64(state, len);
	if (len)
		XXH3_128bits_update(state, bytes, len);
}

/* What an item does: what stands before is what we believe, not what we do. */
static void mix_item(XXH3_state_t *state, const sr_plan_item *item)
{
	mix_u64(state, (uint64_t)item->stage);
	mix_u64(state, (uint64_t)item->kind);
	mix_u64(state, (uint64_t)item->op);
	mix_u64(state, (uint64_t)item->ident.a);
	mix_u64(state, (uint64_t)item->ident.b);
	mix_u64(state, item->fields);
	mix_bytes(state, item->key, item->key ? strlen(item->key) : 0);
	mix_bytes(state, item->after.bytes, item->after.len);
}

uint64_t sr_plan_op_id(uint64_t seed, int64_t school, sr_yearid year, const sr_plan_item *item)
{
	XXH3_state_t state;

	XXH3_INITSTATE(&state);
	XXH3_128bits_reset_withSeed(&state, seed);
	mix_u64(&state, (uint64_t)school);
	mix_u64(&state, (uint64_t)year);
	mix_item(&state, item);
	return XXH3_128bits_digest(&state).low64;
}

sr_hash sr_plan_item_digest(uint64_t seed, int64_t school, sr_yearid year, const sr_plan_item *item)
{
	XXH3_state_t state;
	XXH128_canonical_t canonical;
	sr_hash out;

	XXH3_INITSTATE(&state);
	XXH3_128bits_reset_withSeed(&state, seed);
	mix_u64(&state, (uint64_t)school);
	mix_u64(&state, (uint64_t)year);
	mix_item(&state, item);
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
	memcpy(out.b, canonical.digest, sizeof(out.b));
	return out;
}

void sr_digest_init(sr_digest *d, int64_t school, sr_yearid year)
{
	*d = (sr_digest){ .state = { 0, 0, (uint64_t)school, (uint64_t)year } };
}

/* A chain: each item is mixed with all that came before. */
void sr_digest_add(sr_digest *d, const sr_plan_item *item)
{
	XXH3_state_t state;
	XXH128_hash_t hash;

	XXH3_INITSTATE(&state);
	XXH3_128bits_reset(&state);
	for (size_t i = 0; i < SR_COUNT_OF(d->state); i++)
		mix_u64(&state, d->state[i]);
	mix_item(&state, item);
	mix_u64(&state, (uint64_t)item->login << 1 | item->waits);
	hash = XXH3_128bits_digest(&state);
	d->state[0] = hash.high64;
	d->state[1] = hash.low64;
}

void sr_digest_text(const sr_digest *d, char out[33])
{
	XXH3_state_t state;
	XXH128_canonical_t canonical;

	XXH3_INITSTATE(&state);
	XXH3_128bits_reset(&state);
	for (size_t i = 0; i < SR_COUNT_OF(d->state); i++)
		mix_u64(&state, d->state[i]);
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
	sr_hex(out, canonical.digest, sizeof(canonical.digest));
}

size_t sr_plan_batch(const sr_plan_item *items, size_t count)
{
	const bool by_section = count && sr_stage_by_section(items[0].stage);
	size_t n = 0;

	while (n < count && n < SR_BATCH_MAX && items[n].stage == items[0].stage &&
		(!by_section || items[n].ident.a == items[0].ident.a))
		n++;
	return n;
}
