/* SPDX-License-Identifier: MIT */
/*
 * musl_policy.c - how many slots a new group of musl's malloc has, how large its mapping is, and
 * whether a group that is all free goes back. Facts from alloc_group() and malloc() in musl 1.2.3's
 * src/malloc/mallocng/malloc.c, okay_to_free() in free.c, the bounce functions in meta.h. Numbers
 * and their order are the libc's; they decide what the kernel is asked for.
 */
#include "heap/musl.h"

#define BOUNCING 100
#define BOUNCED_LONG 150
#define SOON 10

/* Slots of a group by class, from many to few; the first that usage has earned is taken. */
static const uint8_t small_counts[9][3] = {
	{ 30, 30, 30 }, { 31, 15, 15 }, { 20, 10, 10 }, { 31, 15, 7 }, { 25, 12, 6 },
	{ 21, 10, 5 },	{ 18, 8, 4 },	{ 31, 15, 7 },	{ 28, 14, 6 },
};
/* by class modulo 4; halved as need be */
static const uint8_t larger_counts[4] = { 28, 24, 20, 32 };

static uint8_t *watched(uint8_t *table, unsigned class)
{
	unsigned i = class - MUSL_BOUNCE_FIRST;

	return i < MUSL_BOUNCE_CLASSES ? &table[i] : NULL;
}

static bool bouncing(const struct musl *musl, unsigned class)
{
	unsigned i = class - MUSL_BOUNCE_FIRST;

	return i < MUSL_BOUNCE_CLASSES && musl->bounces[i] >= BOUNCING;
}

void musl_bounce_step(struct musl *musl)
{
	if (musl->now == UINT8_MAX) {
		for (int i = 0; i < MUSL_BOUNCE_CLASSES; i++)
			musl->unmapped[i] = 0;
		musl->now = 0;
	}
	musl->now++;
}

void musl_bounce_unmapped(struct musl *musl, unsigned class)
{
	uint8_t *when = watched(musl->unmapped, class);

	musl_bounce_step(musl);
	if (when)
		*when = musl->now;
}

void musl_bounce_decay(struct musl *musl, unsigned class)
{
	uint8_t *bounces = watched(musl->bounces, class);

	if (bounces && *bounces)
		--*bounces;
}

static void bounce_mapped(struct musl *musl, unsigned class)
{
	uint8_t *when = watched(musl->unmapped, class);
	uint8_t *bounces = watched(musl->bounces, class);

	if (when && *when && musl->now - *when < SOON)
		*bounces = (uint8_t)(*bounces + 1 < BOUNCING ? *bounces + 1 : BOUNCED_LONG);
	musl_bounce_step(musl);
}

/* A class without groups borrows from the next larger one until that has some use. */
unsigned musl_coarse_class(const struct musl *musl, unsigned class)
{
	const struct musl_group *coarse;
	uint64_t slots;

	if (class < 4 || class >= 32 || class == 6 || class & 1)
		return class;
	if (musl->active[class] || musl->slots[class])
		return class;
	coarse = musl->active[class + 1];
	slots = musl->slots[class + 1];
	if (!coarse || (!coarse->ready && !coarse->freed))
		slots += 3; /* a group would have to be made */
	return slots <= 12 ? class + 1 : class;
}

unsigned musl_group_count(const struct musl *musl, unsigned class)
{
	uint64_t size = (uint64_t)musl_class_granules[class] << GRANULE_SHIFT;
	uint64_t slots = musl->slots[class];
	unsigned count;

	if (class < ARRAY_SIZE(small_counts)) {
		unsigned i = 0;

		while (i < 2 && 4U * small_counts[class][i] > slots)
			i++;
		return small_counts[class][i];
	}
	count = larger_counts[class & 3];
	while (!(count & 1) && 4U * count > slots)
		count >>= 1;
	while (size * count >= 65536 * GRANULE)
		count >>= 1;
	/* One that is too small for a mapping would have to lie in a slot. */
	if (count == 1 && size + MUSL_HEADER <= NOMMU_PAGE_SIZE / 2)
		count = 2;
	return count;
}

/* Fewer slots that fill whole pages, though no power of two of them. */
static unsigned reduced(unsigned class, unsigned count, uint64_t size)
{
	uint64_t all = size * count;

	switch (class & 3) {
	case 0:
		return all > 8 * NOMMU_PAGE_SIZE ? 3 : all > 2 * NOMMU_PAGE_SIZE ? 5 : count;
	case 1:
		return all > 8 * NOMMU_PAGE_SIZE ? 2 : count;
	case 2:
		return all > 4 * NOMMU_PAGE_SIZE ? 3 : count;
	default:
		return count;
	}
}

uint64_t musl_mapping_size(struct musl *musl, unsigned class, unsigned *count, size_t req)
{
	uint64_t size = (uint64_t)musl_class_granules[class] << GRANULE_SHIFT;
	uint64_t slots = musl->slots[class], len, alone;
	bool many = bouncing(musl, class);

	bounce_mapped(musl, class);
	if (!(class & 1) && class < 32)
		slots += musl->slots[class + 1];
	if (4U * *count > slots && !many)
		*count = reduced(class, *count, size);
	len = page_align(size * *count + MUSL_HEADER);
	if (many || *count > 7)
		return len;
	alone = page_align(req + MUSL_SLOT_OVERHEAD + MUSL_HEADER);
	if (alone < size + MUSL_HEADER || (alone >= 4 * NOMMU_PAGE_SIZE && 2U * *count > slots)) {
		*count = 1;
		return alone;
	}
	return len;
}

bool musl_may_give(const struct musl *musl, const struct musl_group *group)
{
	unsigned count = group->last + 1u;

	if (group->class >= MUSL_CLASSES || !group->pages)
		return true;
	if (musl_stride(group) < (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT)
		return true; /* one slot, too small to be used for another request */
	if (group->next != group || !bouncing(musl, group->class))
		return true;
	return 9U * count <= musl->slots[group->class] && count < 20;
}
