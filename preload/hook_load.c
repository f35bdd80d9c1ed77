/* SPDX-License-Identifier: MIT */
/*
 * hook_load.c - dlopen is noted, and what it loaded goes into the recording, so that call sites
 * there get names. The loader searches by the run path of the object that calls it, and for a bare
 * name that must not be us: such a call is handed on as a tail call, and its modules are recorded
 * later.
 */
#include "load.h"

#include <dlfcn.h>
#include <string.h>

#include "guard.h"
#include "real.h"

static bool stale; /* something was loaded that is not in the recording */

void load_record(void)
{
	if (__atomic_exchange_n(&stale, false, __ATOMIC_RELAXED) && guard_active())
		sys_record_modules();
}

static void *load_here(const char *file, int mode)
{
	void *handle = real.dlopen(file, mode);

	load_record();
	return handle;
}

static struct load as_it_is(int mode)
{
	return (struct load){ real.dlopen, (uint64_t)mode };
}

/*
 * With RTLD_DEEPBIND the library would bind to libc past us: its free() would meet our blocks, and
 * its calls would be missed. A null pointer is the program itself: nothing is loaded.
 */
struct load load_begin(uint64_t site, const char *file, int mode)
{
	real_resolve(); /* its trampoline would be the caller that the loader sees */
	if (!guard_modelled(site, NOMMU_CALL_DLOPEN, "dlopen"))
		return as_it_is(mode);
	mode &= ~RTLD_DEEPBIND;
	if (!file || (mode & RTLD_NOLOAD))
		return as_it_is(mode);
	sys_note(site, NOMMU_CALL_DLOPEN, ARGS(U(file), U(mode)), RULE_DLOPEN, file);
	__atomic_store_n(&stale, true, __ATOMIC_RELAXED);
	if (!strchr(file, '/') || strchr(file, '$'))
		return as_it_is(mode);
	return (struct load){ load_here, (uint64_t)mode };
}
