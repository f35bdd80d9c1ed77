/* SPDX-License-Identifier: MIT */
/*
 * The operations of a scenario: each reads its operands, makes one call and prints the answer.
 * README.md describes the language; the table at the end of this file is the list.
 */
#include "ops.h"

#include <fcntl.h>

#define LOWEST_ADDRESS 4096

/* Most operations only pass their operands on: RUN(name, call) keeps them one line each. */
#define RUN(name, call)                                                                            \
	static void name(const struct request *r)                                                  \
	{                                                                                          \
		answer(call);                                                                      \
	}
RUN(op_close, call_close(small(r, 1)))
RUN(op_unlink, call_unlink(r->words[1]))
RUN(op_ftruncate, call_ftruncate(small(r, 1), operand(r, 2)))
RUN(op_truncate, call_truncate(r->words[1], operand(r, 2)))
RUN(op_fallocate, call_fallocate(small(r, 1), operand(r, 2)))
RUN(op_munmap, call_munmap(operand(r, 1), operand(r, 2)))
RUN(op_mprotect, call_mprotect(operand(r, 1), operand(r, 2), prot_of(r->words[3])))
RUN(op_msync, call_msync(operand(r, 1), operand(r, 2), small(r, 3)))
RUN(op_madvise, call_madvise(operand(r, 1), operand(r, 2), small(r, 3)))
RUN(op_mlock, call_mlock(operand(r, 1), operand(r, 2)))
RUN(op_munlock, call_munlock(operand(r, 1), operand(r, 2)))
RUN(op_mlockall, call_mlockall(small(r, 1)))
RUN(op_remap_file_pages, call_remap_file_pages(operand(r, 1), operand(r, 2)))
RUN(op_shmdt, call_shmdt(operand(r, 1)))
RUN(op_shmrm, call_shm_remove(small(r, 1)))

/*
 * These keep what they got in a variable: descriptors
 * and ids as they are, so that -1 stays refused.
 */
#define KEEP(name, call)                                                                           \
	static void name(const struct request *r)                                                  \
	{                                                                                          \
		long got = call;                                                                   \
		set_variable(r->words[1], (word)got);                                              \
		answer(got);                                                                       \
	}
KEEP(op_open, call_open(r->words[2], flags_of(open_flags, r->words[3])))
KEEP(op_memfd, call_memfd())
KEEP(op_socket, call_special(SPECIAL_SOCKET))
KEEP(op_eventfd, call_special(SPECIAL_EVENTFD))
KEEP(op_epoll, call_special(SPECIAL_EPOLL))
KEEP(op_timerfd, call_special(SPECIAL_TIMERFD))
KEEP(op_inotify, call_special(SPECIAL_INOTIFY))
KEEP(op_signalfd, call_special(SPECIAL_SIGNALFD))
KEEP(op_shmget, call_shmget(small(r, 2), operand(r, 3), 0600 | flags_of(shmget_flags, r->words[4])))

static void op_munlockall(const struct request *request)
{
	(void)request;
	answer(call_munlockall());
}

static void op_mincore(const struct request *request)
{
	static unsigned char pages[64];

	answer(call_mincore(operand(request, 1), operand(request, 2), pages));
}

static void op_pipe(const struct request *request)
{
	int ends[2] = { -1, -1 };
	long got = call_pipe(ends);

	set_variable(request->words[1], (word)(long)ends[0]);
	answer(got);
}

static void op_mmap(const struct request *r)
{
	int fd = r->count > 6 ? small(r, 6) : -1;
	long got = call_mmap(operand(r, 2), operand(r, 3), prot_of(r->words[4]),
			     flags_of(map_flags, r->words[5]), fd, operand(r, 7));

	if (!refused(got))
		set_variable(r->words[1], (word)got);
	answer(got);
}

static void op_mremap(const struct request *r)
{
	word old = operand(r, 2);
	long got = call_mremap(old, operand(r, 3), operand(r, 4),
			       flags_of(remap_flags, r->words[5]), operand(r, 6));

	answer(got);
	if (refused(got))
		return;
	show((word)got == old ? " same" : " moved");
	set_variable(r->words[1], (word)got);
}

static void op_shmat(const struct request *r)
{
	long got = call_shmat(small(r, 2), operand(r, 3), flags_of(shmat_flags, r->words[4]));

	if (!refused(got))
		set_variable(r->words[1], (word)got);
	answer(got);
}

static void op_shmstat(const struct request *r)
{
	struct shm_state state;
	long got = call_shm_state(small(r, 1), &state);

	answer(got);
	if (refused(got))
		return;
	show(" size ");
	say_number(state.size);
	show(" nattch ");
	say_number(state.attached);
}

static void op_fill(const struct request *r)
{
	static char block[4096];
	word offset = operand(r, 2), left = operand(r, 3);
	int byte = small(r, 4);
	long got = 0;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)byte;
	while (left > 0 && got >= 0) {
		size_t size = left < sizeof(block) ? left : sizeof(block);

		got = call_pwrite(small(r, 1), block, size, offset);
		offset += size;
		left -= size;
	}
	answer(got);
}

