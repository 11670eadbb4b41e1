/* Connections and their bounds. A peer can hold up nobody but himself: one message is carried out a turn,
 * reading stops while he lets calls pile up, and he is cut off when he lets answers pile up.
 *
 *   socket -> frames (bounded) -> one call -> output (bounded) -> socket
 *                                   |  ^
 *                                   v  | done / refused
 *                                  engine */
#include "ctl_server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/listener.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ctl_conn.h"

#define HALF_MESSAGE_DEFAULT_MS 30000
#define STALLED_DEFAULT_MS 60000
#define ACCEPT_PAUSE_MS 1000
#define STRANGERS_MAX 8                      /* connections of users who may do nothing */
#define WAITING_INPUT_MAX ((size_t)64 << 10) /* bytes of further calls read while one is under way */
#define OUTPUT_PAUSE ((size_t)1 << 20)       /* no further call begins above */
#define OUTPUT_MAX ((size_t)8 << 20)         /* nothing more is added above */

static struct timeval timeval_of(int ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

size_t ctl_conn_backlog(const ctl_conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

static size_t waiting_input(const ctl_conn *c)
{
	return c->frames.buf.len - c->frames.begin;
}

static bool held_up(const ctl_conn *c)
{
	return c->busy || ctl_conn_backlog(c) > OUTPUT_PAUSE;
}

static void cancel_call(ctl_conn *c)
{
	if (c->call)
		sr_command_cancel(SR_TAKE(c->call));
}

void ctl_conn_kill(ctl_conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	cancel_call(c);
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	event_active(&c->reap, EV_TIMEOUT, 0);
}

static void conn_free(ctl_conn *c)
{
	sr_ctl_server *server = c->server;

	TAILQ_REMOVE(&server->conns, c, link);
	server->count--;
	if (!c->peer.look)
		server->strangers--;
	cancel_call(c);
	event_del(&c->half_message);
	event_del(&c->resume);
	event_del(&c->reap);
	bufferevent_free(c->bev);
	sr_frames_done(&c->frames);
	free(c);
}

void ctl_conn_send(ctl_conn *c, char *text)
{
	if (!text || ctl_conn_backlog(c) > OUTPUT_MAX || bufferevent_write(c->bev, text, strlen(text) + 1) < 0)
		ctl_conn_kill(c);
	free(text);
}

void ctl_conn_end(ctl_conn *c)
{
	c->ended = true;
	sr_frames_done(&c->frames);
	sr_frames_init(&c->frames, SR_FRAME_CALL_MAX);
	ctl_conn_answered(c);
}

void ctl_conn_answered(ctl_conn *c)
{
	c->busy = false;
	if (!c->dead)
		event_active(&c->resume, EV_TIMEOUT, 0);
}

/* ---- turns of a connection ---- */

static void watch_half_message(ctl_conn *c)
{
	struct timeval limit = timeval_of(c->server->config.half_message_ms);

	if (held_up(c) || sr_frames_pending(&c->frames) == 0)
		evtimer_del(&c->half_message);
	else if (!evtimer_pending(&c->half_message, NULL))
		evtimer_add(&c->half_message, &limit);
}

/* Reads on while that can lead to something; else the kernel holds the peer back. */
static void set_reading(ctl_conn *c)
{
	if (c->ended || (held_up(c) && waiting_input(c) > WAITING_INPUT_MAX))
		bufferevent_disable(c->bev, EV_READ);
	else
		bufferevent_enable(c->bev, EV_READ);
}

/* A peer that has ended his side gets the answers to what he said before, then the connection goes. */
static bool finished(const ctl_conn *c)
{
	return c->ended && !c->busy && ctl_conn_backlog(c) == 0;
}

static void take_next(ctl_conn *c)
{
	const char *text;
	size_t len;

	if (!held_up(c) && sr_frames_take(&c->frames, &text, &len)) {
		evtimer_del(&c->half_message);
		ctl_call_handle(c, text, len);
	} else if (finished(c)) {
		ctl_conn_kill(c);
	}
	if (c->dead)
		return;
	watch_half_message(c);
	set_reading(c);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	ctl_conn *c = arg;
	SR_AUTO(sr_turn) turn = sr_turn_begin(c->server->config.loop);

	(void)fd;
	(void)what;
	if (!c->dead)
		take_next(c);
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_free(arg);
}

static void on_half_message(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ctl_conn_kill(arg);
}

static void on_readable(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);
	ctl_conn *c = arg;
	char bytes[4096];
	int n;

	while (!c->dead && (n = evbuffer_remove(input, bytes, sizeof(bytes))) > 0)
		if (sr_frames_feed(&c->frames, bytes, (size_t)n, NULL) < 0)
			ctl_conn_kill(c);
	on_resume(-1, 0, c);
}

/* The output ran empty: what waited for that goes on. */
static void on_written(struct bufferevent *bev, void *arg)
{
	(void)bev;
	on_resume(-1, 0, arg);
}

/* A peer may have closed one direction only; the kernel says POLLHUP when both are gone. */
static bool hung_up(struct bufferevent *bev)
{
	struct pollfd p = { .fd = bufferevent_getfd(bev) };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	ctl_conn *c = arg;

	if (!(what & BEV_EVENT_EOF) || hung_up(bev)) {
		ctl_conn_kill(c);
		return;
	}
	c->ended = true;
	on_resume(-1, 0, c);
}

/* ---- accepting ---- */

static bool admit(const sr_ctl_server *server, const sr_peer *peer)
{
	if (server->count >= SR_CTL_CONNECTIONS_MAX)
		return false;
	return peer->look || server->strangers < STRANGERS_MAX;
}

static void conn_start(sr_ctl_server *server, struct bufferevent *bev, const sr_peer *peer, ctl_conn *c)
{
	struct event_base *base = sr_loop_base(server->config.loop);
	struct timeval stalled = timeval_of(server->config.stalled_ms);

	c->server = server;
	c->bev = bev;
	c->peer = *peer;
	sr_frames_init(&c->frames, SR_FRAME_CALL_MAX);
	evtimer_assign(&c->half_message, base, on_half_message, c);
	evtimer_assign(&c->resume, base, on_resume, c);
	evtimer_assign(&c->reap, base, on_reap, c);
	TAILQ_INSERT_TAIL(&server->conns, c, link);
	server->count++;
	server->strangers += !peer->look;
	bufferevent_setcb(bev, on_readable, on_written, on_event, c);
	bufferevent_set_timeouts(bev, NULL, &stalled);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void on_connection(
	struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len, void *arg)
{
	sr_ctl_server *server = arg;
	struct bufferevent *bev;
	sr_peer peer;
	ctl_conn *c;

	(void)listener;
	(void)address;
	(void)len;
	if (sr_peer_identify(&server->config.policy, fd, &peer, NULL) < 0 || !admit(server, &peer)) {
		close(fd);
		return;
	}
	c = calloc(1, sizeof(*c));
	bev = c ? bufferevent_socket_new(sr_loop_base(server->config.loop), fd, BEV_OPT_CLOSE_ON_FREE) : NULL;
	if (!bev) {
		free(c);
		close(fd);
		return;
	}
	conn_start(server, bev, &peer, c);
}

static void accept_again(void *arg)
{
	sr_ctl_server *server = arg;

	server->pause = NULL;
	if (!server->stopping)
		evconnlistener_enable(server->listener);
}

/* Out of descriptors, most likely: without a pause the loop would spin on a socket it cannot accept. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	sr_ctl_server *server = arg;

	evconnlistener_disable(listener);
	if (!server->pause)
		server->pause = sr_timer_start(
			sr_loop_timers(server->config.loop), ACCEPT_PAUSE_MS, accept_again, server);
}

/* ---- life ---- */

int sr_ctl_server_new(const sr_ctl_server_config *config, int listen_fd, sr_ctl_server **out, sr_err *err)
{
	sr_ctl_server *server = calloc(1, sizeof(*server));

	if (!server) {
		close(listen_fd);
		return sr_fail_nomem(err);
	}
	server->config = *config;
	if (config->half_message_ms <= 0)
		server->config.half_message_ms = HALF_MESSAGE_DEFAULT_MS;
	if (config->stalled_ms <= 0)
		server->config.stalled_ms = STALLED_DEFAULT_MS;
	TAILQ_INIT(&server->conns);
	evutil_make_socket_nonblocking(listen_fd);
	server->listener = evconnlistener_new(sr_loop_base(config->loop), on_connection, server,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, listen_fd);
	if (!server->listener) {
		close(listen_fd);
		free(server);
		return sr_fail(err, SR_E_IO, "cannot accept on the control socket");
	}
	evconnlistener_set_error_cb(server->listener, on_accept_error);
	*out = server;
	return 0;
}

void sr_ctl_server_set_policy(sr_ctl_server *server, const sr_peer_policy *policy)
{
	server->config.policy = *policy;
}

void sr_ctl_server_stop(sr_ctl_server *server)
{
	server->stopping = true;
	evconnlistener_disable(server->listener);
}

void sr_ctl_server_free(sr_ctl_server *server)
{
	if (!server)
		return;
	while (!TAILQ_EMPTY(&server->conns))
		conn_free(TAILQ_FIRST(&server->conns));
	sr_timer_cancel(sr_loop_timers(server->config.loop), server->pause);
	evconnlistener_free(server->listener);
	free(server);
}

size_t sr_ctl_server_connections(const sr_ctl_server *server)
{
	return server->count;
}
