/* SPDX-License-Identifier: MIT */
/*
 * raw.h - the kernel's system calls, called directly. Each returns the kernel's value or
 * -errno; none touches errno, takes a lock or can be interposed, so they may be called
 * from anywhere, at any time.
 */
#ifndef NOMMU_BASE_RAW_H
#define NOMMU_BASE_RAW_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#if defined(__x86_64__)
static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "nommu runs on x86-64 and aarch64 hosts"
#endif

#define raw_call0(n) raw_syscall((n), 0, 0, 0, 0, 0, 0)
#define raw_call1(n, a) raw_syscall((n), (long)(a), 0, 0, 0, 0, 0)
#define raw_call2(n, a, b) raw_syscall((n), (long)(a), (long)(b), 0, 0, 0, 0)
#define raw_call3(n, a, b, c) raw_syscall((n), (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define raw_call4(n, a, b, c, d) raw_syscall((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static inline long raw_mmap(uint64_t addr, size_t len, int prot, int flags, int fd, int64_t off)
{
	return raw_syscall(SYS_mmap, (long)addr, (long)len, prot, flags, fd, off);
}

static inline long raw_munmap(uint64_t addr, size_t len)
{
	return raw_call2(SYS_munmap, addr, len);
}

static inline long raw_mremap(uint64_t addr, size_t old_len, size_t new_len, int flags, uint64_t to)
{
	return raw_syscall(SYS_mremap, (long)addr, (long)old_len, (long)new_len, flags, (long)to,
			   0);
}

static inline long raw_mprotect(uint64_t addr, size_t len, int prot)
{
	return raw_call3(SYS_mprotect, addr, len, prot);
}

static inline long raw_madvise(uint64_t addr, size_t len, int advice)
{
	return raw_call3(SYS_madvise, addr, len, advice);
}

static inline long raw_openat(int dir, const char *path, int flags, int mode)
{
	return raw_call4(SYS_openat, dir, path, flags, mode);
}

static inline long raw_close(int fd)
{
	return raw_call1(SYS_close, fd);
}

static inline long raw_read(int fd, void *buf, size_t len)
{
	return raw_call3(SYS_read, fd, buf, len);
}

static inline long raw_pread(int fd, void *buf, size_t len, int64_t off)
{
	return raw_call4(SYS_pread64, fd, buf, len, off);
}

static inline long raw_write(int fd, const void *buf, size_t len)
{
	return raw_call3(SYS_write, fd, buf, len);
}

static inline long raw_ftruncate(int fd, int64_t len)
{
	return raw_call2(SYS_ftruncate, fd, len);
}

/*
 * On tmpfs Linux 6.1 ends it, with nothing done, when any signal is pending (mm/shmem.c:2848); 6.12
 * only for one that kills. A timer that is faster than the call could do so for ever.
 */
static inline long raw_fallocate(int fd, int mode, int64_t off, int64_t len)
{
	enum { MOST_TRIES = 100 };
	long result = -EINTR;

	for (int i = 0; i < MOST_TRIES && result == -EINTR; i++)
		result = raw_call4(SYS_fallocate, fd, mode, off, len);
	return result;
}

/*
 * Whether a file of this size would be beyond RLIMIT_FSIZE:
 * making one sends SIGXFSZ, which ends the program.
 */
static inline bool raw_above_limit(uint64_t bytes)
{
	uint64_t limit[2];

	return raw_call4(SYS_prlimit64, 0, 1 /* RLIMIT_FSIZE */, NULL, limit) == 0 &&
	       limit[0] < bytes;
}

static inline long raw_unlink(const char *path)
{
	return raw_call3(SYS_unlinkat, -100 /* AT_FDCWD */, path, 0);
}

static inline int raw_getpid(void)
{
	return (int)raw_call0(SYS_getpid);
}

static inline int raw_gettid(void)
{
	return (int)raw_call0(SYS_gettid);
}

static inline long raw_kill(int pid, int sig)
{
	return raw_call2(SYS_kill, pid, sig);
}

static inline long raw_tgkill(int pid, int tid, int sig)
{
	return raw_call3(SYS_tgkill, pid, tid, sig);
}

static inline long raw_futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return raw_call4(SYS_futex, word, op, value, timeout);
}

/* The kernel's signal set is 64 bits; glibc's sigprocmask would keep its internal signals open. */
static inline long raw_sigmask(int how, const uint64_t *set, uint64_t *old)
{
	return raw_call4(SYS_rt_sigprocmask, how, set, old, sizeof *set);
}

/* An entry of getdents64. */
struct raw_entry {
	uint64_t ino;
	int64_t off;
	uint16_t size; /* of this entry, bytes */
	uint8_t type;
	char name[];
};

#endif
