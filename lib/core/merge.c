/* Both sides are held one row deep; the smaller key goes first. */
#include "core/merge.h"

void sr_merge_init(sr_merge *m, sr_cursor left, sr_cursor right)
{
	*m = (sr_merge){ .left = left, .right = right };
}

/* Fetches the next row of one side. `held` is 1 if `row` still has the one before. */
static int fetch(sr_cursor *cursor, sr_merge_row *row, int *held, sr_err *err)
{
	const sr_ident before = row->key;
	int got = cursor->next(cursor->self, row, err);

	if (got < 0)
		return -1;
	if (got && *held && sr_ident_cmp(before, row->key) >= 0)
		return sr_fail(err, SR_E_PROTO, "rows are not in the order of their keys: %lld/%lld after %lld/%lld",
			(long long)row->key.a, (long long)row->key.b, (long long)before.a, (long long)before.b);
	*held = got;
	return 0;
}

static int begin(sr_merge *m, sr_err *err)
{
	if (m->begun)
		return 0;
	if (fetch(&m->left, &m->l, &m->have_l, err) < 0 || fetch(&m->right, &m->r, &m->have_r, err) < 0)
		return -1;
	m->begun = true;
	return 0;
}

static int deliver(sr_merge *m, sr_merge_fn fn, void *arg, sr_err *err)
{
	int order = !m->have_l ? 1 : !m->have_r ? -1 : sr_ident_cmp(m->l.key, m->r.key);

	if (fn(arg, order <= 0 ? &m->l : NULL, order >= 0 ? &m->r : NULL, err) != 0)
		return -1;
	if (order <= 0 && fetch(&m->left, &m->l, &m->have_l, err) < 0)
		return -1;
	return order >= 0 ? fetch(&m->right, &m->r, &m->have_r, err) : 0;
}

int sr_merge_walk(sr_merge *m, size_t max_pairs, sr_merge_fn fn, void *arg, sr_err *err)
{
	if (begin(m, err) < 0)
		return -1;
	for (; max_pairs && (m->have_l || m->have_r); max_pairs--)
		if (deliver(m, fn, arg, err) < 0)
			return -1;
	return m->have_l || m->have_r;
}
