/* SPDX-License-Identifier: MIT */
/*
 * The model as a library, without preloading: linked beside calls_host.c, these definitions of
 * libc's names answer the probe's calls by calling lib/sys. ORACLE_MACHINE holds the machine's
 * options, a line each; a child finds the machine by ORACLE_LEDGER.
 */
#include <errno.h>
#include <fcntl.h>
#include <nommu/nommu.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/raw.h"
#include "sys/sys.h"

#define MOST_OPTIONS 16
#define SITE ((uint64_t)__builtin_return_address(0))

static void give_up(const char *error)
{
	fprintf(stderr, "oracle_library: %s\n", error);
	_exit(125);
}

__attribute__((constructor)) static void join(void)
{
	static char text[4096];
	const char *options[MOST_OPTIONS + 1] = { NULL };
	char path[NOMMU_PATH_SIZE], error[NOMMU_ERROR_SIZE] = "", *rest = text;
	const char *ledger = getenv("ORACLE_LEDGER"), *machine = getenv("ORACLE_MACHINE");

	if (ledger) {
		if (nommu_join(ledger, error))
			give_up(error);
		return;
	}
	snprintf(text, sizeof text, "%s", machine ? machine : "");
	for (unsigned i = 0; i < MOST_OPTIONS && rest && *rest; i++)
		options[i] = strsep(&rest, "\n");
	if (nommu_create(options, path, error) || nommu_join(path, error))
		give_up(error);
	setenv("ORACLE_LEDGER", path, 1);
}

__attribute__((destructor)) static void leave(void)
{
	const char *ledger = getenv("ORACLE_LEDGER"),
		   *own = ledger ? strstr(ledger, "nommu-") : NULL;
	char pid[32];

	nommu_leave();
	/* nommu-UID-PID-TIME: the maker removes it. */
	snprintf(pid, sizeof pid, "-%d-", (int)getpid());
	if (own && strstr(own, pid))
		nommu_destroy();
}

static long answer(long result)
{
	if (!is_err(result))
		return result;
	errno = (int)-result;
	return -1;
}

static long absent(uint64_t site, enum nommu_call call, long number, uint64_t a, uint64_t b,
		   uint64_t c)
{
	return answer(sys_absent(site, call, number, (const uint64_t[6]){ a, b, c }));
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return (void *)answer(nommu_mmap((uint64_t)addr, len, prot, flags, fd, off));
}

int munmap(void *addr, size_t len)
{
	return (int)answer(nommu_munmap((uint64_t)addr, len));
}

void *mremap(void *addr, size_t old_len, size_t new_len, int flags, ...)
{
	uint64_t to = 0;
	va_list args;

	if (flags & MREMAP_FIXED) {
		va_start(args, flags);
		to = (uint64_t)va_arg(args, void *);
		va_end(args);
	}
	return (void *)answer(nommu_mremap((uint64_t)addr, old_len, new_len, flags, to));
}

int mprotect(void *addr, size_t len, int prot)
{
	return (int)absent(SITE, NOMMU_CALL_MPROTECT, SYS_mprotect, (uint64_t)addr, len,
			   (uint64_t)prot);
}

int msync(void *addr, size_t len, int flags)
{
	return (int)absent(SITE, NOMMU_CALL_MSYNC, SYS_msync, (uint64_t)addr, len, (uint64_t)flags);
}

int madvise(void *addr, size_t len, int advice)
{
	return (int)absent(SITE, NOMMU_CALL_MADVISE, SYS_madvise, (uint64_t)addr, len,
			   (uint64_t)advice);
}

int mlock(const void *addr, size_t len)
{
	return (int)absent(SITE, NOMMU_CALL_MLOCK, SYS_mlock, (uint64_t)addr, len, 0);
}

int munlock(const void *addr, size_t len)
{
	return (int)absent(SITE, NOMMU_CALL_MUNLOCK, SYS_munlock, (uint64_t)addr, len, 0);
}

int mlockall(int flags)
{
	return (int)absent(SITE, NOMMU_CALL_MLOCKALL, SYS_mlockall, (uint64_t)flags, 0, 0);
}

int munlockall(void)
{
	return (int)absent(SITE, NOMMU_CALL_MUNLOCKALL, SYS_munlockall, 0, 0, 0);
}

int mincore(void *addr, size_t len, unsigned char *pages)
{
	return (int)absent(SITE, NOMMU_CALL_MINCORE, SYS_mincore, (uint64_t)addr, len,
			   (uint64_t)pages);
}

int remap_file_pages(void *addr, size_t len, int prot, size_t pgoff, int flags)
{
	(void)prot;
	(void)pgoff;
	(void)flags;
	return (int)absent(SITE, NOMMU_CALL_REMAP_FILE_PAGES, SYS_remap_file_pages, (uint64_t)addr,
			   len, 0);
}

int brk(void *addr)
{
	bool refused;

	sys_brk(SITE, NOMMU_CALL_BRK, (uint64_t)addr, &refused);
	return (int)answer(refused ? -ENOMEM : 0);
}

void *sbrk(intptr_t increment)
{
	uint64_t now = (uint64_t)raw_call1(SYS_brk, 0);
	bool refused = false;

	if (increment)
		sys_brk(SITE, NOMMU_CALL_SBRK, now + (uint64_t)increment, &refused);
	return (void *)answer(refused ? -ENOMEM : (long)now);
}

int shmget(key_t key, size_t size, int flags)
{
	return (int)answer(nommu_shmget(key, size, flags));
}

void *shmat(int id, const void *addr, int flags)
{
	return (void *)answer(nommu_shmat(id, (uint64_t)addr, flags));
}

int shmdt(const void *addr)
{
	return (int)answer(nommu_shmdt((uint64_t)addr));
}

int shmctl(int id, int command, struct shmid_ds *buf)
{
	return (int)answer(nommu_shmctl(id, command, buf));
}

int memfd_create(const char *name, unsigned flags)
{
	return (int)answer(sys_memfd_create(SITE, name, flags));
}

int ftruncate(int fd, off_t len)
{
	return (int)answer(nommu_ftruncate(fd, len));
}

int truncate(const char *path, off_t len)
{
	int fd = open(path, O_WRONLY), result = -1;

	if (fd >= 0) {
		result = ftruncate(fd, len);
		close(fd);
	}
	return result;
}

int fallocate(int fd, int mode, off_t off, off_t len)
{
	return (int)answer(sys_fallocate(SITE, NOMMU_CALL_FALLOCATE, fd, mode, off, len));
}

int open(const char *path, int flags, ...)
{
	long result = flags & O_TRUNC ? sys_open_truncating(SITE, AT_FDCWD, path) : 0;

	return (int)answer(result < 0 ? result : raw_openat(AT_FDCWD, path, flags, 0644));
}
