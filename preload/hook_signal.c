/* SPDX-License-Identifier: MIT */
/*
 * hook_signal.c - whether the program has a signal handler that could interrupt us in the middle of
 * a change to the ledger, and leave by siglongjmp. Until then nobody pays for blocking signals.
 */
#include <signal.h>

#include "guard.h"
#include "real.h"

static void handler_set(sighandler_t handler)
{
	if (handler != SIG_DFL && handler != SIG_IGN && handler != SIG_ERR && guard_active())
		sys_handlers_exist();
}

nommu_export int sigaction(int sig, const struct sigaction *action, struct sigaction *old)
{
	if (action)
		handler_set(action->sa_handler); /* shares its place with sa_sigaction */
	return real.sigaction(sig, action, old);
}
HOOK_ALIAS(sigaction, __sigaction);

nommu_export sighandler_t signal(int sig, sighandler_t handler)
{
	handler_set(handler);
	return real.signal(sig, handler);
}
HOOK_ALIAS(signal, bsd_signal);
HOOK_ALIAS(signal, ssignal);

nommu_export sighandler_t sysv_signal(int sig, sighandler_t handler)
{
	handler_set(handler);
	return real.sysv_signal(sig, handler);
}
HOOK_ALIAS(sysv_signal, __sysv_signal);

nommu_export sighandler_t sigset(int sig, sighandler_t handler)
{
	handler_set(handler);
	return real.sigset(sig, handler);
}
