/* alerts list: what stands. alert test: one made-up alert by every way, with what came of each. */
#include "engine/cmd_priv.h"

#include <stdio.h>

#include "io/store_alert.h"

static json_t *alert_json(const sr_call *c, const sr_alert_row *row)
{
	const sr_school *s = row->school ? sr_engine_school(c->e, row->school) : NULL;
	char subject[160] = "the district";
	sr_json_obj o = sr_json_obj_new();

	if (s)
		sr_school_title(s, subject, sizeof(subject));
	sr_json_put_text(&o, "code", row->code);
	sr_json_put_int(&o, "school", row->school);
	sr_put_text(&o, "subject", subject);
	sr_put_when(&o, "since", row->since_ms);
	sr_put_when(&o, "said", row->said_ms);
	sr_put_text(&o, "text", row->text);
	return sr_json_obj_take(&o);
}

static int alerts_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	json_t *list = arg;
	sr_alert_row *rows;
	size_t count;

	if (sr_store_alerts(t, &arena, -1, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		sr_list_add(c, list, alert_json(c, &rows[i]));
	return 0;
}

void sr_cmd_alerts_list(sr_call *c)
{
	json_auto_t *list = json_array();
	sr_json_obj o;

	if (sr_call_read(c, alerts_read, list) < 0)
		return;
	o = sr_json_obj_new();
	sr_put_when(&o, "looked", sr_alerts_looked_ms(c->e));
	sr_json_put(&o, "alerts", json_incref(list));
	sr_call_done(c, sr_json_obj_take(&o));
}

/* --- alert test --- */

typedef struct test {
	sr_call *c;
	const sr_alert_ways *ways;
	json_t *checks;
	bool over;
} test;

static void test_free(void *state)
{
	test *t = state;

	t->ways->forget(t->ways->self, t);
	json_decref(t->checks);
	free(t);
}

static void told(void *arg, const char *way, bool ok, const char *text)
{
	test *t = arg;
	sr_json_obj o;

	if (!way) {
		t->over = true;
		sr_call_wake(t->c);
		return;
	}
	o = sr_json_obj_new();
	sr_json_put_text(&o, "check", way);
	sr_json_put_bool(&o, "ok", ok);
	sr_put_text(&o, "evidence", text);
	if (!ok) {
		sr_json_put_text(&o, "code", sr_code_text(SR_CODE_CONFIG));
		sr_json_put(&o, "fix", json_pack("[s+]", "Set it right in [alert]: ", way));
	}
	sr_list_add(t->c, t->checks, sr_json_obj_take(&o));
}

static void test_step(sr_call *c)
{
	const test *t = c->state;

	if (t->over)
		sr_call_done(c, json_pack("{s:O}", "checks", t->checks));
	else if (sr_call_late(c))
		sr_call_refuse(c, &(sr_refusal){ .code = SR_CODE_STOPPING, .what = "the daemon stops" });
}

static bool test_begin(test *t)
{
	int64_t now = sr_now_ms(t->c->e);

	return t->ways->test(t->ways->self,
		       &(sr_alert){ .code = "test",
			       .subject = "the district",
			       .text = "This is a test: alerts of sisroll arrive here.",
			       .state = SR_AL_TEST,
			       .since_ms = now,
			       .at_ms = now },
		       told, t) == 0;
}

void sr_cmd_alert_test(sr_call *c)
{
	const sr_alert_ways *ways = c->e->c.alert_ways;
	test *t = ways ? calloc(1, sizeof(*t)) : NULL;
	sr_no no;

	if (t) {
		*t = (test){ .c = c, .ways = ways, .checks = json_array() };
		c->state = t;
		c->state_free = test_free;
	}
	if (!t || !t->checks || !test_begin(t)) {
		sr_no_init(&no, SR_CODE_NO_ALERT_WAY, "no way is configured in [alert], or another test is under way");
		sr_call_refuse_no(c, &no);
		return;
	}
	sr_call_hold(c, test_step);
}
