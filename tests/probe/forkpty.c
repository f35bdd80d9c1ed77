/* SPDX-License-Identifier: MIT */
/* forkpty, where there are terminals (chroots often have no /dev/pts). */
#include <pty.h>

#include "probe.h"

int main(void)
{
	int master = posix_openpt(O_RDWR);
	pid_t pid;

	if (master < 0 || grantpt(master) || !ptsname(master) || access(ptsname(master), F_OK))
		return 77;
	close(master);
	pid = forkpty(&master, NULL, NULL, NULL);
	if (pid == 0)
		_exit(4);
	if (pid < 0)
		dprintf(1, "forkpty: %s\n", strerrorname_np(errno));
	else
		dprintf(1, "forkpty: child ended with %d\n", status_of(pid));
	return 0;
}
