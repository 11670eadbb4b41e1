/* Blocks: why a school, or the whole district, may not write, and what clears it.
 * Never a phase: it stands beside it. DESIGN section 6. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef enum sr_block {
	SR_BL_OTHER_YEAR_WRITE,
	SR_BL_WRONG_DISTRICT,
	SR_BL_ACTING_USER_INVALID,
	SR_BL_SCHOOLOGY_AUTH,
	SR_BL_POWERSCHOOL_AUTH,
	SR_BL_PLUGIN_RIGHT,
	SR_BL_DUPLICATE_SUSPECT,
	SR_BL_FOREIGN_WRITER,
	SR_BL_NO_BUILDING,
	SR_BL_YEAR_LOST,
	SR_BL_COUNT
} sr_block;

typedef struct sr_block_def {
	const char *code;
	bool stops_reads;  /* of PowerSchool: nothing can be pulled */
	bool stops_writes; /* of the school, or of all if raised for the district */
	bool by_person;    /* `unblock` clears it; else the worker that sees it to be over */
	const char *clear; /* what to do, one sentence */
} sr_block_def;

/* By gravity, gravest first. */
extern const sr_block_def sr_blocks[SR_BL_COUNT];
/* NULL: no such code. */
const sr_block_def *sr_block_find(const char *code);
