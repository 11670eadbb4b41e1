/* Memory that runs out: the n-th allocation of this process fails, ours, SQLite's and jansson's alike.
 * Never fails what a test allocates outside of memory_fail_at ... memory_fail_end. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct memory_count {
	int64_t asked; /* allocations */
	int64_t live;  /* blocks that are not freed yet */
	bool refused;
} memory_count;

/* Once, before anything touches SQLite or jansson. */
void memory_take_over(void);
/* Allocation `n` from now (0: the next) fails; `for_good`: so do all that follow. */
void memory_fail_at(int64_t n, bool for_good);
/* Nothing fails any more; what happened meanwhile (`live`: the difference). */
memory_count memory_fail_end(void);
