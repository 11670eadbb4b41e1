/* universe [--count N] [--seed FIRST] [--verbose] [--kinds] [--first]: plays lives and counts the broken ones. --kinds
 * tells what happened in them, and how often; a kind that never did in 200 lives or more fails. --first: ends with the
 * first broken life. */
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
		{ "verbose", 0, NULL, 'v' }, { "kinds", 0, NULL, 'k' }, { "first", 0, NULL, 'f' }, { 0 } };
	uint64_t count = 10, seed = 1, failed = 0;
	uv_result sum = { 0 };
	uv_tallies tallies = { 0 };
	bool verbose = false, kinds = false, first = false;
	int c, never = 0;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n')
			count = number(optarg);
		else if (c == 's')
			seed = number(optarg);
		else if (c == 'v')
			verbose = kinds = true;
		else if (c == 'k')
			kinds = true;
		else if (c == 'f')
			first = true;
		else
			return 2;
	}
	uv_expect(&tallies);
	for (uint64_t i = 0; i < count && !(first && failed); i++) {
		uv_result r;

		if (uv_play(seed + i, verbose, &tallies, &r) < 0) {
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
	if (kinds)
		never = uv_tally_print(&tallies);
	printf("universes: %llu lives, %d deaths, %d lost answers, %lld requests, %lld writes, longest turn %lld "
	       "statements\n",
		(unsigned long long)count, sum.deaths, sum.losses, (long long)sum.requests, (long long)sum.writes,
		(long long)sum.longest_turn);
	printf("universes: %llu passed, %llu failed\n", (unsigned long long)(count - failed),
		(unsigned long long)failed);
	return failed || (kinds && count >= 200 && never) ? 1 : 0;
}
