/* Who is at the other end of the control socket, and what he may do.
 * Never believes what the peer says about himself: uid and groups come from the kernel. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "wire/commands.h"

#define SR_PEER_NAME_BYTES 64
#define SR_NOBODY ((uid_t)-1)
#define SR_NO_GROUP ((gid_t)-1)

/* The rules, resolved to numbers once so that a slow user directory cannot stall the loop. */
typedef struct sr_peer_policy {
	uid_t own_uid;
	bool system_service; /* else our own user is the person who started us by hand */
	bool designated_set;
	uid_t designated;          /* SR_NOBODY: not set, or no such account */
	uid_t second;              /* of the rule of two persons; SR_NOBODY: the rule is off, or no such account */
	gid_t look_gid, admin_gid; /* SR_NO_GROUP: no such group here */
} sr_peer_policy;

typedef struct sr_peer {
	uid_t uid;
	char name[SR_PEER_NAME_BYTES]; /* account name, or "uid 1234" */
	bool look, admin, operator_;
	bool break_glass; /* root acting for the designated operator */
	bool second;      /* may look, and take part where two persons are needed */
} sr_peer;

/* `designated` NULL or "": not configured. An unknown account means that only root decides. `second` NULL or "": the
 * rule of two persons is off. */
void sr_peer_policy_init(sr_peer_policy *policy, const char *designated, const char *second, bool system_service);

/* Pure: what uid and groups are worth. */
void sr_peer_judge(const sr_peer_policy *policy, uid_t uid, const gid_t *groups, size_t count, sr_peer *out);
/* Asks the kernel about the connected socket, then judges. */
int sr_peer_identify(const sr_peer_policy *policy, int fd, sr_peer *out, sr_err *err);

bool sr_peer_may(const sr_peer *peer, const sr_command *command);
