/* SPDX-License-Identifier: MIT */
/*
 * span.c - the pages that the heap has from its source, and the chunks of tags that describe
 * them. Every mapping is entered page by page, so that any address leads to the mapping that
 * holds it in one step, and two mappings that happen to touch stay two. Under the heap's
 * lock, except for reading tags.
 */
#include <sys/mman.h>

#include "base/raw.h"
#include "heap/core.h"

void *bookkeeping_map(size_t len)
{
	long addr = raw_mmap(0, len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return is_err(addr) ? NULL : (void *)addr;
}

void bookkeeping_unmap(void *start, size_t len)
{
	if (start)
		raw_munmap((uintptr_t)start, len);
}

static uint32_t *span_entry(struct heap *heap, uint64_t addr)
{
	struct chunk *chunk;

	if (addr >> ADDRESS_BITS)
		return NULL;
	chunk = __atomic_load_n(&heap->chunks[addr >> CHUNK_SHIFT], __ATOMIC_ACQUIRE);
	return chunk ? &chunk->span[(addr >> NOMMU_PAGE_SHIFT) & (CHUNK_PAGES - 1)] : NULL;
}

bool chunks_cover(struct heap *heap, uint64_t start, uint64_t end)
{
	struct heap_state *state = heap->state;

	if (end > 1UL << ADDRESS_BITS || end < start)
		return false;
	for (uint64_t i = start >> CHUNK_SHIFT; i <= (end - 1) >> CHUNK_SHIFT; i++) {
		struct chunk *chunk, **place = &state->chunk_list;

		if (heap->chunks[i])
			continue;
		chunk = bookkeeping_map(sizeof *chunk);
		if (!chunk)
			return false;
		chunk->base = i << CHUNK_SHIFT;
		chunk->areas.lowest = CHUNK_WORDS - 1;
		while (*place && (*place)->base < chunk->base)
			place = &(*place)->next;
		chunk->next = *place;
		*place = chunk;
		__atomic_store_n(&heap->chunks[i], chunk, __ATOMIC_RELEASE);
	}
	return true;
}

static void span_enter(struct heap *heap, uint64_t start, uint64_t end)
{
	uint32_t pages = (uint32_t)((end - start) >> NOMMU_PAGE_SHIFT);

	__atomic_store_n(span_entry(heap, start), pages, __ATOMIC_RELAXED);
	for (uint32_t i = 1; i < pages; i++)
		__atomic_store_n(span_entry(heap, start + ((uint64_t)i << NOMMU_PAGE_SHIFT)),
				 SPAN_INSIDE | i, __ATOMIC_RELAXED);
}

static void span_forget(struct heap *heap, uint64_t start, uint64_t end)
{
	for (uint64_t addr = start; addr < end; addr += NOMMU_PAGE_SIZE)
		__atomic_store_n(span_entry(heap, addr), 0, __ATOMIC_RELAXED);
}

static void count_pages(struct heap *heap, uint64_t more, uint64_t fewer)
{
	struct heap_stats *stats = &heap->state->stats;

	stats->pages += more >> NOMMU_PAGE_SHIFT;
	stats->pages -= fewer >> NOMMU_PAGE_SHIFT;
	stats->peak_pages = max_u64(stats->peak_pages, stats->pages);
}

static long refused(struct heap *heap, size_t len, long error)
{
	heap->state->stats.refused++;
	heap->state->error = error;
	heap->state->requested = len;
	return error;
}

/*
 * The source may hand out what it rounds up itself;
 * the request is recorded as the libc would make it.
 */
long span_map(struct heap *heap, size_t len, unsigned flags)
{
	struct heap_stats *stats = &heap->state->stats;
	size_t whole = page_align(len);
	long addr;

	if (whole < len || whole >> NOMMU_PAGE_SHIFT >= SPAN_INSIDE)
		return refused(heap, len, -ENOMEM);
	stats->largest = max_u64(stats->largest, len);
	addr = heap->source.map(heap->source.ctx, len, flags);
	if (is_err(addr))
		return refused(heap, len, addr);
	if (!chunks_cover(heap, (uint64_t)addr, (uint64_t)addr + whole)) {
		heap->source.unmap(heap->source.ctx, (unsigned long)addr, len);
		return refused(heap, len, -ENOMEM);
	}
	span_enter(heap, (uint64_t)addr, (uint64_t)addr + whole);
	stats->maps++;
	count_pages(heap, whole, 0);
	return addr;
}

long span_unmap(struct heap *heap, uint64_t start, uint64_t end)
{
	long error = heap->source.unmap(heap->source.ctx, start, end - start);

	if (error)
		return error;
	span_forget(heap, start, end);
	heap->state->stats.unmaps++;
	count_pages(heap, 0, end - start);
	return 0;
}

long span_remap(struct heap *heap, uint64_t start, uint64_t end, size_t len)
{
	long addr = heap->source.remap(heap->source.ctx, start, end - start, len);

	if (is_err(addr))
		return addr;
	if (!chunks_cover(heap, (uint64_t)addr, (uint64_t)addr + len))
		return (long)start; /* only a source that moves to where no tags can be had */
	span_forget(heap, start, end);
	span_enter(heap, (uint64_t)addr, (uint64_t)addr + len);
	count_pages(heap, len, end - start);
	heap->state->stats.largest = max_u64(heap->state->stats.largest, len);
	return addr;
}

struct span span_at(struct heap *heap, uint64_t addr)
{
	uint32_t *entry = span_entry(heap, addr);
	uint64_t start = addr & ~NOMMU_PAGE_MASK;
	uint32_t value = entry ? __atomic_load_n(entry, __ATOMIC_RELAXED) : 0;

	if (!value)
		return (struct span){ 0, 0 };
	if (value & SPAN_INSIDE) {
		start -= (uint64_t)(value & ~SPAN_INSIDE) << NOMMU_PAGE_SHIFT;
		value = *span_entry(heap, start);
	}
	return (struct span){ start, start + ((uint64_t)value << NOMMU_PAGE_SHIFT) };
}
