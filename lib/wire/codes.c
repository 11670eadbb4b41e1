/* The rows of codes.def as a table indexed by the enum. */
#include "wire/codes.h"

#include <strings.h>

#include "base/str.h"

static const sr_code_row rows[SR_CODE_COUNT] = {
#define SR_CODE(name, text, title, explanation, todo) [name] = { text, title, explanation, todo },
#include "wire/codes.def"
};

const sr_code_row *sr_code_row_of(sr_code code)
{
	return (unsigned)code < SR_CODE_COUNT ? &rows[code] : &rows[SR_CODE_INTERNAL];
}

const char *sr_code_text(sr_code code)
{
	return sr_code_row_of(code)->text;
}

bool sr_code_parse(const char *text, sr_code *out)
{
	const size_t mark = sizeof("SR-") - 1;
	bool whole = strncasecmp(text, "SR-", mark) == 0;

	for (int i = 0; i < SR_CODE_COUNT; i++) {
		if (strcasecmp(rows[i].text + (whole ? 0 : mark), text) == 0) {
			*out = (sr_code)i;
			return true;
		}
	}
	return false;
}
