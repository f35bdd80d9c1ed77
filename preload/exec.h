/* SPDX-License-Identifier: MIT */
/* exec.h - an exec, however it is spelt. */
#ifndef NOMMU_PRELOAD_EXEC_H
#define NOMMU_PRELOAD_EXEC_H

#include <stdint.h>

struct exec {
	uint64_t site;		/* of the program's call */
	uint64_t stack_pointer; /* of the program at the call */
	const char *path;	/* for the recording */
	char *const *argv;
	char *const *envp; /* the program's */
	int dir;	   /* execveat, fexecve */
	int flags;	   /* execveat */
};

#define EXEC(path_, argv_, envp_, dir_, flags_)                                                    \
	(&(struct exec){ HOOK_SITE, HOOK_STACK, path_, argv_, envp_, dir_, flags_ })

/* Like the system calls of these names; come back with -1 and errno only. */
int exec_execve(const struct exec *exec);
int exec_execveat(const struct exec *exec);

#endif
