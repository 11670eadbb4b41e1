/* Leaving and coming back: the one DELETE there is cannot be made without its two options, whatever it is given. */
#include "codec_fixture.h"

#include "codec/sgy_codec.h"

typedef struct desk {
	sr_arena a;
	sr_record user;
	sr_write_item items[SR_BATCH_MAX + 1];
} desk;

static void fill(desk *d)
{
	memset(d, 0, sizeof(*d));
	sr_record_init(&d->user, &sr_tgt_kinds[SR_TGT_USER]);
	sr_record_set_text(&d->user, SR_U_SCHOOL_UID, "s100", &d->a);
	for (size_t i = 0; i <= SR_BATCH_MAX; i++)
		d->items[i] = (sr_write_item){
			.kind = SR_TGT_USER, .op = SR_OP_INACTIVATE, .values = &d->user, .id = 1000 + (int64_t)i
		};
}

/* Whatever stage, operation and number: a DELETE carries both options, or there is none. */
static void no_delete_without_its_options(void **state)
{
	desk d;
	size_t deletes = 0;

	(void)state;
	fill(&d);
	for (int stage = 0; stage < SR_SG_COUNT; stage++)
		for (int op = 0; op < SR_OP_COUNT; op++)
			for (size_t n = 1; n <= SR_BATCH_MAX + 1; n++) {
				sr_sgy_call call = { 0 };

				d.items[0].op = (sr_op)op;
				if (sr_sgy_bulk_write((sr_stage)stage, d.items, n, &call, NULL) < 0)
					continue;
				assert_true(n <= SR_BATCH_MAX);
				if (strcmp(call.method, "DELETE") == 0) {
					deletes++;
					assert_int_equal(stage, SR_SG_USER_INACTIVATE);
					assert_non_null(strstr(call.path.p, "option_keep_enrollments=1&"));
					assert_non_null(strstr(call.path.p, "email_notification=0&"));
					assert_int_equal(call.body.len, 0);
				}
				sr_sgy_call_done(&call);
			}
	assert_true(deletes > 0);
	sr_arena_done(&d.a);
}

static void the_addresses_are_the_contracts(void **state)
{
	sr_sgy_call call = { 0 };
	desk d;

	(void)state;
	fill(&d);
	assert_int_equal(sr_sgy_bulk_write(SR_SG_USER_INACTIVATE, d.items, 2, &call, NULL), 0);
	assert_string_equal(call.method, "DELETE");
	assert_string_equal(call.path.p, "/users?option_keep_enrollments=1&email_notification=0&option_comment=sisroll"
					 "&uids=1000%2C1001");
	sr_sgy_call_done(&call);
	assert_int_equal(sr_sgy_bulk_write(SR_SG_USER_REACTIVATE, d.items, 1, &call, NULL), 0);
	assert_string_equal(call.method, "PUT");
	assert_string_equal(call.path.p, "/users/reactivate");
	assert_string_equal(call.body.p, "{\"user\":[{\"uid\":\"1000\",\"option_reenroll\":\"0\"}]}");
	sr_sgy_call_done(&call);
	d.items[1].id = 0;
	assert_int_equal(sr_sgy_bulk_write(SR_SG_USER_INACTIVATE, d.items, 2, &call, NULL), -1);
	d.items[1].id = 1000;
	assert_int_equal(sr_sgy_bulk_write(SR_SG_USER_INACTIVATE, d.items, 2, &call, NULL), -1);
	sr_arena_done(&d.a);
}

static void answers_are_matched(void **state)
{
	static const char gone[] = "{\"user\":[{\"response_code\":404,\"message\":\"User not found.\",\"id\":\"1001\"},"
				   "{\"response_code\":200,\"id\":\"1000\"}]}";
	static const char back[] = "{\"user\":[{\"response_code\":200,\"location\":\"http://h/v1/users/1000\","
				   "\"message\":\"You have successfully re-actived this user.\"},"
				   "{\"response_code\":404,\"message\":\"Inactive user not found.\"}]}";
	sr_item_result r[2];
	desk d;

	(void)state;
	fill(&d);
	assert_int_equal(
		sr_sgy_results_read(SR_SG_USER_INACTIVATE, d.items, 2, gone, sizeof(gone) - 1, &d.a, r, NULL), 0);
	assert_true(r[0].end == SR_ITEM_DONE && r[0].id == 1000);
	assert_true(r[1].end == SR_ITEM_REJECTED && r[1].code == 404);
	assert_int_equal(
		sr_sgy_results_read(SR_SG_USER_REACTIVATE, d.items, 2, back, sizeof(back) - 1, &d.a, r, NULL), 0);
	assert_true(r[0].end == SR_ITEM_DONE && r[0].id == 1000);
	assert_true(r[1].end == SR_ITEM_REJECTED && r[1].code == 404);
	sr_arena_done(&d.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_delete_without_its_options),
		cmocka_unit_test(the_addresses_are_the_contracts),
		cmocka_unit_test(answers_are_matched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
