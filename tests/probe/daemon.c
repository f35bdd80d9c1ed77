/* SPDX-License-Identifier: MIT */
/* daemon: the one that goes on is another process, with the same memory; the first ends with 0. */
#include "probe.h"

int main(void)
{
	char *kept = anonymous(PAGE);
	pid_t before = getpid();

	strcpy(kept, "kept");
	if (daemon(1, 1)) {
		dprintf(1, "daemon: %s\n", strerrorname_np(errno));
		return 1;
	}
	dprintf(1, "daemon: another process %d, leads a session %d, memory %s\n",
		getpid() != before, getsid(0) == getpid(), kept);
	SHOW(munmap(kept, PAGE));
	SHOW(anonymous(PAGE));
	return 0;
}
