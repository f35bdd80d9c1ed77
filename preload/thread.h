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

/*
 * The stacks of the threads that are still there are measured, before the image ends by itself or
 * by a crash. Gives up if the list of them is in use.
 */
void thread_measure(void);

/* The image ends by itself: that, and its end. */
void thread_image_ends(int status);

/* In a forked child. */
void thread_forked(void);

#endif
