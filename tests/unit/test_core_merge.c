/* The walk over two streams: every row once, in order, however it is cut into turns. */
#include "core_fixture.h"

#include "core/merge.h"

#define ROWS_MAX 40

typedef struct list {
	sr_ident rows[ROWS_MAX];
	size_t count, at, fail_at;
} list;

static int list_next(void *self, sr_merge_row *row, sr_err *err)
{
	list *l = self;

	if (l->at + 1 == l->fail_at)
		return sr_fail(err, SR_E_DB, "the stream broke");
	if (l->at == l->count)
		return 0;
	*row = (sr_merge_row){ .key = l->rows[l->at], .opaque = &l->rows[l->at] };
	l->at++;
	return 1;
}

static sr_cursor cursor(list *l)
{
	l->at = 0;
	return (sr_cursor){ .self = l, .next = list_next };
}

/* Rising keys, about half of the idents of a small square. */
static void any_list(chance *c, list *l)
{
	*l = (list){ 0 };
	for (int64_t a = 0; a < 6; a++)
		for (int64_t b = -3; b < 3; b++)
			if (chance_one_in(c, 2))
				l->rows[l->count++] = (sr_ident){ a, b };
}

typedef struct seen {
	sr_ident last;
	size_t pairs, left, right, both;
	int stop_after;
} seen;

static int on_pair(void *arg, const sr_merge_row *left, const sr_merge_row *right, sr_err *err)
{
	seen *s = arg;
	sr_ident key = left ? left->key : right->key;

	assert_true(left || right);
	if (left && right)
		assert_int_equal(sr_ident_cmp(left->key, right->key), 0);
	if (left)
		assert_int_equal(sr_ident_cmp(*(const sr_ident *)left->opaque, key), 0);
	if (s->pairs++)
		assert_true(sr_ident_cmp(s->last, key) < 0);
	s->last = key;
	s->left += left != NULL;
	s->right += right != NULL;
	s->both += left && right;
	return s->stop_after && (int)s->pairs == s->stop_after ? sr_fail(err, SR_E_CANCELLED, "enough") : 0;
}

static size_t in_both(const list *a, const list *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			n += sr_ident_cmp(a->rows[i], b->rows[j]) == 0;
	return n;
}

static void test_every_row_once(void **state)
{
	chance c = { 21 };

	(void)state;
	for (int n = 0; n < 2000; n++) {
		list a, b;
		sr_merge m;
		seen s = { 0 };
		size_t turn = (size_t)chance_below(&c, 5) + 1, before;
		int more;

		any_list(&c, &a);
		any_list(&c, &b);
		if (chance_one_in(&c, 10))
			b.count = 0;
		sr_merge_init(&m, cursor(&a), cursor(&b));
		do {
			before = s.pairs;
			more = sr_merge_walk(&m, turn, on_pair, &s, NULL);
			assert_true(more >= 0 && s.pairs - before <= turn);
			assert_true(!more || s.pairs - before == turn);
		} while (more);
		assert_int_equal(s.left, a.count);
		assert_int_equal(s.right, b.count);
		assert_int_equal(s.both, in_both(&a, &b));
		assert_int_equal(sr_merge_walk(&m, turn, on_pair, &s, NULL), 0);
	}
}

static void test_errors_end_the_walk(void **state)
{
	list a = { .rows = { { 1, 0 }, { 2, 0 }, { 2, 0 } }, .count = 3 }, b = { .rows = { { 1, 0 } }, .count = 1 };
	sr_err err = { 0 };
	sr_merge m;
	seen s = { 0 };

	(void)state;
	sr_merge_init(&m, cursor(&a), cursor(&b));
	assert_int_equal(sr_merge_walk(&m, 100, on_pair, &s, &err), -1); /* a key twice */
	assert_int_equal(err.code, SR_E_PROTO);
	a.rows[2].a = 1; /* and one that falls */
	sr_merge_init(&m, cursor(&b), cursor(&a));
	s = (seen){ 0 };
	assert_int_equal(sr_merge_walk(&m, 100, on_pair, &s, &err), -1);
	a.fail_at = 2;
	sr_merge_init(&m, cursor(&a), cursor(&b));
	s = (seen){ 0 };
	assert_int_equal(sr_merge_walk(&m, 100, on_pair, &s, &err), -1);
	assert_int_equal(err.code, SR_E_DB);
	a = (list){ .rows = { { 1, 0 }, { 2, 0 } }, .count = 2 };
	sr_merge_init(&m, cursor(&a), cursor(&b));
	s = (seen){ .stop_after = 1 };
	assert_int_equal(sr_merge_walk(&m, 100, on_pair, &s, &err), -1);
	assert_int_equal(err.code, SR_E_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_once),
		cmocka_unit_test(test_errors_end_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
