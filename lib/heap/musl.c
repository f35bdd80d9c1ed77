/* SPDX-License-Identifier: MIT */
/*
 * musl.c - musl 1.2.3's malloc ("mallocng") without an MMU, as the kernel sees it. Facts (its
 * src/malloc/mallocng/): 48 size classes; a group is up to 32 slots of one class behind 16 bytes of
 * header, either in a mapping of its own or, if small, in a slot of a larger class (malloc.c,
 * alloc_group); how many slots follows from how many of the class exist; 4 bytes of each slot are
 * the libc's; a group that is all free goes back at once unless its class has been coming and going
 * (free.c, okay_to_free; meta.h, bounces); from 131052 bytes on a mapping each; 40 bytes of record
 * for each group or mapping, 101 to a page, in mappings of 2, 4, 8... pages of which the first page
 * stays unused, since brk fails.
 *
 * What differs: the headers and records are charged but not written; a block lies at its slot's
 * start, where mallocng wanders through what is left of the slot.
 */
#include "heap/musl.h"

/*
 * A thread may keep it if it lies at its slot's start and is as
 * large as its class says: a group of one slot may be smaller.
 */
static unsigned class_to_keep(uint64_t addr, const struct musl_group *group, unsigned slot)
{
	if (group->class >= MUSL_CACHED_CLASSES || addr != musl_slot_addr(group, slot) ||
	    musl_stride(group) < (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT)
		return MUSL_TAG_CLASS;
	return group->class;
}

static void tag_slot(struct heap *heap, uint64_t addr, const struct musl_group *group,
		     unsigned slot)
{
	tag_store(tag_at(heap, addr),
		  TAG_LIVE | class_to_keep(addr, group, slot) << MUSL_TAG_CLASS_SHIFT |
			  group->number << MUSL_TAG_GROUP_SHIFT);
}

static unsigned slot_of(const struct musl_group *group, uint64_t addr)
{
	if (!group->last)
		return 0;
	return (uint32_t)(addr - group->start - MUSL_HEADER) / (uint32_t)musl_stride(group);
}

static struct musl_group *group_of(const struct heap *heap, uint32_t tag)
{
	return musl_group_by(musl_of(heap), tag >> MUSL_TAG_GROUP_SHIFT);
}

/* Bytes from a block's start to the end of its slot. */
static size_t in_slot(const struct musl_group *group, unsigned slot, uint64_t addr)
{
	return musl_slot_addr(group, slot) + musl_stride(group) - MUSL_SLOT_OVERHEAD - addr;
}

static struct musl_group *take_mapping(struct heap *heap, size_t size)
{
	size_t len = size + MUSL_HEADER + MUSL_SLOT_OVERHEAD;
	long addr = span_map(heap, len, 0);
	struct musl_group *group;

	if (is_err(addr))
		return NULL;
	musl_bounce_step(musl_of(heap));
	group = musl_new_group(heap);
	if (!group) {
		span_unmap(heap, (uint64_t)addr, (uint64_t)addr + page_align(len));
		return NULL;
	}
	group->start = (uint64_t)addr;
	group->pages = (uint32_t)(page_align(len) >> NOMMU_PAGE_SHIFT);
	group->class = MUSL_OWN_MAPPING;
	return group;
}

/*
 * The class that a request is served from now; the
 * thread's cache does alike until this is asked again.
 */
static unsigned borrow(struct heap *heap, unsigned class)
{
	struct heap_cache *cache = heap->state->user;
	unsigned coarse = musl_coarse_class(musl_of(heap), class);

	if (cache && coarse != class)
		cache->coarse |= 1UL << class;
	else if (cache)
		cache->coarse &= ~(1UL << class);
	return coarse;
}

static long take(struct heap *heap, size_t size, size_t align)
{
	struct musl_group *group;
	uint8_t slot = 0;
	uint64_t addr;

	if (align > GRANULE)
		size += align - GRANULE;
	if (size >= MUSL_MAP_FROM)
		group = take_mapping(heap, size);
	else
		group = musl_take_slot(heap, borrow(heap, musl_class_of(size)), size, &slot);
	if (!group)
		return -ENOMEM;
	addr = musl_slot_addr(group, slot);
	if (align > GRANULE)
		addr = (addr + align - 1) & ~(align - 1);
	tag_slot(heap, addr, group, slot);
	heap->state->stats.used += in_slot(group, slot, addr);
	return (long)addr;
}

static void give(struct heap *heap, uint64_t addr, uint32_t tag)
{
	struct musl_group *group = group_of(heap, tag);
	unsigned slot = slot_of(group, addr);

	tag_store(tag_at(heap, addr), 0);
	heap->state->stats.used -= in_slot(group, slot, addr);
	musl_give_slot(heap, group, slot);
}

static size_t usable(struct heap *heap, uint64_t addr, uint32_t tag)
{
	const struct musl_group *group = group_of(heap, tag);

	return in_slot(group, slot_of(group, addr), addr);
}

static long resize_mapping(struct heap *heap, struct musl_group *group, uint64_t addr, size_t size)
{
	uint64_t offset = addr - group->start;
	uint64_t end = group->start + ((uint64_t)group->pages << NOMMU_PAGE_SHIFT);
	uint64_t len = page_align(size + offset + MUSL_SLOT_OVERHEAD);
	long start;

	if (group->start + len == end)
		return (long)addr;
	start = span_remap(heap, group->start, end, len);
	if (is_err(start))
		return -EAGAIN;
	heap->state->stats.used += len - (end - group->start);
	tag_store(tag_at(heap, addr), 0);
	group->start = (uint64_t)start;
	group->pages = (uint32_t)(len >> NOMMU_PAGE_SHIFT);
	tag_slot(heap, group->start + offset, group, 0);
	return start + (long)offset;
}

static long resize(struct heap *heap, uint64_t addr, uint32_t tag, size_t size)
{
	struct musl_group *group = group_of(heap, tag);

	if (size < MUSL_MAP_FROM && size <= usable(heap, addr, tag) &&
	    musl_class_of(size) + 1 >= group->class)
		return (long)addr;
	if (size >= MUSL_MAP_FROM && group->class == MUSL_OWN_MAPPING)
		return resize_mapping(heap, group, addr, size);
	return -EAGAIN;
}

static bool fresh(struct heap *heap, uint64_t addr, uint32_t tag)
{
	(void)addr;
	return group_of(heap, tag)->class == MUSL_OWN_MAPPING;
}

static long start(struct heap *heap)
{
	struct musl *musl = bookkeeping_map(sizeof *musl);

	if (!musl)
		return -ENOMEM;
	heap->state->model = musl;
	return slab_init(&musl->slab);
}

static void stop(struct heap *heap)
{
	struct musl *musl = musl_of(heap);

	if (!musl)
		return;
	if (musl->slab.blocks)
		slab_destroy(&musl->slab);
	bookkeeping_unmap(musl, sizeof *musl);
}

static int check(struct heap *heap)
{
	struct musl *musl = musl_of(heap);

	for (unsigned class = 0; class < MUSL_CLASSES; class ++) {
		const struct musl_group *first = musl->active[class], *group = first;

		if (!first)
			continue;
		do {
			if (group->class != class || group->next->prev != group)
				return 1;
			if (group->ready & group->freed ||
			    (group->ready | group->freed) & ~musl_all_slots(group))
				return 2;
			if (group != first && group->ready)
				return 3;
			group = group->next;
		} while (group != first);
	}
	return 0;
}

const struct heap_model heap_musl = {
	.name = "musl",
	.kind = MODEL_MUSL,
	.keep_alone = 64 << 10,
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
