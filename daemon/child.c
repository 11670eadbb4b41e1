/* Each child is the head of a process group of its own, so that what it left behind goes with it when its time
 * is over. Its output is read to a bound; then our end is closed, and a flood meets SIGPIPE. */
#include "child.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

#define OUTPUT_KEPT 1000
#define OUTPUT_READ_MAX (64 << 10)

typedef struct child {
	TAILQ_ENTRY(child) link;
	sr_children *owner;
	pid_t pid;
	int in, out; /* our ends; -1: closed */
	struct event *can_write, *can_read;
	sr_timer *deadline;
	char *input;
	size_t input_bytes, written, read;
	sr_buf output;
	bool late;
	int64_t timeout_ms;
	sr_child_fn fn;
	void *arg;
} child;

struct sr_children {
	sr_loop *loop;
	TAILQ_HEAD(, child) running;
};

static void close_end(int *fd, struct event **event)
{
	if (*event)
		event_free(SR_TAKE(*event));
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void child_free(child *c)
{
	sr_timer_cancel(sr_loop_timers(c->owner->loop), c->deadline);
	close_end(&c->in, &c->can_write);
	close_end(&c->out, &c->can_read);
	sr_buf_done(&c->output);
	free(c->input);
	free(c);
}

/* ---- its input and output ---- */

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	child *c = arg;
	ssize_t n = write(fd, c->input + c->written, c->input_bytes - c->written);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	c->written += n > 0 ? (size_t)n : 0;
	/* Whoever closes his input early does not want the rest. */
	if (n < 0 || c->written == c->input_bytes)
		close_end(&c->in, &c->can_write);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	child *c = arg;
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		size_t room = OUTPUT_KEPT - c->output.len;

		sr_buf_add(&c->output, bytes, (size_t)n < room ? (size_t)n : room);
		c->read += (size_t)n;
	}
	if (n <= 0 || c->read >= OUTPUT_READ_MAX)
		close_end(&c->out, &c->can_read);
}

/* ---- its end ---- */

static void on_deadline(void *arg)
{
	child *c = arg;

	c->deadline = NULL;
	c->late = true;
	kill(-c->pid, SIGKILL); /* not reaped yet, so the number is still its own */
}

static void describe(const child *c, int status, char *out, size_t size)
{
	if (c->late)
		snprintf(out, size, "was killed: not ended after %lld ms", (long long)c->timeout_ms);
	else if (WIFEXITED(status))
		snprintf(out, size, "ended with status %d", WEXITSTATUS(status));
	else
		snprintf(out, size, "died of signal %d", WTERMSIG(status));
}

static void child_over(child *c, int status)
{
	bool ok = !c->late && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	char outcome[80];

	/* What it printed last may still stand in the pipe. */
	if (c->out >= 0)
		on_readable(c->out, EV_READ, c);
	describe(c, status, outcome, sizeof(outcome));
	TAILQ_REMOVE(&c->owner->running, c, link);
	c->fn(c->arg, ok, outcome, sr_buf_text(&c->output));
	child_free(c);
}

static void on_sigchld(void *arg, int number)
{
	sr_children *children = arg;
	child *c, *next;

	(void)number;
	for (c = TAILQ_FIRST(&children->running); c; c = next) {
		int status;

		next = TAILQ_NEXT(c, link);
		if (waitpid(c->pid, &status, WNOHANG) == c->pid)
			child_over(c, status);
	}
}

/* ---- its beginning ---- */

static int spawn_with(child *c, const sr_child_ask *ask, int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	int rc;

	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	rc = posix_spawn(&c->pid, ask->argv[0], &actions, &attr, (char *const *)ask->argv, (char *const *)ask->envp);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static int child_spawn(child *c, const sr_child_ask *ask, sr_err *err)
{
	int in[2], out[2], rc;

	if (pipe2(in, O_CLOEXEC) < 0)
		return sr_fail(err, SR_E_IO, "cannot make a pipe: %s", strerror(errno));
	c->in = in[1];
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		return sr_fail(err, SR_E_IO, "cannot make a pipe: %s", strerror(errno));
	}
	c->out = out[0];
	rc = spawn_with(c, ask, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (rc != 0)
		return sr_fail(err, SR_E_IO, "cannot run %s: %s", ask->argv[0], strerror(rc));
	evutil_make_socket_nonblocking(c->in);
	evutil_make_socket_nonblocking(c->out);
	return 0;
}

/* The child runs already: what fails here only takes away what it would have been told, or its time. */
static void child_watch(child *c)
{
	struct event_base *base = sr_loop_base(c->owner->loop);

	c->can_write = event_new(base, c->in, EV_WRITE | EV_PERSIST, on_writable, c);
	c->can_read = event_new(base, c->out, EV_READ | EV_PERSIST, on_readable, c);
	c->deadline = sr_timer_start(sr_loop_timers(c->owner->loop), c->timeout_ms, on_deadline, c);
	if (c->can_write)
		event_add(c->can_write, NULL);
	if (c->can_read)
		event_add(c->can_read, NULL);
	if (!c->deadline || !c->can_write || !c->can_read) {
		c->late = true;
		kill(-c->pid, SIGKILL);
	}
}

int sr_child_start(sr_children *children, const sr_child_ask *ask, sr_err *err)
{
	child *c = calloc(1, sizeof(*c));

	if (!c)
		return sr_fail_nomem(err);
	c->owner = children;
	c->in = c->out = -1;
	c->timeout_ms = ask->timeout_ms;
	c->fn = ask->fn;
	c->arg = ask->arg;
	c->input_bytes = ask->input_bytes;
	c->output.max_bytes = OUTPUT_KEPT + 1;
	c->input = sr_strndup(ask->input, ask->input_bytes);
	if (!c->input || child_spawn(c, ask, err) < 0) {
		bool had_input = c->input != NULL;

		child_free(c);
		return had_input ? -1 : sr_fail_nomem(err);
	}
	TAILQ_INSERT_TAIL(&children->running, c, link);
	child_watch(c);
	return 0;
}

sr_children *sr_children_new(sr_loop *loop, sr_err *err)
{
	sr_children *children = calloc(1, sizeof(*children));

	if (!children) {
		sr_fail_nomem(err);
		return NULL;
	}
	children->loop = loop;
	TAILQ_INIT(&children->running);
	if (sr_loop_on_signal(loop, SIGCHLD, on_sigchld, children, err) < 0)
		free(SR_TAKE(children));
	return children;
}

void sr_children_free(sr_children *children)
{
	child *c;

	if (!children)
		return;
	while ((c = TAILQ_FIRST(&children->running))) {
		TAILQ_REMOVE(&children->running, c, link);
		kill(-c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		child_free(c);
	}
	free(children);
}
