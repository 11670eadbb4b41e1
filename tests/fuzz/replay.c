/* fuzz-replay CORPUS: gives every file of CORPUS/TARGET/ to its target, and to every other one too. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "targets.h"

static uint8_t *slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end = -1;

	if (f && fseek(f, 0, SEEK_END) == 0 && (end = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0)
		bytes = malloc((size_t)end + 1);
	if (bytes && fread(bytes, 1, (size_t)end, f) != (size_t)end) {
		free(bytes);
		bytes = NULL;
	}
	if (f)
		fclose(f);
	*size = bytes ? (size_t)end : 0;
	return bytes;
}

/* A copy of the very size, so that one byte read too far is seen. */
static void feed(const fuzz_target *target, const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	memcpy(exact, bytes, size);
	target->run(exact, size);
	free(exact);
}

static int replay_file(const char *path)
{
	size_t size;
	SR_AUTO_FREE uint8_t *bytes = slurp(path, &size);

	if (!bytes)
		return 0;
	printf("%s\n", path); /* the last one named is the one that broke a law */
	fflush(stdout);
	for (size_t i = 0; i < fuzz_target_count; i++)
		feed(&fuzz_targets[i], bytes, size);
	return 1;
}

static int replay_folder(const char *corpus, const char *name)
{
	SR_AUTO_FREE char *folder = sr_asprintf("%s/%s", corpus, name);
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		SR_AUTO_FREE char *path = sr_asprintf("%s/%s", folder, entry->d_name);

		if (path && *entry->d_name != '.')
			count += replay_file(path);
	}
	if (dir)
		closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int all = 0;

	for (size_t i = 0; argc == 2 && i < fuzz_target_count; i++) {
		int count = replay_folder(argv[1], fuzz_targets[i].name);

		if (!count)
			fprintf(stderr, "%s/%s has no file\n", argv[1], fuzz_targets[i].name);
		if (!count)
			return 1;
		all += count;
	}
	printf("%d files, each by %zu parsers\n", all, fuzz_target_count);
	return all ? 0 : 1;
}
