/* SPDX-License-Identifier: MIT */
/*
 * apart.c - blocks for a handler that interrupted the heap in its own thread: it would find glibc's
 * lock held, or be lucky, and is given pages of its own here. They begin with their length.
 */
#include "apart.h"

#include "guard.h"

#include "base/types.h"

#define APART_MAGIC 0x6e6f6d6d75617074ULL
#define APART_OFFSET APART_ALIGN /* of the block in its first page */

void *apart_malloc(size_t size)
{
	uint64_t len = page_align(size + APART_OFFSET);
	long pages = sys_pages_map(guard_thread.site, NOMMU_KIND_HEAP, len, false);
	struct apart *apart = (struct apart *)pages;

	if (is_err(pages))
		return NULL;
	*apart = (struct apart){ APART_MAGIC, len };
	return (char *)apart + APART_OFFSET;
}

struct apart *apart_of(const void *block)
{
	struct apart *apart = (struct apart *)(U(block) - APART_OFFSET);

	return (U(block) & NOMMU_PAGE_MASK) == APART_OFFSET && apart->magic == APART_MAGIC ? apart
											   : NULL;
}

size_t apart_size(const struct apart *apart)
{
	return apart->len - APART_OFFSET;
}

void apart_free(const void *block)
{
	struct apart *apart = apart_of(block);

	if (apart)
		sys_pages_unmap(guard_thread.site, NOMMU_KIND_HEAP, U(apart), apart->len);
}
