/* SPDX-License-Identifier: MIT */
/*
 * environment.h - the variables by which the library and the machine reach children: LD_PRELOAD
 * (other entries stay), NOMMU_LEDGER, and NOMMU_SELF where no launcher looks after the machine.
 * Programs clear or replace their environment; what is then missing is put back at exec, without
 * allocating, because a vfork child may be asking.
 */
#ifndef NOMMU_PRELOAD_ENVIRONMENT_H
#define NOMMU_PRELOAD_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Once, at start-up: what children need. self: the processes look after the machine themselves, the
 * last one removes it. The library's path is NOMMU_PRELOAD's, or else where it is loaded.
 */
void environment_remember(const char *ledger, bool self);

/* An environment for a child; list is the caller's own where nothing was missing. */
struct environment {
	char *const *list; /* ended by NULL */
	uint64_t addr;	   /* memory to give back, 0: none */
	uint64_t len;
};

struct environment environment_for_child(char *const *envp);

/* After an exec that failed, or a spawn. */
void environment_drop(struct environment *environment);

/* Puts the variables into this process' own environment, for the children that libc starts itself.
 */
void environment_restore(void);

#endif
