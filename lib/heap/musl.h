/* SPDX-License-Identifier: MIT */
/*
 * musl.h - private to lib/heap: the musl model's state, shared by the groups (musl_group.c), what
 * decides on their sizes and ends (musl_policy.c), and the fast path of the threads' caches. Tag of
 * a live block: kind, class if a thread may keep it (6 bits), group (24 bits).
 */
#ifndef NOMMU_HEAP_MUSL_H
#define NOMMU_HEAP_MUSL_H

#include "heap/core.h"

#define MUSL_CLASSES 48
#define MUSL_OWN_MAPPING 63 /* as a class: a mapping for one block */
#define MUSL_HEADER 16UL    /* before the slots of a group */
#define MUSL_SLOT_OVERHEAD 4UL
#define MUSL_MAP_FROM 131052UL
#define MUSL_RECORDS_OF_PAGE 101
#define MUSL_BOUNCE_FIRST 7 /* classes whose coming and going is watched */
#define MUSL_BOUNCE_CLASSES 32

#define MUSL_CACHED_CLASSES 32 /* larger ones are not kept by threads */
#define MUSL_TAG_CLASS_SHIFT 2
#define MUSL_TAG_CLASS 63u
#define MUSL_TAG_GROUP_SHIFT 8

struct musl_group {
	struct musl_group *next; /* in its class's ring; NULL: full, and in none */
	struct musl_group *prev;
	struct musl_group *host; /* whose slot it lies in, or NULL */
	uint64_t start;		 /* address; the first slot is MUSL_HEADER further */
	uint32_t ready;		 /* slots to take from, a bit each */
	uint32_t freed;		 /* free slots that wait for the next round, or were never in use */
	uint32_t pages;		 /* of its own mapping, or 0 */
	uint32_t number;	 /* in the slab */
	uint8_t class;
	uint8_t last;	   /* number of its last slot */
	uint8_t in_use;	   /* number of the last slot that may be taken so far */
	uint8_t host_slot; /* in host */
};

_Static_assert(sizeof(struct musl_group) <= SLAB_RECORD, "a group is a record of the slab");

struct musl {
	struct slab slab;
	struct musl_group *active[MUSL_CLASSES]; /* rings */
	uint64_t slots[MUSL_CLASSES];		 /* in all groups of the class */
	uint64_t records_back;			 /* that were used and given back */
	uint64_t records_left;			 /* in the page they are taken from */
	uint64_t record_pages;			 /* mapped for records, not begun */
	unsigned record_shift;			 /* mappings for records so far */
	uint8_t now;				 /* counts groups mapped and unmapped */
	uint8_t unmapped[MUSL_BOUNCE_CLASSES];	 /* when one of the class was last, or 0 */
	uint8_t bounces[MUSL_BOUNCE_CLASSES];	 /* how often it came back soon */
};

extern const uint16_t musl_class_granules[MUSL_CLASSES];

struct musl *musl_of(const struct heap *heap);
struct musl_group *musl_group_by(const struct musl *musl, uint32_t number);
uint32_t musl_all_slots(const struct musl_group *group);
uint64_t musl_stride(const struct musl_group *group);
uint64_t musl_slot_addr(const struct musl_group *group, unsigned slot);
/* The record of a group, which is charged; NULL: refused. */
struct musl_group *musl_new_group(struct heap *heap);
/* Nests as deep as groups do: at most a few. */
void musl_give_slot(struct heap *heap, struct musl_group *group, unsigned slot);
/* A slot of the class for a request of so many bytes, or NULL. */
struct musl_group *musl_take_slot(struct heap *heap, unsigned class, size_t req, uint8_t *slot);

/* The smallest class whose slots hold size bytes; size < MUSL_MAP_FROM. */
static inline unsigned musl_class_of(size_t size)
{
	size_t granules = (size + MUSL_SLOT_OVERHEAD + GRANULE - 1) >> GRANULE_SHIFT;
	unsigned class;

	if (granules <= 10)
		return (unsigned)granules - 1;
	/* From 8 on there are four classes to a doubling. */
	class = (60u - (unsigned)__builtin_clzl(granules)) * 4 + 8;
	if (granules > musl_class_granules[class + 1])
		class += 2;
	return class + (granules > musl_class_granules[class]);
}

/* ---- musl_policy.c ---- */

unsigned musl_coarse_class(const struct musl *musl, unsigned class);
unsigned musl_group_count(const struct musl *musl, unsigned class);
/* Bytes to map for a group of *count slots, which may become fewer. */
uint64_t musl_mapping_size(struct musl *musl, unsigned class, unsigned *count, size_t req);
bool musl_may_give(const struct musl *musl, const struct musl_group *group);
void musl_bounce_step(struct musl *musl);
void musl_bounce_unmapped(struct musl *musl, unsigned class);
void musl_bounce_decay(struct musl *musl, unsigned class);

#endif
