/* universe [--count N] [--seed FIRST] [--verbose]: plays lives and counts the broken ones. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "universe.h"

static uint64_t number(const char *s)
{
	int64_t n = 0;

	return sr_parse_i64(s, &n) && n >= 0 ? (uint64_t)n : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "count", 1, NULL, 'n' }, { "seed", 1, NULL, 's' },
		{ "verbose", 0, NULL, 'v' }, { 0 } };
	uint64_t count = 10, seed = 1, failed = 0;
	uv_result sum = { 0 };
	bool verbose = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n')
			count = number(optarg);
		else if (c == 's')
			seed = number(optarg);
		else if (c == 'v')
			verbose = true;
		else
			return 2;
	}
	for (uint64_t i = 0; i < count; i++) {
		uv_result r;

		if (uv_play(seed + i, verbose, &r) < 0) {
			failed++;
			printf("seed %llu: %s\n", (unsigned long long)r.seed, r.broken);
			fflush(stdout);
		}
		sum.deaths += r.deaths;
		sum.losses += r.losses;
		sum.requests += r.requests;
		sum.writes += r.writes;
		if (r.longest_turn > sum.longest_turn)
			sum.longest_turn = r.longest_turn;
	}
	printf("universes: %llu lives, %d deaths, %d lost answers, %lld requests, %lld writes, longest turn %lld "
	       "statements\n",
		(unsigned long long)count, sum.deaths, sum.losses, (long long)sum.requests, (long long)sum.writes,
		(long long)sum.longest_turn);
	printf("universes: %llu passed, %llu failed\n", (unsigned long long)(count - failed),
		(unsigned long long)failed);
	return failed ? 1 : 0;
}
