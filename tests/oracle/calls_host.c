/* SPDX-License-Identifier: MIT */
/*
 * The calls through the C library, for a machine where a preloaded library answers.
 *
 * Paths of a scenario mean folders of the guest; ORACLE_MAP ("/disk=/var/tmp/x:/tmp=/dev/shm/y")
 * says where they are here, so that a scenario and its recording stay the same text on both sides.
 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static long answered(long result)
{
	return result == -1 ? -errno : result;
}

static long answered_pointer(const void *result)
{
	return result == MAP_FAILED ? -errno : (long)result;
}

/* Longest prefixes are not needed: the guest's folders are never one inside another. */
static const char *local(const char *path)
{
	static char found[PATH_MAX];
	const char *map = getenv("ORACLE_MAP");

	while (map != NULL && *map != '\0') {
		size_t entry = strcspn(map, ":"), prefix = strcspn(map, "=");

		if (strncmp(path, map, prefix) == 0 &&
		    (path[prefix] == '/' || path[prefix] == '\0')) {
			snprintf(found, sizeof(found), "%.*s%s", (int)(entry - prefix - 1),
				 map + prefix + 1, path + prefix);
			return found;
		}
		map += entry + (map[entry] == ':');
	}
	return path;
}

long call_open(const char *path, int flags)
{
	return answered(open(local(path), flags, 0644));
}

long call_close(int fd)
{
	return answered(close(fd));
}

long call_read(int fd, void *buffer, size_t size)
{
	return answered(read(fd, buffer, size));
}

long call_pread(int fd, void *buffer, size_t size, word offset)
{
	return answered(pread(fd, buffer, size, (off_t)offset));
}

long call_pwrite(int fd, const void *buffer, size_t size, word offset)
{
	return answered(pwrite(fd, buffer, size, (off_t)offset));
}

long call_unlink(const char *path)
{
	return answered(unlink(local(path)));
}

long call_ftruncate(int fd, word size)
{
	return answered(ftruncate(fd, (off_t)size));
}

long call_truncate(const char *path, word size)
{
	return answered(truncate(local(path), (off_t)size));
}

long call_fallocate(int fd, word size)
{
	return answered(fallocate(fd, 0, 0, (off_t)size));
}

long call_memfd(void)
{
	return answered(memfd_create("probe", 0));
}

long call_pipe(int ends[2])
{
	return answered(pipe(ends));
}

long call_special(enum special what)
{
	sigset_t none;

	switch (what) {
	case SPECIAL_SOCKET:
		return answered(socket(AF_UNIX, SOCK_STREAM, 0));
	case SPECIAL_EVENTFD:
		return answered(eventfd(0, 0));
	case SPECIAL_EPOLL:
		return answered(epoll_create1(0));
	case SPECIAL_TIMERFD:
		return answered(timerfd_create(CLOCK_MONOTONIC, 0));
	case SPECIAL_INOTIFY:
		return answered(inotify_init1(0));
	case SPECIAL_SIGNALFD:
		sigemptyset(&none);
		return answered(signalfd(-1, &none, 0));
	}
	return -ENOSYS;
}

void call_print(const char *text, size_t size)
{
	if (write(STDOUT_FILENO, text, size) < 0)
		_exit(2);
}

long call_mmap(word addr, word len, int prot, int flags, int fd, word offset)
{
	return answered_pointer(mmap((void *)addr, len, prot, flags, fd, (off_t)offset));
}

long call_munmap(word addr, word len)
{
	return answered(munmap((void *)addr, len));
}

long call_mremap(word addr, word old_len, word new_len, int flags, word new_addr)
{
	return answered_pointer(mremap((void *)addr, old_len, new_len, flags, (void *)new_addr));
}

long call_mprotect(word addr, word len, int prot)
{
	return answered(mprotect((void *)addr, len, prot));
}

long call_msync(word addr, word len, int flags)
{
	return answered(msync((void *)addr, len, flags));
}

long call_madvise(word addr, word len, int advice)
{
	return answered(madvise((void *)addr, len, advice));
}

long call_mlock(word addr, word len)
{
	return answered(mlock((void *)addr, len));
}

long call_munlock(word addr, word len)
{
	return answered(munlock((void *)addr, len));
}

long call_mlockall(int flags)
{
	return answered(mlockall(flags));
}

long call_munlockall(void)
{
	return answered(munlockall());
}

long call_mincore(word addr, word len, unsigned char *pages)
{
	return answered(mincore((void *)addr, len, pages));
}

long call_remap_file_pages(word addr, word len)
{
	return answered(remap_file_pages((void *)addr, len, 0, 0, 0));
}

long call_brk(word delta)
{
	return brk((char *)sbrk(0) + delta) == 0 ? 0 : -ENOMEM;
}

long call_shmget(int key, word size, int flags)
{
	return answered(shmget(key, size, flags));
}

long call_shmat(int id, word addr, int flags)
{
	return answered_pointer(shmat(id, (void *)addr, flags));
}

long call_shmdt(word addr)
{
	return answered(shmdt((void *)addr));
}

long call_shm_remove(int id)
{
	return answered(shmctl(id, IPC_RMID, NULL));
}

long call_shm_state(int id, struct shm_state *state)
{
	struct shmid_ds found = { 0 };
	long answer = answered(shmctl(id, IPC_STAT, &found));

	state->size = found.shm_segsz;
	state->attached = found.shm_nattch;
	return answer;
}

long call_fork_exit(int status)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	return answered(pid);
}

long call_vfork_exit(int status)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(status);
	return answered(pid);
}

long call_vfork_mmap(word len, word *addr)
{
	static volatile long got;
	struct child_state state;
	pid_t pid = vfork();

	if (pid == 0) {
		got = call_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	call_wait(pid, &state);
	*addr = (word)got;
	return got;
}

long call_spawn(char *const argv[])
{
	pid_t pid;
	int error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ);

	return error != 0 ? -error : pid;
}

long call_wait(long pid, struct child_state *state)
{
	int status = 0;
	long answer = answered(waitpid((pid_t)pid, &status, WUNTRACED));

	if (WIFSTOPPED(status)) {
		state->how = CHILD_PAUSED;
		state->code = WSTOPSIG(status);
	} else if (WIFSIGNALED(status)) {
		state->how = CHILD_KILLED;
		state->code = WTERMSIG(status);
	} else {
		state->how = CHILD_EXITED;
		state->code = WEXITSTATUS(status);
	}
	return answer;
}

long call_continue(long pid)
{
	return answered(kill((pid_t)pid, SIGCONT));
}

long call_kill(long pid)
{
	return answered(kill((pid_t)pid, SIGKILL));
}

void call_pause(void)
{
	raise(SIGSTOP);
}

int main(int argc, char **argv)
{
	return probe_run(argc, argv);
}
