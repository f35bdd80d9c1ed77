/* SPDX-License-Identifier: MIT */
/* thread.h - what start-up and fork do for the stacks of threads. */
#ifndef NOMMU_PRELOAD_THREAD_H
#define NOMMU_PRELOAD_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* pthread_create() of the program's call at site. */
int thread_create(uint64_t site, pthread_t *thread, const pthread_attr_t *attr,
		  void *(*start)(void *), void *arg);

/* Once, with a working libc: lets the end of each thread be seen. */
void thread_watch(void);

/* In a forked child. */
void thread_forked(void);

#endif
