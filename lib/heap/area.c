/* SPDX-License-Identifier: MIT */
/*
 * area.c - see area.h. Sizes in the index are granules, cut off at LARGEST: there an area may
 * be larger than the index says, and the tags decide. Nothing recurses and nothing is
 * allocated, so nothing can fail.
 */
#include "heap/area_index.h"

#define AREA_SHORT (1UL << 24) /* bytes; a larger one does not go the short way */

/* ---- tags ---- */

static inline uint64_t wide_granules(struct heap *heap, uint64_t addr, int64_t inwards)
{
	return *tag_at(heap, addr + (uint64_t)inwards) >> 2 |
	       (uint64_t)(*tag_at(heap, addr + 2 * (uint64_t)inwards) >> 2) << 30;
}

static inline uint64_t size_of(struct heap *heap, uint64_t addr, uint32_t tag, int64_t inwards)
{
	uint64_t granules = tag >> AREA_TAG_SHIFT;

	return (likely(granules) ? granules : wide_granules(heap, addr, inwards)) << GRANULE_SHIFT;
}

static nommu_noinline void mark_wide(struct heap *heap, uint64_t addr, uint64_t granules,
				     int64_t inwards)
{
	tag_store(tag_at(heap, addr), TAG_FREE);
	tag_store(tag_at(heap, addr + (uint64_t)inwards), (uint32_t)(granules & 0x3fffffff) << 2);
	tag_store(tag_at(heap, addr + 2 * (uint64_t)inwards), (uint32_t)(granules >> 30) << 2);
}

static inline void mark_end(struct heap *heap, uint64_t addr, uint64_t size, int64_t inwards)
{
	uint64_t granules = size >> GRANULE_SHIFT;

	if (likely(granules <= AREA_GRANULES_MAX))
		tag_store(tag_at(heap, addr), TAG_FREE | (uint32_t)granules << AREA_TAG_SHIFT);
	else
		mark_wide(heap, addr, granules, inwards);
}

static inline void mark_ends(struct heap *heap, struct area area)
{
	mark_end(heap, area.start, area.size, (int64_t)GRANULE);
	mark_end(heap, area.start + area.size - GRANULE, area.size, -(int64_t)GRANULE);
}

/* One end is to be nothing special. */
static inline void clear_end(struct heap *heap, uint64_t addr, uint64_t size, int64_t inwards)
{
	tag_store(tag_at(heap, addr), 0);
	if (unlikely(size >> GRANULE_SHIFT > AREA_GRANULES_MAX)) {
		tag_store(tag_at(heap, addr + (uint64_t)inwards), 0);
		tag_store(tag_at(heap, addr + 2 * (uint64_t)inwards), 0);
	}
}

static inline void clear_start(struct heap *heap, struct area area)
{
	clear_end(heap, area.start, area.size, (int64_t)GRANULE);
}

static inline void clear_last(struct heap *heap, struct area area)
{
	clear_end(heap, area.start + area.size - GRANULE, area.size, -(int64_t)GRANULE);
}

/* ---- the index ---- */

static inline void index_add(const struct heap *heap, struct area area)
{
	index_raise(&heap->chunks[area.start >> CHUNK_SHIFT]->areas, granule_of(area.start),
		    cut_off(area.size));
}

/* The figures stay until a search finds that they are too high. */
static inline void index_remove(const struct heap *heap, uint64_t start)
{
	struct area_index *index = &heap->chunks[start >> CHUNK_SHIFT]->areas;
	uint32_t granule = granule_of(start);

	index->starts[granule >> WORD_SHIFT] &= ~(1UL << granule % 64);
}

/* The largest that starts in the word, by its tags. */
static inline unsigned word_largest(const struct chunk *chunk, uint32_t word)
{
	unsigned most = 0;

	for (uint64_t bits = chunk->areas.starts[word]; bits; bits &= bits - 1) {
		uint32_t granule = (word << WORD_SHIFT) + (uint32_t)__builtin_ctzl(bits);
		unsigned granules = chunk->tag[granule] >> AREA_TAG_SHIFT;

		granules = granules - 1 < LARGEST ? granules : LARGEST;
		most = granules > most ? granules : most;
	}
	return most;
}

/* ---- areas ---- */

struct area area_at(struct heap *heap, uint64_t addr)
{
	uint32_t *tag = tag_at(heap, addr);

	if (!tag || (tag_load(tag) & TAG_KIND) != TAG_FREE)
		return (struct area){ 0, 0 };
	return (struct area){ addr, size_of(heap, addr, tag_load(tag), (int64_t)GRANULE) };
}

