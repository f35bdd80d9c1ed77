/* SPDX-License-Identifier: MIT */
/* life.c - see life.h: /proc/ID/stat, read without libc. */
#include "arena/life.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/compiler.h"
#include "base/raw.h"
#include "base/say.h"

#define TICKS 100 /* a second; what the kernel tells programs, whatever its own tick is */

static uint64_t number(const char *p)
{
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	return value;
}

/* The name is in parentheses and may hold anything: the fields count from the last one. */
static int parse(const char *text, struct life *life)
{
	const char *p = strrchr(text, ')');

	for (unsigned field = 3; p && field <= 22; field++) {
		p = strchr(p + 1, ' ');
		if (!p)
			return -EIO;
		if (field == 3)
			life->state = p[1];
		else if (field == 4)
			life->ppid = (uint32_t)number(p + 1);
		else if (field == 20)
			life->threads = (uint32_t)number(p + 1);
		else if (field == 22)
			life->started = number(p + 1);
	}
	return p ? 0 : -EIO;
}

int life_read(uint32_t id, struct life *life)
{
	char path[40], text[1024];
	long fd, n;

	say_format(path, sizeof path, "/proc/%u/stat", id);
	fd = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : (int)fd;
	n = raw_read((int)fd, text, sizeof text - 1);
	raw_close((int)fd);
	if (n <= 0)
		return n ? (int)n : -EIO;
	text[n] = '\0';
	return parse(text, life);
}

uint64_t life_clock(void)
{
	struct timespec now = { 0, 0 };

	raw_call2(SYS_clock_gettime, CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * TICKS + (uint64_t)now.tv_nsec / (1000000000 / TICKS);
}

static bool ended(const struct life *life)
{
	return life->state == 'Z' || life->state == 'X';
}

bool life_of_thread(uint32_t tid, uint32_t seen)
{
	struct life life = { 0 };
	int error = life_read(tid, &life);

	/*
	 * Without descriptors or /proc nothing is known:
	 * better wait than tear a lock from the living.
	 */
	if (error)
		return error != -ESRCH;
	return !ended(&life) && (int32_t)((uint32_t)life.started - seen) <= 0;
}

bool life_of_process(uint32_t pid, uint64_t started)
{
	struct life life = { 0 };
	int error = life_read(pid, &life);

	if (error)
		return error != -ESRCH;
	if (ended(&life) && life.threads < 2)
		return false;
	return !started || life.started == started;
}
