/* SPDX-License-Identifier: MIT */
/* memfd_create. */
#include <sys/syscall.h>

#include "probe.h"

int main(void)
{
	int fd;

	SHOW(fd = memfd_create("probe", MFD_CLOEXEC));
	if (fd >= 0) {
		SHOW(ftruncate(fd, 2 * PAGE));
		SHOW(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	}
	SHOW(syscall(SYS_memfd_create, "probe", 0));
	return 0;
}
