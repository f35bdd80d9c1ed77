/* SPDX-License-Identifier: MIT */
/* probe.h - a probe makes calls and prints each answer: "ok", a number, or the errno's name. */
#ifndef NOMMU_TESTS_PROBE_H
#define NOMMU_TESTS_PROBE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB (1UL << 20)

static inline void show(const char *what, long result, int error)
{
	dprintf(1, "%s: %s\n", what, result == -1 ? strerrorname_np(error) : "ok");
}

/* For calls that answer -1 and errno. */
#define SHOW(call)                                                                                 \
	do {                                                                                       \
		errno = 0;                                                                         \
		long result_ = (long)(call);                                                       \
		show(#call, result_, errno);                                                       \
	} while (0)

/* For calls that answer an error, or any number. */
#define SHOW_ERROR(call)                                                                           \
	do {                                                                                       \
		int error_ = (call);                                                               \
		show(#call, error_ ? -1 : 0, error_);                                              \
	} while (0)
#define SHOW_NUMBER(call) dprintf(1, "%s: %ld\n", #call, (long)(call))

static inline void *anonymous(size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* An empty, unlinked file on tmpfs, or in the current directory, which is on a disk. */
static inline int memory_file(void)
{
	char path[] = "/dev/shm/nommu-probe-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	return fd;
}

static inline int disk_file(size_t size)
{
	char path[] = "probe-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	for (size_t i = 0; i < size; i += 16)
		if (write(fd, "0123456789abcdef", 16) != 16)
			abort();
	return fd;
}

/* Waits; the exit status, or 128 + the signal. */
static inline int status_of(pid_t pid)
{
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
