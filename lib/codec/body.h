/* What is asked of every body before it is read, whichever service sent it: is it data, and is it whole?
 * Never looks at what the data says. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* An HTML page, whatever the status says ("PowerSchool page unavailable" comes under 200). */
bool sr_body_is_html(const char *body, size_t len);

/* -1, with a sentence that names `system`, if a web page came instead of data. */
int sr_body_is_data(const char *system, const char *body, size_t len, sr_err *err);

/* The whole body as one JSON object; the caller owns *out. Half an answer is the network's or the server's trouble
 * (SR_E_PROTO), and passes. */
int sr_body_object(const char *system, const char *body, size_t len, json_t **out, sr_err *err);

/* A server's own words, fit for one line of a journal: cut at a character's end, without control characters. Of the
 * arena; NULL: out of memory. */
const char *sr_body_words(const char *text, size_t len, size_t max_bytes, sr_arena *arena);
