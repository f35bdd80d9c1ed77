/* SPDX-License-Identifier: MIT */
/*
 * guard.h - what every hook does first: is this process modelled, may this thread's call be, and
 * where did it come from. All of it works before our constructor, in signal handlers, and between
 * vfork and exec.
 */
#ifndef NOMMU_PRELOAD_GUARD_H
#define NOMMU_PRELOAD_GUARD_H

#include <stdint.h>

#include "base/compiler.h"
#include "sys/sys.h"

enum guard_state {
	GUARD_COLD,	/* nothing was done yet: the first hook or our constructor starts us up */
	GUARD_STARTING, /* one thread does so; its own calls pass through, others wait */
	GUARD_READY,	/* the machine is attached */
	GUARD_INERT	/* disabled, or could not attach: everything passes through for good */
};

extern int guard_state;

struct guard_thread {
	int vfork_depth; /* > 0: this is a vfork child, on its parent's thread */
	bool resolving;	 /* inside dlsym, whose allocations must not wait for it */
	uint64_t site;	 /* of the last call of the heap, whose pages it then asks for */
};
extern nommu_tls struct guard_thread guard_thread;

/* Starts up, or waits for the thread that does. Returns whether calls are modelled from now on. */
bool guard_start_up(void);

/* Whether a call is to be modelled; a vfork child's call is noted as its conduct on the way. */
static inline bool guard_modelled(uint64_t site, enum nommu_call call, const char *name)
{
	if (unlikely(__atomic_load_n(&guard_state, __ATOMIC_ACQUIRE) != GUARD_READY) &&
	    !guard_start_up())
		return false;
	if (unlikely(guard_thread.vfork_depth))
		sys_vfork_conduct(site, call, name);
	return sys_active();
}

/* Same for the calls that a vfork child may make: exec, _exit, and what libc's own children do. */
static inline bool guard_active(void)
{
	if (unlikely(__atomic_load_n(&guard_state, __ATOMIC_ACQUIRE) != GUARD_READY) &&
	    !guard_start_up())
		return false;
	return sys_active();
}

/* The program's call: only right in the hook itself, not in a function that it calls. */
#define HOOK_SITE ((uint64_t)(uintptr_t)__builtin_return_address(0))
#define HOOK_STACK ((uint64_t)(uintptr_t)__builtin_dwarf_cfa())

/*
 * A second name of a hook, with its body. What libc's
 * headers promise of the one (nothrow) is no matter.
 */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmissing-attributes"
#endif
#define HOOK_ALIAS(target, name)                                                                   \
	nommu_export extern __typeof__(target) name __attribute__((alias(#target)))

/* An argument as the recording keeps it. */
#define U(value) ((uint64_t)(value))
#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })

/* -errno in, libc's convention out: -1 with errno set, or the value. */
long hook_answer(long result);

/*
 * The one place in the library that writes errno;
 * hooks use it to keep what libc's internals changed.
 */
void hook_errno(int value);

#endif
