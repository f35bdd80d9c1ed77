/* SPDX-License-Identifier: MIT */
/*
 * uclibc.c - uClibc-ng's default malloc without an MMU, as the kernel sees it. Facts (its commit
 * 5e6fd08b, libc/stdlib/malloc/, 64 bits): 8 bytes of header, multiples of 8, at least 24
 * (malloc.h, heap.h); the lowest free area that fits, taken from its front, whole if less than 56
 * bytes would stay (heap_alloc.c); growth by one page, or by what the request needs in whole pages
 * (malloc.c); a free area that reaches 8 pages is unmapped mapping by mapping (free.c; the 2 pages
 * that it means to keep of the last area are not kept, since __heap_is_empty() tests the address of
 * the list and not the list); realloc grows in place only into the lowest free area of all
 * (heap_alloc_at.c looks at no other); 256 bytes to begin with; 32 bytes of record for each
 * mapping, in pages of their own.
 *
 * What differs: there are no headers, since programs of this host need blocks aligned to 16. A
 * block whose size there is an odd multiple of 8 is made 8 bytes smaller or larger here, so that
 * the sum over all blocks that a thread holds stays the libc's (heap_cache.balance).
 */
#include <sys/mman.h>

#include "base/raw.h"
#include "heap/area.h"
#include "heap/uclibc.h"

#define FIRST_AREA 256UL
#define FIRST_AREA_HINT 0x1fff00000000UL
#define HEADER 8UL
#define KEEP_WHOLE 56UL /* a rest below this goes with the block */
#define SHRINK 40UL	/* realloc gives back no less */
#define RECORD 32UL	/* for each mapping */
#define RECORDS_OF_PAGE (NOMMU_PAGE_SIZE / RECORD)
#define STATE_SIZE (4 * NOMMU_PAGE_SIZE) /* bookkeeping, then the first area in a page of its own */
#define SPARE_MASK (~0u << UCLIBC_SPARE_SHIFT)
#define FIRST_AREA_OFFSET (2 * NOMMU_PAGE_SIZE + 1024)

struct uclibc {
	uint64_t records_free; /* of those that describe mappings; the libc begins with one */
	uint64_t first;	       /* the area that is there without asking the kernel */
};

_Static_assert(sizeof(struct uclibc) <= FIRST_AREA_OFFSET, "the first area lies behind the state");

static struct uclibc *state_of(struct heap *heap)
{
	return heap->state->model;
}

int32_t *uclibc_balance(struct heap *heap)
{
	struct heap_cache *cache = heap->state->user;

	return cache ? &cache->balance : &heap->state->balance;
}

/* ---- tags ---- */

static void tag_live(struct heap *heap, uint64_t addr, uint64_t size, unsigned shape)
{
	uint64_t granules = size >> GRANULE_SHIFT;
	uint32_t tag = TAG_LIVE | shape << UCLIBC_SHAPE_SHIFT;

	heap->state->stats.used += size;
	if (granules <= UCLIBC_GRANULES_MAX) {
		tag_store(tag_at(heap, addr), tag | (uint32_t)granules << UCLIBC_GRANULES_SHIFT);
		return;
	}
	tag_store(tag_at(heap, addr + GRANULE), (uint32_t)(granules & 0x3fffffff) << 2);
	tag_store(tag_at(heap, addr + 2 * GRANULE), (uint32_t)(granules >> 30) << 2);
	tag_store(tag_at(heap, addr), tag);
}

/* Of a live block or one in a cache; a size that did not fit stands in the next two tags. */
uint64_t uclibc_block_size(struct heap *heap, uint64_t addr, uint32_t tag)
{
	uint64_t granules = uclibc_granules(tag);

	if (!granules)
		granules = *tag_at(heap, addr + GRANULE) >> 2 |
			   (uint64_t)(*tag_at(heap, addr + 2 * GRANULE) >> 2) << 30;
	return granules << GRANULE_SHIFT;
}

static void tag_clear(struct heap *heap, uint64_t addr, uint32_t tag)
{
	heap->state->stats.used -= uclibc_block_size(heap, addr, tag);
	tag_store(tag_at(heap, addr), 0);
	if (!uclibc_granules(tag)) {
		tag_store(tag_at(heap, addr + GRANULE), 0);
		tag_store(tag_at(heap, addr + 2 * GRANULE), 0);
	}
}

/* ---- free areas ---- */

