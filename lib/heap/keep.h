/* SPDX-License-Identifier: MIT */
/*
 * keep.h - private to lib/heap: taking from what a thread keeps, and adding to it, without lock
 * or system call. A block that is kept is the model's still: live there, and TAG_CACHED in its
 * tag. Which block serves which request follows from what the model would have done, so a bin
 * is a size for uclibc, a class for musl and a mapping of so many pages for uclibc-simple.
 * Sizes come in no order that a processor could foresee, so there is arithmetic instead of
 * branches where that can be.
 */
#ifndef NOMMU_HEAP_KEEP_H
#define NOMMU_HEAP_KEEP_H

#include "heap/core.h"
#include "heap/musl.h"
#include "heap/uclibc.h"

#define SIMPLE_BINS 2	 /* uclibc-simple: the same in pages */
#define CACHED_SIZE 4112 /* bytes of a request; larger ones are not looked for */
#define SPARE_MOST 8192	 /* uclibc: bytes in blocks that nobody asked for, for each thread */

static inline unsigned musl_bin(uint32_t tag)
{
	unsigned class = tag >> MUSL_TAG_CLASS_SHIFT & MUSL_TAG_CLASS;

	return class == MUSL_TAG_CLASS ? NO_BIN : class;
}

/* Mappings of a few pages; the libc lists those of aligned blocks. */
static inline unsigned simple_bin(struct heap *heap, uint64_t addr, uint32_t tag)
{
	struct span span = span_at(heap, addr);
	uint64_t pages = (span.end - span.start) >> NOMMU_PAGE_SHIFT;

	return tag == TAG_LIVE && pages <= SIMPLE_BINS ? (unsigned)pages : NO_BIN;
}

static inline unsigned simple_pages(size_t size)
{
	return (unsigned)(page_align(size + 8 + !size) >> NOMMU_PAGE_SHIFT);
}

static inline unsigned uclibc_bin(uint32_t tag)
{
	uint32_t granules = uclibc_granules(tag);

	return granules && granules < BINS ? granules : NO_BIN;
}

/*
 * Bytes of a block that is kept in the bin. The kind is
 * a constant wherever speed matters, here and below.
 */
static nommu_always_inline uint32_t bin_size(enum heap_kind kind, unsigned bin)
{
	switch (kind) {
	case MODEL_UCLIBC:
		return bin << GRANULE_SHIFT;
	case MODEL_MUSL:
		return (uint32_t)musl_class_granules[bin] << GRANULE_SHIFT;
	default:
		return bin << NOMMU_PAGE_SHIFT;
	}
}

static nommu_always_inline unsigned bin_of(struct heap *heap, enum heap_kind kind, uint64_t addr,
					   uint32_t tag)
{
	switch (kind) {
	case MODEL_UCLIBC:
		return uclibc_bin(tag);
	case MODEL_MUSL:
		return musl_bin(tag);
	default:
		return simple_bin(heap, addr, tag);
	}
}

static inline bool usable_cache(const struct heap *heap, const struct heap_cache *cache)
{
	return cache->heap == heap && !cache->frame &&
	       cache->epoch == __atomic_load_n(&heap->epoch, __ATOMIC_RELAXED);
}

/*
 * The first block of the bin, or 0; its tag must still be made one of a live block. A link that the
 * program damaged leads to no cached block.
 */
static nommu_always_inline uint64_t pop(struct heap *heap, enum heap_kind kind,
					struct heap_cache *cache, unsigned bin, uint32_t **tag)
{
	uint64_t addr = cache->head[bin], next;

	if (!addr)
		return 0;
	*tag = tag_at(heap, addr);
	if (unlikely(!*tag || addr % GRANULE || (tag_load(*tag) & TAG_KIND) != TAG_CACHED)) {
		cache->head[bin] = 0;
		cache->present[bin / 64] &= ~(1UL << bin % 64);
		return 0;
	}
	next = *(uint64_t *)addr;
	cache->head[bin] = next;
	if (!next)
		cache->present[bin / 64] &= ~(1UL << bin % 64);
	cache_count(cache, cache_bytes(cache) - bin_size(kind, bin));
	return addr;
}

/* The smallest bin from this one to most that is not empty, or NO_BIN. */
static inline unsigned bin_from(const struct heap_cache *cache, unsigned bin, unsigned most)
{
	unsigned word = bin / 64;
	uint64_t bits = cache->present[word] & ~0UL << bin % 64;

	while (!bits) {
		if (++word > most / 64 || word >= ARRAY_SIZE(cache->present))
			return NO_BIN;
		bits = cache->present[word];
	}
	bin = word * 64 + (unsigned)__builtin_ctzl(bits);
	return bin <= most ? bin : NO_BIN;
}