static void op_fbyte(const struct request *r)
{
	unsigned char byte;
	long got = call_pread(small(r, 1), &byte, 1, operand(r, 2));

	if (got < 0)
		answer(got);
	else if (got == 0)
		show("eof");
	else
		say_number(byte);
}

/* An address that no call gave is not touched: the real machine would let us, and die of it. */
static volatile unsigned char *memory(const struct request *r)
{
	word addr = operand(r, 1);

	if (addr >= LOWEST_ADDRESS)
		return (volatile unsigned char *)addr;
	show("unset");
	return NULL;
}

static void op_poke(const struct request *r)
{
	volatile unsigned char *p = memory(r);

	if (p == NULL)
		return;
	*p = (unsigned char)operand(r, 2);
	show("ok");
}

static void op_peek(const struct request *r)
{
	volatile unsigned char *p = memory(r);

	if (p != NULL)
		say_number(*p);
}

static void op_zero(const struct request *r)
{
	volatile unsigned char *p = memory(r);
	word len = operand(r, 2), i = 0;

	if (p == NULL)
		return;
	while (i < len && p[i] == 0)
		i++;
	show(i == len ? "yes" : "no");
}

static void op_same(const struct request *r)
{
	show(operand(r, 1) == operand(r, 2) ? "yes" : "no");
}

static void op_aligned(const struct request *r)
{
	show(operand(r, 1) % operand(r, 2) == 0 ? "yes" : "no");
}

static void op_lowbit(const struct request *r)
{
	word value = operand(r, 1);

	say_number(value & -value);
}

static void op_addr(const struct request *r)
{
	say_hex(operand(r, 1));
}

static int starts_with(const char *text, const char *start)
{
	while (*start != '\0' && *text == *start) {
		text++;
		start++;
	}
	return *start == '\0';
}

/* cat PATH WORD: the lines of the file that start with WORD, joined by " | ". */
static void op_cat(const struct request *r)
{
	static char text[8192];
	long fd = call_open(r->words[1], O_RDONLY), got = fd;
	size_t filled = 0;

	while (fd >= 0 && filled < sizeof(text) - 1 &&
	       (got = call_read((int)fd, text + filled, sizeof(text) - 1 - filled)) > 0)
		filled += (size_t)got;
	if (fd >= 0)
		call_close((int)fd);
	if (got < 0) {
		answer(got);
		return;
	}
	text[filled] = '\0';
	for (char *line = text; *line != '\0';) {
		char *end = line;

		while (*end != '\0' && *end != '\n')
			end++;
		char *next = *end == '\0' ? end : end + 1;
		*end = '\0';
		if (starts_with(line, r->words[2])) {
			show(line);
			show(" | ");
		}
		line = next;
	}
}

static void op_write(const struct request *r)
{
	long fd = call_open(r->words[1], O_WRONLY), got = fd;
	size_t size = 0;

	while (r->words[2][size] != '\0')
		size++;
	if (fd >= 0) {
		got = call_pwrite((int)fd, r->words[2], size, 0);
		call_close((int)fd);
	}
	answer(got);
}

static void op_brk(const struct request *r)
{
	show(call_brk(operand(r, 1)) == 0 ? "ok" : "refused");
}

const struct operation operations[] = {
	{ "open", op_open },
	{ "close", op_close },
	{ "unlink", op_unlink },
	{ "ftruncate", op_ftruncate },
	{ "truncate", op_truncate },
	{ "fallocate", op_fallocate },
	{ "fill", op_fill },
	{ "fbyte", op_fbyte },
	{ "memfd", op_memfd },
	{ "pipe", op_pipe },
	{ "socket", op_socket },
	{ "eventfd", op_eventfd },
	{ "epoll", op_epoll },
	{ "timerfd", op_timerfd },
	{ "inotify", op_inotify },
	{ "signalfd", op_signalfd },
	{ "mmap", op_mmap },
	{ "munmap", op_munmap },
	{ "mremap", op_mremap },
	{ "mprotect", op_mprotect },
	{ "msync", op_msync },
	{ "madvise", op_madvise },
	{ "mlock", op_mlock },
	{ "munlock", op_munlock },
	{ "mlockall", op_mlockall },
	{ "munlockall", op_munlockall },
	{ "mincore", op_mincore },
	{ "remap_file_pages", op_remap_file_pages },
	{ "shmget", op_shmget },
	{ "shmat", op_shmat },
	{ "shmdt", op_shmdt },
	{ "shmrm", op_shmrm },
	{ "shmstat", op_shmstat },
	{ "poke", op_poke },
	{ "peek", op_peek },
	{ "zero", op_zero },
	{ "same", op_same },
	{ "aligned", op_aligned },
	{ "lowbit", op_lowbit },
	{ "addr", op_addr },
	{ "fork", op_fork },
	{ "vfork", op_vfork },
	{ "vfork-mmap", op_vfork_mmap },
	{ "child", op_child },
	{ "start", op_start },
	{ "resume", op_resume },
	{ "kill", op_kill },
	{ "pause", op_pause },
	{ "exhaust", op_exhaust },
	{ "swiss", op_swiss },
	{ "cat", op_cat },
	{ "write", op_write },
	{ "brk", op_brk },
	{ NULL, NULL },
};
