/* SPDX-License-Identifier: MIT */
/*
 * worker.c - a program of the machine under stress. Every mapping holds a number that only it has,
 * in its first and its last word: memory that two were given, or that was not cleared, shows.
 *
 * worker hold MAPPINGS THREADS READY GO: maps so many, starts so many threads that map and unmap,
 *   writes a byte to READY, and when GO ends looks at everything, gives back half of it, and ends.
 * worker churn: maps and unmaps for ever.
 * worker threads N: so many threads one after the other, every other one detached.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PAGE 4096ul
#define CHURNED 64
#define SMALL_STACK (64 << 10)

struct mapping {
	uint64_t *at;
	size_t words;
};

static _Noreturn void wrong(const char *what)
{
	dprintf(2, "worker %d: %s\n", (int)getpid(), what);
	_exit(3);
}

static uint64_t mark(const struct mapping *m, uint64_t of)
{
	return (uint64_t)(uintptr_t)m->at ^ (uint64_t)getpid() << 32 ^ of;
}

static struct mapping map(size_t pages, uint64_t of)
{
	struct mapping m = { .words = pages * PAGE / sizeof *m.at };

	m.at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m.at == MAP_FAILED)
		wrong("no memory");
	if (m.at[0] || m.at[m.words - 1])
		wrong("memory that is not clear");
	m.at[0] = m.at[m.words - 1] = mark(&m, of);
	return m;
}

static void look(const struct mapping *m, uint64_t of)
{
	if (m->at[0] != mark(m, of) || m->at[m->words - 1] != mark(m, of))
		wrong("somebody else wrote here");
}

static void unmap(const struct mapping *m, uint64_t of)
{
	look(m, of);
	if (munmap(m->at, m->words * sizeof *m->at))
		wrong("munmap failed");
}

static void churn(struct mapping held[CHURNED], unsigned *seed, uint64_t of)
{
	struct mapping *m = &held[(unsigned)rand_r(seed) % CHURNED];

	if (m->at)
		unmap(m, of);
	*m = map(1 + (size_t)rand_r(seed) % 3, of);
	free(realloc(malloc((size_t)rand_r(seed) % 5000), (size_t)rand_r(seed) % 5000));
}

/* ---- hold ---- */

static volatile int over;

static void *churn_until_over(void *arg)
{
	struct mapping held[CHURNED] = { 0 };
	unsigned seed = (unsigned)(uintptr_t)arg;
	uint64_t of = (uint64_t)(uintptr_t)arg << 48;

	for (unsigned n = 0; !over || n < 100; n++) {
		churn(held, &seed, of);
		if (!over)
			usleep(20000);
	}
	for (unsigned i = 0; i < CHURNED; i++)
		if (held[i].at)
			unmap(&held[i], of);
	return NULL;
}

static int hold(size_t mappings, size_t threads, int ready, int go)
{
	struct mapping *held = calloc(mappings, sizeof *held);
	pthread_t *thread = calloc(threads, sizeof *thread);
	pthread_attr_t attr;
	char byte = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, SMALL_STACK);
	for (size_t i = 0; i < threads; i++)
		if (pthread_create(&thread[i], &attr, churn_until_over, (void *)(i + 1)))
			wrong("no thread");
	for (size_t i = 0; i < mappings; i++)
		held[i] = map(1 + i % 3, i);
	if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 0)
		wrong("the runner is gone");
	over = 1;
	for (size_t i = 0; i < threads; i++)
		if (pthread_join(thread[i], NULL))
			wrong("pthread_join failed");
	for (size_t i = 0; i < mappings; i++)
		look(&held[i], i);
	for (size_t i = 0; i < mappings; i += 2)
		unmap(&held[i], i);
	return 0;
}

/* ---- threads ---- */

static sem_t ended;

static void *one(void *arg)
{
	struct mapping m = map(1, 0);

	free(malloc(100));
	unmap(&m, 0);
	sem_post(&ended);
	return arg;
}

static int one_after_the_other(unsigned n)
{
	pthread_t thread;

	sem_init(&ended, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		if (pthread_create(&thread, NULL, one, NULL) ||
		    (i % 2 ? pthread_detach(thread) : pthread_join(thread, NULL)))
			wrong("no thread");
		while (sem_wait(&ended))
			;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct mapping held[CHURNED] = { 0 };
	unsigned seed = (unsigned)getpid();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc == 6 && strcmp(argv[1], "hold") == 0)
		return hold(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10), atoi(argv[4]),
			    atoi(argv[5]));
	if (argc == 3 && strcmp(argv[1], "threads") == 0)
		return one_after_the_other((unsigned)atoi(argv[2]));
	while (argc == 2 && strcmp(argv[1], "churn") == 0)
		churn(held, &seed, 0);
	return 2;
}
