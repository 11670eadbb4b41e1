#include "targets.h"

/* clang-format off */
const fuzz_target fuzz_targets[] = {
	{ "slice",       fuzz_slice },
	{ "json",        fuzz_json },
	{ "packed",      fuzz_packed },
	{ "ps-rows",     fuzz_ps_rows },
	{ "ps-answers",  fuzz_ps_answers },
	{ "sgy-lists",   fuzz_sgy_lists },
	{ "sgy-results", fuzz_sgy_results },
	{ "sgy-words",   fuzz_sgy_words },
	{ "config",      fuzz_config },
	{ "texts",       fuzz_texts },
	{ "frame",       fuzz_frame },
	{ "control",     fuzz_control },
	{ "plugin",      fuzz_plugin },
};
/* clang-format on */

const size_t fuzz_target_count = sizeof(fuzz_targets) / sizeof(*fuzz_targets);
