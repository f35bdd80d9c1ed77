/* SPDX-License-Identifier: MIT */
/* HP-UX: swap is reserved for what could be written, and given back. */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>

#include "probe.h"

#define SIZE (4 * MIB)
#define NORESERVE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* KiB that can still be reserved. */
static long left(void)
{
	struct sysinfo info;

	sysinfo(&info);
	return (long)(info.freeram * info.mem_unit / 1024);
}

static int child_of_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid < 0 ? -errno : status_of(pid);
}

int main(void)
{
	long before = left();
	int id;
	char *a, *b;
	int fd = disk_file(16);

	a = anonymous(SIZE);
	dprintf(1, "4 MiB of memory: %ld\n", (before - left() + 512) / 1024);
	b = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	dprintf(1, "4 MiB without access: %ld\n", (before - left() + 512) / 1024);
	munmap(b, SIZE / 2);
	munmap(b + SIZE / 2, SIZE / 2);
	dprintf(1, "given back: %ld\n", (before - left() + 512) / 1024);
	b = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	dprintf(1, "4 MiB of a file, shared: %ld\n", (before - left() + 512) / 1024);
	munmap(b, SIZE);
	b = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, NORESERVE, -1, 0);
	dprintf(1, "4 MiB without reserve: %ld\n", (before - left() + 512) / 1024);
	memset(b, 1, 2 * MIB);
	memset(b + 3 * MIB, 1, MIB);
	SHOW(madvise(b + 3 * MIB, MIB, MADV_DONTNEED));
	dprintf(1, "2 of them written: %ld\n", (before - left() + 512) / 1024);
	munmap(b, SIZE);
	id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	dprintf(1, "4 MiB of a segment: %ld\n", (before - left() + 512) / 1024);
	shmctl(id, IPC_RMID, NULL);
	dprintf(1, "removed: %ld\n", (before - left() + 512) / 1024);
	dprintf(1, "malloc of 20 MiB: %s\n", malloc(20 * MIB) ? "ok" : strerrorname_np(errno));
	SHOW(sbrk(20 * MIB));
	SHOW(shmget(IPC_PRIVATE, 20 * MIB, IPC_CREAT | 0600));
	SHOW_NUMBER(child_of_fork());
	b = anonymous((size_t)left() * 1024 / 3 * 2);
	dprintf(1, "fork without the swap for a second one: %s\n",
		strerrorname_np(-child_of_fork()));
	munmap(a, SIZE);
	munmap(b, SIZE);
	dprintf(1, "more than is left can be had without reserve: %d\n",
		(b = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, NORESERVE, -1, 0)) != MAP_FAILED);
	memset(b, 1, 16 * MIB); /* HP-UX: SIGBUS on the way; here a finding */
	return 0;
}
