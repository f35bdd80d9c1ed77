/* SPDX-License-Identifier: MIT */
/*
 * crash.c - tells a stack that overflowed from other crashes, in run. As long as the program leaves
 * SIGSEGV alone a handler of ours stands in its place, on a stack of its own, looks at the fault,
 * and lets the default action follow. The program sees neither: it is shown the default and no
 * alternate stack. Its own handler takes the place of ours, and when it goes back to the default
 * ours is there again.
 */
#include "crash.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <ucontext.h>

#include "guard.h"
#include "real.h"
#include "thread.h"

#include "base/raw.h"
#include "base/types.h"

#define BELOW (64u << 10)	 /* of the stack pointer: no instruction reaches further down */
#define WELL_BELOW (128UL << 20) /* of a stack's end: no other mapping is nearer */

static char stack[64 << 10] __attribute__((aligned(64)));
static bool watching;
static struct sigaction shown; /* the default action as the program set it last */

static void handle(int sig, siginfo_t *info, void *context);

static const struct sigaction *ours(void)
{
	static struct sigaction action;

	action.sa_sigaction = handle;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	return &action;
}

static stack_t our_stack(void)
{
	return (stack_t){ .ss_sp = stack, .ss_size = sizeof stack };
}

static bool main_thread(void)
{
	return raw_gettid() == raw_getpid();
}

/* ---- the fault ---- */

struct machine_state {
	uint64_t pc;
	uint64_t sp;
};

static struct machine_state state_of(const ucontext_t *context)
{
#if defined(__x86_64__)
	return (struct machine_state){ U(context->uc_mcontext.gregs[REG_RIP]),
				       U(context->uc_mcontext.gregs[REG_RSP]) };
#else
	return (struct machine_state){ context->uc_mcontext.pc, context->uc_mcontext.sp };
#endif
}

/*
 * The upper end of the main stack: the kernel puts the program's file name there, above all else.
 */
static uint64_t main_stack_end(void)
{
	const char *name = (const char *)getauxval(AT_EXECFN);

	return name ? page_align(U(name) + strlen(name) + 1) : 0;
}

static uint64_t main_stack_limit(void)
{
	uint64_t limit[2] = { RLIM_INFINITY, RLIM_INFINITY };

	raw_call4(SYS_prlimit64, 0, RLIMIT_STACK, NULL, limit);
	return limit[0];
}

/* How deep the main stack would have had to be for this access; 0: it was another one. */
static uint64_t overflow(const siginfo_t *info, const struct machine_state *at)
{
	uint64_t addr = U(info->si_addr), end = main_stack_end(), limit = main_stack_limit();
	uint64_t depth = end - (addr & ~(uint64_t)NOMMU_PAGE_MASK);

	if (info->si_code != SEGV_MAPERR || !main_thread() || addr >= end || depth <= limit)
		return 0;
	return addr + BELOW >= at->sp && at->sp <= end && depth - limit <= WELL_BELOW ? depth : 0;
}

/* After us the default action: the access is made again, and what was sent is sent again. */
static void handle(int sig, siginfo_t *info, void *context)
{
	struct machine_state at = state_of(context);
	uint64_t depth = overflow(info, &at);

	raw_call4(SYS_rt_sigaction, sig, (const uint64_t[4]){ 0 }, NULL, sizeof(uint64_t));
	if (depth && guard_active())
		sys_stack_overflow(at.pc + 1, main_stack_limit(), depth);
	thread_measure();
	if (info->si_code <= 0)
		raw_tgkill(raw_getpid(), raw_gettid(), sig);
}

/* ---- what the program sees ---- */

int crash_sigaction(const struct sigaction *action, struct sigaction *old)
{
	bool leaves = action && action->sa_handler == SIG_DFL; /* *old may be the same */
	struct sigaction before;
	int result = real.sigaction(SIGSEGV, action, &before);

	if (result)
		return result;
	if (old)
		*old = before.sa_sigaction == handle ? shown : before;
	if (leaves && watching)
		real.sigaction(SIGSEGV, ours(), &shown);
	return 0;
}

sighandler_t crash_signal(sighandler_t handler, sighandler_t before)
{
	if (before == SIG_ERR)
		return before;
	if (handler == SIG_DFL && watching)
		real.sigaction(SIGSEGV, ours(), &shown);
	return U(before) == U(handle) ? SIG_DFL : before;
}

/* The kernel's structure is handler, flags, restorer, mask. */
long crash_rt_sigaction(const uint64_t args[6])
{
	uint64_t *old = (uint64_t *)args[2];
	long result = raw_call4(SYS_rt_sigaction, args[0], args[1], args[2], args[3]);

	if (!result && old && old[0] == U(handle)) {
		old[0] = 0;
		old[1] = U(shown.sa_flags);
		old[2] = U(shown.sa_restorer);
		memcpy(old + 3, &shown.sa_mask, args[3]);
	}
	return result;
}

/* Only the main thread has one of ours. */
long crash_sigaltstack(const stack_t *wanted, stack_t *old)
{
	stack_t none = { .ss_flags = SS_DISABLE }, own = our_stack(), before;
	const stack_t *set = wanted;
	long result;

	if (wanted && wanted->ss_flags & SS_DISABLE && watching && main_thread())
		set = &own;
	result = raw_call2(SYS_sigaltstack, set, &before);
	if (!result && old)
		*old = before.ss_sp == stack ? none : before;
	return result;
}

void crash_watch(void)
{
	stack_t own = our_stack(), program;
	struct sigaction before;

	if (sys_hosted() || real.sigaction(SIGSEGV, NULL, &before) ||
	    before.sa_handler != SIG_DFL || raw_call2(SYS_sigaltstack, NULL, &program))
		return;
	if (program.ss_flags & SS_DISABLE)
		raw_call2(SYS_sigaltstack, &own, NULL);
	shown = before;
	watching = !real.sigaction(SIGSEGV, ours(), NULL);
}
