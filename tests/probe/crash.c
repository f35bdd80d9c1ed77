/* SPDX-License-Identifier: MIT */
/*
 * Children of this program (its own image again, WHAT as argument) die in many ways; how each ends
 * is told. And the program is shown nothing of the handler that tells a stack's overflow from other
 * crashes.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <spawn.h>

#include "probe.h"

static volatile int *volatile nowhere = (volatile int *)16;
static char own_stack[64 << 10];

static __attribute__((noinline)) int deeper(int n)
{
	volatile char here[512];

	memset((void *)here, n, sizeof here);
	return n < 0 ? 0 : deeper(n + 1) + here[n % 512];
}

static __attribute__((noinline)) int one_large_frame(size_t bytes)
{
	volatile char here[bytes];

	/* All of it may be read elsewhere: or one byte would do for a compiler. */
	__asm__ volatile("" : : "r"(here) : "memory");
	here[0] = 1;
	return here[0];
}

static void *thread(void *arg)
{
	volatile char here[60 << 10];

	memset((void *)here, 1, sizeof here);
	*(int **)arg = NULL;
	**(volatile int **)arg = 1;
	return NULL;
}

static int thread_overflows(void)
{
	static int *somewhere;
	pthread_attr_t attr;
	pthread_t other;
	char *block = malloc(300000); /* a stack of 48 KiB has this below it, or free memory */

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 48 << 10);
	pthread_create(&other, &attr, thread, &somewhere);
	pthread_join(other, NULL);
	return block == NULL;
}

static void quits(int sig)
{
	_exit(sig);
}

static void goes_back(int sig)
{
	signal(sig, SIG_DFL);
}

static void handle(void (*handler)(int))
{
	stack_t stack = { .ss_sp = own_stack, .ss_size = sizeof own_stack };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

static int die(const char *how)
{
	if (strcmp(how, "recursion") == 0)
		return deeper(1);
	if (strcmp(how, "frame") == 0)
		return one_large_frame(32 * MIB);
	if (strcmp(how, "pointer") == 0)
		return *nowhere;
	if (strcmp(how, "sent") == 0)
		return raise(SIGSEGV);
	if (strcmp(how, "thread") == 0)
		return thread_overflows();
	handle(strcmp(how, "own-handler") == 0 ? quits : goes_back);
	return deeper(1);
}

static void ends(char *self, char *how)
{
	char *argv[] = { self, how, NULL };
	extern char **environ;
	pid_t child;
	int status;

	if (posix_spawn(&child, self, NULL, NULL, argv, environ))
		abort();
	status = status_of(child);
	dprintf(1, "%s: %d\n", how, status);
}

/* What a program that looks would see. */
static void nothing_shows(void)
{
	struct sigaction now = { .sa_handler = quits },
			 set = { .sa_handler = SIG_DFL, .sa_flags = SA_RESTART };
	stack_t none = { .ss_flags = SS_DISABLE },
		stack = { .ss_sp = own_stack, .ss_size = sizeof own_stack };
	unsigned long raw[4] = { 1, 1, 1, 1 };

	SHOW(sigaction(SIGSEGV, NULL, &now));
	SHOW_NUMBER(now.sa_handler == SIG_DFL && now.sa_flags == 0);
	SHOW(syscall(SYS_rt_sigaction, SIGSEGV, NULL, raw, 8));
	SHOW_NUMBER(raw[0] == 0 && raw[1] == 0 && raw[3] == 0);
	SHOW(sigaction(SIGSEGV, &set, NULL));
	SHOW(sigaction(SIGSEGV, NULL, &now));
	SHOW_NUMBER(now.sa_handler == SIG_DFL && (now.sa_flags & SA_RESTART));
	SHOW_NUMBER(signal(SIGSEGV, quits) == SIG_DFL);
	SHOW_NUMBER(signal(SIGSEGV, SIG_DFL) == quits);
	SHOW_NUMBER(sysv_signal(SIGSEGV, SIG_DFL) == SIG_DFL);
	SHOW(sigaltstack(NULL, &none));
	SHOW_NUMBER(none.ss_flags == SS_DISABLE && !none.ss_sp && !none.ss_size);
	SHOW(sigaltstack(&stack, &none));
	SHOW_NUMBER(none.ss_flags == SS_DISABLE);
	SHOW(sigaltstack(&none, &stack));
	SHOW_NUMBER(stack.ss_sp == own_stack && stack.ss_flags == 0);
	SHOW(syscall(SYS_sigaltstack, NULL, &stack));
	SHOW_NUMBER(stack.ss_flags == SS_DISABLE);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return die(argv[1]);
	nothing_shows();
	ends(argv[0], "recursion");
	ends(argv[0], "frame");
	ends(argv[0], "pointer");
	ends(argv[0], "sent");
	ends(argv[0], "thread");
	ends(argv[0], "own-handler");
	ends(argv[0], "goes-back");
	return 0;
}