/*
 * Takes want bytes from the front, or all if the rest would be too small; returns how many it were.
 */
static uint64_t take_front(struct heap *heap, struct area area, uint64_t want)
{
	if (area.size < want + KEEP_WHOLE)
		want = area.size;
	area_take(heap, area, want);
	return want;
}

/* ---- asking the kernel ---- */

/* Each mapping is recorded; the pages of the records are never given back. */
static void record_mapping(struct heap *heap)
{
	struct uclibc *uclibc = state_of(heap);

	if (!uclibc->records_free) {
		if (is_err(span_map(heap, NOMMU_PAGE_SIZE, HEAP_UNINITIALIZED)))
			return;
		uclibc->records_free = RECORDS_OF_PAGE - 1;
	}
	uclibc->records_free--;
}

static long grow(struct heap *heap, uint64_t size)
{
	uint64_t len = size < NOMMU_PAGE_SIZE ? NOMMU_PAGE_SIZE : page_align(size);
	long addr = span_map(heap, len, HEAP_UNINITIALIZED);

	if (is_err(addr))
		return addr;
	area_release(heap, (uint64_t)addr, len);
	record_mapping(heap);
	return 0;
}

/*
 * Unmaps the mappings that lie whole in [start, end), which is in no area, and puts the rest back.
 * A piece that would be too small to be an area keeps its mapping.
 */
static void unmap_within(struct heap *heap, uint64_t start, uint64_t end)
{
	struct uclibc *uclibc = state_of(heap);
	uint64_t at = page_align(start);

	while (at < end) {
		struct span span = span_at(heap, at);

		if (!span.start || span.end > end)
			break;
		if (span.start < at || (span.start != start && span.start - start <= KEEP_WHOLE)) {
			at = span.end;
			continue;
		}
		if (span.end != end && span.end + KEEP_WHOLE > end)
			break;
		at = span.end;
		if (span_unmap(heap, span.start, span.end))
			continue;
		if (span.start != start)
			area_release(heap, start, span.start - start);
		start = span.end;
		uclibc->records_free++;
	}
	if (start != end)
		area_release(heap, start, end - start);
}

static void give_range(struct heap *heap, uint64_t start, uint64_t size)
{
	struct area area = area_release(heap, start, size);

	if (area.size < UCLIBC_UNMAP)
		return;
	area_take(heap, area, area.size);
	unmap_within(heap, area.start, area.start + area.size);
}

/* ---- the model ---- */

/* Bytes that the libc takes for a request, header and all. */
static uint64_t libc_size(size_t size)
{
	return uclibc_libc_size(size);
}

/* The libc's size in granules: exact, or 8 less or more by turns of the balance. */
static uint64_t shaped(struct heap *heap, uint64_t size, unsigned *shape)
{
	return uclibc_shaped(uclibc_balance(heap), size, shape);
}

static void unshape(struct heap *heap, uint32_t tag)
{
	uclibc_settle(uclibc_balance(heap), tag, -1);
}

static struct area find_area(struct heap *heap, uint64_t want, uint64_t size)
{
	struct area area = area_first_fit(heap, want);

	while (unlikely(!area.size) && !cache_may_grow(heap, size))
		area = area_first_fit(heap, want);
	if (likely(area.size) || is_err(grow(heap, size)))
		return area;
	return area_first_fit(heap, want);
}

static long take_block(struct heap *heap, size_t size)
{
	uint64_t wanted = libc_size(size), want, addr;
	unsigned shape;
	struct area area;

	want = shaped(heap, wanted, &shape);
	area = find_area(heap, want, wanted);
	if (!area.size) {
		unshape(heap, shape << UCLIBC_SHAPE_SHIFT);
		return -ENOMEM;
	}
	addr = area.start;
	want = take_front(heap, area, want);
	tag_live(heap, addr, want, shape);
	return (long)addr;
}

/* The libc takes twice the alignment more, and gives back both ends. */
static long take_aligned(struct heap *heap, size_t size, size_t align)
{
	uint64_t rounded = (size + HEADER - 1) & ~(HEADER - 1);
	uint64_t wanted = libc_size(rounded + 2 * align);
	uint64_t got, start, addr, keep;
	struct area area;
	unsigned shape;

	area = find_area(heap, (wanted + GRANULE - 1) & ~(GRANULE - 1), wanted);
	if (!area.size)
		return -ENOMEM;
	start = area.start;
	got = take_front(heap, area, (wanted + GRANULE - 1) & ~(GRANULE - 1));
	addr = (start + align - 1) & ~(align - 1);
	if (addr != start)
		area_release(heap, start, addr - start);
	got -= addr - start;
	keep = shaped(heap, libc_size(rounded ? rounded : 1), &shape);
	if (keep + SHRINK < got)
		area_release(heap, addr + keep, got - keep);
	else
		keep = got;
	tag_live(heap, addr, keep, shape);
	return (long)addr;
}

