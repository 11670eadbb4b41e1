/* The control socket: Varlink calls in, the engine's replies out, each caller judged by the kernel's word.
 * Never trusts length, depth, speed or patience of a peer; never knows what a command means. */
#pragma once
#include "engine/command.h"
#include "io/loop.h"
#include "peer.h"

typedef struct sr_ctl_server sr_ctl_server;

/* Pointers are borrowed and must outlive the server. `half_message_ms` and `stalled_ms` 0: the defaults. */
typedef struct sr_ctl_server_config {
	sr_loop *loop;
	sr_engine *engine;
	const sr_log *log;
	const char *version;
	sr_peer_policy policy;
	int half_message_ms; /* a message begun must have ended by then [30 s] */
	int stalled_ms;      /* a peer must read something of a waiting reply by then [60 s] */
} sr_ctl_server_config;

#define SR_CTL_CONNECTIONS_MAX 64

/* Serves on `listen_fd`, which it takes, also on failure. */
int sr_ctl_server_new(const sr_ctl_server_config *config, int listen_fd, sr_ctl_server **out, sr_err *err);
/* New rules for those who connect from now on. */
void sr_ctl_server_set_policy(sr_ctl_server *server, const sr_peer_policy *policy);
/* No new connection and no new call; those under way go on. */
void sr_ctl_server_stop(sr_ctl_server *server);
/* Closes everything, whatever is under way. Before the engine is freed. */
void sr_ctl_server_free(sr_ctl_server *server);
size_t sr_ctl_server_connections(const sr_ctl_server *server);

/* Makes the listening socket at `path`, over a dead one if need be; refuses if somebody answers
 * there. Everybody may connect: what he may do is judged call by call. */
int sr_ctl_socket_open(const char *path, int *fd, sr_err *err);
