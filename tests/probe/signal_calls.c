/* SPDX-License-Identifier: MIT */
/* Signal handlers that map and unmap, interrupting a program that does the same. */
#include <signal.h>
#include <sys/time.h>

#include "probe.h"

static volatile sig_atomic_t handled, failed;

static void handler(int sig)
{
	int kept = errno;
	char *a = anonymous(2 * PAGE);

	(void)sig;
	if (a == MAP_FAILED || munmap(a, 2 * PAGE))
		failed = 1;
	handled++;
	errno = kept;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct itimerval often = { { 0, 200 }, { 0, 200 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < 500 && !failed) {
		char *a = anonymous(3 * PAGE);

		if (a == MAP_FAILED || munmap(a, 3 * PAGE))
			failed = 2;
	}
	SHOW_NUMBER(failed);
	return 0;
}
