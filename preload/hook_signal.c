/* SPDX-License-Identifier: MIT */
/*
 * hook_signal.c - whether the program has a signal handler that could interrupt us in the middle of
 * a change to the ledger, and leave by siglongjmp. Until then nobody pays for blocking signals. And
 * what hides our own handler of SIGSEGV (crash.c).
 */
#include <signal.h>

#include "crash.h"
#include "guard.h"
#include "real.h"

static void handler_set(sighandler_t handler)
{
	if (handler != SIG_DFL && handler != SIG_IGN && handler != SIG_ERR && guard_active())
		sys_handlers_exist();
}

static sighandler_t was(int sig, sighandler_t handler, sighandler_t before)
{
	return sig == SIGSEGV ? crash_signal(handler, before) : before;
}

nommu_export int sigaction(int sig, const struct sigaction *action, struct sigaction *old)
{
	if (action)
		handler_set(action->sa_handler); /* shares its place with sa_sigaction */
	return sig == SIGSEGV ? crash_sigaction(action, old) : real.sigaction(sig, action, old);
}
HOOK_ALIAS(sigaction, __sigaction);

nommu_export sighandler_t signal(int sig, sighandler_t handler)
{
	handler_set(handler);
	return was(sig, handler, real.signal(sig, handler));
}
HOOK_ALIAS(signal, bsd_signal);
HOOK_ALIAS(signal, ssignal);

nommu_export sighandler_t sysv_signal(int sig, sighandler_t handler)
{
	handler_set(handler);
	return was(sig, handler, real.sysv_signal(sig, handler));
}
HOOK_ALIAS(sysv_signal, __sysv_signal);

nommu_export sighandler_t sigset(int sig, sighandler_t handler)
{
	handler_set(handler);
	return was(sig, handler, real.sigset(sig, handler));
}

nommu_export int sigaltstack(const stack_t *stack, stack_t *old)
{
	return (int)hook_answer(crash_sigaltstack(stack, old));
}
