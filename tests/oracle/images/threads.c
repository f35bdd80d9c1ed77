/* SPDX-License-Identifier: MIT */
/*
 * threads.c - which stack sizes a thread gets, and how many pages each takes: on the guest
 * (GUEST) by its own mappings, else by what sysinfo says is free.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#define KIB 1024ul

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static unsigned long pages_free(void)
{
#ifdef GUEST
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, sum = 0;
	char line[256];

	while (maps && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			sum += (end - start) >> 12;
	if (maps)
		fclose(maps);
	return (1ul << 30) - sum;
#else
	struct sysinfo info;

	sysinfo(&info);
	return info.freeram * info.mem_unit >> 12;
#endif
}

static void *wait_for_main(void *unused)
{
	pthread_mutex_lock(&held);
	pthread_mutex_unlock(&held);
	return unused;
}

static void one(unsigned long size, unsigned long guard, int shown)
{
	unsigned long before, after = 0;
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	pthread_attr_init(&attr);
	if (size)
		pthread_attr_setstacksize(&attr, size);
	if (guard != ~0ul)
		pthread_attr_setguardsize(&attr, guard);
	pthread_mutex_lock(&held);
	before = pages_free();
	error = pthread_create(&thread, &attr, wait_for_main, NULL);
	if (!error)
		after = pages_free();
	pthread_mutex_unlock(&held);
	if (!error)
		pthread_join(thread, NULL);
	if (!shown)
		return;
	printf("thread %lu guard %ld -> ", size / KIB, (long)guard);
	if (error)
		printf("%s\n", strerror(error));
	else
		printf("%lu pages\n", before - after);
}

int main(void)
{
	static const unsigned long sizes[] = { 0,    16,   20,	 32,   64,   100,  128,	 200,
					       256,  500,  512,	 1000, 1024, 2000, 2048, 3000,
					       4000, 4080, 4084, 4088, 4092, 4096, 5000, 8192 };

	setvbuf(stdout, NULL, _IONBF, 0); /* its buffer would come from the same heap */
	for (unsigned i = 0; i < 16; i++) /* the first make the C library's own memory */
		one(0, i & 1 ? 0 : ~0ul, 0);
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		one(sizes[i] * KIB, ~0ul, 1);
		one(sizes[i] * KIB, 0, 1);
		one(sizes[i] * KIB, 12288, 1);
		one(sizes[i] * KIB, 65536, 1);
	}
	return 0;
}
