/* SPDX-License-Identifier: MIT */
/* ops_words.c - the words of a scenario: flags, protections, errors, operands. */
#include "ops.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define MAP_UNINITIALIZED_FLAG 0x4000000

const struct flag map_flags[] = {
	{ "shared", MAP_SHARED },
	{ "private", MAP_PRIVATE },
	{ "validate", MAP_SHARED_VALIDATE },
	{ "fixed", MAP_FIXED },
	{ "noreplace", MAP_FIXED_NOREPLACE },
	{ "anon", MAP_ANONYMOUS },
	{ "uninit", MAP_UNINITIALIZED_FLAG },
	{ "noreserve", MAP_NORESERVE },
	{ "populate", MAP_POPULATE },
	{ "locked", MAP_LOCKED },
	{ "growsdown", MAP_GROWSDOWN },
	{ "stack", MAP_STACK },
	{ "hugetlb", MAP_HUGETLB },
	{ "denywrite", MAP_DENYWRITE },
	{ "sync", MAP_SYNC },
	{ NULL, 0 },
};
const struct flag remap_flags[] = { { "maymove", MREMAP_MAYMOVE },
				    { "fixed", MREMAP_FIXED },
				    { "dontunmap", MREMAP_DONTUNMAP },
				    { NULL, 0 } };
const struct flag open_flags[] = { { "w", O_WRONLY },	     { "rw", O_RDWR },
				   { "creat", O_CREAT },     { "trunc", O_TRUNC },
				   { "append", O_APPEND },   { "dir", O_DIRECTORY },
				   { "cloexec", O_CLOEXEC }, { NULL, 0 } };
const struct flag shmget_flags[] = { { "creat", IPC_CREAT }, { "excl", IPC_EXCL }, { NULL, 0 } };
const struct flag shmat_flags[] = { { "rdonly", SHM_RDONLY },
				    { "rnd", SHM_RND },
				    { "remap", SHM_REMAP },
				    { "exec", SHM_EXEC },
				    { NULL, 0 } };

static const struct flag errors[] = {
	{ "EPERM", EPERM },
	{ "ENOENT", ENOENT },
	{ "ESRCH", ESRCH },
	{ "EINTR", EINTR },
	{ "EIO", EIO },
	{ "ENXIO", ENXIO },
	{ "E2BIG", E2BIG },
	{ "ENOEXEC", ENOEXEC },
	{ "EBADF", EBADF },
	{ "ECHILD", ECHILD },
	{ "EAGAIN", EAGAIN },
	{ "ENOMEM", ENOMEM },
	{ "EACCES", EACCES },
	{ "EFAULT", EFAULT },
	{ "ENOTBLK", ENOTBLK },
	{ "EBUSY", EBUSY },
	{ "EEXIST", EEXIST },
	{ "EXDEV", EXDEV },
	{ "ENODEV", ENODEV },
	{ "ENOTDIR", ENOTDIR },
	{ "EISDIR", EISDIR },
	{ "EINVAL", EINVAL },
	{ "ENFILE", ENFILE },
	{ "EMFILE", EMFILE },
	{ "ENOTTY", ENOTTY },
	{ "ETXTBSY", ETXTBSY },
	{ "EFBIG", EFBIG },
	{ "ENOSPC", ENOSPC },
	{ "ESPIPE", ESPIPE },
	{ "EROFS", EROFS },
	{ "EPIPE", EPIPE },
	{ "ERANGE", ERANGE },
	{ "ENOSYS", ENOSYS },
	{ "EIDRM", EIDRM },
	{ "EOVERFLOW", EOVERFLOW },
	{ "EOPNOTSUPP", EOPNOTSUPP },
	{ NULL, 0 },
};

int flags_of(const struct flag *known, const char *list)
{
	int bits = 0;

	for (; known->name != NULL; known++)
		if (has_flag(list, known->name))
			bits |= known->bits;
	return bits;
}

int prot_of(const char *letters)
{
	int prot = PROT_NONE;

	for (; *letters != '\0'; letters++)
		prot |= *letters == 'r'	  ? PROT_READ
			: *letters == 'w' ? PROT_WRITE
			: *letters == 'x' ? PROT_EXEC
					  : PROT_NONE;
	return prot;
}

int refused(long answer)
{
	return answer < 0 && answer > -4096;
}

void answer(long value)
{
	const struct flag *error = errors;

	if (!refused(value)) {
		show("ok");
		return;
	}
	while (error->name != NULL && error->bits != -value)
		error++;
	show(error->name != NULL ? error->name : "E");
	if (error->name == NULL)
		say_number((word)-value);
}

word operand(const struct request *request, int i)
{
	return expression(request->words[i]);
}

int small(const struct request *request, int i)
{
	return (int)expression(request->words[i]);
}
