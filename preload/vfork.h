/* SPDX-License-Identifier: MIT */
/* vfork.h - what the assembly thunks (thunk_*.S) call in C. */
#ifndef NOMMU_PRELOAD_VFORK_H
#define NOMMU_PRELOAD_VFORK_H

#include <stdint.h>

/* In the parent, before the system call; both are the caller's after its call has returned. */
void vfork_begin(uint64_t site, uint64_t stack_pointer);

/* In the child, on the parent's stack and thread. */
void vfork_child(void);

/* In the parent, after the child's exec or exit. Returns what vfork() returns, errno set. */
long vfork_parent(long child);

/* In a child that is about to exit: whether the function that called vfork has returned. */
void vfork_leave(uint64_t site, uint64_t stack_pointer);

/*
 * Memory that a child took for its exec, which its
 * parent gives back: it is the parent's address space.
 */
void vfork_give_back(uint64_t addr, uint64_t len);

#endif
