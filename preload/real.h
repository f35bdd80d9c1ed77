/* SPDX-License-Identifier: MIT */
/*
 * real.h - libc's own functions, or those of the next preloaded library. Every pointer starts out
 * at a trampoline that resolves the whole list and calls on, so nobody tests for NULL and a hook
 * may be entered before our constructor. Functions whose pass-through is the kernel's call are not
 * here (raw.h).
 */
#ifndef NOMMU_PRELOAD_REAL_H
#define NOMMU_PRELOAD_REAL_H

#include <malloc.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <threads.h>
#include <wordexp.h>

#define FIELD_REQUIRED(ret, name, params) ret(*name) params;
#define FIELD_OPTIONAL(ret, name, params) ret(*name) params;
#define FIELD_KERNEL(ret, name, params)

struct real {
#define HOOK(ret, name, params, args, need) FIELD_##need(ret, name, params)
#define BARE(name)
#include "hooks.def"
#undef HOOK
#undef BARE
};

extern struct real real;

/* Looks all of them up, in one pass, once. Several threads may be in here at the same time. */
void real_resolve(void);

#endif
