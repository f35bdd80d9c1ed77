/* SPDX-License-Identifier: MIT */
/*
 * crash.h - SIGSEGV as the program sees it: our own handler, which tells an overflow of a stack,
 * is hidden.
 */
#ifndef NOMMU_PRELOAD_CRASH_H
#define NOMMU_PRELOAD_CRASH_H

#include <signal.h>
#include <stdint.h>

/* Once, on the main thread, before the program's main. */
void crash_watch(void);

/* sigaction(SIGSEGV, ...). */
int crash_sigaction(const struct sigaction *action, struct sigaction *old);

/* After libc has set `handler` for SIGSEGV and answered `before`: what to answer instead. */
sighandler_t crash_signal(sighandler_t handler, sighandler_t before);

/* The kernel's own call. */
long crash_rt_sigaction(const uint64_t args[6]);
long crash_sigaltstack(const stack_t *stack, stack_t *old);

#endif
