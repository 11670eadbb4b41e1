/* For the tests of sisrollctl: a daemon of a few lines on a real socket, and one call of the program against it.
 * Never says what is right: each test does. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define CALLS_MAX 4
#define HANG "hang"

/* --- The daemon: answers one connection after another from a script --- */

typedef struct fake {
	int fd;
	pthread_t thread;
	char folder[64], path[96];
	const char *answers[CALLS_MAX]; /* messages with a newline behind each; HANG: says nothing */
	char *requests[CALLS_MAX];
	size_t count;
} fake;

/* Reads one call; the client writes it whole before it waits. */
static inline char *read_request(int fd)
{
	SR_AUTO(sr_buf) text = { 0 };
	char c;

	while (read(fd, &c, 1) == 1 && c)
		sr_buf_putc(&text, c);
	return sr_buf_take(&text);
}

/* In pieces of seven bytes, so that messages arrive cut. */
static inline void answer(int fd, const char *script)
{
	size_t len = strlen(script);
	char piece[7];

	for (size_t at = 0; at < len; at += sizeof(piece)) {
		size_t n = len - at < sizeof(piece) ? len - at : sizeof(piece);

		for (size_t i = 0; i < n; i++)
			piece[i] = script[at + i] == '\n' ? '\0' : script[at + i];
		if (send(fd, piece, n, MSG_NOSIGNAL) < 0)
			return;
	}
}

static inline void *serve(void *arg)
{
	fake *f = arg;

	while (f->count < CALLS_MAX && f->answers[f->count]) {
		int fd = accept(f->fd, NULL, NULL);
		const char *script = f->answers[f->count];
		char byte;

		if (fd < 0)
			break;
		f->requests[f->count] = read_request(fd);
		f->count++;
		if (sr_streq(script, HANG))
			while (read(fd, &byte, 1) > 0)
				;
		else
			answer(fd, script);
		close(fd);
	}
	return NULL;
}

static inline void fake_start(fake *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(f->folder, sizeof(f->folder), "/tmp/sisrollctl-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/control", f->folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(f->fd >= 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(f->fd, 4), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
}

static inline void fake_stop(fake *f)
{
	shutdown(f->fd, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->fd);
	unlink(f->path);
	rmdir(f->folder);
}

/* --- One call of sisrollctl --- */

typedef struct result {
	ctl_exit code;
	char *out, *err;
	char *requests[CALLS_MAX]; /* the calls' text */
	size_t calls;
} result;

static inline void result_done(result *r)
{
	free(r->out);
	free(r->err);
	for (size_t i = 0; i < CALLS_MAX; i++)
		free(r->requests[i]);
}
SR_AUTO_DEFINE(result, result_done);

static inline int64_t now_ms(void *self)
{
	struct timespec t;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Splits `line` at spaces (a '_' inside a word stands for a space), runs it, and collects everything. `typed`: what
 * a person types; NULL: nobody is there. */
static inline result run_at(const char *socket, const char *line, const char *typed)
{
	const sr_clock clock = { .wall_ms = now_ms, .mono_ms = now_ms };
	char *argv[24] = { (char *)"sisrollctl" };
	SR_AUTO_FREE char *words = sr_strdup(line);
	result r = { 0 };
	size_t out_len, err_len;
	ctl_io io = { .socket = socket, .clock = &clock, .interactive = typed != NULL };
	int argc = 1;

	for (char *word, *rest = words; (word = strsep(&rest, " "));) {
		for (char *c = word; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		argv[argc++] = word;
	}
	io.in = typed ? fmemopen((char *)typed, strlen(typed), "r") : NULL;
	io.out = open_memstream(&r.out, &out_len);
	io.err = open_memstream(&r.err, &err_len);
	r.code = ctl_main(&io, argc, argv);
	if (io.in)
		fclose(io.in);
	fclose(io.out);
	fclose(io.err);
	return r;
}

static inline result run(const char *line, const char *first, const char *second, const char *typed)
{
	fake f = { .answers = { first, second } };
	result r;

	fake_start(&f);
	r = run_at(f.path, line, typed);
	fake_stop(&f);
	r.calls = f.count;
	memcpy(r.requests, f.requests, sizeof(r.requests));
	return r;
}

#define REPLY(params) "{\"parameters\":" params "}\n"
#define MORE(params) "{\"parameters\":" params ",\"continues\":true}\n"
#define ERROR(name, params) "{\"error\":\"" name "\",\"parameters\":" params "}\n"
#define CALL(method, params) "{\"method\":\"org.sisroll.Control." method "\",\"parameters\":" params "}"

static inline void contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected <<%s>> in <<%s>>", part, text);
}
