/* SPDX-License-Identifier: MIT */
/*
 * init.c - start-up. The first hook that is entered, or else our constructor, attaches the machine;
 * only raw system calls are needed for that, so it cannot deadlock with the loader or an allocator.
 * The constructor then does what wants a working libc: the real functions, the modules, the
 * environment, the end.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash.h"
#include "environment.h"
#include "fork.h"
#include "guard.h"
#include "heap_hooks.h"
#include "load.h"
#include "real.h"
#include "thread.h"

#include "base/raw.h"
#include "base/say.h"
#include "base/types.h"

#define MAIN_STACK_START (1UL << 20) /* the loader and constructors are not deeper */

int guard_state = GUARD_COLD;
nommu_tls struct guard_thread guard_thread;

static int starter; /* thread that starts us up; its calls meanwhile pass through */

static bool env_is(const char *name, const char *value)
{
	const char *found = conf_env(environ, name);

	return found && strcmp(found, value) == 0;
}

/*
 * The options came from the environment, so a mistake there is the user's, who should know at once.
 */
static void bad_option(const char *error)
{
	say("%s", error);
	raw_call1(SYS_exit_group, 125);
}

/*
 * Without a launcher the first process makes the machine, and its children find it by our variable.
 */
static long create(char *path)
{
	char error[CONF_ERROR_SIZE] = "";
	struct conf conf;
	long result;

	conf_defaults(&conf);
	conf.mode = env_is("NOMMU_MODE", "audit") ? MODE_AUDIT : MODE_RUN;
	if (conf_from_environment(&conf, environ, error) || conf_finish(&conf, error))
		bad_option(error);
	result = sys_create(&conf, path, error);
	if (result)
		say("%s", error);
	return result;
}

static bool attach(void)
{
	char error[CONF_ERROR_SIZE] = "";
	const char *ledger = conf_env(environ, "NOMMU_LEDGER");
	char path[CONF_PATH];

	if (!ledger || !*ledger) {
		if (create(path))
			return false;
		ledger = path;
	}
	environment_remember(ledger);
	sys_library((const void *)attach);
	if (sys_start(ledger, error)) {
		say("this process is not covered: %s", error);
		return false;
	}
	return true;
}

static void start_up(void)
{
	int state = GUARD_INERT;

	starter = raw_gettid();
	if (!env_is("NOMMU_DISABLE", "1") && attach())
		state = GUARD_READY;
	heap_hooks_start(state == GUARD_READY);
	__atomic_store_n(&guard_state, state, __ATOMIC_RELEASE);
	raw_futex((uint32_t *)&guard_state, 1 /* FUTEX_WAKE */, INT32_MAX, NULL);
}

/* Signals wait: a handler that calls us meanwhile would wait for its own thread. */
static void try_start_up(void)
{
	uint64_t all = ~0ULL;
	uint64_t mask = 0;
	int state = GUARD_COLD;

	raw_sigmask(SIG_SETMASK, &all, &mask);
	if (__atomic_compare_exchange_n(&guard_state, &state, GUARD_STARTING, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		start_up();
	raw_sigmask(SIG_SETMASK, &mask, NULL);
}

bool guard_start_up(void)
{
	int state = __atomic_load_n(&guard_state, __ATOMIC_ACQUIRE);

	/* A sanitizer calls before libc has its environment: that is the host's business yet. */
	if (state == GUARD_COLD && environ) {
		try_start_up();
		state = __atomic_load_n(&guard_state, __ATOMIC_ACQUIRE);
	}
	while (state == GUARD_STARTING && starter != raw_gettid()) {
		raw_futex((uint32_t *)&guard_state, 0 /* FUTEX_WAIT */, GUARD_STARTING, NULL);
		state = __atomic_load_n(&guard_state, __ATOMIC_ACQUIRE);
	}
	return state == GUARD_READY;
}

/* Registered first, so it runs last: after the program's own handlers and all destructors. */
static void end(int status, void *unused)
{
	(void)unused;
	if (guard_thread.vfork_depth || !guard_active())
		return;
	load_record();
	thread_image_ends(status);
}

/*
 * Whether we are below these arguments, where the kernel
 * has put them, and not on a stack of somebody's own.
 */
static bool on_main_stack(char **argv)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	return argv && (uint64_t)argv > here && (uint64_t)argv - here < MAIN_STACK_START;
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
	int kept = errno;

	(void)argc;
	real_resolve();
	if (guard_start_up()) {
		environment_restore();
		sys_charge_image(argv);
		fork_watch();
		thread_watch();
		crash_watch();
		on_exit(end, NULL);
		if (on_main_stack(argv))
			sys_stack_starts(argv);
	}
	hook_errno(kept);
}
