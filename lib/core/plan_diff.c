/* Every operation is kept as whom it is about and a fingerprint of what it does; both sides are sorted and
 * walked once. Forty bytes an operation: the largest school's plans fit into a few megabytes. */
#include "core/plan_diff.h"

#include <stdlib.h>

typedef struct entry {
	sr_tgt kind;
	sr_op op;
	sr_ident ident;
	uint64_t id;
} entry;

typedef struct side {
	entry *at;
	size_t count, cap;
} side;

struct sr_plan_diff {
	uint64_t seed;
	int64_t school;
	sr_yearid year;
	side sides[SR_PD_SIDES];
};

sr_plan_diff *sr_plan_diff_new(uint64_t seed, int64_t school, sr_yearid year)
{
	sr_plan_diff *d = calloc(1, sizeof(*d));

	if (d)
		*d = (sr_plan_diff){ .seed = seed, .school = school, .year = year };
	return d;
}

void sr_plan_diff_free(sr_plan_diff *d)
{
	if (!d)
		return;
	for (int s = 0; s < SR_PD_SIDES; s++)
		free(d->sides[s].at);
	free(d);
}

int sr_plan_diff_add(sr_plan_diff *d, sr_plan_side which, const sr_plan_item *item, sr_err *err)
{
	side *s = &d->sides[which];

	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		entry *grown = realloc(s->at, cap * sizeof(*grown));

		if (!grown)
			return sr_fail_nomem(err);
		s->at = grown;
		s->cap = cap;
	}
	s->at[s->count++] = (entry){ .kind = item->kind,
		.op = item->op,
		.ident = item->ident,
		.id = sr_plan_op_id(d->seed, d->school, d->year, item) };
	return 0;
}

static int object_cmp(const entry *a, const entry *b)
{
	return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : sr_ident_cmp(a->ident, b->ident);
}

static int entry_cmp(const void *x, const void *y)
{
	const entry *a = x, *b = y;
	int order = object_cmp(a, b);

	return order ? order : a->id == b->id ? 0 : a->id < b->id ? -1 : 1;
}

static void example(sr_plan_diff_result *out, sr_plan_side which, const entry *e)
{
	if (out->example_count < SR_PD_EXAMPLES)
		out->examples[out->example_count++] =
			(sr_plan_moved){ .side = which, .kind = e->kind, .op = e->op, .ident = e->ident };
}

static void only(sr_plan_diff_result *out, sr_plan_side which, const entry *e)
{
	out->only[which][e->kind][e->op]++;
	example(out, which, e);
}

/* One object's operations of both sides, each sorted by fingerprint; there is hardly ever more than one. */
static void object_judge(sr_plan_diff_result *out, const entry *a, size_t a_count, const entry *b, size_t b_count)
{
	int64_t alone[SR_PD_SIDES] = { 0 };
	size_t i = 0, k = 0;

	while (i < a_count || k < b_count) {
		int order = i == a_count ? 1 : k == b_count ? -1 : entry_cmp(&a[i], &b[k]);

		if (order == 0) {
			out->equal++;
			i++;
			k++;
			continue;
		}
		if (order < 0)
			only(out, SR_PD_OLD, &a[i++]);
		else
			only(out, SR_PD_NEW, &b[k++]);
		alone[order < 0 ? SR_PD_OLD : SR_PD_NEW]++;
	}
	out->moved += alone[SR_PD_OLD] > alone[SR_PD_NEW] ? alone[SR_PD_OLD] : alone[SR_PD_NEW];
}

/* How many entries from `at` on are about the same object. */
static size_t object_run(const side *s, size_t at)
{
	size_t n = 0;

	while (at + n < s->count && object_cmp(&s->at[at], &s->at[at + n]) == 0)
		n++;
	return n;
}

void sr_plan_diff_judge(sr_plan_diff *d, sr_plan_diff_result *out)
{
	side *a = &d->sides[SR_PD_OLD], *b = &d->sides[SR_PD_NEW];
	size_t i = 0, k = 0;

	*out = (sr_plan_diff_result){ .total = { (int64_t)a->count, (int64_t)b->count } };
	for (int s = 0; s < SR_PD_SIDES; s++)
		if (d->sides[s].count)
			qsort(d->sides[s].at, d->sides[s].count, sizeof(entry), entry_cmp);
	while (i < a->count || k < b->count) {
		int order = i == a->count ? 1 : k == b->count ? -1 : object_cmp(&a->at[i], &b->at[k]);
		size_t n = order <= 0 ? object_run(a, i) : 0, m = order >= 0 ? object_run(b, k) : 0;

		object_judge(out, n ? &a->at[i] : NULL, n, m ? &b->at[k] : NULL, m);
		i += n;
		k += m;
	}
}

bool sr_plan_diff_holds(const sr_plan_diff_result *r, int64_t percent)
{
	int64_t larger = r->total[SR_PD_OLD] > r->total[SR_PD_NEW] ? r->total[SR_PD_OLD] : r->total[SR_PD_NEW];

	return r->moved == 0 || r->moved * 100 < percent * larger;
}
