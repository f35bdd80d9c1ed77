/* SPDX-License-Identifier: MIT */
/* fork.h - what the hooks that really fork share. */
#ifndef NOMMU_PRELOAD_FORK_H
#define NOMMU_PRELOAD_FORK_H

#include <stdint.h>

/* Blocks all signals and prepares the account; returns the mask to give to fork_end(). */
uint64_t fork_begin(void);

/* After the fork, on both sides: child is its pid, 0 in the child, -errno if there is none. */
void fork_end(uint64_t mask, long child);

#endif
