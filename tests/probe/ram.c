/* SPDX-License-Identifier: MIT */
/* The questions that programs size their buffers by: the board's RAM, whoever asks. */
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#include "probe.h"

static unsigned long total_kib(FILE *file)
{
	unsigned long kib = 0;

	if (fscanf(file, "MemTotal: %lu kB", &kib) != 1)
		kib = 0;
	fclose(file);
	return kib;
}

static int closes_on_exec(FILE *file)
{
	int flags = fcntl(fileno(file), F_GETFD);

	fclose(file);
	return flags & FD_CLOEXEC;
}

int main(void)
{
	struct sysinfo info;

	SHOW(sysinfo(&info));
	SHOW_NUMBER(info.totalram * info.mem_unit / MIB);
	SHOW_NUMBER(info.totalswap);
	SHOW_NUMBER(info.freeram <= info.totalram);
	SHOW_NUMBER(sysconf(_SC_PHYS_PAGES));
	SHOW_NUMBER(get_phys_pages());
	SHOW_NUMBER(sysconf(_SC_AVPHYS_PAGES) <= sysconf(_SC_PHYS_PAGES));
	SHOW_NUMBER(get_avphys_pages() <= get_phys_pages());
	SHOW_NUMBER(sysconf(_SC_PAGESIZE));
	SHOW_NUMBER(total_kib(fopen("/proc/meminfo", "r")));
	SHOW_NUMBER(total_kib(fopen64("/proc/meminfo", "re")));
	SHOW_NUMBER(total_kib(fdopen(open("/proc/meminfo", O_RDONLY), "r")));
	SHOW_NUMBER(
		total_kib(fdopen(openat(AT_FDCWD, "/proc/meminfo", O_RDONLY | O_CLOEXEC), "r")));
	SHOW_NUMBER(closes_on_exec(fopen("/proc/meminfo", "r")));
	SHOW_NUMBER(closes_on_exec(fopen("/proc/meminfo", "re")));
	return 0;
}
