/* Orders over a UNIX socket: the client sends its arguments, each ended by NUL, and closes its
 * side; the answer is the exit code on a line of its own, then the text. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "serve_int.h"

#define ORDER_BYTES_MAX 65536
#define ORDER_ARGS_MAX 64

struct sim_control {
	struct event_base *base;
	struct evconnlistener *listener;
	sim_admin *admin;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static int address_of(const char *path, struct sockaddr_un *out, sr_err *err)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path))
		return sr_fail(err, SR_E_LIMIT, "control socket: the path is too long: %s", path);
	memcpy(out->sun_path, path, strlen(path) + 1);
	return 0;
}

static void on_written(struct bufferevent *bev, void *arg)
{
	sim_control *c = arg;

	if (evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	bufferevent_free(bev);
	if (c->admin->quit)
		event_base_loopbreak(c->base);
}

static void on_broken(struct bufferevent *bev, short what, void *arg)
{
	(void)what;
	(void)arg;
	bufferevent_free(bev);
}

static int run_order(sim_control *c, char *bytes, size_t len, sr_buf *out)
{
	const char *argv[ORDER_ARGS_MAX];
	int argc = 0;

	for (size_t at = 0; at < len && argc < ORDER_ARGS_MAX; at += strlen(bytes + at) + 1)
		argv[argc++] = bytes + at;
	return sim_admin_run(c->admin, argc, argv, out);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	sim_control *c = arg;
	struct evbuffer *input = bufferevent_get_input(bev), *output = bufferevent_get_output(bev);
	size_t len = evbuffer_get_length(input);
	SR_AUTO(sr_buf) out = { 0 };

	if (!(what & BEV_EVENT_EOF) || len == 0 || len > ORDER_BYTES_MAX) {
		bufferevent_free(bev);
		return;
	}
	evbuffer_add(input, "", 1); /* the last argument ends, whatever came */
	int rc = run_order(c, (char *)evbuffer_pullup(input, -1), len, &out);
	bufferevent_disable(bev, EV_READ);
	bufferevent_setcb(bev, NULL, on_written, on_broken, c);
	evbuffer_add_printf(output, "%d\n", rc);
	evbuffer_add(output, sr_buf_text(&out), out.len);
	bufferevent_enable(bev, EV_WRITE);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int size, void *arg)
{
	sim_control *c = arg;
	struct bufferevent *bev = bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener;
	(void)peer;
	(void)size;
	if (!bev) {
		close(fd);
		return;
	}
	bufferevent_setcb(bev, NULL, NULL, on_event, c);
	bufferevent_setwatermark(bev, EV_READ, 0, ORDER_BYTES_MAX + 1);
	bufferevent_enable(bev, EV_READ);
}

/* A socket that nobody listens on is left over from a sandbox that was killed. */
static int clear_stale(const struct sockaddr_un *address, sr_err *err)
{
	struct stat st;
	int fd, rc;

	if (lstat(address->sun_path, &st))
		return 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	close(fd);
	if (rc == 0 || !S_ISSOCK(st.st_mode))
		return sr_fail(err, SR_E_STATE, "control socket: %s is in use", address->sun_path);
	unlink(address->sun_path);
	return 0;
}

sim_control *sim_control_new(struct event_base *base, sim_admin *admin, const char *path, sr_err *err)
{
	struct sockaddr_un address;
	sim_control *c = NULL;

	if (address_of(path, &address, err) || clear_stale(&address, err))
		return NULL;
	if (!(c = calloc(1, sizeof(*c)))) {
		sr_fail_nomem(err);
		return NULL;
	}
	c->base = base;
	c->admin = admin;
	mode_t before = umask(0177);
	c->listener = evconnlistener_new_bind(base, on_accept, c, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
		(struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (!c->listener) {
		sr_fail(err, SR_E_IO, "control socket %s: %s", path, strerror(errno));
		free(c);
		return NULL;
	}
	memcpy(c->path, address.sun_path, sizeof(c->path));
	return c;
}

void sim_control_free(sim_control *c)
{
	if (!c)
		return;
	evconnlistener_free(c->listener);
	unlink(c->path);
	free(c);
}

/* --- the client's side, plain blocking calls --- */

static int send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive(int fd, sr_buf *out)
{
	char chunk[8192];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		sr_buf_add(out, chunk, (size_t)n);
	return n < 0 || out->failed ? -1 : 0;
}

static int print_answer(const sr_buf *answer)
{
	const char *text = sr_buf_text(answer), *line = strchr(text, '\n');
	int rc = atoi(text);

	if (!line) {
		fprintf(stderr, "sisroll-sim: the sandbox went away without an answer\n");
		return 3;
	}
	fputs(line + 1, rc == 0 ? stdout : stderr);
	return rc;
}

int sim_order(const char *control, int argc, const char *const *argv)
{
	struct sockaddr_un address;
	SR_AUTO(sr_buf) order = { 0 };
	SR_AUTO(sr_buf) answer = { 0 };
	sr_err err = { 0 };

	for (int i = 0; i < argc; i++)
		sr_buf_add(&order, argv[i], strlen(argv[i]) + 1);
	if (address_of(control, &address, &err)) {
		fprintf(stderr, "sisroll-sim: %s\n", err.text);
		return 2;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) || send_all(fd, order.p, order.len) ||
		shutdown(fd, SHUT_WR) || receive(fd, &answer)) {
		fprintf(stderr, "sisroll-sim: no sandbox answers at %s: %s\n", control, strerror(errno));
		close(fd);
		return 3;
	}
	close(fd);
	return print_answer(&answer);
}
