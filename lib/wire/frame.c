/* One buffer, two marks: `begin` moves over taken messages, `scanned` over bytes that were searched already,
 * so a message that comes byte by byte is searched once, not once a byte. Taken bytes are moved out at the
 * next feed, which is why a taken text lives only until then. */
#include "wire/frame.h"

#include <string.h>
#include <sys/types.h>

void sr_frames_init(sr_frames *f, size_t message_max_bytes)
{
	*f = (sr_frames){ .message_max_bytes = message_max_bytes };
}

void sr_frames_done(sr_frames *f)
{
	sr_buf_done(&f->buf);
	*f = (sr_frames){ 0 };
}

static void drop_taken(sr_frames *f)
{
	if (f->begin == 0)
		return;
	f->buf.len -= f->begin;
	memmove(f->buf.p, f->buf.p + f->begin, f->buf.len + 1);
	f->begin = 0;
}

/* Walks the messages that `bytes` continues and begins. -1: one is longer than allowed; else the new tail. */
static ssize_t tail_after(const sr_frames *f, const char *bytes, size_t len)
{
	size_t run = f->tail;

	for (;;) {
		const char *end = len ? memchr(bytes, '\0', len) : NULL;
		size_t part = end ? (size_t)(end - bytes) : len;

		if (part > f->message_max_bytes || run > f->message_max_bytes - part)
			return -1;
		if (!end)
			return (ssize_t)(run + part);
		run = 0;
		bytes = end + 1;
		len -= part + 1;
	}
}

int sr_frames_feed(sr_frames *f, const void *bytes, size_t len, sr_err *err)
{
	ssize_t tail = tail_after(f, bytes, len);

	if (tail < 0)
		return sr_fail(err, SR_E_LIMIT, "a message is longer than %zu bytes", f->message_max_bytes);
	drop_taken(f);
	if (f->buf.len + len > 2 * (f->message_max_bytes + 1))
		return sr_fail(err, SR_E_LIMIT, "too many messages are waiting");
	sr_buf_add(&f->buf, bytes, len);
	if (f->buf.failed)
		return sr_fail_nomem(err);
	f->tail = (size_t)tail;
	return 0;
}

bool sr_frames_take(sr_frames *f, const char **text, size_t *len)
{
	char *start, *end;

	if (!f->buf.p || f->begin == f->buf.len)
		return false;
	start = f->buf.p + f->begin;
	end = memchr(start + f->scanned, '\0', f->buf.len - f->begin - f->scanned);
	if (!end) {
		f->scanned = f->buf.len - f->begin;
		return false;
	}
	*text = start;
	*len = (size_t)(end - start);
	f->begin += *len + 1;
	f->scanned = 0;
	return true;
}
