/* SPDX-License-Identifier: MIT */
/* Another interposer: it counts mmap and open, and asks for the next one with dlsym, as they do. */
#include <dlfcn.h>
#include <stdarg.h>

#include "probe.h"

static int calls;

int other_saw(void);

int other_saw(void)
{
	return calls;
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	void *(*next)(void *, size_t, int, int, int, off_t) =
		(void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");

	calls++;
	return next(addr, len, prot, flags, fd, off);
}

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) =
		(int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	calls++;
	return next(path, flags, mode);
}
