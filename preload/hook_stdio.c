/* SPDX-License-Identifier: MIT */
/*
 * hook_stdio.c - lines read by getdelim and getline grow as the target's libc grows them. Without
 * an MMU that decides whether a long line can be read at all: glibc doubles, so that a line of a
 * little more than 2 MiB asks for more than the largest block; musl asks for half as much again,
 * and where that is refused for just what is needed.
 *
 * In audit, and for libcs whose rule is not known here, glibc's own function answers.
 */
/* stdio.h's own inline getline would stand in the way of ours (clang then exports none). */
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "real.h"

#include "base/types.h"

enum { MUSL_BUFFER = 1024 }; /* its stdio hands over no more at a time */

static bool like_musl(void)
{
	return guard_active() && sys_conf()->mode == MODE_RUN && sys_conf()->libc == LIBC_MUSL;
}

/* The reading of one line. */
struct reading {
	uint64_t site;
	bool noted; /* that it had to do with less room than it wished for */
};

/*
 * A wish beyond the largest block that there can be is not asked for: musl goes on without it, so
 * it is no error, and would be one for each piece of a long line. It is noted once.
 */
static bool too_large(struct reading *reading, size_t want)
{
	if (want <= NOMMU_PAGE_SIZE << sys_conf()->max_order)
		return false;
	if (!reading->noted)
		sys_note(reading->site, NOMMU_CALL_REALLOC, ARGS(0, want), RULE_CONTIGUOUS_LIMIT,
			 "room for a long line");
	reading->noted = true;
	return true;
}

/* Room for `need` bytes and a little, or with `more` to come for half as much again. */
static bool make_room(struct reading *reading, char **line, size_t *size, size_t need, bool more)
{
	size_t want = need + 2;
	char *to = NULL;

	if (more && want < SIZE_MAX / 4)
		want += want / 2;
	if (want == need + 2 || !too_large(reading, want))
		to = realloc(*line, want);
	if (!to) {
		want = need + 2;
		to = realloc(*line, want);
	}
	if (!to)
		return false;
	*line = to;
	*size = want;
	return true;
}

/* Whether there are characters in the stream's buffer; reads the next ones. */
static bool filled(FILE *f)
{
	if (f->_IO_read_ptr < f->_IO_read_end)
		return true;
	if (getc_unlocked(f) == EOF)
		return false;
	f->_IO_read_ptr--; /* it is in the buffer, before the place that was read */
	return true;
}

static ssize_t take_line(struct reading *reading, char **line, size_t *size, int delimiter, FILE *f)
{
	const char *end = NULL;
	size_t have = 0, piece;

	while (!end) {
		if (!filled(f)) {
			if (!have || !feof_unlocked(f))
				return -1;
			break;
		}
		piece = min_u64((size_t)(f->_IO_read_end - f->_IO_read_ptr), MUSL_BUFFER);
		end = memchr(f->_IO_read_ptr, delimiter, piece);
		if (end)
			piece = (size_t)(end - f->_IO_read_ptr) + 1;
		if (have + piece >= *size && !make_room(reading, line, size, have + piece, !end)) {
			f->_flags |= _IO_ERR_SEEN;
			return hook_answer(-ENOMEM);
		}
		memcpy(*line + have, f->_IO_read_ptr, piece);
		f->_IO_read_ptr += piece;
		have += piece;
	}
	(*line)[have] = '\0';
	return (ssize_t)have;
}

static ssize_t read_line(uint64_t site, char **line, size_t *size, int delimiter, FILE *f)
{
	struct reading reading = { .site = site };
	ssize_t n;

	if (!line || !size || !like_musl())
		return real.getdelim(line, size, delimiter, f);
	if (!*line)
		*size = 0;
	flockfile(f);
	n = take_line(&reading, line, size, delimiter, f);
	funlockfile(f);
	return n;
}

nommu_export ssize_t getdelim(char **line, size_t *size, int delimiter, FILE *f)
{
	return read_line(HOOK_SITE, line, size, delimiter, f);
}
HOOK_ALIAS(getdelim, __getdelim);

nommu_export ssize_t getline(char **line, size_t *size, FILE *f)
{
	return read_line(HOOK_SITE, line, size, '\n', f);
}
