/* SPDX-License-Identifier: MIT */
/*
 * What memcheck is to find in a program with the library
 * in front of it, and what it is not to: one case a call.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MAP_UNINITIALIZED
#define MAP_UNINITIALIZED 0x4000000
#endif
#define PAGE 4096ul
#define ON_ITS_OWN __attribute__((noinline)) /* a frame that is reported */

static char *map(size_t len, int flags)
{
	char *got =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (got == MAP_FAILED)
		exit(2);
	return got;
}

static void ON_ITS_OWN use(const volatile char *byte)
{
	puts(*byte == 'x' ? "x" : "not x");
}

static void clean_memory(void)
{
	char *a = map(5 * PAGE, 0), *b = map(3 * PAGE, MAP_UNINITIALIZED), *c;

	use(a + 3 * PAGE); /* zeroed */
	memset(b, 'x', 3 * PAGE);
	use(b + 2 * PAGE);
	munmap(a, 5 * PAGE);
	c = map(5 * PAGE, 0); /* the same pages again */
	use(c + 17);
	munmap(c + 4 * PAGE, PAGE);
	use(c + 3 * PAGE);
	munmap(c, 4 * PAGE);
	munmap(b, 3 * PAGE);
}

static void clean_heap(void)
{
	char *a = malloc(100), *b = calloc(10, 1000);

	memset(a, 'x', 100);
	a = realloc(a, 300000);
	use(a + 99);
	use(b + 9999);
	free(a);
	free(b);
}

static void *on_a_thread(void *arg)
{
	char local[5000];

	memset(local, 'x', sizeof local);
	use(local + 4999);
	return arg;
}

static void clean_threads(void)
{
	pthread_t thread[4];

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 4; i++)
			if (pthread_create(&thread[i], NULL, on_a_thread, NULL))
				exit(2);
		for (unsigned i = 0; i < 4; i++)
			pthread_join(thread[i], NULL);
	}
}

static void clean_children(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, NULL, 0) != pid || system("exit 3") != 3 << 8)
		exit(2);
}

static void uninitialized(void)
{
	use(map(2 * PAGE, MAP_UNINITIALIZED) + PAGE + 5);
}

static void given_back(void)
{
	char *a = map(4 * PAGE, 0);

	memset(a, 'x', 4 * PAGE);
	munmap(a, 4 * PAGE);
	use(a + PAGE);
}

static void given_back_in_part(void)
{
	char *a = map(4 * PAGE, 0);

	munmap(a + 3 * PAGE, PAGE);
	use(a);
	a[3 * PAGE + 8] = 'x';
}

static void never_taken(void)
{
	use(map(4 * PAGE, 0) + 64 * PAGE);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{ "clean-memory", clean_memory },
		{ "clean-heap", clean_heap },
		{ "clean-threads", clean_threads },
		{ "clean-children", clean_children },
		{ "uninitialized", uninitialized },
		{ "given-back", given_back },
		{ "given-back-in-part", given_back_in_part },
		{ "never-taken", never_taken },
	};

	for (size_t i = 0; argc == 2 && i < sizeof cases / sizeof *cases; i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return 0;
		}
	return 2;
}
