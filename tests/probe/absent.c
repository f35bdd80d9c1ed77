/* SPDX-License-Identifier: MIT */
/* Calls that a kernel without an MMU has not, and what libc makes of that. */
#include <sys/syscall.h>
#include <sys/uio.h>

#include "probe.h"

long mbind(void *, unsigned long, int, const unsigned long *, unsigned long, unsigned);
#pragma weak mbind

int main(void)
{
	char *a = anonymous(4 * PAGE);
	unsigned char vec[4];
	struct iovec iov = { a, PAGE };

	SHOW(mprotect(a, PAGE, PROT_READ));
	SHOW(mprotect(a, PAGE, PROT_READ | PROT_WRITE));
	SHOW(pkey_mprotect(a, PAGE, PROT_READ | PROT_WRITE, -1));
	SHOW(msync(a, PAGE, MS_SYNC));
	SHOW(madvise(a, PAGE, MADV_NORMAL));
	*a = 'x';
	SHOW_ERROR(posix_madvise(a, PAGE, POSIX_MADV_DONTNEED));
	SHOW_NUMBER(*a);
	SHOW(mlock(a, PAGE));
	SHOW(mlock2(a, PAGE, 0));
	SHOW(munlock(a, PAGE));
	SHOW(mlockall(MCL_FUTURE));
	SHOW(munlockall());
	SHOW(mincore(a, PAGE, vec));
	SHOW(syscall(SYS_mprotect, a, PAGE, PROT_READ | PROT_WRITE));
	SHOW(syscall(SYS_mlock, a, PAGE));
	SHOW(remap_file_pages(a, PAGE, 0, 0, 0));
	SHOW(process_madvise(-1, &iov, 1, MADV_COLD, 0));
	dprintf(1, "mbind: %s\n",
		mbind && mbind(a, PAGE, 0, NULL, 0, 0) == 0 ? "ok" : strerrorname_np(errno));
	return 0;
}
