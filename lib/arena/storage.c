/* SPDX-License-Identifier: MIT */
/*
 * storage.c - what of the ledger's file exists. A page of it costs about as much to make as a
 * process's first write to it, so there is little at the start and the rest comes when it is
 * needed. Inside the ledger.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>

#include "arena/ledger.h"
#include "base/raw.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

int ledger_open_backing(const struct ledger *l)
{
	return (int)raw_openat(AT_FDCWD, l->path, O_RDWR | O_CLOEXEC, 0);
}

int ledger_exist(struct ledger *l, uint64_t from, uint64_t to)
{
	long result;
	int fd;

	from &= ~NOMMU_PAGE_MASK;
	to = page_align(to);
	/*
	 * As writing would; needs no descriptor, and what is used next is there for this process.
	 */
	result = raw_madvise((uint64_t)l->base + from, to - from, MADV_POPULATE_WRITE);
	if (result == 0 || result == -EFAULT || result == -ENOMEM)
		return (int)result;
	fd = ledger_open_backing(l);
	if (fd < 0)
		return fd;
	result = raw_fallocate(fd, 0, (int64_t)from, (int64_t)(to - from));
	raw_close(fd);
	return (int)result;
}

bool ledger_open_group(const struct buddy_view *v, uint32_t page)
{
	struct ledger *l = (struct ledger *)((uintptr_t)v - offsetof(struct ledger, buddy));
	const struct ledger_header *h = l->h;
	uint64_t group = ledger_group(h), from = page / group * group;
	uint64_t to = min_u64(from + group, h->buddy.pages);
	uint64_t *word = (uint64_t *)(l->base + h->opened) + page / group / 64;
	uint64_t bit = 1ULL << (page / group % 64);

	if (*word & bit)
		return true;
	if (ledger_exist(l, h->pages + from * sizeof(struct buddy_page),
			 h->pages + to * sizeof(struct buddy_page)) ||
	    ledger_exist(l, h->owners + from * sizeof(uint32_t), h->owners + to * sizeof(uint32_t)))
		return false;
	set64(&v->journal, word, *word | bit);
	return true;
}

int ledger_back(struct ledger *l, uint64_t from, uint64_t to)
{
	int fd = ledger_open_backing(l);
	long result;

	if (fd < 0)
		return fd;
	result = raw_fallocate(fd, 0, (int64_t)(ledger_backing_offset(l) + from),
			       (int64_t)(to - from));
	raw_close(fd);
	return (int)result;
}
