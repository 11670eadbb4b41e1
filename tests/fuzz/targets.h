/* Every parser that eats foreign bytes, as a function of bytes: the fuzzer feeds them, the replay too.
 * Never opens a socket; never keeps anything between two inputs. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct fuzz_target {
	const char *name; /* of its folder under corpus/ too */
	void (*run)(const uint8_t *data, size_t size);
} fuzz_target;

extern const fuzz_target fuzz_targets[];
extern const size_t fuzz_target_count;

/* A law of the parser does not hold: the fuzzer keeps the input, the replay ends. */
#define FUZZ_LAW(holds)          \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

void fuzz_slice(const uint8_t *data, size_t size);
void fuzz_json(const uint8_t *data, size_t size);
void fuzz_packed(const uint8_t *data, size_t size);
void fuzz_ps_rows(const uint8_t *data, size_t size);
void fuzz_ps_answers(const uint8_t *data, size_t size);
void fuzz_sgy_lists(const uint8_t *data, size_t size);
void fuzz_sgy_results(const uint8_t *data, size_t size);
void fuzz_sgy_words(const uint8_t *data, size_t size);
void fuzz_config(const uint8_t *data, size_t size);
void fuzz_texts(const uint8_t *data, size_t size);
void fuzz_frame(const uint8_t *data, size_t size);
void fuzz_control(const uint8_t *data, size_t size);
void fuzz_plugin(const uint8_t *data, size_t size);
