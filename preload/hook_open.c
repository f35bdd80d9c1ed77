/* SPDX-License-Identifier: MIT */
/*
 * hook_open.c - open and fopen, for three kinds of file: /proc/meminfo is answered with the board's
 * RAM, and O_TRUNC of a file that is memory gives its pages back, or may not because they are
 * mapped.
 */
#include "open.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guard.h"
#include "real.h"

#include "base/raw.h"
#include "base/types.h"

int __open_2(const char *, int);
int __openat_2(int, const char *, int);

static bool physical_memory_is(const char *path)
{
	return path && path[0] == '/' && path[1] == 'd' && strcmp(path, "/dev/mem") == 0;
}

/*
 * Run with --device: the board's memory, never the host's. A mapping then picks the window's place.
 */
static long physical_memory_open(int flags)
{
	const struct conf *conf = sys_conf();

	if (conf->mode != MODE_RUN || !conf->devices)
		return OPEN_NOT_OURS;
	return raw_openat(AT_FDCWD, conf->device[0].path, flags & (O_ACCMODE | O_CLOEXEC), 0);
}

long open_ours(uint64_t site, int dir, const char *path, int flags)
{
	long refused;

	if (likely(!(flags & O_TRUNC) && !meminfo_is(path) && !physical_memory_is(path)))
		return OPEN_NOT_OURS;
	if (!guard_active())
		return OPEN_NOT_OURS;
	if (physical_memory_is(path))
		return physical_memory_open(flags);
	/* What is there is not cut: the open fails. */
	if (flags & O_CREAT && flags & O_EXCL)
		return OPEN_NOT_OURS;
	if (!(flags & O_TRUNC))
		return (flags & O_ACCMODE) == O_RDONLY ? meminfo_open(flags) : OPEN_NOT_OURS;
	refused = sys_open_truncating(site, dir, path);
	return refused ? refused : OPEN_NOT_OURS;
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(args, mode_t) : 0;
}

nommu_export int open(const char *path, int flags, ...)
{
	long ours = open_ours(HOOK_SITE, AT_FDCWD, path, flags);
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return ours != OPEN_NOT_OURS ? (int)hook_answer(ours) : real.open(path, flags, mode);
}
HOOK_ALIAS(open, open64);
HOOK_ALIAS(open, __open);
HOOK_ALIAS(open, __open64);

nommu_export int __open_2(const char *path, int flags)
{
	long ours = open_ours(HOOK_SITE, AT_FDCWD, path, flags);

	return ours != OPEN_NOT_OURS ? (int)hook_answer(ours) : real.__open_2(path, flags);
}
HOOK_ALIAS(__open_2, __open64_2);

nommu_export int openat(int dir, const char *path, int flags, ...)
{
	long ours = open_ours(HOOK_SITE, dir, path, flags);
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return ours != OPEN_NOT_OURS ? (int)hook_answer(ours) : real.openat(dir, path, flags, mode);
}
HOOK_ALIAS(openat, openat64);

nommu_export int __openat_2(int dir, const char *path, int flags)
{
	long ours = open_ours(HOOK_SITE, dir, path, flags);

	return ours != OPEN_NOT_OURS ? (int)hook_answer(ours) : real.__openat_2(dir, path, flags);
}
HOOK_ALIAS(__openat_2, __openat64_2);

nommu_export int creat(const char *path, mode_t mode)
{
	long ours = open_ours(HOOK_SITE, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC);

	return ours != OPEN_NOT_OURS ? (int)hook_answer(ours) : real.creat(path, mode);
}
HOOK_ALIAS(creat, creat64);

/* The part of a stdio mode that matters here; what follows a comma is glibc's own. */
static int flags_of(const char *mode)
{
	size_t len = strcspn(mode, ",");
	int flags = memchr(mode, '+', len) ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;

	if (memchr(mode, 'e', len))
		flags |= O_CLOEXEC;
	if (memchr(mode, 'x', len))
		flags |= O_CREAT | O_EXCL;
	return *mode == 'w' ? flags | O_TRUNC : flags;
}

nommu_export FILE *fopen(const char *path, const char *mode)
{
	long ours = open_ours(HOOK_SITE, AT_FDCWD, path, flags_of(mode));
	FILE *stream = NULL;

	if (ours == OPEN_NOT_OURS)
		return real.fopen(path, mode);
	if (hook_answer(ours) >= 0)
		stream = fdopen((int)ours, mode);
	if (!stream && ours >= 0)
		raw_close((int)ours);
	return stream;
}
HOOK_ALIAS(fopen, fopen64);

/* A reopened stream keeps its identity, so only truncation is looked at. */
nommu_export FILE *freopen(const char *path, const char *mode, FILE *stream)
{
	int flags = flags_of(mode);
	long ours = path && (flags & O_TRUNC) ? open_ours(HOOK_SITE, AT_FDCWD, path, flags)
					      : OPEN_NOT_OURS;

	return ours != OPEN_NOT_OURS && hook_answer(ours) < 0 ? NULL
							      : real.freopen(path, mode, stream);
}
HOOK_ALIAS(freopen, freopen64);
