/* SPDX-License-Identifier: MIT */
/*
 * A process keeps its record locks whatever it does with the file: closing any descriptor of a
 * file drops them, so nobody may open and close one behind its back.
 */
#include "probe.h"

static char path[] = "/dev/shm/nommu-probe-XXXXXX";

static void set_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_SETLK, &lock))
		abort();
}

/* Another description of the file sees the lock, as another process would. */
static const char *look(int other)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(other, F_OFD_GETLK, &lock))
		return strerrorname_np(errno);
	return lock.l_type == F_UNLCK ? "lost" : "kept";
}

#define AFTER(call)                                                                                \
	do {                                                                                       \
		set_lock(fd);                                                                      \
		errno = 0;                                                                         \
		long result_ = (call);                                                             \
		show(#call, result_, errno);                                                       \
		dprintf(1, "the lock is %s\n", look(other));                                       \
	} while (0)

static long map(int fd, int flags, off_t off)
{
	return mmap(NULL, PAGE, PROT_READ, flags, fd, off) == MAP_FAILED ? -1 : 0;
}

int main(void)
{
	int fd = mkstemp(path), other = open(path, O_RDONLY), written = memory_file();

	SHOW(ftruncate(fd, 4 * PAGE));
	AFTER(map(other, MAP_SHARED, 0));
	AFTER(map(other, MAP_PRIVATE, PAGE));
	AFTER(truncate(path, 4 * PAGE));
	AFTER(truncate(path, 3 * PAGE));
	AFTER(open(path, O_RDWR | O_TRUNC));
	unlink(path);
	fd = other = written;
	SHOW(write(fd, "pages that came one by one", 26) == 26 ? 0 : -1);
	AFTER(map(fd, MAP_SHARED, 0));
	SHOW_NUMBER(lseek(fd, 0, SEEK_CUR));
	return 0;
}
