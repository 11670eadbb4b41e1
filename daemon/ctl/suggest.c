/* "Did you mean": edit distance with swapped neighbours counting as one, over all verbs. */
#include "ctl.h"

#include <string.h>

#define WORD_MAX 40

static int min3(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

static int distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	int d[WORD_MAX + 1][WORD_MAX + 1];

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= la; i++)
		d[i][0] = (int)i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		for (size_t j = 1; j <= lb; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
}

const char *ctl_suggest(const char *typed)
{
	const char *best = NULL;
	int best_distance = (int)strlen(typed) / 3 + 2;

	for (size_t i = 0; i < sr_command_count(); i++) {
		const char *verb = sr_command_at(i)->verb;
		/* The first word of "terms list" alone is as good a beginning as any. */
		int far = sr_starts(verb, typed) ? 0 : distance(typed, verb);

		if (far < best_distance) {
			best = verb;
			best_distance = far;
		}
	}
	return best;
}
