/* SPDX-License-Identifier: MIT */
/*
 * stack.c - how deep the program used its main stack: from its start down to the lowest word that
 * is not 0, and the arguments above. Not counted are the environment, which is the host's, the room
 * that a kernel with random addresses leaves, and what the host's loader used before the program:
 * that part is made zero at the start.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/checker.h"
#include "base/raw.h"
#include "sys/internal.h"

#define RED_ZONE 1024		   /* below a frame: what it and the ABI may use */
#define LOADER_STACK (64 * 1024UL) /* the host's loader uses less, and a new stack has 128 KiB */
#define AUXV_WORDS 40		   /* as binfmt_elf_fdpic lays them out */

static uint64_t start;	   /* where the kernel put argc; 0: not known, so not measured */
static uint64_t arguments; /* bytes above that are argv and its strings */

void sys_stack_starts(char **argv)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0) - RED_ZONE;
	uint64_t page = here & ~(uint64_t)NOMMU_PAGE_MASK;

	start = (uint64_t)(argv - 1);
	arguments = AUXV_WORDS * sizeof *argv;
	for (; *argv; argv++)
		arguments += strlen(*argv) + 1 + sizeof *argv;
	raw_call3(SYS_madvise, page - LOADER_STACK, LOADER_STACK, MADV_DONTNEED);
	checker_define(page, here - page);
	for (volatile char *at = (volatile char *)page; at < (volatile char *)here; at++)
		*at = 0;
	checker_forbid(page, here - page);
}

static uint64_t hexadecimal(const char **text)
{
	uint64_t value = 0;

	for (;; (*text)++) {
		if (**text >= '0' && **text <= '9')
			value = value << 4 | (uint64_t)(**text - '0');
		else if (**text >= 'a' && **text <= 'f')
			value = value << 4 | (uint64_t)(**text - 'a' + 10);
		else
			return value;
	}
}

/* Where the host's mapping of the main stack begins; 0 if it does not say. */
static uint64_t lowest(void)
{
	static char maps[16384]; /* not on the stack that is being measured */
	const char *line = NULL;
	uint64_t low = 0;
	long n, len = 0;
	int fd;

	fd = (int)raw_openat(AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	while (!line && (n = raw_read(fd, maps + len, sizeof maps - 1 - (size_t)len)) > 0) {
		len += n;
		maps[len] = '\0';
		line = strstr(maps, "[stack]");
		if (!line && len > 8192) { /* keep the last half: a line is never longer */
			memmove(maps, maps + len - 4096, 4096);
			len = 4096;
		}
	}
	raw_close(fd);
	if (line) {
		while (line > maps && line[-1] != '\n')
			line--;
		low = hexadecimal(&line);
	}
	return low;
}

/* The first word of the page that is not 0, or the page's end. */
static uint64_t first_written(uint64_t page)
{
	const volatile uint64_t *word = (const volatile uint64_t *)page;
	uint64_t i = 0;

	checker_define(page, NOMMU_PAGE_SIZE);
	while (i < NOMMU_PAGE_SIZE / sizeof *word && !word[i])
		i++;
	return page + i * sizeof *word;
}

uint64_t sys_main_stack_depth(void)
{
	enum { STEP = 64 };
	unsigned char resident[STEP];
	uint64_t low = start ? lowest() : 0;

	for (uint64_t at = low; low && at < start; at += NOMMU_PAGE_SIZE) {
		uint64_t nth = (at - low) / NOMMU_PAGE_SIZE % STEP, written;

		if (!nth && raw_call3(SYS_mincore, at, min_u64(start - at, STEP * NOMMU_PAGE_SIZE),
				      resident) < 0)
			return 0;
		written = resident[nth] & 1 ? first_written(at) : at + NOMMU_PAGE_SIZE;
		if (written < at + NOMMU_PAGE_SIZE)
			return written < start ? start - written + arguments : arguments;
	}
	return 0;
}
