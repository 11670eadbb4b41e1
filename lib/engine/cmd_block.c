/* Blocks as commands meet them: told as a refusal, and cleared where only a person may. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "io/store_check.h"

/* Blocks and refusals share their codes (lib/wire/codes.def). */
/* clang-format off */
static const sr_code codes[SR_BL_COUNT] = {
	[SR_BL_OTHER_YEAR_WRITE] = SR_CODE_OTHER_YEAR_WRITE,   [SR_BL_WRONG_DISTRICT] = SR_CODE_WRONG_DISTRICT,
	[SR_BL_ACTING_USER_INVALID] = SR_CODE_ACTING_USER,     [SR_BL_SCHOOLOGY_AUTH] = SR_CODE_SCHOOLOGY_AUTH,
	[SR_BL_POWERSCHOOL_AUTH] = SR_CODE_POWERSCHOOL_AUTH,   [SR_BL_PLUGIN_RIGHT] = SR_CODE_PLUGIN_RIGHT,
	[SR_BL_DUPLICATE_SUSPECT] = SR_CODE_DUPLICATE_SUSPECT, [SR_BL_FOREIGN_WRITER] = SR_CODE_FOREIGN_WRITER,
	[SR_BL_NO_BUILDING] = SR_CODE_NO_BUILDING,             [SR_BL_YEAR_LOST] = SR_CODE_YEAR_LOST,
};
/* clang-format on */

bool sr_block_refusal(sr_school *s, bool reads, const char *verb, sr_no *no)
{
	const sr_block_def *def;
	const char *code = NULL;
	bool blocked = true;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0) {
		blocked = sr_blocked(s->e, t, s, reads, &code);
		sr_txn_rollback(t);
	}
	if (!blocked)
		return false;
	def = code ? sr_block_find(code) : NULL;
	if (!def) {
		sr_no_init(no, SR_CODE_DATABASE, "whether a block stands could not be read, so %s is refused", verb);
		return true;
	}
	sr_no_init(no, codes[def - sr_blocks], "%s cannot go on: the school is blocked by %s", verb, def->code);
	sr_no_todo(no, "%s", def->clear);
	sr_no_todo(no, "sisrollctl status %lld", (long long)s->number);
	return true;
}

/* --- unblock --- */

typedef struct unblock {
	sr_school *s; /* NULL: the district */
	const sr_block_def *def;
} unblock;

/* 1: it stands; 0: not. */
static int stands(sr_txn *t, const unblock *u, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_block_row *rows;
	size_t count;
	int found = 0;

	if (sr_store_blocks(t, &a, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		found |= rows[i].school == (u->s ? u->s->number : 0) && strcmp(rows[i].code, u->def->code) == 0;
	return found;
}

/* What a person has looked at and found right is right until the next year: the guard that raised the
 * block reads this override. */
static int override_put(const sr_call *c, sr_txn *t, const unblock *u, sr_err *err)
{
	if (!u->s || u->def != &sr_blocks[SR_BL_DUPLICATE_SUSPECT])
		return 0;
	return sr_store_override_set(t,
		&(sr_override_row){ .school = u->s->number,
			.check = u->def->code,
			.reason = sr_call_reason(c),
			.who = c->who,
			.year = u->s->row.state.active,
			.at_ms = sr_now_ms(c->e) },
		err);
}

/* 1: recorded; 0: no such block. */
static int unblock_write(sr_call *c, sr_txn *t, const unblock *u, sr_err *err)
{
	char why[300];
	int found = stands(t, u, err);

	if (found <= 0)
		return found;
	snprintf(why, sizeof(why), "%s: %s", u->def->code, sr_call_reason(c));
	/* What another writer did so far is known to a person now, and raises the block no more. */
	if (u->s && u->def == &sr_blocks[SR_BL_FOREIGN_WRITER] &&
		sr_store_foreign_accept(t, u->s->number, sr_now_ms(c->e), err) < 0)
		return -1;
	if (override_put(c, t, u, err) < 0 || sr_act_record(c->e, u->s, t, c->who, "unblock", why, err) < 0)
		return -1;
	return 1;
}

static void unblock_do(sr_call *c, const unblock *u)
{
	sr_err err = { 0 };
	int written = -1;
	sr_txn *t;
	sr_no no;

	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, &err) == 0) {
		written = unblock_write(c, t, u, &err);
		if (sr_txn_end(c->e, t, written < 0 ? -1 : 0, &err) < 0)
			written = -1;
	}
	if (written < 0) {
		sr_call_fail(c, &err);
		return;
	}
	if (written == 0) {
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_BLOCK, "%s is not raised here", u->def->code));
		return;
	}
	sr_block_lift(c->e, u->s ? u->s->number : 0, (sr_block)(u->def - sr_blocks));
	if (u->s) {
		sr_result_done(c, u->s, false, "no longer blocked by it");
		sr_call_results(c);
		return;
	}
	sr_poll_now(c->e);
	sr_call_done(
		c, json_pack("{s:[{s:i, s:s, s:b, s:b, s:s}]}", "results", "school", 0, "name", "the district", "done",
			   1, "noop", 0, "why", "no longer blocked by it; a poll looks whether that holds"));
}

static bool may_unblock(sr_call *c, const sr_block_def *def, const char *code)
{
	sr_no no;

	if (!def) {
		sr_no_init(&no, SR_CODE_UNKNOWN_BLOCK, "there is no block \"%.40s\"", code);
		sr_no_todo(&no, "sisrollctl status");
		sr_call_refuse_no(c, &no);
	} else if (!def->by_person) {
		sr_no_init(&no, SR_CODE_BLOCK_NOT_YOURS, "%s clears by itself once its cause is gone", def->code);
		sr_no_todo(&no, "%s", def->clear);
		sr_call_refuse_no(c, &no);
	} else {
		return sr_call_needs_reason(c, "clearing a block");
	}
	return false;
}

void sr_cmd_unblock(sr_call *c)
{
	const char *school = sr_json_text(c->params, "school"), *code = sr_json_text(c->params, "block");
	unblock u = { .def = sr_block_find(code ? code : "") };

	if (!may_unblock(c, u.def, code ? code : ""))
		return;
	if (!sr_streq(school, "0") && !(u.s = sr_select_one(c, school)))
		return;
	unblock_do(c, &u);
}
