/* `year`: the sandbox's date goes on day by day, and life with it. */
#include <stddef.h>

#include "admin_int.h"

typedef struct year_options {
	int64_t days, seed;
	bool step, dry_run, quiet;
} year_options;

/* The day itself is over when the date moves: its events carry the date they begin with. */
static int live(sim_admin *a, const year_options *o, sr_buf *out, sr_err *err)
{
	int64_t events = 0;
	char from[11], to[11];

	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&a->world->clock)), from);
	for (int64_t i = 0; i < o->days; i++) {
		SR_AUTO(sr_buf) say = { 0 };
		if (sim_year_day(a->world, (uint64_t)o->seed, &say, &events, err) || admin_move_days(a, 1, err))
			return -1;
		if (!o->quiet)
			sr_buf_puts(out, sr_buf_text(&say));
	}
	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&a->world->clock)), to);
	sr_buf_printf(out, "# %lld events from %s until %s%s\n", (long long)events, from, to,
		o->dry_run ? ", not carried out" : "");
	return 0;
}

/* What a dry run did is rolled back, the date too. */
static int rehearse(sim_admin *a, const year_options *o, sr_buf *out, sr_err *err)
{
	int64_t offset_ms = a->clock->offset_ms;

	if (sim_sql_script(a->world->db, "savepoint year", err))
		return -1;
	int rc = live(a, o, out, err);
	a->clock->offset_ms = offset_ms;
	return sim_sql_script(a->world->db, "rollback to year; release year", rc ? NULL : err) || rc ? -1 : 0;
}

int admin_year(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	static const admin_option table[] = { { "--days", 'i', offsetof(year_options, days) },
		{ "--seed", 'i', offsetof(year_options, seed) }, { "--step", 'f', offsetof(year_options, step) },
		{ "--dry-run", 'f', offsetof(year_options, dry_run) },
		{ "--quiet", 'f', offsetof(year_options, quiet) } };
	year_options o = { .days = 365, .seed = (int64_t)(a->world->seed & INT64_MAX) };

	if (admin_parse(argc, argv, table, SR_COUNT_OF(table), &o, NULL, NULL, 0, err))
		return 2;
	if (!a->clock)
		return sr_fail(err, SR_E_STATE, "year: this world's clock cannot be moved"), 1;
	if (o.step)
		o.days = 1;
	if (o.days < 1 || o.days > 3660)
		return sr_fail(err, SR_E_RANGE, "year: --days is within 1..3660"), 2;
	return (o.dry_run ? rehearse(a, &o, out, err) : live(a, &o, out, err)) ? 1 : 0;
}
