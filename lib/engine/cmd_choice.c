/* An operator's choice that is no event of the phase table: a map, an override. It is one transaction
 * with its history row, it raises the epoch, and whatever runs on the old one stops. */
#include "engine/cmd_priv.h"

#include "engine/run_priv.h"

int sr_act_record(
	sr_engine *e, sr_school *s, sr_txn *t, const char *who, const char *event, const char *why, sr_err *err)
{
	const sr_phase_state *st = s ? &s->row.state : NULL;
	const char *phase = st ? sr_phase_name(st->phase) : "";

	return sr_store_history_add(t,
		&(sr_history_row){ .at_ms = sr_now_ms(e),
			.school = s ? s->number : 0,
			.epoch = st ? st->epoch : 0,
			.from = phase,
			.event = event,
			.to = phase,
			.year = !st          ? SR_YEARID_NONE
				: st->chosen ? st->chosen
					     : st->active,
			.why = why ? why : "",
			.who = who },
		err);
}

static int choice_write(sr_school *s, sr_txn *t, const sr_choice *choice, sr_err *err)
{
	if (sr_school_reload_row(s, t, err) < 0 || choice->write(s, t, choice, err) < 0)
		return -1;
	s->row.state.epoch++;
	s->row.changed_ms = sr_now_ms(s->e);
	if (sr_school_save_row(s, t, err) < 0)
		return -1;
	return sr_act_record(s->e, s, t, choice->who, choice->event, choice->why, err);
}

static void choice_say(const sr_school *s, const sr_choice *choice)
{
	sr_log_write(s->e->c.log, &(sr_log_entry){ .level = SR_NOTICE,
					  .id = SR_MSG_CHOICE,
					  .school = s->number,
					  .epoch = s->row.state.epoch,
					  .event = choice->event,
					  .who = choice->who,
					  .text = choice->why });
}

int sr_choice_make(sr_school *s, const sr_choice *choice, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	if (sr_txn_end(s->e, t, choice_write(s, t, choice, err), err) < 0) {
		/* Memory must not run ahead of the disk. */
		if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0)
			sr_txn_end(s->e, t, sr_school_reload_row(s, t, NULL), NULL);
		return -1;
	}
	choice_say(s, choice);
	if (s->run && s->run->epoch != s->row.state.epoch)
		sr_run_stop(s, "a choice of the operator changed what the run goes by");
	sr_school_review(s);
	sr_engine_notify(s->e, s);
	return 0;
}
