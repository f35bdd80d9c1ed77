/* SPDX-License-Identifier: MIT */
/* Forks while other threads are in the heap and in the machine: the child finds both usable. */
#include <pthread.h>
#include <sys/syscall.h>

#include "probe.h"

static volatile int over;

static void *busy(void *arg)
{
	unsigned seed = (unsigned)(long)arg;

	for (unsigned n = 0; !over; n++) {
		void *block = malloc((size_t)rand_r(&seed) % 20000);
		size_t len = (1 + (size_t)rand_r(&seed) % 4) * PAGE;
		void *pages = anonymous(len);

		free(block);
		munmap(pages, len);
		if (n % 16 == 0) /* the forks want to get on, also on a busy machine */
			usleep(100);
	}
	return NULL;
}

static int use_everything(void)
{
	for (size_t size = 1; size < 100000; size *= 3) {
		char *block = malloc(size), *pages = anonymous(size);

		if (!block || pages == MAP_FAILED)
			return 1;
		memset(block, 1, size);
		memset(pages, 1, size);
		free(block);
		munmap(pages, size);
	}
	return 0;
}

pid_t _Fork(void);

/* How many of so many children end well. */
static int forks(pid_t (*call)(void), int n)
{
	int good = 0;

	for (int i = 0; i < n; i++) {
		pid_t child = call();

		if (child == 0) {
			alarm(20);
			_exit(use_everything());
		}
		good += status_of(child) == 0;
	}
	return good;
}

static pid_t by_number(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

int main(void)
{
	pthread_t thread[3];

	for (long i = 0; i < 3; i++)
		if (pthread_create(&thread[i], NULL, busy, (void *)(i + 1)))
			return 1;
	SHOW_NUMBER(forks(fork, 6));
	SHOW_NUMBER(forks(_Fork, 3));
	SHOW_NUMBER(forks(by_number, 3));
	over = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	SHOW_NUMBER(use_everything());
	return 0;
}
