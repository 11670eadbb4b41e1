/* The stable codes of refusals and blocks, each with its explanation.
 * Never renumbered on the wire: the text is the code; the enum is for us. */
#pragma once
#include <stdbool.h>

typedef enum sr_code {
#define SR_CODE(name, text, title, explanation, todo) name,
#include "wire/codes.def"
	SR_CODE_COUNT
} sr_code;

typedef struct sr_code_row {
	const char *text;        /* "SR-TERMS-UNMAPPED" */
	const char *title;       /* one line */
	const char *explanation; /* one paragraph */
	const char *todo;        /* what to do; lines separated by \n */
} sr_code_row;

const sr_code_row *sr_code_row_of(sr_code code);
const char *sr_code_text(sr_code code);
/* With or without "SR-", any case. */
bool sr_code_parse(const char *text, sr_code *out);
