/* NUL-terminated messages on a byte stream: bytes in as they come, whole messages out.
 * Never grows past its bound, whatever the peer sends; never looks inside a message. */
#pragma once
#include "base/err.h"
#include "base/str.h"

#define SR_FRAME_CALL_MAX ((size_t)1 << 20)   /* what a client may say in one message */
#define SR_FRAME_REPLY_MAX ((size_t)64 << 20) /* what a client takes in one reply */

typedef struct sr_frames {
	sr_buf buf;
	size_t begin;   /* the first byte not yet taken */
	size_t scanned; /* bytes known to hold no NUL, from `begin` on */
	size_t tail;    /* bytes behind the last NUL: the message that has not ended */
	size_t message_max_bytes;
} sr_frames;

void sr_frames_init(sr_frames *f, size_t message_max_bytes);
void sr_frames_done(sr_frames *f);

/* Adds bytes. SR_E_LIMIT if a message is longer than allowed, or if more than two of the longest
 * are waiting to be taken: the connection must then be closed. */
int sr_frames_feed(sr_frames *f, const void *bytes, size_t len, sr_err *err);

/* The next whole message, without its NUL but NUL-terminated; false: none yet. The text is
 * borrowed until the next call on `f`. */
bool sr_frames_take(sr_frames *f, const char **text, size_t *len);

/* Bytes of the message that has begun and not ended; 0: the peer owes us nothing. */
static inline size_t sr_frames_pending(const sr_frames *f)
{
	return f->tail;
}

SR_AUTO_DEFINE(sr_frames, sr_frames_done);
