/* SPDX-License-Identifier: MIT */
/*
 * stack.c - how deep the program used its main stack: from its start down to the lowest word that
 * is not 0, and the arguments above. Not counted are the environment, which is the host's, the room
 * that a kernel with random addresses leaves, and what the host's loader used before the program:
 * that part is made zero at the start. Threads' stacks, and what is a finding, too.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/checker.h"
#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

#define STACK_NAME 64		   /* "main stack of" a program */
#define RED_ZONE 1024		   /* below a frame: what it and the ABI may use */
#define LOADER_STACK (64 * 1024UL) /* the host's loader uses less, and a new stack has 128 KiB */
#define AUXV_WORDS 40		   /* as binfmt_elf_fdpic lays them out */

#define FRAME_GAP 1024 /* of a stack may be used without anything being written there */
#define STEP 64	       /* pages asked for in one system call */

static uint64_t start;	   /* where the kernel put argc; 0: not known, so not measured */
static uint64_t arguments; /* bytes above that are argv and its strings */

void sys_stack_starts(char **argv)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0) - RED_ZONE;
	uint64_t page = here & ~(uint64_t)NOMMU_PAGE_MASK;

	start = (uint64_t)(argv - 1);
	/* A flat program's stack is as much larger as its arguments are. */
	if (sys.ledger.h->conf.image < IMAGE_FLAT)
		arguments = AUXV_WORDS * sizeof *argv + sys_argument_bytes(argv);
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
	typedef uint64_t line __attribute__((vector_size(64), may_alias));
	const line *lines = (const line *)page;
	uint64_t at = page, end = page + NOMMU_PAGE_SIZE;
	line any = { 0 };

	checker_look_away();
	for (uint64_t i = 0; i < NOMMU_PAGE_SIZE / sizeof any; i++)
		any |= lines[i];
	if (!(any[0] | any[1] | any[2] | any[3] | any[4] | any[5] | any[6] | any[7]))
		at = end;
	while (at < end && !*(const volatile uint64_t *)at)
		at += sizeof(uint64_t);
	checker_look_again();
	return at;
}

/* The lowest word of [low, end) that is not 0, or 0. Only pages that are real are looked at. */
static uint64_t lowest_written(uint64_t low, uint64_t end)
{
	unsigned char resident[STEP];

	for (uint64_t at = low; at < end; at += NOMMU_PAGE_SIZE) {
		uint64_t nth = (at - low) / NOMMU_PAGE_SIZE % STEP, word;

		if (!nth && raw_call3(SYS_mincore, at, min_u64(end - at, STEP * NOMMU_PAGE_SIZE),
				      resident) < 0)
			return 0;
		word = resident[nth] & 1 ? first_written(at) : at + NOMMU_PAGE_SIZE;
		if (word < at + NOMMU_PAGE_SIZE)
			return word;
	}
	return 0;
}

uint64_t sys_main_stack_depth(void)
{
	uint64_t low = start ? lowest() : 0, written = low ? lowest_written(low, start) : 0;

	if (!written)
		return 0;
	return written < start ? start - written + arguments : arguments;
}

uint64_t sys_stack_written(uint64_t low, uint64_t len)
{
	uint64_t end =
		trace_active() ? low + len : low + NOMMU_PAGE_SIZE; /* nobody asks for more */
	uint64_t written = lowest_written(low, end);

	return written ? low + len - written : 0;
}

uint64_t sys_stack_resident(uint64_t from)
{
	uint64_t at = from & ~(uint64_t)NOMMU_PAGE_MASK;
	unsigned char resident[STEP];
	unsigned used;

	do {
		at -= STEP * NOMMU_PAGE_SIZE;
		if (raw_call3(SYS_mincore, at, STEP * NOMMU_PAGE_SIZE, resident) < 0)
			return from - at - STEP * NOMMU_PAGE_SIZE;
		for (used = 0; used < STEP && resident[STEP - 1 - used] & 1; used++)
			;
	} while (used == STEP);
	return from - at - (STEP - used) * NOMMU_PAGE_SIZE;
}

/* ---- compared with the target's ---- */

static void judge_stack(struct event *e, uint64_t limit, uint64_t depth)
{
	struct verdict v = { .figure = { limit, depth } };

	meet(&sys.mm, &v, RULE_STACK_DEPTH);
	if (v.rules)
		sys_record(e, &v);
}

static void name_stack(char text[STACK_NAME])
{
	say_format(text, STACK_NAME, "main stack of %s", mm_proc(&sys.mm, sys.mm.self)->name);
}

void sys_judge_main_stack(uint64_t depth)
{
	uint64_t limit = sys_stack_bytes();
	char text[STACK_NAME];
	struct event e = { .call = NOMMU_CALL_IMAGE,
			   .args = { limit, NOMMU_KIND_STACK },
			   .text = text };

	if (!limit || depth <= limit)
		return;
	name_stack(text);
	judge_stack(&e, limit, depth);
}

void sys_stack_overflow(uint64_t site, uint64_t limit, uint64_t depth)
{
	uint64_t wanted = sys_stack_bytes();
	char text[STACK_NAME];
	struct event e = { .call = NOMMU_CALL_IMAGE, .site = site, .text = text };

	if (!sys.active)
		return;
	name_stack(text);
	limit = wanted ? min_u64(wanted, limit) : limit;
	e.args[0] = limit;
	e.args[1] = NOMMU_KIND_STACK;
	say("%s: the main stack of %lu KiB is full: give it more (--stack SIZE; on the target "
	    "-Wl,-z,stack-size=N or flthdr -s), or use less",
	    mm_proc(&sys.mm, sys.mm.self)->name, (unsigned long)limit >> 10);
	judge_stack(&e, limit, depth);
}

static void record_thread(uint64_t site, uint64_t limit, uint64_t depth)
{
	struct nommu_record_use *r = trace_claim(sizeof *r, sys.pid);

	if (!r)
		return;
	r->site = site;
	r->reserved = limit;
	r->touched = depth;
	r->kind = NOMMU_KIND_STACK;
	r->count = 1;
	trace_done(r, NOMMU_RECORD_USE);
}

void sys_thread_stack(uint64_t site, uint64_t limit, uint64_t depth)
{
	struct event e = { .call = NOMMU_CALL_PTHREAD_CREATE,
			   .site = site,
			   .args = { limit },
			   .text = "thread stack" };

	if (!sys.active)
		return;
	record_thread(site, limit, depth);
	/*
	 * In run nothing stops it at its end, and what lies below is not its own: full is
	 * overflowed.
	 */
	if (!sys.hosted && depth + FRAME_GAP > limit)
		judge_stack(&e, limit, limit);
	else if (depth > limit)
		judge_stack(&e, limit, depth);
}
