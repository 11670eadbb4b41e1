/* What the engine asks of the system that rosters go to, whoever answers.
 * Never decides what to write; never writes without a permit of the fence; never repeats a write
 * by itself. Asynchronous as source.h says. Reads page by themselves and deliver all; an object
 * that does not exist (SR_READ_SECTION) is an empty answer, not an error. */
#pragma once
#include "base/arena.h"
#include "codec/sgy_types.h"
#include "core/fence.h"
#include "core/term.h"

typedef enum sr_read {
	SR_READ_ME,      /* one user: the acting user (users/me, then users/{id}) */
	SR_READ_SCHOOLS, /* buildings[0] = the organisation itself, then its buildings */
	SR_READ_ROLES,
	SR_READ_PERIODS,
	SR_READ_USERS,            /* all active users the key sees (of `building` if set) */
	SR_READ_INACTIVE,         /* inactive users */
	SR_READ_USERS_BY_KEY,     /* `keys`: school_uids, at most 50 */
	SR_READ_COURSES,          /* of `building` */
	SR_READ_SECTIONS,         /* of course `id`, past ones too */
	SR_READ_SECTIONS_BY_CODE, /* `keys`: at most 50, past ones too */
	SR_READ_SECTION,          /* one, by `id` */
	SR_READ_MEMBERS,          /* of section `id`, statuses 1, 2 and 5 */
	SR_READ_COUNT
} sr_read;

typedef struct sr_read_ask {
	sr_read what;
	int64_t id, building;
	const char *const *keys;
	size_t key_count;
} sr_read_ask;

/* Exactly the array of its kind is set. `total_agrees` false: what came is not what was
 * announced; nothing may be concluded from absence. */
typedef struct sr_read_answer {
	size_t count;
	const sr_target_user *users;
	const sr_target_building *buildings;
	const sr_target_role *roles;
	const sr_period *periods;
	const sr_target_course *courses;
	const sr_target_section *sections;
	const sr_target_member *members;
	bool total_agrees;
	int requests; /* that it took */
} sr_read_answer;

typedef void (*sr_read_fn)(void *arg, const sr_read_answer *answer, const sr_err *err);
/* `sent` true with err: the request left and its answer is lost or unreadable: settle. `results`
 * has one row an item when err is NULL. */
typedef void (*sr_write_fn)(
	void *arg, uint64_t cookie, const sr_item_result *results, size_t count, bool sent, const sr_err *err);

typedef struct sr_target sr_target;
struct sr_target {
	void *self;
	/* Each request of the read passes the client's gate (rate budget, timestamp floor) by itself
	 * and waits there as long as it must. */
	void (*read)(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg);
	/* ms until a write may begin now (0: at once); the caller asks in the turn in which it writes. */
	int64_t (*write_wait_ms)(sr_target *t);
	/* Begins one bulk call at once: the permit is spent, budget taken, request signed and handed
	 * over in this turn. -1: nothing left this machine, fn is not called. */
	int (*write)(sr_target *t, sr_stage stage, const sr_write_item *items, size_t count, sr_permit *permit,
		sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err);
	/* POST gradingperiods, one. results[0].id is the new period's. */
	int (*create_period)(sr_target *t, const char *title, sr_day start, sr_day end, sr_permit *permit,
		sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err);
	/* PUT gradingperiods/{id}: other dates for the one that is there, under the same kind of permit. */
	int (*move_period)(sr_target *t, int64_t id, const char *title, sr_day start, sr_day end, sr_permit *permit,
		sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err);
	void (*cancel)(sr_target *t, void *arg);
};
