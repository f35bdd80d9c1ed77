/* SPDX-License-Identifier: MIT */
/*
 * machine.c - a machine without an MMU as a library, no preloading: how 8 MiB fall to pieces.
 * Build: cc machine.c $(pkg-config --cflags --libs nommu) You will see how many buffers of 64 KiB
 * fit, and that with half of the memory free again 512 KiB cannot be had.
 */
#include <nommu/nommu.h>
#include <stdio.h>
#include <sys/mman.h>

#define BUFFER 65536

static long map(uint64_t len)
{
	return nommu_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(void)
{
	const char *options[] = { "profile=linux-6.12", "ram=8M", NULL };
	char path[NOMMU_PATH_SIZE], error[NOMMU_ERROR_SIZE];
	struct nommu_statistics now;
	long buffer[256];
	int count = 0;

	if (nommu_create(options, path, error) || nommu_join(path, error)) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	while (count < 256 && (buffer[count] = map(BUFFER)) > 0)
		count++;
	for (int i = 0; i < count; i += 2)
		nommu_munmap((uint64_t)buffer[i], BUFFER);
	nommu_statistics(&now);
	printf("buffers of 64 KiB: %d\n", count);
	printf("free after every other one went back: %llu KiB\n",
	       (unsigned long long)now.free_bytes / 1024);
	printf("largest block left: %llu KiB\n", (unsigned long long)now.largest_bytes / 1024);
	printf("a buffer of 512 KiB: %s\n", map(8 * BUFFER) > 0 ? "fits" : "ENOMEM");
	nommu_leave();
	nommu_destroy();
	return 0;
}
