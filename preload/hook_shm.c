/* SPDX-License-Identifier: MIT */
/* hook_shm.c - System V segments, POSIX shared memory and memfd. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "guard.h"
#include "real.h"

#include "base/raw.h"
#include "base/say.h"

nommu_export int shmget(key_t key, size_t size, int flags)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_SHMGET, "shmget"))
		return (int)hook_answer(raw_call3(SYS_shmget, key, size, flags));
	return (int)hook_answer(sys_shmget(site, key, size, flags));
}

nommu_export void *shmat(int id, const void *addr, int flags)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_SHMAT, "shmat"))
		return (void *)hook_answer(raw_call3(SYS_shmat, id, addr, flags));
	return (void *)hook_answer(sys_shmat(site, id, U(addr), flags));
}

nommu_export int shmdt(const void *addr)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_SHMDT, "shmdt"))
		return (int)hook_answer(raw_call1(SYS_shmdt, addr));
	return (int)hook_answer(sys_shmdt(site, U(addr)));
}

nommu_export int shmctl(int id, int command, struct shmid_ds *buf)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_SHMCTL, "shmctl"))
		return (int)hook_answer(raw_call3(SYS_shmctl, id, command, buf));
	return (int)hook_answer(sys_shmctl(site, id, command, buf));
}

/* The object is a file of tmpfs, so only cutting it here and now is a matter for the machine. */
nommu_export int shm_open(const char *name, int flags, mode_t mode)
{
	uint64_t site = HOOK_SITE;
	char path[CONF_PATH];
	long refused = 0;

	if (guard_modelled(site, NOMMU_CALL_SHM_OPEN, "shm_open") && (flags & O_TRUNC)) {
		say_format(path, sizeof path, "/dev/shm/%s", name + (*name == '/'));
		refused = sys_open_truncating(site, AT_FDCWD, path);
	}
	return refused ? (int)hook_answer(refused) : real.shm_open(name, flags, mode);
}

nommu_export int memfd_create(const char *name, unsigned flags)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_MEMFD_CREATE, "memfd_create"))
		return (int)hook_answer(raw_call2(SYS_memfd_create, name, flags));
	return (int)hook_answer(sys_memfd_create(site, name, flags));
}
