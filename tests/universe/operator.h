/* The operator: careful, he does what status and the refusals tell him to type, and nothing else; and the one who
 * makes mistakes (blunders.c), any command at any school at any time.
 * Never looks behind the commands. */
#pragma once
#include "virtual.h"

/* One command whose answer only matters by what it leads to: its reply (new reference), or NULL. */
json_t *uv_ask(uv_world *w, const char *method, json_t *params_stolen);
void uv_act(uv_world *w, const char *method, json_t *params_stolen);
/* Preview, then confirmation with its token (and the number it showed): two acts, as a person does them. */
void uv_confirm(uv_world *w, const char *method, json_t *params_stolen);
json_t *uv_school_params(int64_t school);
json_t *uv_with(json_t *params_stolen, const char *key, json_t *value_stolen);
const char *uv_text(const json_t *o, const char *key); /* "" where there is none */

/* Steers every school into `syncing` on `year`; blunders on the way, but not for ever. */
void uv_steer(uv_world *w, const char *year, unsigned blunders_per_mille);
/* Looks at status once, in the middle of whatever goes on, and does what stands there. */
void uv_visit(uv_world *w, const char *year);
/* Takes back what was his own mistake, then decides, unblocks and tries again until nothing is left to clear. */
void uv_clear(uv_world *w, const char *year);

void uv_blunder(uv_world *w, int64_t school); /* 0: at any */
/* The leavers of a school (0: any) are listed and, mostly, made inactive. */
void uv_leavers(uv_world *w, int64_t school);
void uv_blunders_expect(uv_tallies *t);
void uv_blunders_undo(uv_world *w);
