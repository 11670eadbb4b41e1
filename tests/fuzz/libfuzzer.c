/* One target for libFuzzer; FUZZ_TARGET names it. */
#include <string.h>

#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < fuzz_target_count; i++)
		if (strcmp(fuzz_targets[i].name, FUZZ_TARGET) == 0)
			fuzz_targets[i].run(data, size);
	return 0;
}
