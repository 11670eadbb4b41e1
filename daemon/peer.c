#include "peer.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

#define LOOK_GROUP "sisroll"
#define ADMIN_GROUP "sisroll-admin"
#define DIRECTORY_MAX 16384 /* bytes one entry of the user directory may take */

static gid_t find_group(const char *name)
{
	char space[DIRECTORY_MAX];
	struct group entry, *found = NULL;

	if (getgrnam_r(name, &entry, space, sizeof(space), &found) != 0 || !found)
		return SR_NO_GROUP;
	return found->gr_gid;
}

static uid_t find_user(const char *name)
{
	char space[DIRECTORY_MAX];
	struct passwd entry, *found = NULL;

	if (getpwnam_r(name, &entry, space, sizeof(space), &found) != 0 || !found)
		return SR_NOBODY;
	return found->pw_uid;
}

static void name_of(uid_t uid, char out[SR_PEER_NAME_BYTES])
{
	char space[DIRECTORY_MAX];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, space, sizeof(space), &found) == 0 && found)
		snprintf(out, SR_PEER_NAME_BYTES, "%s", found->pw_name);
	else
		snprintf(out, SR_PEER_NAME_BYTES, "uid %u", uid);
}

void sr_peer_policy_init(sr_peer_policy *policy, const char *designated, const char *second, bool system_service)
{
	bool set = designated && *designated;

	*policy = (sr_peer_policy){
		.own_uid = geteuid(),
		.system_service = system_service,
		.designated_set = set,
		.designated = set ? find_user(designated) : SR_NOBODY,
		.second = second && *second ? find_user(second) : SR_NOBODY,
		.look_gid = find_group(LOOK_GROUP),
		.admin_gid = find_group(ADMIN_GROUP),
	};
}

static bool is_member(gid_t gid, const gid_t *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gid != SR_NO_GROUP && groups[i] == gid)
			return true;
	return false;
}

/* Started by hand, as in the sandbox: the one who started it is the operator, unless another is named. */
static bool is_operator(const sr_peer_policy *policy, uid_t uid)
{
	if (policy->designated_set)
		return policy->designated != SR_NOBODY && uid == policy->designated;
	return !policy->system_service && uid == policy->own_uid;
}

void sr_peer_judge(const sr_peer_policy *policy, uid_t uid, const gid_t *groups, size_t count, sr_peer *out)
{
	bool own = !policy->system_service && uid == policy->own_uid;
	bool operator_ = is_operator(policy, uid);

	*out = (sr_peer){ .uid = uid,
		.operator_ = operator_ || uid == 0,
		.break_glass = uid == 0 && !operator_,
		.second = policy->second != SR_NOBODY && uid == policy->second };
	out->admin = out->operator_ || own || is_member(policy->admin_gid, groups, count);
	out->look = out->admin || out->second || is_member(policy->look_gid, groups, count);
}

/* The primary group first, then the supplementary ones; the caller frees. */
static int read_groups(int fd, gid_t primary, gid_t **out, size_t *count, sr_err *err)
{
	socklen_t bytes = 0;
	gid_t *groups;

	/* Asked with no room the kernel says how much it takes. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &bytes) < 0 && errno != ERANGE)
		return sr_fail(err, SR_E_IO, "cannot read the peer's groups: %s", strerror(errno));
	groups = malloc(bytes + sizeof(*groups));
	if (!groups)
		return sr_fail_nomem(err);
	groups[0] = primary;
	if (bytes > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &bytes) < 0) {
		free(groups);
		return sr_fail(err, SR_E_IO, "cannot read the peer's groups: %s", strerror(errno));
	}
	*out = groups;
	*count = 1 + bytes / sizeof(*groups);
	return 0;
}

int sr_peer_identify(const sr_peer_policy *policy, int fd, sr_peer *out, sr_err *err)
{
	SR_AUTO_FREE gid_t *groups = NULL;
	struct ucred credentials;
	socklen_t bytes = sizeof(credentials);
	size_t count = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) < 0)
		return sr_fail(err, SR_E_IO, "cannot read the peer's identity: %s", strerror(errno));
	if (read_groups(fd, credentials.gid, &groups, &count, err) < 0)
		return -1;
	sr_peer_judge(policy, credentials.uid, groups, count, out);
	name_of(credentials.uid, out->name);
	return 0;
}

bool sr_peer_may(const sr_peer *peer, const sr_command *command)
{
	switch (command->access) {
	case ACCESS_LOOK:
		return peer->look;
	case ACCESS_ADMIN:
		return peer->admin;
	case ACCESS_OPERATOR:
		return peer->operator_ || (peer->second && sr_command_two_persons(command));
	default:
		return false;
	}
}
