/* What Schoology holds, as both the codec and the engine's target interface name it.
 * Never anything that a single HTTP body does not say. */
#pragma once
#include "core/plan.h"

typedef struct sr_target_user {
	int64_t id;
	const char *school_uid, *first, *preferred, *last, *username, *email;
	int64_t role_id, building_id;
	const char *additional_buildings; /* comma list */
	const char *grad_year;
	bool inactive, synced;
} sr_target_user;

typedef struct sr_target_course {
	int64_t id, building_id;
	const char *code, *title;
	bool synced;
} sr_target_course;

typedef struct sr_target_section {
	int64_t id, course_id;
	const char *code, *title, *course_code;
	const char *periods; /* sorted comma list */
	bool synced, active;
} sr_target_section;

typedef struct sr_target_member {
	int64_t id, uid;
	const char *school_uid;
	bool admin;
	int status; /* 1 active, 2 expired, 3 and 4 pending, 5 archived */
} sr_target_member;

typedef struct sr_target_role {
	int64_t id;
	const char *title;
	int role_type; /* 1 organisation, 2 building override */
} sr_target_role;

typedef struct sr_target_building {
	int64_t id;
	const char *title, *code;
} sr_target_building;

/* The outcome of one object of a bulk call. */
typedef enum sr_item_end { SR_ITEM_DONE, SR_ITEM_REJECTED, SR_ITEM_RETRY, SR_ITEM_UNKNOWN } sr_item_end;
typedef struct sr_item_result {
	sr_item_end end;
	int code;            /* Schoology's response_code; 0: none */
	int64_t id;          /* of the object (user, course, section, enrollment), 0 if not told */
	const char *message; /* bounded, without personal data as far as the server lets us; may be NULL */
} sr_item_result;

/* One object to write: its values as they should be, and the ids it needs. */
typedef struct sr_write_item {
	sr_tgt kind;
	sr_op op;
	const sr_record *values;
	uint32_t fields;         /* of an update: which are sent */
	int64_t id;              /* of an update: Schoology's */
	const sr_record *course; /* section create: its course */
	int64_t section_id;      /* membership restore: its section */
	const char *periods;     /* section create/update: the set to send, else NULL */
} sr_write_item;
