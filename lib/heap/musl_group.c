/* SPDX-License-Identifier: MIT */
/*
 * musl_group.c - the groups of slots that the musl model allocates from: their
 * records, their rings, where they lie, and what happens when a slot is taken or comes
 * back. The facts are in musl.c.
 */
#include "heap/musl.h"

const uint16_t musl_class_granules[MUSL_CLASSES] = {
	1,   2,	  3,   4,    5,	   6,	 7,    8,    9,	   10,	 12,   15,   18,   20,	 25,   31,
	36,  42,  50,  63,   72,   84,	 102,  127,  146,  170,	 204,  255,  292,  340,	 409,  511,
	584, 682, 818, 1023, 1169, 1364, 1637, 2047, 2340, 2730, 3276, 4095, 4680, 5460, 6552, 8191,
};

struct musl *musl_of(const struct heap *heap)
{
	return heap->state->model;
}

struct musl_group *musl_group_by(const struct musl *musl, uint32_t number)
{
	return slab_record(&musl->slab, number);
}

uint32_t musl_all_slots(const struct musl_group *group)
{
	return (uint32_t)((2UL << group->last) - 1);
}

/* Only a group of one slot with a mapping of its own is not a multiple of its class. */
uint64_t musl_stride(const struct musl_group *group)
{
	if (!group->last && group->pages)
		return ((uint64_t)group->pages << NOMMU_PAGE_SHIFT) - MUSL_HEADER;
	return (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT;
}

uint64_t musl_slot_addr(const struct musl_group *group, unsigned slot)
{
	return group->start + MUSL_HEADER + musl_stride(group) * slot;
}

/* ---- the records, which cost pages ---- */

static long charge_record(struct heap *heap)
{
	struct musl *musl = musl_of(heap);
	uint64_t pages = 2UL << musl->record_shift;
	long addr;

	if (musl->records_back) {
		musl->records_back--;
		return 0;
	}
	if (!musl->records_left) {
		if (!musl->record_pages) {
			addr = span_map(heap, pages << NOMMU_PAGE_SHIFT, 0);
			if (is_err(addr))
				return addr;
			musl->record_pages = pages - 1;
			musl->record_shift++;
		}
		musl->record_pages--;
		musl->records_left = MUSL_RECORDS_OF_PAGE;
	}
	musl->records_left--;
	return 0;
}

struct musl_group *musl_new_group(struct heap *heap)
{
	struct musl *musl = musl_of(heap);
	uint32_t number = slab_get(&musl->slab);
	struct musl_group *group;

	if (!number)
		return NULL;
	if (is_err(charge_record(heap))) {
		slab_put(&musl->slab, number);
		return NULL;
	}
	group = musl_group_by(musl, number);
	*group = (struct musl_group){ .number = number };
	return group;
}

static void drop_group(struct heap *heap, struct musl_group *group)
{
	musl_of(heap)->records_back++;
	slab_put(&musl_of(heap)->slab, group->number);
}

/* ---- the ring of a class: the first is taken from, the others wait ---- */

static void ring_add(struct musl *musl, struct musl_group *group)
{
	struct musl_group *first = musl->active[group->class];

	if (!first) {
		group->next = group->prev = group;
		musl->active[group->class] = group;
		return;
	}
	group->next = first;
	group->prev = first->prev;
	first->prev->next = group;
	first->prev = group;
}

static void ring_remove(struct musl *musl, struct musl_group *group)
{
	if (group->next == group) {
		musl->active[group->class] = NULL;
	} else {
		group->prev->next = group->next;
		group->next->prev = group->prev;
		if (musl->active[group->class] == group)
			musl->active[group->class] = group->next;
	}
	group->next = group->prev = NULL;
}

/* What was freed in the part that is in use may be taken again. */
static void wake(struct musl_group *group)
{
	uint32_t in_use = (uint32_t)((2UL << group->in_use) - 1);

	group->ready = group->freed & in_use;
	group->freed &= ~in_use;
}

/* One more slot, and those that end in the same page. */
static void use_more(struct musl_group *group)
{
	uint64_t size = (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT;
	unsigned count = group->in_use + 2u;
	uint64_t end = MUSL_HEADER + size * count;

	while ((end >> NOMMU_PAGE_SHIFT) == ((end + size - 1) >> NOMMU_PAGE_SHIFT)) {
		count++;
		end += size;
	}
	group->in_use = (uint8_t)(count > group->last + 1u ? group->last : count - 1);
}

/*
 * Makes a group with a ready slot the first of its ring, by the libc's order; NULL: none has one.
 */
static struct musl_group *next_ready(struct musl *musl, unsigned class)
{
	struct musl_group *group = musl->active[class];

	if (!group || group->ready)
		return group;
	if (group->freed) {
		group = group->next;
	} else {
		ring_remove(musl, group); /* full */
		group = musl->active[class];
		if (!group)
			return NULL;
		if (group->ready)
			return group;
	}
	if (group->freed == musl_all_slots(group))
		group = group->next; /* might be given back whole: the last to take from */
	if (!(group->freed & ((2UL << group->in_use) - 1))) {
		if (group->next != group)
			group = group->next;
		else
			use_more(group); /* touches new pages: only if it is the last */
	}
	musl->active[class] = group;
	wake(group);
	musl_bounce_decay(musl, class);
	return group;
}

/* ---- groups ---- */

static long place_in_slot(struct heap *heap, struct musl_group *group, unsigned count)
{
	uint64_t size = (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT;
	size_t len = MUSL_HEADER + size * count - MUSL_SLOT_OVERHEAD;
	struct musl_group *host = musl_take_slot(heap, musl_class_of(len), len, &group->host_slot);

	if (!host)
		return -ENOMEM;
	group->host = host;
	group->start = musl_slot_addr(host, group->host_slot);
	group->in_use = (uint8_t)(count - 1);
	return 0;
}

static long place_in_mapping(struct heap *heap, struct musl_group *group, unsigned *count,
			     size_t req)
{
	struct musl *musl = musl_of(heap);
	uint64_t size = (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT;
	uint64_t len = musl_mapping_size(musl, group->class, count, req);
	uint64_t in_page = (NOMMU_PAGE_SIZE - MUSL_HEADER) / size;
	long addr = span_map(heap, len, 0);

	if (is_err(addr))
		return addr;
	group->start = (uint64_t)addr;
	group->pages = (uint32_t)(len >> NOMMU_PAGE_SHIFT);
	in_page = in_page ? in_page - 1 : 0;
	group->in_use = (uint8_t)min_u64(in_page, *count - 1);
	return 0;
}

static struct musl_group *make_group(struct heap *heap, unsigned class, size_t req)
{
	struct musl *musl = musl_of(heap);
	uint64_t size = (uint64_t)musl_class_granules[class] << GRANULE_SHIFT;
	struct musl_group *group = musl_new_group(heap);
	unsigned count;
	long error;

	if (!group)
		return NULL;
	group->class = (uint8_t) class;
	count = musl_group_count(musl, class);
	if (size * count + MUSL_HEADER > NOMMU_PAGE_SIZE / 2)
		error = place_in_mapping(heap, group, &count, req);
	else
		error = place_in_slot(heap, group, count);
	if (error) {
		drop_group(heap, group);
		return NULL;
	}
	musl->slots[class] += count;
	group->last = (uint8_t)(count - 1);
	group->freed = musl_all_slots(group);
	wake(group);
	return group;
}

struct musl_group *musl_take_slot(struct heap *heap, unsigned class, size_t req, uint8_t *slot)
{
	struct musl *musl = musl_of(heap);
	struct musl_group *group = next_ready(musl, class);

	while (!group && !cache_may_grow(heap, musl_class_granules[class] * GRANULE))
		group = next_ready(musl, class);
	if (!group) {
		group = make_group(heap, class, req);
		if (!group)
			return NULL;
		ring_add(musl, group);
	}
	*slot = (uint8_t)__builtin_ctz(group->ready);
	group->ready &= group->ready - 1;
	return group;
}

static void give_group(struct heap *heap, struct musl_group *group)
{
	struct musl *musl = musl_of(heap);

	if (group->class < MUSL_CLASSES)
		musl->slots[group->class] -= group->last + 1u;
	if (group->pages) {
		musl_bounce_unmapped(musl, group->class);
		span_unmap(heap, group->start,
			   group->start + ((uint64_t)group->pages << NOMMU_PAGE_SHIFT));
	} else {
		musl_give_slot(heap, group->host, group->host_slot);
	}
	drop_group(heap, group);
}

void musl_give_slot(struct heap *heap, struct musl_group *group, unsigned slot)
{
	struct musl *musl = musl_of(heap);
	uint32_t self = 1u << slot, free_before = group->freed | group->ready;

	if ((free_before | self) == musl_all_slots(group) && musl_may_give(musl, group)) {
		if (group->next) {
			bool first = musl->active[group->class] == group;

			ring_remove(musl, group);
			if (first && musl->active[group->class])
				wake(musl->active[group->class]);
		}
		give_group(heap, group);
		return;
	}
	if (!free_before && musl->active[group->class] != group)
		ring_add(musl, group);
	group->freed |= self;
}
