/* SPDX-License-Identifier: MIT */
/*
 * hook_map.c - mmap and its kin, and the calls that do not exist without an MMU. Passing through is
 * the kernel's own call here: a resolver on this path can deadlock with an allocator that maps its
 * first arena.
 */
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "guard.h"

#include "base/raw.h"

long mbind(void *, unsigned long, int, const unsigned long *, unsigned long, unsigned);

nommu_export void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_MMAP, "mmap"))
		return (void *)hook_answer(raw_mmap(U(addr), len, prot, flags, fd, off));
	return (void *)hook_answer(sys_mmap(site, U(addr), len, prot, flags, fd, off));
}
HOOK_ALIAS(mmap, mmap64);

nommu_export int munmap(void *addr, size_t len)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_MUNMAP, "munmap"))
		return (int)hook_answer(raw_munmap(U(addr), len));
	return (int)hook_answer(sys_munmap(site, U(addr), len));
}

nommu_export void *mremap(void *addr, size_t old_len, size_t len, int flags, ...)
{
	uint64_t site = HOOK_SITE;
	uint64_t to = 0;

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
		va_list args;

		va_start(args, flags);
		to = U(va_arg(args, void *));
		va_end(args);
	}
	if (!guard_modelled(site, NOMMU_CALL_MREMAP, "mremap"))
		return (void *)hook_answer(raw_mremap(U(addr), old_len, len, flags, to));
	return (void *)hook_answer(sys_mremap(site, U(addr), old_len, len, flags, to));
}

static long absent(uint64_t site, enum nommu_call call, const char *name, long number,
		   const uint64_t args[6])
{
	if (!guard_modelled(site, call, name))
		return raw_syscall(number, (long)args[0], (long)args[1], (long)args[2],
				   (long)args[3], (long)args[4], (long)args[5]);
	return sys_absent(site, call, number, args);
}

#define ABSENT(CALL, number, ...)                                                                  \
	absent(HOOK_SITE, NOMMU_CALL_##CALL, __func__, number, ARGS(__VA_ARGS__))

nommu_export int mprotect(void *addr, size_t len, int prot)
{
	return (int)hook_answer(ABSENT(MPROTECT, SYS_mprotect, U(addr), len, U(prot)));
}

nommu_export int pkey_mprotect(void *addr, size_t len, int prot, int key)
{
	return (int)hook_answer(
		ABSENT(PKEY_MPROTECT, SYS_pkey_mprotect, U(addr), len, U(prot), U(key)));
}

nommu_export int msync(void *addr, size_t len, int flags)
{
	return (int)hook_answer(ABSENT(MSYNC, SYS_msync, U(addr), len, U(flags)));
}

nommu_export int madvise(void *addr, size_t len, int advice)
{
	return (int)hook_answer(ABSENT(MADVISE, SYS_madvise, U(addr), len, U(advice)));
}

/*
 * Returns its error. POSIX_MADV_DONTNEED must not lose
 * data, which Linux's advice of that number does.
 */
nommu_export int posix_madvise(void *addr, size_t len, int advice)
{
	int harmless = advice == POSIX_MADV_DONTNEED ? MADV_NORMAL : advice;

	return (int)-ABSENT(POSIX_MADVISE, SYS_madvise, U(addr), len, U(harmless));
}

nommu_export ssize_t process_madvise(int pidfd, const struct iovec *iov, size_t count, int advice,
				     unsigned flags)
{
	return hook_answer(ABSENT(PROCESS_MADVISE, SYS_process_madvise, U(pidfd), U(iov), count,
				  U(advice), flags));
}

nommu_export int mlock(const void *addr, size_t len)
{
	return (int)hook_answer(ABSENT(MLOCK, SYS_mlock, U(addr), len));
}

nommu_export int mlock2(const void *addr, size_t len, unsigned flags)
{
	return (int)hook_answer(ABSENT(MLOCK2, SYS_mlock2, U(addr), len, flags));
}

/*
 * In audit the host carries it out, and our reservations are far larger than what is used of them:
 * only what is touched may be locked.
 */
nommu_export int mlockall(int flags)
{
	return (int)hook_answer(ABSENT(MLOCKALL, SYS_mlockall, U(flags | MCL_ONFAULT)));
}

nommu_export int munlock(const void *addr, size_t len)
{
	return (int)hook_answer(ABSENT(MUNLOCK, SYS_munlock, U(addr), len));
}

nommu_export int munlockall(void)
{
	return (int)hook_answer(ABSENT(MUNLOCKALL, SYS_munlockall, 0));
}

nommu_export int mincore(void *addr, size_t len, unsigned char *vec)
{
	return (int)hook_answer(ABSENT(MINCORE, SYS_mincore, U(addr), len, U(vec)));
}

nommu_export int remap_file_pages(void *addr, size_t len, int prot, size_t page, int flags)
{
	return (int)hook_answer(ABSENT(REMAP_FILE_PAGES, SYS_remap_file_pages, U(addr), len,
				       U(prot), page, U(flags)));
}

nommu_export long mbind(void *addr, unsigned long len, int mode, const unsigned long *mask,
			unsigned long max, unsigned flags)
{
	return hook_answer(ABSENT(MBIND, SYS_mbind, U(addr), len, U(mode), U(mask), max, flags));
}
