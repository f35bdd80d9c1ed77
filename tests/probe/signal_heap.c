/* SPDX-License-Identifier: MIT */
/*
 * Handlers that allocate while they interrupt malloc in their own thread, and return. To jump out
 * of an interrupted malloc leaves the heap half changed, here as in any libc.
 */
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

#include "probe.h"

static volatile sig_atomic_t handled, refused, crooked;

/* It may be refused here. The compiler takes the headers' word for the rest, so it must not see. */
static void look(void *block, uintptr_t align)
{
	volatile uintptr_t at = (uintptr_t)block;

	crooked |= at % align != 0;
	free(block);
}

static void handler(int sig)
{
	char *block = malloc(100 + (size_t)handled % 3000);

	(void)sig;
	if (block)
		memset(block, 1, 100);
	else
		refused = 1;
	free(block);
	look(memalign(PAGE, 100), PAGE);
	look(aligned_alloc(64, 128), 64);
	handled++;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct itimerval often = { { 0, 200 }, { 0, 200 } };
	static void *volatile kept[64];
	unsigned seed = 1;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < 1000) {
		void *old;
		int i = rand_r(&seed) % 64;

		old = kept[i];
		kept[i] = NULL;
		free(old);
		kept[i] = malloc((size_t)rand_r(&seed) % 90000);
	}
	signal(SIGALRM, SIG_IGN);
	SHOW_NUMBER(refused);
	SHOW_NUMBER(crooked);
	return 0;
}
