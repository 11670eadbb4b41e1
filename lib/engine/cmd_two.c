/* The rule of two persons: what cannot be taken back easily is asked for by one account and confirmed by another.
 * The token says who was shown what, so the rule is only about whose token counts. */
#include "engine/cmd_priv.h"

#include <stdio.h>

static bool in_force(const sr_call *c)
{
	return c->e->c.config->operator_.two_person && !c->break_glass;
}

const char *sr_call_other_person(const sr_call *c)
{
	const sr_config_operator *o = &c->e->c.config->operator_;

	if (!c->two)
		return NULL;
	return c->second ? o->designated : o->second;
}

bool sr_call_two_person(sr_call *c)
{
	c->two = in_force(c);
	if (c->two)
		snprintf(c->two_why, sizeof(c->two_why),
			"this takes two persons: who asked for the preview cannot confirm it, %.64s has to",
			sr_call_other_person(c));
	return c->two;
}

bool sr_call_alone_refused(sr_call *c)
{
	const char *designated = c->e->c.config->operator_.designated;
	sr_no no;

	if (!c->second || c->operator_)
		return false;
	sr_no_init(&no, SR_CODE_SECOND_PERSON, "this is decided by one person, %.64s; the second account only confirms",
		designated);
	sr_no_todo(&no, "Ask %.64s to type: sisrollctl %s", designated, c->command->verb);
	sr_call_refuse_no(c, &no);
	return true;
}

bool sr_two_token_counts(const sr_call *c, int64_t uid)
{
	return c->two ? uid != (int64_t)c->uid : uid == (int64_t)c->uid;
}

int sr_two_break_glass(sr_call *c, sr_txn *t, const char *action, sr_err *err)
{
	char why[240];

	if (!c->break_glass || !c->e->c.config->operator_.two_person || !sr_command_two_persons(c->command))
		return 0;
	snprintf(why, sizeof(why), "%s by root alone, without the second person: %.150s", action,
		sr_call_reason(c) ? sr_call_reason(c) : "no reason given");
	sr_log_write(c->e->c.log, &(sr_log_entry){ .level = SR_WARNING,
					  .id = SR_MSG_CONTROL,
					  .event = "break-glass",
					  .who = c->who,
					  .text = "root went round the rule of two persons" });
	return sr_act_record(c->e, NULL, t, c->who, "break-glass", why, err);
}

void sr_call_refuse_token(sr_call *c, sr_code otherwise, const char *why)
{
	bool two = c->two && why == c->two_why;
	sr_no no;

	sr_no_init(&no, two ? SR_CODE_SECOND_PERSON : otherwise, "%s", why);
	if (two)
		sr_no_todo(&no, "Ask %.64s to repeat the command with this token", sr_call_other_person(c));
	else
		sr_no_todo(&no, "sisrollctl %s …   (shows a fresh preview)", c->command->verb);
	sr_call_refuse_no(c, &no);
}
