/* SPDX-License-Identifier: MIT */
/* HP-UX: a shared page has one address for the whole machine. */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "probe.h"

static void *map(int fd, size_t pages, size_t page)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)(page * PAGE));
}

static void one_process(int fd)
{
	char *first = map(fd, 4, 2), *other;

	dprintf(1, "the same again is at the same address: %d\n", map(fd, 4, 2) == first);
	dprintf(1, "a part is at its place: %d\n", map(fd, 1, 3) == first + PAGE);
	SHOW(map(fd, 8, 0));
	SHOW(map(fd, 2, 5));
	other = map(fd, 2, 6);
	dprintf(1, "another range is elsewhere: %d\n",
		other != MAP_FAILED && other >= first + 4 * PAGE);
	SHOW(mmap(first, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 2 * PAGE));
	SHOW(mmap(first, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 3 * PAGE));
	SHOW(mmap(NULL, 8 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
	SHOW(munmap(first, 4 * PAGE));
	SHOW(munmap(first, 4 * PAGE));
	SHOW(munmap(other, 2 * PAGE));
	SHOW(map(fd, 8, 0));
}

/* Another program image maps the file for itself: at the address that we have. */
static void another_process(const char *self, const char *path, char *mine)
{
	char address[32];
	pid_t pid;

	snprintf(address, sizeof address, "%p", (void *)mine);
	pid = vfork();
	if (!pid) {
		execl(self, self, path, address, (char *)NULL);
		_exit(127);
	}
	dprintf(1, "another process has it at the same address: %d\n", status_of(pid) == 0);
	dprintf(1, "and wrote: %s\n", mine);
}

static void segments(void)
{
	int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
	char *at = shmat(id, NULL, 0);
	pid_t pid;

	SHOW(at);
	SHOW(shmat(id, NULL, 0));
	SHOW(shmat(id, at + PAGE, 0));
	pid = fork();
	if (!pid) {
		shmdt(at);
		_exit(shmat(id, NULL, 0) == at && shmdt(at) == 0 && shmat(id, at, 0) == at ? 0 : 1);
	}
	dprintf(1, "a child has the segment where we have it: %d\n", status_of(pid) == 0);
	SHOW(shmdt(at + PAGE));
	SHOW(shmdt(at));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

int main(int argc, char **argv)
{
	char path[] = "probe-XXXXXX";
	char *mine;
	int fd;

	if (argc > 2) {
		fd = open(argv[1], O_RDWR);
		mine = map(fd, 1, 0);
		if (mine == (char *)strtoul(argv[2], NULL, 16))
			strcpy(mine, "hello");
		return mine != (char *)strtoul(argv[2], NULL, 16);
	}
	fd = mkstemp(path);
	if (ftruncate(fd, 8 * PAGE))
		return 1;
	one_process(fd);
	mine = map(fd, 8, 0);
	another_process(argv[0], path, mine);
	unlink(path);
	segments();
	return 0;
}
