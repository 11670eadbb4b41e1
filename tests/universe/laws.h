/* What must hold at any quiet moment of any life, whatever happened before.
 * Never changes anything; asks by the operator's own commands where the law is about what they show. */
#pragma once
#include "virtual.h"

/* A request that writes is about to leave. */
void uv_write_begins(uv_world *w, const sr_request *r);
/* No write of another year, the budget kept, history a chain, every block and every quarantine shown. */
void uv_laws(uv_world *w);
/* Schoology holds what the SIS says for the year that began in `start_year`, but for what changes explain. */
void uv_compare(uv_world *w, int start_year, const char *snapshot);
