/* SPDX-License-Identifier: MIT */
/* Threads take their stacks from the machine and give them back, joined or detached. */
#include <pthread.h>
#include <semaphore.h>

#include "probe.h"

static sem_t ended;

static void *nothing(void *arg)
{
	return arg;
}

static void *deep(void *arg)
{
	char volatile buffer[3 * MIB / 2];

	for (size_t i = sizeof buffer; i > 0; i -= PAGE / 2)
		buffer[i - 1] = 1;
	return arg;
}

static void *detached(void *arg)
{
	pthread_detach(pthread_self());
	sem_post(&ended);
	return arg;
}

static int make(size_t size, void *(*start)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	pthread_attr_init(&attr);
	if (size)
		pthread_attr_setstacksize(&attr, size);
	error = pthread_create(&thread, &attr, start, &ended);
	pthread_attr_destroy(&attr);
	if (!error && start != detached)
		error = pthread_join(thread, NULL);
	return error;
}

/* KiB that an attribute has, after a size was set or not. */
static int kib_of(size_t set)
{
	pthread_attr_t attr;
	size_t size = 0;

	pthread_attr_init(&attr);
	if (set)
		pthread_attr_setstacksize(&attr, set);
	pthread_attr_getstacksize(&attr, &size);
	pthread_attr_destroy(&attr);
	return (int)(size / 1024);
}

int main(void)
{
	int failed = 0;

	sem_init(&ended, 0, 0);
	SHOW_NUMBER(kib_of(0));
	SHOW_NUMBER(kib_of(MIB));
	SHOW_ERROR(make(0, nothing));
	SHOW_ERROR(make(2 * MIB, deep));
	SHOW_ERROR(make(8 * MIB, nothing));
	for (int i = 0; i < 100; i++)
		failed += make(MIB, nothing) != 0;
	SHOW_NUMBER(failed);
	for (int i = 0; i < 100; i++) {
		failed += make(64 * 1024, detached) != 0;
		sem_wait(&ended);
	}
	SHOW_NUMBER(failed);
	SHOW(anonymous(4 * MIB));
	return 0;
}
