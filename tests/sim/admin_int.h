/* Options of the sandbox's commands, and the commands that report.
 * Never used outside admin*.c. */
#pragma once
#include "admin.h"
#include "district_int.h"
#include "life.h"
#include "verify.h"

#define ADMIN_SCHOOLS_MAX 320

typedef struct admin_schools {
	sim_verify_school list[ADMIN_SCHOOLS_MAX];
	size_t count;
} admin_schools;

typedef struct admin_option {
	const char *name;
	char type; /* f flag (bool), n int, i int64_t, t text, y yearid (int), d day (int), s schools */
	size_t at; /* offset within the command's options */
} admin_option;

/* Reads argv[1..] into `into`; what is no option goes to `rest` (at most `rest_max`). */
int admin_parse(int argc, const char *const *argv, const admin_option *options, size_t count, void *into,
	const char **rest, size_t *rest_count, size_t rest_max, sr_err *err);
/* "101,102:2025-2026" appended to `out`. */
int admin_parse_schools(const char *text, admin_schools *out, sr_err *err);
int admin_schools_there(sim_admin *a, const admin_schools *schools, sr_err *err); /* a slip of the pen proves nothing */

int admin_writes(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
int admin_requests(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
int admin_verify(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
int admin_export(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
int admin_plugin(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
int admin_dataversion(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
int admin_year(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
/* Moves the sandbox's date by whole days, and remembers it. */
int admin_move_days(sim_admin *a, int days, sr_err *err);
int admin_query(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err);
