/* SPDX-License-Identifier: MIT */
/* Handlers that leave by siglongjmp, wherever they came: nothing stays locked, nothing is lost. */
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#include "probe.h"

static sigjmp_buf back;

static void handler(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct itimerval often = { { 0, 150 }, { 0, 150 } };
	struct itimerval never = { 0 };
	static char *volatile held;
	volatile int jumps = 0;
	volatile int refused = 0;

	sigaction(SIGALRM, &action, NULL);
	if (sigsetjmp(back, 1))
		jumps++;
	else /* only now is there a place to come back to */
		setitimer(ITIMER_REAL, &often, NULL);
	while (jumps < 300) {
		held = anonymous(PAGE);
		refused += held == MAP_FAILED;
		munmap(held, PAGE);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	SHOW_NUMBER(refused);
	SHOW(anonymous(MIB));
	return 0;
}
