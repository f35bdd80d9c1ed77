/* SPDX-License-Identifier: MIT */
/*
 * environment.h - the variables by which the library and the machine reach children: LD_PRELOAD
 * (other entries stay) and NOMMU_LEDGER. Programs clear or replace their environment; what is then
 * missing is put back at exec, without allocating, because a vfork child may be asking.
 */
#ifndef NOMMU_PRELOAD_ENVIRONMENT_H
#define NOMMU_PRELOAD_ENVIRONMENT_H

#include <stdint.h>

/* Once, at start-up. The library's path is NOMMU_PRELOAD's, or else where it is loaded. */
void environment_remember(const char *ledger);

/* An environment for a child; list is the caller's own where nothing was missing. */
struct environment {
	char *const *list; /* ended by NULL */
	uint64_t addr;	   /* memory to give back, 0: none */
	uint64_t len;
};

struct environment environment_for_child(char *const *envp);

/* After an exec that failed, or a spawn. */
void environment_drop(struct environment *environment);

/*
 * Puts the variables into this process' own environment, for the children that libc starts itself.
 */
void environment_restore(void);

#endif
