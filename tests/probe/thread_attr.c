/* SPDX-License-Identifier: MIT */
/*
 * Threads with stacks as small as may be, on stacks of the program's own, and what they see of
 * them.
 */
#include <limits.h>
#include <pthread.h>
#include <stdint.h>

#include "probe.h"

#define OWN (128UL << 10)

static char *own; /* a stack of the program's */

static void *leaves_much_behind(void *arg)
{
	for (size_t size = 16; size < 4096; size += 16)
		free(malloc(size));
	return arg;
}

static void *on_own(void *arg)
{
	char here;
	uintptr_t offset = (uintptr_t)&here - (uintptr_t)own;

	leaves_much_behind(arg);
	return (void *)(uintptr_t)(offset < OWN);
}

/* The stack that the thread is told of is the one that it runs on, and can be used to the end. */
static void *told(void *arg)
{
	size_t size = 0, used = 8192;
	pthread_attr_t attr;
	void *low = NULL;
	char here;

	(void)arg;
	if (pthread_getattr_np(pthread_self(), &attr) || pthread_attr_getstack(&attr, &low, &size))
		return NULL;
	pthread_attr_destroy(&attr);
	memset(__builtin_alloca(used), 1, used);
	return (void *)(uintptr_t)((uintptr_t)&here - (uintptr_t)low < size &&
				   size >= (size_t)PTHREAD_STACK_MIN);
}

static long make(pthread_attr_t *attr, void *(*start)(void *))
{
	pthread_t thread;
	void *result = NULL;

	errno = pthread_create(&thread, attr, start, NULL);
	if (errno)
		return -1;
	pthread_join(thread, &result);
	return (long)result;
}

int main(void)
{
	pthread_attr_t small, guarded, mapped;
	long good = 0;

	pthread_attr_init(&small);
	pthread_attr_init(&guarded);
	pthread_attr_init(&mapped);
	SHOW_ERROR(pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN));
	SHOW_NUMBER(make(&small, told));
	SHOW_ERROR(pthread_attr_setguardsize(&guarded, 64 << 10));
	SHOW_NUMBER(make(&guarded, told));
	SHOW_NUMBER(make(NULL, told));

	own = anonymous(OWN);
	SHOW_ERROR(pthread_attr_setstack(&mapped, own, OWN));
	SHOW_NUMBER(make(&mapped, on_own));
	SHOW_NUMBER(make(&mapped, told));
	/* What such threads kept of the heap they give back, or there would be no room for it. */
	for (int i = 0; i < 300; i++)
		good += make(&mapped, on_own);
	SHOW_NUMBER(good);
	for (int i = 0; i < 300; i++)
		good += make(&small, told);
	SHOW_NUMBER(good);
	SHOW(munmap(own, OWN));
	SHOW(anonymous(2 * MIB));
	return 0;
}
