/* SPDX-License-Identifier: MIT */
/* replay.c - a harness without libFuzzer: each file of the folders that are named is one input. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *folder, const char *name)
{
	static uint8_t data[1 << 16];
	char path[4096];
	uint8_t *copy;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	copy = malloc(size ? size : 1); /* of its own size, so that reading beyond is seen */
	for (size_t i = 0; copy && i < size; i++)
		copy[i] = data[i];
	if (copy)
		LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	return 1;
}

int main(int argc, char **argv)
{
	int inputs = 0;

	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);

		for (struct dirent *entry; folder && (entry = readdir(folder));)
			if (entry->d_name[0] != '.')
				inputs += replay(argv[i], entry->d_name);
		if (folder)
			closedir(folder);
	}
	printf("%d inputs\n", inputs);
	return inputs == 0;
}
