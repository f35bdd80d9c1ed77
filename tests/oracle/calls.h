/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a scenario can make, each answering a value or -errno.
 *
 * Two files implement them: calls_guest.c with bare system calls for a real no-MMU kernel, where
 * there is no C library, and calls_host.c through the C library, where a preloaded library can
 * answer instead. The interpreter in probe.c knows nothing else of its surroundings.
 */
#ifndef ORACLE_CALLS_H
#define ORACLE_CALLS_H

#include <stddef.h>

typedef unsigned long word;

/* A child's end, as call_wait() tells it. */
enum { CHILD_EXITED, CHILD_KILLED, CHILD_PAUSED };

struct child_state {
	int how;  /* CHILD_... */
	int code; /* exit status or signal */
};

struct shm_state {
	word size;     /* bytes asked for */
	word attached; /* how many attachments */
};

/* Special descriptors that call_special() opens. */
enum special {
	SPECIAL_SOCKET,
	SPECIAL_EVENTFD,
	SPECIAL_EPOLL,
	SPECIAL_TIMERFD,
	SPECIAL_INOTIFY,
	SPECIAL_SIGNALFD
};

long call_open(const char *path, int flags);
long call_close(int fd);
long call_read(int fd, void *buffer, size_t size);
long call_pread(int fd, void *buffer, size_t size, word offset);
long call_pwrite(int fd, const void *buffer, size_t size, word offset);
long call_unlink(const char *path);
long call_ftruncate(int fd, word size);
long call_truncate(const char *path, word size);
long call_fallocate(int fd, word size);
long call_memfd(void);
long call_pipe(int ends[2]);
long call_special(enum special what);
void call_print(const char *text, size_t size);

long call_mmap(word addr, word len, int prot, int flags, int fd, word offset);
long call_munmap(word addr, word len);
long call_mremap(word addr, word old_len, word new_len, int flags, word new_addr);
long call_mprotect(word addr, word len, int prot);
long call_msync(word addr, word len, int flags);
long call_madvise(word addr, word len, int advice);
long call_mlock(word addr, word len);
long call_munlock(word addr, word len);
long call_mlockall(int flags);
long call_munlockall(void);
long call_mincore(word addr, word len, unsigned char *pages);
long call_remap_file_pages(word addr, word len);
long call_brk(word delta); /* 0, or -ENOMEM when the break stays where it was */

long call_shmget(int key, word size, int flags);
long call_shmat(int id, word addr, int flags);
long call_shmdt(word addr);
long call_shm_remove(int id);
long call_shm_state(int id, struct shm_state *state);

long call_fork_exit(int status);
long call_vfork_exit(int status);
long call_vfork_mmap(word len, word *addr); /* a vfork child maps anonymous memory and exits */
long call_spawn(char *const argv[]);	    /* the probe itself, with another scenario */
long call_wait(long pid, struct child_state *state);
long call_continue(long pid);
long call_kill(long pid);
void call_pause(void); /* stops until the parent continues it */

/* The interpreter, for the two entry points. */
int probe_run(int argc, char **argv);

#endif
