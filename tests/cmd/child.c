/* SPDX-License-Identifier: MIT */
/* child.c - a program for the launcher's tests: does what its arguments say. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void note_signal(int sig)
{
	seen = sig;
}

/* Waits for the signals and says which came. */
static int wait_for_signal(void)
{
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t none;
	sigset_t blocked;

	mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	puts("ready");
	fflush(stdout);
	while (!seen)
		sigsuspend(&none);
	printf("signal %d\n", seen);
	return 0;
}

static int print_stack_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	printf("%lu\n", (unsigned long)limit.rlim_cur);
	return 0;
}

/* 0: there, 1: closed; of descriptors 0, 1, 2 as one number. */
static int closed_descriptors(void)
{
	int closed = 0;

	for (int fd = 0; fd <= 2; fd++)
		closed |= (fcntl(fd, F_GETFD) < 0) << fd;
	return closed;
}

static int fork_once(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child > 0 && waitpid(child, NULL, 0) == child ? 0 : 1;
}

static int dispositions(void)
{
	struct sigaction chld, pipe, hup;

	sigaction(SIGCHLD, NULL, &chld);
	sigaction(SIGPIPE, NULL, &pipe);
	sigaction(SIGHUP, NULL, &hup);
	printf("%d %d %d\n", chld.sa_handler == SIG_IGN, pipe.sa_handler == SIG_IGN,
	       hup.sa_handler == SIG_IGN);
	return 0;
}

static void *use_stack(void *arg)
{
	size_t bytes = *(unsigned *)arg * (size_t)1024;
	volatile char here[bytes];

	for (size_t at = 0; at < bytes; at += 1024)
		here[at] = 1;
	return NULL;
}

static int thread_of_depth(unsigned kib)
{
	pthread_t other;

	return pthread_create(&other, NULL, use_stack, &kib) || pthread_join(other, NULL);
}

static __attribute__((noinline)) int recurse(int n)
{
	volatile char here[256];

	here[n & 255] = (char)n;
	return n < 0 ? 0 : recurse(n + 1) + here[0];
}

static int crash(const char *how)
{
	volatile int *volatile nowhere = (volatile int *)16;

	return strcmp(how, "recursion") == 0 ? recurse(0) : *nowhere;
}

/* Ends while a thread that has used so much of its stack is still there. */
static void *use_and_wait(void *arg)
{
	use_stack(arg);
	*(volatile unsigned *)arg = 0;
	pause();
	return NULL;
}

static int end_beside_thread(unsigned kib)
{
	pthread_t other;

	if (pthread_create(&other, NULL, use_and_wait, &kib))
		return 1;
	while (*(volatile unsigned *)&kib)
		usleep(1000);
	return 0;
}

static bool eat_once(size_t pages)
{
	return mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}

/* Maps so many pages again and again, at most 32 MiB: 1 if that failed. */
static int eat(size_t pages)
{
	for (size_t taken = 0; taken < 8192; taken += pages)
		if (!eat_once(pages))
			return 1;
	return 0;
}

/* Eats until a child that does nothing has ended: how. */
static int eat_beside(char *self)
{
	char *argv[] = { self, "wait", NULL };
	int status = 0, out[2];
	pid_t child;
	char byte;

	if (pipe(out) || dup2(out[1], 1) != 1 ||
	    posix_spawn(&child, self, NULL, NULL, argv, environ))
		return 2;
	if (read(out[0], &byte, 1) != 1) /* it is there */
		return 2;
	while (waitpid(child, &status, WNOHANG) == 0)
		eat_once(2);
	return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : 3;
}

/* Starts argv[0] as `how` says, and waits: its exit status. */
static int start(const char *how, char **argv)
{
	char *none[] = { NULL };
	int status = 0;
	pid_t child = 0;

	if (strcmp(how, "system") == 0)
		return WEXITSTATUS(system(argv[0]));
	if (strcmp(how, "spawn") == 0)
		return posix_spawnp(&child, argv[0], NULL, NULL, argv, none) ||
		       waitpid(child, &status, 0) != child || WEXITSTATUS(status);
	child = vfork();
	if (child == 0) {
		if (strcmp(how, "fexecve") == 0)
			fexecve(open(argv[0], O_RDONLY | O_CLOEXEC), argv, none);
		else
			execvp(argv[0], argv);
		_exit(127);
	}
	return child < 0 || waitpid(child, &status, 0) != child ? 126 : WEXITSTATUS(status);
}

/* How many MiB can be had, in pieces of 64 KiB. */
static int mebibytes(void)
{
	int pieces = 0;

	while (pieces < 1024 && eat_once(16))
		pieces++;
	return pieces / 16;
}

/* The same in children of each kind, while this process has 4 MiB; and which machine it is. */
static int share(char *self)
{
	static char *const how[] = { "vfork", "spawn", "system", "popen" };
	char *argv[] = { self, "mebibytes", NULL }, command[512];

	eat_once(1024);
	for (int i = 0; i < 4; i++) {
		printf("%s ", how[i]);
		fflush(stdout);
		snprintf(command, sizeof command, "%s mebibytes", self);
		if (i < 2)
			start(how[i], argv);
		else if (i == 2 ? system(command) : pclose(popen(command, "w")))
			return 1;
	}
	puts(getenv("NOMMU_LEDGER") ? getenv("NOMMU_LEDGER") : "none");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "exit") == 0)
		return atoi(argv[2]);
	if (strcmp(what, "die") == 0)
		return raise(atoi(argv[2]));
	if (strcmp(what, "wait") == 0)
		return wait_for_signal();
	if (strcmp(what, "stack") == 0)
		return print_stack_limit();
	if (strcmp(what, "deep") == 0) {
		unsigned kib = (unsigned)atoi(argv[2]);

		return use_stack(&kib) != NULL;
	}
	if (strcmp(what, "thread") == 0)
		return thread_of_depth((unsigned)atoi(argv[2]));
	if (strcmp(what, "beside") == 0)
		return end_beside_thread((unsigned)atoi(argv[2]));
	if (strcmp(what, "mebibytes") == 0)
		return printf("%d\n", mebibytes()) < 0;
	if (strcmp(what, "share") == 0)
		return share(argv[0]);
	if (strcmp(what, "eat") == 0)
		return eat(strtoul(argv[2], NULL, 10));
	if (strcmp(what, "eat-beside") == 0)
		return eat_beside(argv[0]);
	if (strcmp(what, "crash") == 0)
		return crash(argv[2]);
	if (strcmp(what, "closed") == 0)
		return closed_descriptors();
	if (strcmp(what, "start") == 0)
		return start(argv[2], argv + 3);
	if (strcmp(what, "fork") == 0)
		return fork_once();
	if (strcmp(what, "despair") == 0) /* as programs do that expect no refusal */
		return fork_once() ? raise(SIGABRT) : 0;
	if (strcmp(what, "signals") == 0)
		return dispositions();
	if (strcmp(what, "variable") == 0)
		puts(getenv(argv[2]) ? getenv(argv[2]) : "(none)");
	if (strcmp(what, "arguments") == 0)
		for (int i = 2; i < argc; i++)
			printf("<%s>\n", argv[i]);
	return 0;
}
