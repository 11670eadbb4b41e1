/* One connection of the control server: bytes in, one call at a time, bytes out.
 * Never frees itself from inside a call into it; internal to ctl_server.c and ctl_calls.c. */
#pragma once
#include <event2/bufferevent.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

#include "ctl_server.h"
#include "wire/ctl_msg.h"
#include "wire/frame.h"

typedef struct ctl_conn {
	TAILQ_ENTRY(ctl_conn) link;
	sr_ctl_server *server;
	struct bufferevent *bev;
	struct event half_message; /* running while a message has begun and not ended */
	struct event resume;       /* takes the next call, on a turn of its own */
	struct event reap;         /* frees the connection, on a turn of its own */
	sr_frames frames;
	sr_peer peer;

	bool busy, oneway; /* of the call under way */
	sr_call *call;     /* NULL: not in the engine's hands */
	bool ended;        /* the peer says no more, but may still read */
	bool dead;
} ctl_conn;

struct sr_ctl_server {
	sr_ctl_server_config config;
	struct evconnlistener *listener;
	sr_timer *pause; /* accepting failed; tried again then */
	bool stopping;
	size_t count, strangers; /* connections; those of them that may do nothing */
	TAILQ_HEAD(, ctl_conn) conns;
};

/* Sends a message and its NUL; takes `text` (NULL: out of memory, the connection is given up). */
void ctl_conn_send(ctl_conn *c, char *text);
/* The call under way has its answer: the next may be taken. */
void ctl_conn_answered(ctl_conn *c);
/* Takes no further message; the connection goes once what was answered is read. */
void ctl_conn_end(ctl_conn *c);
/* Gives the connection up: at once silent, freed on the next turn. */
void ctl_conn_kill(ctl_conn *c);
/* Bytes the peer has not read yet. */
size_t ctl_conn_backlog(const ctl_conn *c);

/* Carries out one message. Ends in ctl_conn_answered, now or later, or in ctl_conn_kill. */
void ctl_call_handle(ctl_conn *c, const char *text, size_t len);
