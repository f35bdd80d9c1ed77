/* SPDX-License-Identifier: MIT */
/*
 * Threads made by a constructor that runs before ours, which all enter their first hook together.
 */
#include <pthread.h>

#include "probe.h"

long racing_failed;

static pthread_barrier_t together;

static void *race(void *arg)
{
	char *a;

	(void)arg;
	pthread_barrier_wait(&together);
	a = anonymous(PAGE);
	if (a == MAP_FAILED || munmap(a, PAGE))
		__atomic_add_fetch(&racing_failed, 1, __ATOMIC_RELAXED);
	return NULL;
}

__attribute__((constructor)) static void early(void)
{
	pthread_attr_t small;
	pthread_t thread[16];

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	pthread_barrier_init(&together, NULL, 16);
	for (int i = 0; i < 16; i++)
		pthread_create(&thread[i], &small, race, NULL);
	for (int i = 0; i < 16; i++)
		pthread_join(thread[i], NULL);
}
