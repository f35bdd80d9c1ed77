/* SPDX-License-Identifier: MIT */
/* heap_hooks.h - what start-up, forks and threads do to the heap behind malloc. */
#ifndef NOMMU_PRELOAD_HEAP_HOOKS_H
#define NOMMU_PRELOAD_HEAP_HOOKS_H

#include <stdbool.h>

/*
 * Once the machine is attached, or known to be none: malloc is modelled from now on, or is libc's.
 */
void heap_hooks_start(bool modelled);

/* Whether malloc is libc's. Else the heap behind it, NULL as long as neither is known. */
bool heap_hooks_are_libcs(void);
struct heap *heap_hooks_model(void);

void heap_hooks_fork_prepare(void);
void heap_hooks_fork_parent(void);
void heap_hooks_fork_child(void);
void heap_hooks_vfork_parent(void);
void heap_hooks_thread_exit(void);

#endif
