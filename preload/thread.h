/* SPDX-License-Identifier: MIT */
/* thread.h - what start-up and fork do for the stacks of threads. */
#ifndef NOMMU_PRELOAD_THREAD_H
#define NOMMU_PRELOAD_THREAD_H

/* Once, with a working libc: lets the end of each thread be seen. */
void thread_watch(void);

/* In a forked child. */
void thread_forked(void);

#endif
