/* SPDX-License-Identifier: MIT */
/*
 * hook_ram.c - the questions that programs size their buffers by, answered with the board's RAM in
 * run and in audit: else the audit would find what the host's size makes a program do.
 */
#include "open.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "guard.h"
#include "real.h"

#include "base/raw.h"
#include "base/say.h"
#include "base/types.h"

long ram_sysinfo(struct sysinfo *info)
{
	long result = raw_call1(SYS_sysinfo, info);

	if (result || !guard_active())
		return result;
	info->totalram = sys_ram_total();
	info->freeram = sys_ram_free();
	info->mem_unit = 1;
	info->sharedram = info->bufferram = 0;
	info->totalswap = info->freeswap = 0;
	info->totalhigh = info->freehigh = 0;
	return 0;
}

nommu_export int sysinfo(struct sysinfo *info)
{
	return (int)hook_answer(ram_sysinfo(info));
}

static long total_pages(void)
{
	return guard_active() ? (long)(sys_ram_total() >> NOMMU_PAGE_SHIFT) : real.get_phys_pages();
}

static long free_pages(void)
{
	return guard_active() ? (long)(sys_ram_free() >> NOMMU_PAGE_SHIFT)
			      : real.get_avphys_pages();
}

nommu_export long get_phys_pages(void)
{
	return total_pages();
}

nommu_export long get_avphys_pages(void)
{
	return free_pages();
}

nommu_export long sysconf(int name)
{
	switch (name) {
	case _SC_PHYS_PAGES:
		return total_pages();
	case _SC_AVPHYS_PAGES:
		return free_pages();
	default:
		return real.sysconf(name);
	}
}
HOOK_ALIAS(sysconf, __sysconf);

bool meminfo_is(const char *path)
{
	return path && path[0] == '/' && path[1] == 'p' && strcmp(path, "/proc/meminfo") == 0;
}

static size_t meminfo_text(char *text, size_t size)
{
	unsigned long total = sys_ram_total() >> 10;
	unsigned long available = sys_ram_free() >> 10;

	return say_format(text, size,
			  "MemTotal:       %8lu kB\n"
			  "MemFree:        %8lu kB\n"
			  "MemAvailable:   %8lu kB\n"
			  "Buffers:        %8lu kB\n"
			  "Cached:         %8lu kB\n"
			  "SwapCached:     %8lu kB\n"
			  "SwapTotal:      %8lu kB\n"
			  "SwapFree:       %8lu kB\n"
			  "Shmem:          %8lu kB\n"
			  "MmapCopy:       %8lu kB\n",
			  total, available, available, 0UL, 0UL, 0UL, 0UL, 0UL, 0UL,
			  total - available);
}

long meminfo_open(int flags)
{
	unsigned cloexec = flags & O_CLOEXEC ? MFD_CLOEXEC : 0;
	char text[1024];
	size_t len = meminfo_text(text, sizeof text);
	long fd = raw_call2(SYS_memfd_create, "meminfo", cloexec);

	if (is_err(fd))
		return raw_openat(AT_FDCWD, "/proc/meminfo", flags, 0);
	raw_write((int)fd, text, len);
	raw_call3(SYS_lseek, fd, 0, SEEK_SET);
	return fd;
}
