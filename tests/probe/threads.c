/* SPDX-License-Identifier: MIT */
/* Sixteen threads at once: nobody is given what another has. */
#include <pthread.h>

#include "probe.h"

static void *work(void *arg)
{
	char mark = (char)(long)arg;
	long wrong = 0;

	for (int i = 0; i < 300; i++) {
		size_t len = PAGE * (size_t)(1 + i % 7);
		char *a = anonymous(len);

		if (a == MAP_FAILED || a[0] || a[len - 1])
			return (void *)-1L;
		memset(a, mark, len);
		for (size_t at = 0; at < len; at++)
			wrong += a[at] != mark;
		wrong += munmap(a, len) != 0;
	}
	return (void *)wrong;
}

int main(void)
{
	pthread_attr_t small;
	pthread_t thread[16];
	long wrong = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for (long i = 0; i < 16; i++)
		if (pthread_create(&thread[i], &small, work, (void *)(i + 1)))
			return 1;
	for (int i = 0; i < 16; i++) {
		void *result;

		pthread_join(thread[i], &result);
		wrong += (long)result;
	}
	SHOW_NUMBER(wrong);
	return 0;
}
