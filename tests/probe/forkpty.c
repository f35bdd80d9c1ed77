/* SPDX-License-Identifier: MIT */
/* forkpty. */
#include <pty.h>

#include "probe.h"

int main(void)
{
	int master = -1;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);

	if (pid == 0)
		_exit(4);
	if (pid < 0)
		dprintf(1, "forkpty: %s\n", strerrorname_np(errno));
	else
		dprintf(1, "forkpty: child ended with %d\n", status_of(pid));
	return 0;
}