static long take(struct heap *heap, size_t size, size_t align)
{
	return align > GRANULE ? take_aligned(heap, size, align) : take_block(heap, size);
}

static void give(struct heap *heap, uint64_t addr, uint32_t tag)
{
	uint64_t size = uclibc_block_size(heap, addr, tag);

	tag_clear(heap, addr, tag);
	if (size >= UCLIBC_UNMAP && heap->state->user)
		/* what is kept might lie in its mapping */
		cache_shrink(heap, heap->state->user, 0);
	give_range(heap, addr, size);
}

static long grow_in_place(struct heap *heap, uint64_t addr, uint64_t size, uint64_t extra,
			  uint32_t tag)
{
	struct area area = area_at(heap, addr + size);

	extra = (extra + GRANULE - 1) & ~(GRANULE - 1);
	if (area.size < extra || !area.size || area.start != area_first_fit(heap, GRANULE).start)
		return -EAGAIN;
	extra = take_front(heap, area, extra);
	uclibc_settle(uclibc_balance(heap), tag & SPARE_MASK, -1);
	tag_clear(heap, addr, tag);
	tag_live(heap, addr, size + extra, tag >> UCLIBC_SHAPE_SHIFT & UCLIBC_SHAPE);
	return (long)addr;
}

static long resize(struct heap *heap, uint64_t addr, uint32_t tag, size_t size)
{
	uint64_t have = uclibc_block_size(heap, addr, tag);
	uint64_t libc_has = have - (uint64_t)(int64_t)uclibc_surplus(tag);
	uint64_t wanted = libc_size(size), keep;
	unsigned shape;

	if (wanted > libc_has)
		return grow_in_place(heap, addr, have, wanted - libc_has, tag);
	if (wanted + SHRINK > libc_has)
		return (long)addr;
	unshape(heap, tag);
	keep = shaped(heap, wanted, &shape);
	tag_clear(heap, addr, tag);
	tag_live(heap, addr, keep, shape);
	/* not unmapped, however large: nor there */
	area_release(heap, addr + keep, have - keep);
	return (long)addr;
}

static size_t usable(struct heap *heap, uint64_t addr, uint32_t tag)
{
	return uclibc_block_size(heap, addr, tag);
}

static bool fresh(struct heap *heap, uint64_t addr, uint32_t tag)
{
	(void)heap;
	(void)addr;
	(void)tag;
	return false; /* the pages are asked for uninitialized */
}

/* There the first area precedes what the source gives: it is part of the program's data. */
static unsigned char *map_below(size_t len)
{
	long addr = raw_mmap(FIRST_AREA_HINT, len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return is_err(addr) ? NULL : (unsigned char *)addr;
}

static long start(struct heap *heap)
{
	unsigned char *memory = map_below(STATE_SIZE);
	struct uclibc *uclibc = (void *)memory;

	if (!memory)
		return -ENOMEM;
	heap->state->model = uclibc;
	uclibc->first = (uintptr_t)memory + FIRST_AREA_OFFSET;
	uclibc->records_free = 1;
	heap->state->extra = (struct span){ uclibc->first, uclibc->first + FIRST_AREA };
	if (!chunks_cover(heap, uclibc->first, uclibc->first + FIRST_AREA))
		return -ENOMEM;
	area_release(heap, uclibc->first, FIRST_AREA);
	return 0;
}

static void stop(struct heap *heap)
{
	bookkeeping_unmap(heap->state->model, STATE_SIZE);
}

static int check(struct heap *heap)
{
	return areas_valid(heap) ? 0 : 1;
}

const struct heap_model heap_uclibc = {
	.name = "uclibc",
	.kind = MODEL_UCLIBC,
	.frees_on_realloc_0 = true,
	.keep_alone = 8 << 10,
	.keep_shared = 1 << 20,
	.start = start,
	.stop = stop,
	.take = take,
	.give = give,
	.resize = resize,
	.usable = usable,
	.fresh = fresh,
	.check = check,
};
