/* SPDX-License-Identifier: MIT */
/*
 * hook_c11.c - C11's names for threads: libc's own make them
 * past pthread_create(), with stacks that nobody counts.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <threads.h>

#include "guard.h"
#include "thread.h"

static int as_thrd(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case ENOMEM:
		return thrd_nomem;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	default:
		return thrd_error;
	}
}

/*
 * An int comes back in the register of the pointer, of which thrd_join() looks at the lower half.
 */
nommu_export int thrd_create(thrd_t *thread, thrd_start_t start, void *arg)
{
	void *(*call)(void *) = (void *(*)(void *))(void (*)(void))start;

	return as_thrd(thread_create(HOOK_SITE, thread, NULL, call, arg));
}

nommu_export int thrd_join(thrd_t thread, int *result)
{
	void *value = NULL;
	int error = pthread_join(thread, &value);

	if (!error && result)
		*result = (int)(intptr_t)value;
	return as_thrd(error);
}

nommu_export int thrd_detach(thrd_t thread)
{
	return as_thrd(pthread_detach(thread));
}
