/* SPDX-License-Identifier: MIT */
/* fork.h - what the hooks that really fork share. */
#ifndef NOMMU_PRELOAD_FORK_H
#define NOMMU_PRELOAD_FORK_H

#include <stdbool.h>
#include <stdint.h>

/* Once, early: what libc's fork() runs on both sides. */
void fork_watch(void);

/*
 * Blocks all signals and prepares the account; returns the mask to give to fork_end(). bare: the
 * call between the two does not run libc's atfork handlers.
 */
uint64_t fork_begin(bool bare);

/* After the fork, on both sides: child is its pid, 0 in the child, -errno if there is none. */
void fork_end(uint64_t mask, long child, bool bare);

#endif
