/* What carrying out plans of leavers would do: one line a plan, and what is not done to anybody. */
#include "render.h"

/* clang-format off */
static const ctl_column plan_columns[] = {
	{ "SCHOOL",       "school",   0,             ctl_cell_school },
	{ "PLAN",         "plan",     CTL_COL_RIGHT, NULL },
	{ "TO INACTIVE",  "accounts", CTL_COL_RIGHT, NULL },
	{ "OF ACCOUNTS",  "of",       CTL_COL_RIGHT, NULL },
};
/* clang-format on */

int ctl_render_leavers(const ctl_out *o, const json_t *preview, sr_err *err)
{
	fprintf(o->io->out,
		"This would make %lld accounts inactive in Schoology. Classes and grades are kept, nobody is "
		"mailed.\n\n",
		(long long)sr_json_int(preview, "count", 0));
	return ctl_table_print(
		o, plan_columns, SR_COUNT_OF(plan_columns), sr_json_array(preview, "plans"), "  no plan", err);
}
