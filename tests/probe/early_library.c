/* SPDX-License-Identifier: MIT */
/*
 * A library whose constructor runs before that of a preloaded one, since a preloaded library's come
 * last: it calls every kind of hook before our start-up.
 */
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#include "probe.h"

const char *early_calls;
char *early_map;

static char text[2048];

static void note(const char *what, long result)
{
	size_t used = strlen(text);

	snprintf(text + used, sizeof text - used, "early %s: %s\n", what,
		 result == -1 ? strerrorname_np(errno) : "ok");
}

__attribute__((constructor)) static void early(void)
{
	struct sysinfo info;
	void *heap;
	pid_t pid;

	early_map = anonymous(PAGE);
	note("mmap", (long)early_map);
	note("mmap of too much", (long)anonymous(8 * MIB));
	heap = malloc(100);
	note("malloc", heap ? 0 : -1);
	free(heap);
	note("mprotect", mprotect(early_map, PAGE, PROT_READ | PROT_WRITE));
	note("sbrk", (long)sbrk(PAGE));
	note("fork", (pid = fork()) ? pid : (_exit(0), 0));
	if (pid > 0)
		waitpid(pid, NULL, 0);
	pid = vfork();
	if (pid == 0)
		_exit(0);
	note("vfork", status_of(pid));
	note("system", system("exit 0"));
	note("memfd_create", memfd_create("early", 0));
	note("ftruncate", ftruncate(memory_file(), PAGE));
	note("open", open("/proc/meminfo", O_RDONLY));
	note("sysinfo", sysinfo(&info));
	note("syscall", syscall(SYS_munmap, 0, 0));
	note("setenv", setenv("EARLY", "1", 1));
	early_calls = text;
}
