/* Previews and their tokens: what a person was shown and may confirm. A token stands for a digest of all that
 * was shown; the preview is made again and compared, so nothing of it has to be kept. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#define TOKEN_BYTES 16

int sr_preview_digest(sr_call *c, const json_t *shown, const char *beside, char out[SR_PREVIEW_DIGEST_BYTES])
{
	SR_AUTO(sr_buf) text = { 0 };
	SR_AUTO_FREE char *dump = sr_json_dump(shown, NULL);
	sr_hash hash;

	sr_buf_puts(&text, beside);
	sr_buf_puts(&text, dump ? dump : "");
	if (!dump || text.failed)
		return -1;
	hash = sr_hash_bytes(c->e->seed, text.p, text.len);
	sr_hex(out, hash.b, sizeof(hash.b));
	return 0;
}

int sr_preview_token(sr_call *c, const char *action, const char *digest, char out[SR_PREVIEW_TOKEN_BYTES], sr_err *err)
{
	uint8_t bytes[TOKEN_BYTES];
	sr_txn *t;

	c->e->c.random(c->e->c.random_arg, bytes, sizeof(bytes));
	sr_hex(out, bytes, sizeof(bytes));
	if (sr_txn_begin(c->e->c.store, SR_TXN_WRITE, &t, err) < 0)
		return -1;
	return sr_txn_end(c->e, t,
		sr_store_token_put(t, out, c->uid, action, digest, sr_now_ms(c->e) + SR_PREVIEW_LIFE_MS, err), err);
}

/* NULL: it counts; else the sentence why not. */
static const char *token_judge(const sr_call *c, const char *action, const char *digest, int64_t uid,
	const char *their_action, const char *their_digest, int64_t expires_ms)
{
	if (!sr_two_token_counts(c, uid))
		return c->two ? c->two_why : "this token was given to somebody else";
	if (strcmp(action, their_action) != 0)
		return "this token is for another command";
	if (sr_now_ms(c->e) > expires_ms)
		return "this token is older than 15 minutes";
	if (strcmp(digest, their_digest) != 0)
		return "what the preview showed has changed since, or the command names something else";
	return NULL;
}

const char *sr_preview_take(sr_call *c, const char *action, const char *digest, const char *token, sr_err *err)
{
	SR_AUTO_FREE char *their_action = NULL;
	SR_AUTO_FREE char *their_digest = NULL;
	int64_t uid = 0, expires_ms = 0;
	const char *why = "this token is not known: it was used already, or never given";
	sr_txn *t;
	int found;

	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return "";
	found = sr_store_token_take(t, token, &uid, &their_action, &their_digest, &expires_ms, err);
	if (found > 0)
		why = token_judge(c, action, digest, uid, their_action, their_digest, expires_ms);
	if (found > 0 && !sr_two_token_counts(c, uid)) {
		sr_txn_rollback(t);
		return why;
	}
	if (found > 0 && !why && sr_two_break_glass(c, t, action, err) < 0)
		found = -1;
	return sr_txn_end(c->e, t, found < 0 ? -1 : 0, err) < 0 ? "" : why;
}
