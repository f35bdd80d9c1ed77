/* SPDX-License-Identifier: MIT */
/* syscall() with the numbers of calls that are answered, and with others. */
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#include "probe.h"

int main(void)
{
	char *a = (char *)syscall(SYS_mmap, 0, 4 * PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sysinfo info;

	SHOW(a);
	SHOW(syscall(SYS_mmap, 0, 8 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(syscall(SYS_mremap, a, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE, 0));
	SHOW(syscall(SYS_munmap, a, 4 * PAGE));
	SHOW(syscall(SYS_sysinfo, &info));
	SHOW_NUMBER(info.totalram * info.mem_unit / MIB);
	SHOW_NUMBER(syscall(SYS_getpid) == getpid());
	SHOW(syscall(SYS_close, -1));
	SHOW(syscall(100000));
	return 0;
}
