/* Who teaches: by the role's key where it may be read, by what the configuration says, or else everybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/engine_priv.h"

enum { LEAD = 1, CO_TEACHER, AIDE, UNREAD };

static int64_t ids[] = { LEAD, CO_TEACHER, AIDE };
static const char *keys[] = { "x.class.lead", "x.class.co-teacher", "x.teacher.aide" };

/* clang-format off */
static const struct {
	const char *configured[2];
	bool teaches[4]; /* LEAD, CO_TEACHER, AIDE, UNREAD */
} rows[] = {
	{ { NULL },                          { true,  true,  false, true } },
	{ { ".class.lead" },                 { true,  false, false, true } }, /* UNREAD may be one */
	{ { "2" },                           { false, true,  false, false } },
	{ { "2", ".teacher.aide" },          { false, true,  true,  true } },
	{ { "4" },                           { false, false, false, true } },
};
/* clang-format on */

static void roles_teach_as_configured(void **state)
{
	sr_engine e = { .role_ids = ids, .role_keys = (void *)keys, .role_count = SR_COUNT_OF(ids) };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		sr_school s = { .config.teaching_roles = rows[i].configured };

		while (s.config.teaching_roles_count < 2 && rows[i].configured[s.config.teaching_roles_count])
			s.config.teaching_roles_count++;
		for (int role = LEAD; role <= UNREAD; role++)
			if (sr_district_teaches(&e, &s, role) != rows[i].teaches[role - LEAD])
				fail_msg("row %zu, role %d", i, role);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_teach_as_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
