/* Every value of every enum that is ever shown, stored or typed has a name, and no two of one enum have the same.
 * The engine sees all layers, so the law is walked here for all of them. */
#include "core_fixture.h"

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "codec/oauth1.h"
#include "core/diff.h"
#include "core/fence.h"
#include "core/filter.h"
#include "core/phase.h"
#include "core/plan.h"
#include "core/run.h"
#include "core/term.h"
#include "engine/block.h"
#include "io/store_plan.h"
#include "wire/codes.h"
#include "wire/commands.h"

#define NAMES(of, type)                             \
	static const char *names_##of(int value)    \
	{                                           \
		return sr_##of##_name((type)value); \
	}

NAMES(errc, sr_errc)
NAMES(level, sr_level)
NAMES(msg, sr_msg)
NAMES(access, sr_access)
NAMES(src, sr_src)
NAMES(tgt, sr_tgt)
NAMES(verdict, sr_verdict)
NAMES(effect, sr_effect)
NAMES(fkind, sr_fkind)
NAMES(lint_rule, sr_lint_rule)
NAMES(op, sr_op)
NAMES(stage, sr_stage)
NAMES(fence_verdict, sr_fence_verdict)
NAMES(phase, sr_phase)
NAMES(pev, sr_pev)
NAMES(run_state, sr_run_state)
NAMES(run_event, sr_run_event)
NAMES(run_kind, sr_run_kind)
NAMES(item_state, sr_item_state)

static const char *names_block(int value)
{
	return value < SR_BL_COUNT ? sr_blocks[value].code : "?";
}

/* clang-format off */
static const struct {
	const char *what;
	const char *(*name)(int value);
	int first, count; /* the first that has a name */
} laws[] = {
	{ "error code",    names_errc,          0, SR_E_COUNT },
	{ "log level",     names_level,         0, SR_LEVEL_COUNT },
	{ "message",       names_msg,           SR_MSG_NONE + 1, SR_MSG_COUNT },
	{ "access",        names_access,        0, ACCESS_COUNT },
	{ "source kind",   names_src,           0, SR_SRC_COUNT },
	{ "target kind",   names_tgt,           0, SR_TGT_COUNT },
	{ "verdict",       names_verdict,       0, SR_V_COUNT },
	{ "effect",        names_effect,        0, SR_EF_COUNT },
	{ "filter kind",   names_fkind,         0, SR_FK_COUNT },
	{ "lint rule",     names_lint_rule,     0, SR_LINT_COUNT },
	{ "operation",     names_op,            0, SR_OP_COUNT },
	{ "stage",         names_stage,         0, SR_SG_COUNT },
	{ "fence verdict", names_fence_verdict, 0, SR_FENCE_COUNT },
	{ "phase",         names_phase,         0, SR_PH_COUNT },
	{ "phase event",   names_pev,           0, SR_PEV_COUNT },
	{ "run state",     names_run_state,     0, SR_RS_COUNT },
	{ "run event",     names_run_event,     0, SR_RE_COUNT },
	{ "run kind",      names_run_kind,      0, SR_RK_COUNT },
	{ "item state",    names_item_state,    0, SR_IS_COUNT },
	{ "block",         names_block,         0, SR_BL_COUNT },
};
/* clang-format on */

static void every_value_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t l = 0; l < SR_COUNT_OF(laws); l++) {
		for (int i = laws[l].first; i < laws[l].count; i++) {
			const char *name = laws[l].name(i);

			if (!name || !*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz- ")])
				fail_msg("%s %d: \"%s\" is no name", laws[l].what, i, name ? name : "(null)");
			for (int j = laws[l].first; j < i; j++)
				if (strcmp(laws[l].name(j), name) == 0)
					fail_msg("%s %d and %d are both \"%s\"", laws[l].what, j, i, name);
		}
	}
}

/* A value read from a damaged database is shown as such; it never reads past a table. */
static void a_value_out_of_bounds_has_no_name_of_another(void **state)
{
	(void)state;
	for (size_t l = 0; l < SR_COUNT_OF(laws); l++) {
		const char *name = laws[l].name(laws[l].count);

		for (int i = laws[l].first; name && i < laws[l].count; i++)
			assert_string_not_equal(name, laws[l].name(i));
	}
}

static void every_error_says_what_repeating_brings(void **state)
{
	(void)state;
	for (int i = 0; i < SR_E_COUNT; i++) {
		sr_err err = { 0 };

		assert_int_equal(sr_fail(&err, (sr_errc)i, "%s", "why"), -1);
		assert_int_equal(err.code, i);
		assert_int_equal(err.retry, sr_errc_retry((sr_errc)i));
		assert_true((unsigned)err.retry < SR_RETRY_COUNT);
	}
}

/* The journal's catalog and operators' filters hang on the ids. */
static void every_message_has_an_id_of_its_own(void **state)
{
	(void)state;
	assert_null(sr_msg_id(SR_MSG_NONE));
	assert_null(sr_msg_id(SR_MSG_COUNT));
	for (int i = SR_MSG_NONE + 1; i < SR_MSG_COUNT; i++) {
		const char *id = sr_msg_id((sr_msg)i);

		assert_non_null(id);
		assert_true(strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32);
		for (int j = SR_MSG_NONE + 1; j < i; j++)
			assert_string_not_equal(sr_msg_id((sr_msg)j), id);
	}
}

/* What `status` shows of a block, `help CODE` explains; and it says what clears it. */
static void every_block_is_found_explained_and_cleared(void **state)
{
	sr_code code;

	(void)state;
	for (int i = 0; i < SR_BL_COUNT; i++) {
		assert_ptr_equal(sr_block_find(sr_blocks[i].code), &sr_blocks[i]);
		assert_true(sr_code_parse(sr_blocks[i].code, &code));
		assert_true(sr_blocks[i].stops_writes);
		assert_true(strlen(sr_blocks[i].clear) > 20);
		if (sr_blocks[i].by_person &&
			i != SR_BL_WRONG_DISTRICT) /* that one ends with the right configuration */
			assert_non_null(strstr(sr_blocks[i].clear, "sisrollctl unblock"));
	}
	assert_null(sr_block_find(""));
	assert_null(sr_block_find("no-such-block"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_has_a_name_of_its_own),
		cmocka_unit_test(a_value_out_of_bounds_has_no_name_of_another),
		cmocka_unit_test(every_error_says_what_repeating_brings),
		cmocka_unit_test(every_message_has_an_id_of_its_own),
		cmocka_unit_test(every_block_is_found_explained_and_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
