/* SPDX-License-Identifier: MIT */
/* source.c - see source.h. Uses mmap and the host's malloc, never the heap under test. */
#include "heap/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "base/types.h"

static size_t pages_of(size_t len)
{
	return page_align(len) >> NOMMU_PAGE_SHIFT;
}

struct strip *strip_make(size_t pages)
{
	struct strip *strip = calloc(1, sizeof *strip);

	strip->pages = pages;
	strip->exact = true;
	strip->taken = calloc(pages, 1);
	strip->start = mmap(NULL, pages * NOMMU_PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return strip;
}

void strip_free(struct strip *strip)
{
	munmap(strip->start, strip->pages * NOMMU_PAGE_SIZE);
	free(strip->taken);
	free(strip);
}

static size_t first_hole(const struct strip *strip, size_t count)
{
	size_t run = 0;

	for (size_t i = 0; i < strip->pages; i++) {
		run = strip->taken[i] ? 0 : run + 1;
		if (run == count)
			return i + 1 - count;
	}
	return SIZE_MAX;
}

static long strip_map(void *ctx, size_t len, unsigned flags)
{
	struct strip *strip = ctx;
	size_t count = pages_of(len), at;

	if (++strip->calls == strip->fail_at || !count)
		return -ENOMEM;
	if (strip->largest_allowed && count > strip->largest_allowed)
		return -ENOMEM;
	at = first_hole(strip, count);
	if (at == SIZE_MAX)
		return -ENOMEM;
	memset(strip->taken + at, 2, count);
	strip->taken[at] = 1;
	strip->in_use += count;
	memset(strip->start + at * NOMMU_PAGE_SIZE, flags & HEAP_UNINITIALIZED ? 0xcc : 0,
	       count * NOMMU_PAGE_SIZE);
	return (long)(strip->start + at * NOMMU_PAGE_SIZE);
}

static long strip_unmap(void *ctx, unsigned long addr, size_t len)
{
	struct strip *strip = ctx;
	size_t at = (addr - (uintptr_t)strip->start) >> NOMMU_PAGE_SHIFT, count = pages_of(len);

	if (strip->taken[at] != 1 || (at + count < strip->pages && strip->taken[at + count] == 2))
		strip->exact = false;
	for (size_t i = 1; i < count; i++)
		if (strip->taken[at + i] != 2)
			strip->exact = false;
	memset(strip->taken + at, 0, count);
	memset(strip->start + at * NOMMU_PAGE_SIZE, 0xdd, count * NOMMU_PAGE_SIZE);
	strip->in_use -= count;
	return 0;
}

/* As without an MMU: in place, smaller only. */
static long strip_remap(void *ctx, unsigned long addr, size_t old_len, size_t new_len)
{
	struct strip *strip = ctx;
	size_t at = (addr - (uintptr_t)strip->start) >> NOMMU_PAGE_SHIFT;

	if (pages_of(new_len) > pages_of(old_len))
		return -ENOMEM;
	for (size_t i = pages_of(new_len); i < pages_of(old_len); i++)
		strip->taken[at + i] = 0;
	strip->in_use -= pages_of(old_len) - pages_of(new_len);
	return (long)addr;
}

struct heap_source strip_source(struct strip *strip)
{
	return (struct heap_source){ strip, strip_map, strip_unmap, strip_remap };
}

static long host_map(void *ctx, size_t len, unsigned flags)
{
	(void)ctx;
	(void)flags;
	return raw_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long host_unmap(void *ctx, unsigned long addr, size_t len)
{
	(void)ctx;
	return raw_munmap(addr, len);
}

static long host_remap(void *ctx, unsigned long addr, size_t old_len, size_t new_len)
{
	(void)ctx;
	return raw_mremap(addr, old_len, new_len, MREMAP_MAYMOVE, 0);
}

struct heap_source host_source(void)
{
	return (struct heap_source){ NULL, host_map, host_unmap, host_remap };
}
