/* SPDX-License-Identifier: MIT */
/*
 * real.c - dlsym(RTLD_NEXT) over hooks.def. The lookups are idempotent and each pointer is stored
 * once it is known, so that two threads that resolve at the same time do no harm and no lock is
 * needed: a lock here and the loader's own could be taken in either order.
 */
#include "real.h"

#include <dlfcn.h>
#include <errno.h>

#include "guard.h"

#include "base/compiler.h"
#include "base/raw.h"
#include "base/say.h"

/*
 * A trampoline for the time before, and an answer for an optional function that this libc has not.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define FIRST_REQUIRED(ret, name, params, args)                                                    \
	static ret first_##name params                                                             \
	{                                                                                          \
		real_resolve();                                                                    \
		return real.name args;                                                             \
	}
#define FIRST_OPTIONAL(ret, name, params, args)                                                    \
	FIRST_REQUIRED(ret, name, params, args)                                                    \
	static ret absent_##name params                                                            \
	{                                                                                          \
		return (ret)hook_answer(-ENOSYS);                                                  \
	}
#define FIRST_KERNEL(ret, name, params, args)
#define BARE(name)
#define HOOK(ret, name, params, args, need) FIRST_##need(ret, name, params, args)
#include "hooks.def"
#undef HOOK

#define START_REQUIRED(name) .name = first_##name,
#define START_OPTIONAL(name) .name = first_##name,
#define START_KERNEL(name)

struct real real = {
#define HOOK(ret, name, params, args, need) START_##need(name)
#include "hooks.def"
#undef HOOK
};

/* The linker's marks around our own image: what lies between is a hook, never the real function. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

static void *next(const char *name)
{
	char *found = dlsym(RTLD_NEXT, name);

	return found >= __ehdr_start && found < _end ? NULL : found;
}

/* Through memcpy's eyes a function pointer is a void *; ISO C has no cast for it. */
static void store(void *pointer, void *found)
{
	__atomic_store_n((void **)pointer, found, __ATOMIC_RELEASE);
}

static void required(void *pointer, const char *name)
{
	void *found = next(name);

	/* Nothing could serve in its place, and its trampoline would turn in a circle. */
	if (!found) {
		say("libc has no %s, which glibc 2.36 has", name);
		raw_call1(SYS_exit_group, 125);
	}
	store(pointer, found);
}

static void optional(void *pointer, const char *name, void *absent)
{
	void *found = next(name);

	store(pointer, found ? found : absent);
}

#define LOOK_UP_REQUIRED(name) required(&real.name, #name);
#define LOOK_UP_OPTIONAL(name) optional(&real.name, #name, (void *)absent_##name);
#define LOOK_UP_KERNEL(name)

void real_resolve(void)
{
	static bool done;
	int kept = errno;

	if (__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		return;
	guard_thread.resolving = true;
#define HOOK(ret, name, params, args, need) LOOK_UP_##need(name)
#include "hooks.def"
#undef HOOK
	guard_thread.resolving = false;
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	hook_errno(kept);
}
