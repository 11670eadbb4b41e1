/* A short table, searched from its beginning: it grows by kinds, not by happenings. */
#include "tally.h"

#include <stdio.h>
#include <string.h>

static uv_tally *row_of(uv_tallies *t, const char *group, const char *name)
{
	uv_tally *row;

	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->rows[i].group, group) == 0 && strcmp(t->rows[i].name, name) == 0)
			return &t->rows[i];
	if (t->count == UV_TALLY_MAX)
		return NULL;
	row = &t->rows[t->count++];
	*row = (uv_tally){ 0 };
	snprintf(row->group, sizeof(row->group), "%s", group);
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

void uv_tally_expect(uv_tallies *t, const char *group, const char *name)
{
	uv_tally *row = row_of(t, group, name);

	if (row)
		row->must = true;
}

void uv_tally_count(uv_tallies *t, const char *group, const char *name, bool done)
{
	uv_tally *row = row_of(t, group, name);

	if (!row)
		return;
	row->tried++;
	row->done += done;
}

int uv_tally_print(const uv_tallies *t)
{
	int never = 0;

	for (size_t i = 0; i < t->count; i++) {
		const uv_tally *row = &t->rows[i];
		bool missing = row->must && row->done == 0;

		never += missing;
		printf("%-10s %-44s %7lld of %7lld%s\n", row->group, row->name, (long long)row->done,
			(long long)row->tried, missing ? "  NEVER" : "");
	}
	return never;
}