/* The area whose last byte is before addr, or none. */
static inline struct area area_before(struct heap *heap, uint64_t addr)
{
	uint32_t *tag = tag_at(heap, addr - GRANULE);
	uint64_t size;

	if (!tag || (tag_load(tag) & TAG_KIND) != TAG_FREE)
		return (struct area){ 0, 0 };
	size = size_of(heap, addr - GRANULE, tag_load(tag), -(int64_t)GRANULE);
	return (struct area){ addr - size, size };
}

/*
 * Whether there is an area on either side is not to be foreseen, so the usual way has no branch for
 * it: what is to be cleared where there is none is cleared in a place that nobody reads.
 */
static bool release_shortly(struct heap *heap, struct area *area)
{
	struct chunk *chunk = heap->chunks[area->start >> CHUNK_SHIFT];
	uint32_t first = granule_of(area->start),
		 end = first + (uint32_t)(area->size >> GRANULE_SHIFT);
	uint32_t *below, *above, nowhere, before, behind, below_size, above_size;

	if (unlikely(!first || area->size > AREA_SHORT || end >= CHUNK_TAGS))
		return false;
	below = &chunk->tag[first - 1];
	above = &chunk->tag[end];
	/* A page of tags that is read first and written later would be faulted in two times. */
	if (unlikely(end % (NOMMU_PAGE_SIZE / sizeof *above) == 0))
		__atomic_fetch_or(above, 0, __ATOMIC_RELAXED);
	/* A block's tag may change meanwhile, by its thread; it never becomes that of an area. */
	before = tag_load(below);
	behind = tag_load(above);
	below_size = (before & TAG_KIND) == TAG_FREE ? before >> AREA_TAG_SHIFT : 0;
	above_size = (behind & TAG_KIND) == TAG_FREE ? behind >> AREA_TAG_SHIFT : 0;
	if (unlikely(before == TAG_FREE || behind == TAG_FREE || below_size > first ||
		     above_size > CHUNK_TAGS - end))
		return false;
	tag_store(below_size ? below : &nowhere, 0);
	tag_store(above_size ? above : &nowhere, 0);
	chunk->areas.starts[end >> WORD_SHIFT] &= ~((uint64_t)(above_size != 0) << end % 64);
	first -= below_size;
	end += above_size;
	area->start = chunk->base + ((uint64_t)first << GRANULE_SHIFT);
	area->size = (uint64_t)(end - first) << GRANULE_SHIFT;
	tag_store(&chunk->tag[first], TAG_FREE | (end - first) << AREA_TAG_SHIFT);
	tag_store(&chunk->tag[end - 1], TAG_FREE | (end - first) << AREA_TAG_SHIFT);
	index_add(heap, *area);
	return true;
}

struct area area_release(struct heap *heap, uint64_t start, uint64_t size)
{
	struct area area = { start, size }, below, above;

	if (likely(release_shortly(heap, &area)))
		return area;
	below = area_before(heap, start);
	above = area_at(heap, start + size);
	area = (struct area){ start - below.size, below.size + size + above.size };
	if (above.size) {
		clear_start(heap, above);
		clear_last(heap, above);
		index_remove(heap, above.start);
	}
	if (below.size) {
		clear_start(heap, below);
		clear_last(heap, below);
	}
	mark_ends(heap, area);
	index_add(heap, area);
	return area;
}

static inline void lower_word(struct chunk *chunk, uint32_t word, unsigned was)
{
	if (chunk->areas.largest[word] == was)
		lower(&chunk->areas, word, word_largest(chunk, word));
}

static inline void take_shortly(struct chunk *chunk, uint32_t first, uint32_t granules,
				uint32_t taken)
{
	uint32_t rest = granules - taken, nowhere;
	uint32_t tag = rest ? TAG_FREE | rest << AREA_TAG_SHIFT : 0;

	tag_store(&chunk->tag[first], 0);
	tag_store(&chunk->tag[first + granules - 1], tag);
	tag_store(rest ? &chunk->tag[first + taken] : &nowhere, tag);
	chunk->areas.starts[first >> WORD_SHIFT] &= ~(1UL << first % 64);
	if (rest)
		index_raise(&chunk->areas, first + taken, rest < LARGEST ? rest : LARGEST);
}

