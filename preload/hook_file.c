/* SPDX-License-Identifier: MIT */
/*
 * hook_file.c - files that are memory: their size is pages of the machine, whoever sets it. Both
 * spellings of each call, since glibc has two.
 */
#include "open.h"

#include <fcntl.h>
#include <unistd.h>

#include "guard.h"
#include "real.h"

#include "base/raw.h"
#include "base/types.h"

nommu_export int ftruncate(int fd, off_t len)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_FTRUNCATE, "ftruncate"))
		return (int)hook_answer(raw_ftruncate(fd, len));
	return (int)hook_answer(sys_ftruncate(site, fd, len));
}
HOOK_ALIAS(ftruncate, ftruncate64);

nommu_export int truncate(const char *path, off_t len)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_TRUNCATE, "truncate"))
		return (int)hook_answer(raw_call2(SYS_truncate, path, len));
	return (int)hook_answer(sys_truncate(site, path, len));
}
HOOK_ALIAS(truncate, truncate64);

nommu_export int fallocate(int fd, int mode, off_t off, off_t len)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_FALLOCATE, "fallocate"))
		return (int)hook_answer(raw_fallocate(fd, mode, off, len));
	return (int)hook_answer(sys_fallocate(site, NOMMU_CALL_FALLOCATE, fd, mode, off, len));
}
HOOK_ALIAS(fallocate, fallocate64);

/* Returns its error. glibc writes a byte into each block where the file system has no fallocate. */
nommu_export int posix_fallocate(int fd, off_t off, off_t len)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_POSIX_FALLOCATE, "posix_fallocate"))
		return real.posix_fallocate(fd, off, len);
	return (int)-sys_fallocate(site, NOMMU_CALL_POSIX_FALLOCATE, fd, 0, off, len);
}
HOOK_ALIAS(posix_fallocate, posix_fallocate64);
