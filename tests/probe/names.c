/* SPDX-License-Identifier: MIT */
/*
 * The second names: both spellings for large files, the
 * checked ones of _FORTIFY_SOURCE, the reserved ones.
 */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* sigset */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>

#include "probe.h"

int __open(const char *, int, ...), __open64(const char *, int, ...);
int __open_2(const char *, int), __open64_2(const char *, int);
int __openat_2(int, const char *, int), __openat64_2(int, const char *, int);
pid_t __wait(int *), __waitpid(pid_t, int *, int);
int __sigaction(int, const struct sigaction *, struct sigaction *);
sighandler_t bsd_signal(int, sighandler_t), ssignal(int, sighandler_t);
sighandler_t sysv_signal(int, sighandler_t), __sysv_signal(int, sighandler_t);
long __sysconf(int);

static volatile sig_atomic_t came;

static void handler(int sig)
{
	(void)sig;
	came++;
}

#define MEMINFO "/proc/meminfo"
#define CUT (O_RDWR | O_TRUNC)

/* The board's RAM in MiB, as the file says it. */
static long total(int fd)
{
	char text[64] = "";
	unsigned long kib = 0;

	if (read(fd, text, sizeof text - 1) > 0)
		sscanf(text, "MemTotal: %lu kB", &kib);
	close(fd);
	return (long)(kib / 1024);
}

static void questions(void)
{
	SHOW_NUMBER(total(open64(MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(__open(MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(__open64(MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(__open_2(MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(__open64_2(MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(openat64(AT_FDCWD, MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(__openat_2(AT_FDCWD, MEMINFO, O_RDONLY)));
	SHOW_NUMBER(total(__openat64_2(AT_FDCWD, MEMINFO, O_RDONLY)));
	SHOW_NUMBER(__sysconf(_SC_PHYS_PAGES) / 256);
}

static void cutting(const char *memory)
{
	int fd = open(memory, O_RDWR);
	FILE *stream = fopen(memory, "r");

	ftruncate64(fd, PAGE);
	mmap64(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(open64(memory, CUT));
	SHOW(__open(memory, CUT));
	SHOW(__open64(memory, CUT));
	SHOW(__open_2(memory, CUT));
	SHOW(__open64_2(memory, CUT));
	SHOW(openat64(AT_FDCWD, memory, CUT));
	SHOW(__openat_2(AT_FDCWD, memory, CUT));
	SHOW(__openat64_2(AT_FDCWD, memory, CUT));
	SHOW(creat(memory, 0600));
	SHOW(creat64(memory, 0600));
	SHOW(fopen(memory, "w") ? 0 : -1);
	SHOW(fopen64(memory, "we") ? 0 : -1);
	SHOW(freopen(memory, "r", stream) ? 0 : -1);
	SHOW(freopen64(memory, "w", stream) ? 0 : -1);
	unlink(memory);
}

static pid_t start(void)
{
	char *argv[] = { "sh", "-c", "exit 11", NULL };
	pid_t pid = -1;

	posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	return pid;
}

static void children(void)
{
	int status = 0;
	pid_t pid = start();

	SHOW_NUMBER(__wait(&status) == pid && WEXITSTATUS(status) == 11);
	pid = start();
	SHOW_NUMBER(__waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 11);
}

/* Each sets the handler, which comes once. */
static void signals(void)
{
	struct sigaction action = { .sa_handler = handler };

	SHOW(__sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	SHOW_NUMBER(bsd_signal(SIGUSR1, handler) == handler && !raise(SIGUSR1));
	SHOW_NUMBER(ssignal(SIGUSR1, handler) == handler && !raise(SIGUSR1));
	SHOW_NUMBER(sysv_signal(SIGUSR1, handler) == handler && !raise(SIGUSR1));
	/* once only */
	SHOW_NUMBER(__sysv_signal(SIGUSR1, handler) == SIG_DFL && !raise(SIGUSR1));
	SHOW_NUMBER(sigset(SIGUSR1, handler) == SIG_DFL && !raise(SIGUSR1));
	SHOW_NUMBER(came);
}

static void *nothing(void *arg)
{
	return arg;
}

static void threads(void)
{
	struct timespec until;
	pthread_t thread;
	int error;

	pthread_create(&thread, NULL, nothing, NULL);
	while ((error = pthread_tryjoin_np(thread, NULL)) == EBUSY)
		usleep(1000);
	SHOW_ERROR(error);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	pthread_create(&thread, NULL, nothing, NULL);
	SHOW_ERROR(pthread_timedjoin_np(thread, NULL, &until));
	pthread_create(&thread, NULL, nothing, NULL);
	SHOW_ERROR(pthread_clockjoin_np(thread, NULL, CLOCK_REALTIME, &until));
}

int main(void)
{
	char memory[] = "/dev/shm/nommu-probe-XXXXXX";

	close(mkstemp(memory));
	questions();
	cutting(memory);
	children();
	signals();
	threads();
	return 0;
}
