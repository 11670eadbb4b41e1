/* `q` of v1 and of the tables, `$q` of a PowerQuery: `selector OP value` joined by semicolons.
 * Never lets a value into the SQL: conditions carry placeholders, values are bound. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

#define SIM_PS_FILTER_MAX 64

typedef enum sim_ps_kind { SIM_PS_TEXT, SIM_PS_NUMBER, SIM_PS_DATE, SIM_PS_LOB } sim_ps_kind;

typedef struct sim_ps_selector {
	const char *name, *expr; /* `expr`: the SQL it stands for */
	sim_ps_kind kind;
} sim_ps_selector;

typedef enum sim_ps_complaint {
	SIM_PS_FINE,
	SIM_PS_NOT_READ,         /* no such syntax */
	SIM_PS_UNKNOWN_SELECTOR, /* `name` */
	SIM_PS_WRONG_VALUE,      /* `value` is no number or date, or the field is a LOB */
	SIM_PS_TOO_LONG          /* too many values, or out of memory */
} sim_ps_complaint;

/* Zero-initialise, set the inputs. */
typedef struct sim_ps_filter {
	const sim_ps_selector *(*find)(void *arg, const char *name); /* NULL: unknown */
	void *arg;
	sr_arena *arena; /* owns what is kept */
	bool or_allowed; /* a comma outside a value list */
	/* what was read */
	sr_buf sql; /* "(a = $f0 and b glob $f1)"; empty: no condition */
	const sim_ps_selector *selectors[SIM_PS_FILTER_MAX];
	const char *values[SIM_PS_FILTER_MAX];
	size_t count;
	const char *name, *value; /* of the complaint */
} sim_ps_filter;

sim_ps_complaint sim_ps_filter_read(sim_ps_filter *f, const char *text);
void sim_ps_filter_bind(const sim_ps_filter *f, sqlite3_stmt *stmt);
bool sim_ps_filter_names(const sim_ps_filter *f, const char *selector);
void sim_ps_filter_done(sim_ps_filter *f);
SR_AUTO_DEFINE(sim_ps_filter, sim_ps_filter_done);
