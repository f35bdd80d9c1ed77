/* SPDX-License-Identifier: MIT */
/* C11's threads have stacks of the machine, as pthread_create()'s. */
#include <stdatomic.h>
#include <threads.h>

#include "probe.h"

static atomic_int done;

static int minus(void *arg)
{
	return -*(int *)arg;
}

static int leaves(void *arg)
{
	(void)arg;
	thrd_exit(9);
}

static int counts(void *arg)
{
	(void)arg;
	done++;
	return 0;
}

/* Whether the variable of a thread's frame lies in the arena. */
static int in_arena(void *arg)
{
	(void)arg;
	return (unsigned long)__builtin_frame_address(0) >> 32 == 0x2000;
}

static int result_of(thrd_start_t start, void *arg)
{
	thrd_t thread;
	int result = -1;

	return thrd_create(&thread, start, arg) == thrd_success &&
			       thrd_join(thread, &result) == thrd_success
		       ? result
		       : -100;
}

int main(void)
{
	thrd_t thread[64];
	int seven = 7, made = 0;

	SHOW_NUMBER(result_of(minus, &seven));
	SHOW_NUMBER(result_of(leaves, NULL));
	SHOW_NUMBER(result_of(in_arena, NULL));
	SHOW_NUMBER(thrd_create(thread, counts, NULL) == thrd_success &&
		    thrd_detach(*thread) == thrd_success);
	while (!done)
		thrd_yield();
	while (made < 64 && thrd_create(&thread[made], in_arena, NULL) == thrd_success)
		made++;
	for (int i = 0; i < made; i++)
		thrd_join(thread[i], NULL);
	SHOW_NUMBER(made < 20);
	return 0;
}
