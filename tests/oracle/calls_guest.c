/* SPDX-License-Identifier: MIT */
/*
 * calls_guest.c - bare system calls for the guest (riscv64, static PIE, no C library). Children are
 * always made with vfork semantics: there is no other on a machine without an MMU, and a child must
 * not return from the function that made it.
 */
#include "guest.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/shm.h>
#include <linux/wait.h>
#include <signal.h>
#include <sys/mman.h>

#define CLONE_VM_FLAG 0x100L
#define CLONE_VFORK_FLAG 0x4000L

/* The compiler calls these two by itself. */
void *memset(void *to, int byte, size_t size)
{
	volatile unsigned char *p = to;

	while (size--)
		*p++ = (unsigned char)byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
	volatile unsigned char *p = to;
	const unsigned char *q = from;

	while (size--)
		*p++ = *q++;
	return to;
}

long call_open(const char *path, int flags)
{
	return TRAP4(openat, AT_FDCWD, path, flags, 0644);
}

long call_close(int fd)
{
	return TRAP1(close, fd);
}

long call_read(int fd, void *buffer, size_t size)
{
	return TRAP3(read, fd, buffer, size);
}

long call_pread(int fd, void *buffer, size_t size, word offset)
{
	return TRAP4(pread64, fd, buffer, size, offset);
}

long call_pwrite(int fd, const void *buffer, size_t size, word offset)
{
	return TRAP4(pwrite64, fd, buffer, size, offset);
}

long call_unlink(const char *path)
{
	return TRAP3(unlinkat, AT_FDCWD, path, 0);
}

long call_ftruncate(int fd, word size)
{
	return TRAP2(ftruncate, fd, size);
}

long call_truncate(const char *path, word size)
{
	return TRAP2(truncate, path, size);
}

long call_fallocate(int fd, word size)
{
	return TRAP4(fallocate, fd, 0, 0, size);
}

long call_memfd(void)
{
	return TRAP2(memfd_create, "probe", 0);
}

long call_pipe(int ends[2])
{
	return TRAP2(pipe2, ends, 0);
}

long call_special(enum special what)
{
	unsigned long set = 0;

	switch (what) {
	case SPECIAL_SOCKET:
		return TRAP3(socket, 1, 1, 0);
	case SPECIAL_EVENTFD:
		return TRAP2(eventfd2, 0, 0);
	case SPECIAL_EPOLL:
		return TRAP1(epoll_create1, 0);
	case SPECIAL_TIMERFD:
		return TRAP2(timerfd_create, 1, 0);
	case SPECIAL_INOTIFY:
		return TRAP1(inotify_init1, 0);
	case SPECIAL_SIGNALFD:
		return TRAP4(signalfd4, -1, &set, sizeof(set), 0);
	}
	return -ENOSYS;
}

void call_print(const char *text, size_t size)
{
	TRAP3(write, 1, text, size);
}

long call_mmap(word addr, word len, int prot, int flags, int fd, word offset)
{
	return TRAP6(mmap, addr, len, prot, flags, fd, offset);
}

long call_munmap(word addr, word len)
{
	return TRAP2(munmap, addr, len);
}

long call_mremap(word addr, word old_len, word new_len, int flags, word new_addr)
{
	return TRAP5(mremap, addr, old_len, new_len, flags, new_addr);
}

long call_mprotect(word addr, word len, int prot)
{
	return TRAP3(mprotect, addr, len, prot);
}

long call_msync(word addr, word len, int flags)
{
	return TRAP3(msync, addr, len, flags);
}

long call_madvise(word addr, word len, int advice)
{
	return TRAP3(madvise, addr, len, advice);
}

long call_mlock(word addr, word len)
{
	return TRAP2(mlock, addr, len);
}

long call_munlock(word addr, word len)
{
	return TRAP2(munlock, addr, len);
}

long call_mlockall(int flags)
{
	return TRAP1(mlockall, flags);
}

long call_munlockall(void)
{
	return TRAP1(munlockall, 0);
}

long call_mincore(word addr, word len, unsigned char *pages)
{
	return TRAP3(mincore, addr, len, pages);
}

long call_remap_file_pages(word addr, word len)
{
	return TRAP5(remap_file_pages, addr, len, 0, 0, 0);
}

long call_brk(word delta)
{
	word now = (word)TRAP1(brk, 0);

	return (word)TRAP1(brk, now + delta) == now + delta ? 0 : -ENOMEM;
}

long call_shmget(int key, word size, int flags)
{
	return TRAP3(shmget, key, size, flags);
}

long call_shmat(int id, word addr, int flags)
{
	return TRAP3(shmat, id, addr, flags);
}

long call_shmdt(word addr)
{
	return TRAP1(shmdt, addr);
}

long call_shm_remove(int id)
{
	return TRAP3(shmctl, id, IPC_RMID, 0);
}

long call_shm_state(int id, struct shm_state *state)
{
	static struct shmid64_ds found;
	long answer = TRAP3(shmctl, id, IPC_STAT, &found);

	state->size = found.shm_segsz;
	state->attached = found.shm_nattch;
	return answer;
}

/*
 * On this kernel a clone without CLONE_VM shares the stack
 * all the same: nothing may be called before the end.
 */
long call_fork_exit(int status)
{
	long pid = TRAP5(clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		TRAP1(exit_group, status);
	return pid;
}

long call_vfork_exit(int status)
{
	long pid = TRAP5(clone, CLONE_VFORK_FLAG | CLONE_VM_FLAG | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		TRAP1(exit, status);
	return pid;
}

long call_vfork_mmap(word len, word *addr)
{
	static volatile long got;
	struct child_state state;
	long pid = TRAP5(clone, CLONE_VFORK_FLAG | CLONE_VM_FLAG | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		got = TRAP6(mmap, 0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
		TRAP1(exit, 0);
	}
	if (pid < 0)
		return pid;
	call_wait(pid, &state);
	*addr = (word)got;
	return got;
}

long call_spawn(char *const argv[])
{
	static char *const no_environment[] = { NULL };
	long pid = TRAP5(clone, CLONE_VFORK_FLAG | CLONE_VM_FLAG | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		TRAP3(execve, "/probe", argv, no_environment);
		TRAP1(exit, 127);
	}
	return pid;
}

long call_wait(long pid, struct child_state *state)
{
	int status = 0;
	long answer = TRAP4(wait4, pid, &status, WUNTRACED, 0);

	if ((status & 0x7f) == 0) {
		state->how = CHILD_EXITED;
		state->code = status >> 8 & 0xff;
	} else if ((status & 0xff) == 0x7f) {
		state->how = CHILD_PAUSED;
		state->code = status >> 8 & 0xff;
	} else {
		state->how = CHILD_KILLED;
		state->code = status & 0x7f;
	}
	return answer;
}

long call_continue(long pid)
{
	return TRAP2(kill, pid, SIGCONT);
}

long call_kill(long pid)
{
	return TRAP2(kill, pid, SIGKILL);
}

void call_pause(void)
{
	TRAP2(kill, TRAP1(getpid, 0), SIGSTOP);
}