/* Takes a larger block too, up to twice as large, as long as such are few; the balance knows. */
static nommu_always_inline uint64_t pop_uclibc(struct heap *heap, struct heap_cache *cache,
					       size_t size)
{
	int32_t balance = cache->balance;
	unsigned shape, want, bin;
	uint64_t addr;
	uint32_t *tag;

	want = (unsigned)(uclibc_shaped_by_guess(&balance, uclibc_libc_size(size), &shape) >>
			  GRANULE_SHIFT);
	bin = want;
	if (!cache->head[bin]) {
		if (balance > SPARE_MOST)
			return 0;
		bin = bin_from(cache, bin, 2 * want + 8);
		if (bin == NO_BIN)
			return 0;
	}
	addr = pop(heap, MODEL_UCLIBC, cache, bin, &tag);
	if (unlikely(!addr))
		return 0;
	tag_store(tag, TAG_LIVE | shape << UCLIBC_SHAPE_SHIFT | bin << UCLIBC_GRANULES_SHIFT |
			       (bin - want) << UCLIBC_SPARE_SHIFT);
	cache->balance = balance + (int32_t)((bin - want) << GRANULE_SHIFT);
	return addr;
}

static nommu_always_inline uint64_t pop_musl(struct heap *heap, struct heap_cache *cache,
					     size_t size)
{
	unsigned class = musl_class_of(size), bin = class + (unsigned)(cache->coarse >> class & 1);
	uint32_t *tag;
	uint64_t addr = pop(heap, MODEL_MUSL, cache, bin, &tag);

	if (addr)
		tag_store(tag, tag_load(tag) - (TAG_CACHED - TAG_LIVE));
	return addr;
}

static nommu_always_inline uint64_t pop_simple(struct heap *heap, struct heap_cache *cache,
					       size_t size)
{
	uint32_t *tag;
	uint64_t addr = pop(heap, MODEL_SIMPLE, cache, simple_pages(size), &tag);

	if (addr)
		tag_store(tag, TAG_LIVE);
	return addr;
}

static nommu_always_inline void *keep_pop(struct heap *heap, size_t size, uintptr_t frame)
{
	struct heap_cache *cache = heap_my_cache;
	uint64_t addr;

	if (unlikely(!usable_cache(heap, cache) || size > CACHED_SIZE))
		return NULL;
	cache->frame = frame;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	switch (heap->kind) {
	case MODEL_UCLIBC:
		addr = pop_uclibc(heap, cache, size);
		break;
	case MODEL_MUSL:
		addr = pop_musl(heap, cache, size);
		break;
	default:
		addr = pop_simple(heap, cache, size);
	}
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	cache->frame = 0;
	return (void *)addr;
}

/* A block that is kept must not keep a large free area from growing together and going back. */
static inline bool beside_large(uint64_t addr, const uint32_t *tag, unsigned bin)
{
	uint32_t granule = (uint32_t)(addr >> GRANULE_SHIFT) & (CHUNK_TAGS - 1);

	if (unlikely(!granule || granule + bin >= CHUNK_TAGS))
		return true; /* its neighbour's tag is elsewhere */
	/* Both, without a branch between them. */
	return (unsigned)uclibc_large_area(tag_load(tag - 1)) |
	       (unsigned)uclibc_large_area(tag_load(tag + bin));
}

static nommu_always_inline bool push(struct heap *heap, enum heap_kind kind, uint64_t addr,
				     uint32_t *tag, uint32_t value, uintptr_t frame)
{
	struct heap_cache *cache = heap_my_cache;
	unsigned bin = bin_of(heap, kind, addr, value);
	uint32_t bytes;

	if (bin == NO_BIN || (kind == MODEL_UCLIBC && beside_large(addr, tag, bin)))
		return false;
	bytes = cache_bytes(cache) + bin_size(kind, bin);
	if (bytes > cache->limit)
		return false;
	cache->frame = frame;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (kind == MODEL_UCLIBC) {
		uclibc_settle(&cache->balance, value, -1);
		tag_store(tag, TAG_CACHED | bin << UCLIBC_GRANULES_SHIFT);
	} else {
		tag_store(tag, value + (TAG_CACHED - TAG_LIVE));
	}
	*(uint64_t *)addr = cache->head[bin];
	cache->head[bin] = addr;
	cache->present[bin / 64] |= 1UL << bin % 64;
	cache_count(cache, bytes);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	cache->frame = 0;
	return true;
}

static nommu_always_inline bool keep_push(struct heap *heap, enum heap_kind kind, uint64_t addr,
					  uint32_t *tag, uint32_t value, uintptr_t frame)
{
	if (unlikely(!usable_cache(heap, heap_my_cache)))
		return false;
	switch (kind) {
	case MODEL_UCLIBC:
		return push(heap, MODEL_UCLIBC, addr, tag, value, frame);
	case MODEL_MUSL:
		return push(heap, MODEL_MUSL, addr, tag, value, frame);
	default:
		return push(heap, MODEL_SIMPLE, addr, tag, value, frame);
	}
}

#endif
