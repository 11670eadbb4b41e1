/* The socket's file: made, and told from one that a dead process left. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "ctl_server.h"

#define BACKLOG 32

static int make_parent(const char *path, sr_err *err)
{
	const char *slash = strrchr(path, '/');
	SR_AUTO_FREE char *parent = NULL;

	if (!slash || slash == path)
		return 0;
	parent = sr_strndup(path, (size_t)(slash - path));
	if (!parent)
		return sr_fail_nomem(err);
	if (mkdir(parent, 0755) < 0)
		return errno == EEXIST ? 0 : sr_fail(err, SR_E_IO, "cannot make %s: %s", parent, strerror(errno));
	/* Our umask keeps others out of everything else we make. */
	if (chmod(parent, 0755) < 0)
		return sr_fail(err, SR_E_IO, "cannot open %s to others: %s", parent, strerror(errno));
	return 0;
}

/* A socket file nobody listens behind is in the way; anything else at that name is not ours to remove. */
static int clear_way(const struct sockaddr_un *address, sr_err *err)
{
	struct stat st;
	int fd, rc;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : sr_fail(err, SR_E_IO, "%s: %s", address->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return sr_fail(err, SR_E_INVALID, "%s exists and is not a socket", address->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return sr_fail(err, SR_E_IO, "no socket: %s", strerror(errno));
	rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	if (rc == 0 || errno != ECONNREFUSED)
		rc = sr_fail(err, SR_E_STATE, "another sisrolld already listens at %s", address->sun_path);
	else if (unlink(address->sun_path) < 0)
		rc = sr_fail(err, SR_E_IO, "cannot remove the dead socket %s: %s", address->sun_path, strerror(errno));
	else
		rc = 0;
	close(fd);
	return rc;
}

int sr_ctl_socket_open(const char *path, int *fd, sr_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int made;

	if (strlen(path) >= sizeof(address.sun_path))
		return sr_fail(err, SR_E_LIMIT, "the socket's path is longer than %zu bytes: %s",
			sizeof(address.sun_path) - 1, path);
	strcpy(address.sun_path, path);
	if (make_parent(path, err) < 0 || clear_way(&address, err) < 0)
		return -1;
	made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made < 0)
		return sr_fail(err, SR_E_IO, "no socket: %s", strerror(errno));
	if (bind(made, (const struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0666) < 0 ||
		listen(made, BACKLOG) < 0) {
		sr_fail(err, SR_E_IO, "cannot listen at %s: %s", path, strerror(errno));
		close(made);
		return -1;
	}
	*fd = made;
	return 0;
}