void area_take(struct heap *heap, struct area area, uint64_t size)
{
	struct chunk *chunk = heap->chunks[area.start >> CHUNK_SHIFT];
	struct area rest = { area.start + size, area.size - size };
	uint32_t first = granule_of(area.start);

	if (likely(area.size <= (uint64_t)(CHUNK_TAGS - first) << GRANULE_SHIFT)) {
		take_shortly(chunk, first, (uint32_t)(area.size >> GRANULE_SHIFT),
			     (uint32_t)(size >> GRANULE_SHIFT));
	} else {
		clear_start(heap, area);
		clear_last(heap, area);
		index_remove(heap, area.start);
		if (rest.size) {
			mark_ends(heap, rest);
			index_add(heap, rest);
		}
	}
	lower_word(chunk, first >> WORD_SHIFT, cut_off(area.size));
}

/*
 * The first in the word that is large enough, by its tags; or none, and the largest that there is.
 */
static inline struct area fit_in_word(struct heap *heap, const struct chunk *chunk, uint32_t word,
				      uint64_t size, unsigned *largest)
{
	*largest = 0;
	for (uint64_t bits = chunk->areas.starts[word]; bits; bits &= bits - 1) {
		uint32_t granule = (word << WORD_SHIFT) + (uint32_t)__builtin_ctzl(bits);
		uint64_t start = chunk->base + ((uint64_t)granule << GRANULE_SHIFT);
		uint64_t has = size_of(heap, start, chunk->tag[granule], (int64_t)GRANULE);

		if (has >= size)
			return (struct area){ start, has };
		*largest = cut_off(has) > *largest ? cut_off(has) : *largest;
	}
	return (struct area){ 0, 0 };
}

/* The index cannot tell areas of this size apart. */
static nommu_noinline struct area fit_large(struct heap *heap, const struct chunk *chunk,
					    uint64_t size)
{
	struct area area = { 0, 0 };
	unsigned largest;

	for (uint32_t at = next_word(&chunk->areas, 0, LARGEST); at < CHUNK_WORDS && !area.size;
	     at = next_word(&chunk->areas, at + 1, LARGEST))
		area = fit_in_word(heap, chunk, at, size, &largest);
	return area;
}

static inline struct area fit_in_chunk(struct heap *heap, struct chunk *chunk, uint64_t size)
{
	unsigned least = cut_off(size), largest;

	if (unlikely(least == LARGEST))
		return fit_large(heap, chunk, size);
	while (chunk->areas.most >= least) {
		uint32_t at = first_word(&chunk->areas, least);
		struct area area;

		area = fit_in_word(heap, chunk, at, size, &largest);
		if (area.size)
			return area;
		lower(&chunk->areas, at, largest);
	}
	return (struct area){ 0, 0 };
}

struct area area_first_fit(struct heap *heap, uint64_t size)
{
	struct area area = { 0, 0 };

	for (struct chunk *chunk = heap->state->chunk_list; chunk && !area.size;
	     chunk = chunk->next)
		if (chunk->areas.most)
			area = fit_in_chunk(heap, chunk, size);
	return area;
}

/* ---- checking ---- */

static bool word_valid(struct heap *heap, const struct chunk *chunk, uint32_t word)
{
	unsigned largest;

	fit_in_word(heap, chunk, word, UINT64_MAX, &largest);
	if (chunk->areas.largest[word] < largest)
		return false;
	for (uint64_t bits = chunk->areas.starts[word]; bits; bits &= bits - 1) {
		uint64_t granule = (word << WORD_SHIFT) + (uint64_t)__builtin_ctzl(bits);
		struct area area = area_at(heap, chunk->base + (granule << GRANULE_SHIFT));
		struct area again = area_before(heap, area.start + area.size);

		if (!area.size || again.start != area.start)
			return false;
		if (area_at(heap, area.start + area.size).size)
			return false; /* it would be one with this */
	}
	return true;
}

static bool chunk_valid(struct heap *heap, const struct chunk *chunk)
{
	const uint16_t *figures = chunk->areas.largest;

	for (unsigned level = 0; level < AREA_LEVELS; level++) {
		uint32_t groups = CHUNK_WORDS >> FAN_SHIFT * (level + 1);

		for (uint32_t i = 0; i < groups; i++) {
			unsigned above = level + 1 < AREA_LEVELS
						 ? figures[level_start[level + 1] + i]
						 : chunk->areas.most;

			if (greatest_with(figures + level_start[level] + i * FAN, 0,
					  figures[level_start[level] + i * FAN]) > above)
				return false;
		}
	}
	for (uint32_t word = 0; word < CHUNK_WORDS; word++)
		if (figures[word] && !word_valid(heap, chunk, word))
			return false;
	return true;
}

bool areas_valid(struct heap *heap)
{
	for (const struct chunk *chunk = heap->state->chunk_list; chunk; chunk = chunk->next)
		if (!chunk_valid(heap, chunk))
			return false;
	return true;
}
