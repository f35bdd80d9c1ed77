/* SPDX-License-Identifier: MIT */
/*
 * simple.c - uClibc-ng's malloc-simple without an MMU (its libc/stdlib/malloc-simple/alloc.c): a
 * mapping for each block, 8 bytes larger than asked for; realloc always moves. memalign maps align
 * - 1 bytes more and keeps a list of the blocks that it moved within their mapping; an entry of
 * that list is a block, so a page, and is used again but never given back.
 */
#include "heap/core.h"

#define HEADER 8UL
#define ALIGNED_BIT 4u /* of the tag: the libc would have an entry in its list */

struct simple {
	uint64_t listed;  /* blocks in the list of aligned ones */
	uint64_t entries; /* that were made for it */
};

static struct simple *state_of(struct heap *heap)
{
	return heap->state->model;
}

static long list_aligned(struct heap *heap)
{
	struct simple *simple = state_of(heap);

	if (simple->listed == simple->entries) {
		long addr = span_map(heap, 3 * sizeof(void *) + HEADER, HEAP_UNINITIALIZED);

		if (is_err(addr))
			return addr;
		simple->entries++;
	}
	simple->listed++;
	return 0;
}

static long take(struct heap *heap, size_t size, size_t align)
{
	size_t len = (size ? size : 1) + HEADER;
	bool aligned = align > GRANULE;
	struct span span;
	long addr;

	if (aligned)
		len += align - 1;
	while (!cache_may_grow(heap, len))
		;
	addr = span_map(heap, len, HEAP_UNINITIALIZED);
	if (is_err(addr))
		return addr;
	span = span_at(heap, (uint64_t)addr);
	if (aligned && is_err(list_aligned(heap))) {
		span_unmap(heap, span.start, span.end);
		return -ENOMEM;
	}
	if (aligned)
		addr = (long)(((uint64_t)addr + align - 1) & ~(align - 1));
	tag_store(tag_at(heap, (uint64_t)addr), TAG_LIVE | (aligned ? ALIGNED_BIT : 0));
	heap->state->stats.used += span.end - (uint64_t)addr;
	return addr;
}

static void give(struct heap *heap, uint64_t addr, uint32_t tag)
{
	struct span span = span_at(heap, addr);

	tag_store(tag_at(heap, addr), 0);
	heap->state->stats.used -= span.end - addr;
	if (tag & ALIGNED_BIT)
		state_of(heap)->listed--;
	span_unmap(heap, span.start, span.end);
}

static long resize(struct heap *heap, uint64_t addr, uint32_t tag, size_t size)
{
	(void)heap;
	(void)addr;
	(void)tag;
	(void)size;
	return -EAGAIN;
}

static size_t usable(struct heap *heap, uint64_t addr, uint32_t tag)
{
	(void)tag;
	return span_at(heap, addr).end - addr;
}

static bool fresh(struct heap *heap, uint64_t addr, uint32_t tag)
{
	(void)heap;
	(void)addr;
	(void)tag;
	return false;
}

static long start(struct heap *heap)
{
	heap->state->model = bookkeeping_map(sizeof(struct simple));
	return heap->state->model ? 0 : -ENOMEM;
}

static void stop(struct heap *heap)
{
	bookkeeping_unmap(heap->state->model, sizeof(struct simple));
}

static int check(struct heap *heap)
{
	return state_of(heap)->listed <= state_of(heap)->entries ? 0 : 1;
}

const struct heap_model heap_uclibc_simple = {
	.name = "uclibc-simple",
	.kind = MODEL_SIMPLE,
	.keep_alone = 16 << 10,
	.keep_shared = 256 << 10,
	.start = start,
	.stop = stop,
	.take = take,
	.give = give,
	.resize = resize,
	.usable = usable,
	.fresh = fresh,
	.check = check,
};
