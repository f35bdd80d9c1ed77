/* SPDX-License-Identifier: MIT */
/* Calls that work leave errno alone, and a refused one sets it. */
#include <signal.h>
#include <sys/shm.h>

#include "probe.h"

int main(void)
{
	int fd = memory_file();
	char *a;

	errno = ERANGE;
	a = anonymous(PAGE);
	munmap(a, PAGE);
	ftruncate(fd, PAGE);
	signal(SIGUSR1, SIG_IGN);
	sbrk(0);
	status_of(vfork() ?: (_exit(0), 0));
	SHOW_NUMBER(errno == ERANGE);
	anonymous(64 * MIB * 1024 * 1024);
	SHOW_NUMBER(errno == ENOMEM);
	return 0;
}
