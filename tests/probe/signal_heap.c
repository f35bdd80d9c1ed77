/* SPDX-License-Identifier: MIT */
/*
 * Handlers that allocate while they interrupt malloc in their own thread, and return. To jump out
 * of an interrupted malloc leaves the heap half changed, here as in any libc.
 */
#include <signal.h>
#include <sys/time.h>

#include "probe.h"

static volatile sig_atomic_t handled, refused;

static void handler(int sig)
{
	char *block = malloc(100 + (size_t)handled % 3000);

	(void)sig;
	if (block)
		memset(block, 1, 100);
	else
		refused = 1;
	free(block);
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
		kept[i] = malloc((size_t)rand_r(&seed) % 9000);
	}
	signal(SIGALRM, SIG_IGN);
	SHOW_NUMBER(refused);
	return 0;
}
