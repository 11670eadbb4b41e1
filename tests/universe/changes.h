/* What happens to a district while it is synced: small changes drawn by the seed, in PowerSchool and by
 * other hands in Schoology, and what each of them lets the two differ in.
 * Never changes anything that the oracle is not told of. */
#pragma once
#include "virtual.h"

/* One change of the school year that began in `start_year`. `term_runs`: classes are under way, or still to come, so
 * that terms and periods of the year may be changed too. */
void uv_change(uv_world *w, int start_year, bool term_runs);
/* The one of this name. */
void uv_change_named(uv_world *w, const char *name, int start_year);
/* Mistakes are corrected: what was changed for a while is as it was. */
void uv_changes_undo(uv_world *w);
void uv_changes_expect(uv_tallies *t);
/* Whatever `check` (a constant; "": any) finds of this key ("CODE", "CODE/UID", "UID") may differ. */
void uv_excuse_add(uv_world *w, const char *check, const char *key);
/* What was deleted by hand is made again by a person's word. */
void uv_may_be_made_again(uv_world *w, const char *code);
/* Is this difference ("CHECK ID") one that a change explains? */
bool uv_excused(uv_world *w, const char *difference);
/* Every difference that must be there (what was deleted by hand is not made again) is. */
void uv_excuses_check(uv_world *w, int start_year, const char *differences);
