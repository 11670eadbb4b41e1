/* The socket does not block; poll does, until the deadline. So a daemon that accepts and then says nothing, or
 * says half a message, costs the time that was given and no more. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire/frame.h"

#define READ_BYTES 65536

struct ctl_client {
	int fd;
	const sr_clock *clock;
	int64_t deadline_ms;
	sr_frames frames;
};

/* Waits until the socket is ready for `events`. */
static int wait_for(const ctl_client *c, short events, sr_err *err)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int64_t left_ms = -1;
	int n;

	do {
		if (c->deadline_ms) {
			left_ms = c->deadline_ms - sr_clock_mono_ms(c->clock);
			if (left_ms <= 0)
				return sr_fail(err, SR_E_TIMEOUT, "no answer within the time given");
			if (left_ms > INT32_MAX)
				left_ms = INT32_MAX;
		}
		n = poll(&p, 1, (int)left_ms);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n < 0 ? sr_fail(err, SR_E_IO, "poll: %s", strerror(errno)) : 0;
}

static int connect_failed(const char *path, int why, sr_err *err)
{
	bool forbidden = why == EACCES || why == EPERM;

	return sr_fail(
		err, forbidden ? SR_E_FORBIDDEN : SR_E_NET, "cannot reach sisrolld at %s: %s", path, strerror(why));
}

/* A full backlog answers EAGAIN on UNIX sockets; there is nothing to poll for, so we ask again shortly. */
static int connect_fd(ctl_client *c, const char *path, sr_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return sr_fail(err, SR_E_NET, "the socket's path is too long: %s", path);
	strcpy(address.sun_path, path);
	while (connect(c->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		if (errno != EAGAIN && errno != EINTR)
			return connect_failed(path, errno, err);
		if (c->deadline_ms && sr_clock_mono_ms(c->clock) >= c->deadline_ms)
			return sr_fail(err, SR_E_TIMEOUT, "sisrolld takes no connection");
		poll(NULL, 0, 50);
	}
	return 0;
}

int ctl_connect(const char *path, const sr_clock *clock, int64_t deadline_ms, ctl_client **out, sr_err *err)
{
	CTL_AUTO_CLIENT ctl_client *c = calloc(1, sizeof(*c));

	if (!c)
		return sr_fail_nomem(err);
	c->clock = clock;
	c->deadline_ms = deadline_ms;
	sr_frames_init(&c->frames, SR_FRAME_REPLY_MAX);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return sr_fail(err, SR_E_IO, "socket: %s", strerror(errno));
	if (connect_fd(c, path, err) != 0)
		return -1;
	*out = SR_TAKE(c);
	return 0;
}

void ctl_client_free(ctl_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	sr_frames_done(&client->frames);
	free(client);
}

static int send_all(const ctl_client *c, const char *bytes, size_t len, sr_err *err)
{
	while (len > 0) {
		ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);

		if (n >= 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (wait_for(c, POLLOUT, err) != 0)
				return -1;
		} else if (errno != EINTR) {
			return sr_fail(err, SR_E_NET, "the connection broke while asking: %s", strerror(errno));
		}
	}
	return 0;
}

/* Reads what there is, once; waits for it if need be. */
static int read_some(ctl_client *c, sr_err *err)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);

	if (n > 0)
		return sr_frames_feed(&c->frames, bytes, (size_t)n, err);
	if (n == 0)
		return sr_fail(err, SR_E_NET, "sisrolld closed the connection before it answered");
	if (errno == EAGAIN)
		return wait_for(c, POLLIN, err);
	return errno == EINTR ? 0 : sr_fail(err, SR_E_NET, "the connection broke: %s", strerror(errno));
}

static int read_reply(ctl_client *c, sr_ctl_reply *out, sr_err *err)
{
	const char *text;
	size_t len;

	while (!sr_frames_take(&c->frames, &text, &len))
		if (read_some(c, err) != 0)
			return -1;
	return sr_ctl_reply_parse(text, len, out, err);
}

int ctl_call(ctl_client *client, const char *method, json_t *params, bool more, ctl_progress_fn progress, void *arg,
	sr_ctl_reply *out, sr_err *err)
{
	char name[SR_CTL_NAME_MAX];
	SR_AUTO_FREE char *text = NULL;

	snprintf(name, sizeof(name), "%s.%s", SR_CTL_INTERFACE, method);
	text = sr_ctl_call_text(name, params, more, err);
	if (!text || send_all(client, text, strlen(text) + 1, err) != 0)
		return -1;
	for (;;) {
		SR_AUTO(sr_ctl_reply) reply = { 0 };

		if (read_reply(client, &reply, err) != 0)
			return -1;
		if (!reply.continues) {
			*out = reply;
			reply.params = NULL;
			return 0;
		}
		if (!more)
			return sr_fail(err, SR_E_PROTO, "the answer goes on though one was asked for");
		if (progress)
			progress(arg, reply.params);
	}
}
