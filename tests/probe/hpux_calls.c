/* SPDX-License-Identifier: MIT */
/*
 * HP-UX: what mmap and its kin let pass and what not; protection, holes and faults are the host's.
 */
#include <sched.h>
#include <signal.h>
#include <setjmp.h>

#include "probe.h"

static sigjmp_buf back;

static void caught(int sig)
{
	siglongjmp(back, sig);
}

static void touch(const char *what, volatile char *p, int write_it)
{
	int sig = sigsetjmp(back, 1);

	if (!sig) {
		if (write_it)
			*p = 'x';
		else
			(void)*p;
	}
	dprintf(1, "%s: %s\n", what, sig ? sigabbrev_np(sig) : "ok");
}

static void flags(int fd)
{
	void *at = anonymous(PAGE);

	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
	SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, fd, 0));
	SHOW(mmap(NULL, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		  0));
	SHOW(mmap((char *)at + 1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/", O_RDONLY), 0));
	SHOW(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/null", O_RDWR), 0));
	SHOW(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, open("/dev/zero", O_RDWR), 0));
}

static void ranges(void)
{
	char *at = anonymous(8 * PAGE), *guard = anonymous(2 * PAGE);

	SHOW(munmap(at + 2 * PAGE, PAGE));
	SHOW(munmap(at, 8 * PAGE));
	SHOW(munmap(at + 3 * PAGE, 5 * PAGE));
	SHOW(munmap(at, 0));
	SHOW(munmap(at + 1, PAGE));
	SHOW(munmap(at, 2 * PAGE));
	SHOW(mprotect(guard, PAGE, PROT_READ));
	touch("write where only reading is allowed", guard, 1);
	SHOW(mprotect(guard, PAGE, PROT_READ | PROT_WRITE));
	touch("write where it is allowed again", guard, 1);
	SHOW(mprotect(guard + 1, PAGE, PROT_READ));
	SHOW(madvise(guard, 2 * PAGE, MADV_SEQUENTIAL));
	SHOW(madvise(guard, PAGE, MADV_DONTNEED));
	SHOW(madvise(guard, PAGE, MADV_FREE));
	SHOW(msync(guard, PAGE, MS_SYNC));
	SHOW(mlock(guard, PAGE));
	SHOW(munlock(guard, PAGE));
}

static int nothing(void *arg)
{
	return arg != NULL;
}

static void absent(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	char *at = anonymous(2 * PAGE);
	int fd = memory_file();
	unsigned char vec[2];

	SHOW(mremap(at, 2 * PAGE, PAGE, 0));
	SHOW(mincore(at, PAGE, vec));
	SHOW(mlock2(at, PAGE, 0));
	SHOW(remap_file_pages(at, PAGE, 0, 0, 0));
	SHOW(memfd_create("x", 0));
	SHOW(fallocate(fd, 0, 0, PAGE));
	SHOW_ERROR(posix_fallocate(fd, 0, PAGE));
	dprintf(1, "clone: %s\n",
		status_of(clone(nothing, stack + sizeof stack, SIGCHLD, NULL))
			? strerrorname_np(errno)
			: "ok");
	dprintf(1, "fork: %d\n", ({
			pid_t pid = fork();
			if (!pid)
				_exit(7);
			status_of(pid);
		}));
}

int main(void)
{
	struct sigaction action = { .sa_handler = caught };
	int fd = disk_file(PAGE + 100);
	char *file;

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	flags(fd);
	ranges();
	absent();
	file = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	touch("last partial page of a file", file + PAGE + 200, 0);
	touch("page behind the end of a file", file + 2 * PAGE, 0);
	SHOW(msync(file, PAGE, MS_SYNC));
	SHOW(ftruncate(fd, PAGE));
	SHOW(brk((char *)sbrk(0) + 3 * PAGE));
	return 0;
}
