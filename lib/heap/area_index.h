/* SPDX-License-Identifier: MIT */
/*
 * area_index.h - private to area.c: which granules of a chunk start a free area, and where the
 * first is that may be large enough. largest[] holds a figure for each word of 64 granules, then
 * one for each 16 of these, and so on: the largest area that starts there, in granules, cut off at
 * LARGEST. A figure may be too high after an area has been joined with one below; a search that it
 * misled lowers it. It is never too low.
 */
#ifndef NOMMU_HEAP_AREA_INDEX_H
#define NOMMU_HEAP_AREA_INDEX_H

#include "heap/area.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define LARGEST 0x7fffu /* fits the compare of signed 16 bits */
#define WORD_SHIFT 6
#define FAN_SHIFT 4
#define FAN (1u << FAN_SHIFT)

/* Where each level begins in largest[]: words, 16 words, 256, 4096, and all of the chunk. */
static const uint32_t level_start[AREA_LEVELS] = {
	0,
	CHUNK_WORDS,
	CHUNK_WORDS + CHUNK_WORDS / 16,
	CHUNK_WORDS + CHUNK_WORDS / 16 + CHUNK_WORDS / 256,
};

_Static_assert(CHUNK_WORDS == 1u << 4 * FAN_SHIFT, "four levels of 16 and the words below");

/* ---- 16 figures at a time ---- */

/* A bit for each that is at least so large; least > 0. */
static inline unsigned which_reach(const uint16_t figures[FAN], unsigned least)
{
#if defined(__SSE2__)
	const __m128i below = _mm_set1_epi16((short)(least - 1));
	const __m128i *half = (const __m128i *)figures;
	__m128i low = _mm_cmpgt_epi16(_mm_load_si128(half), below);
	__m128i high = _mm_cmpgt_epi16(_mm_load_si128(half + 1), below);

	return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(low, high));
#else
	unsigned which = 0;

	for (unsigned i = 0; i < FAN; i++)
		which |= (unsigned)(figures[i] >= least) << i;
	return which;
#endif
}

/*
 * The greatest when one of them becomes value. That is
 * not stored before: a wide load would wait for it.
 */
static inline unsigned greatest_with(const uint16_t figures[FAN], uint32_t lane, unsigned value)
{
#if defined(__SSE2__)
	const __m128i lanes = _mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7), eight = _mm_set1_epi16(8);
	const __m128i self = _mm_set1_epi16((short)lane);
	const __m128i *half = (const __m128i *)figures;
	__m128i low = _mm_andnot_si128(_mm_cmpeq_epi16(lanes, self), _mm_load_si128(half));
	__m128i high = _mm_andnot_si128(_mm_cmpeq_epi16(_mm_add_epi16(lanes, eight), self),
					_mm_load_si128(half + 1));
	__m128i most = _mm_max_epi16(low, high);
	unsigned others;

	most = _mm_max_epi16(most, _mm_srli_si128(most, 8));
	most = _mm_max_epi16(most, _mm_srli_si128(most, 4));
	most = _mm_max_epi16(most, _mm_srli_si128(most, 2));
	others = (unsigned)_mm_extract_epi16(most, 0);
	return others > value ? others : value;
#else
	unsigned most = value;

	for (unsigned i = 0; i < FAN; i++)
		most = i != lane && figures[i] > most ? figures[i] : most;
	return most;
#endif
}

/* ---- the figures ---- */

static inline uint32_t granule_of(uint64_t addr)
{
	return (uint32_t)(addr >> GRANULE_SHIFT) & (CHUNK_TAGS - 1);
}

static inline unsigned cut_off(uint64_t size)
{
	return (unsigned)min_u64(size >> GRANULE_SHIFT, LARGEST);
}

/* An area starts there, unless its size is 0. */
static inline void index_raise(struct area_index *index, uint32_t granule, unsigned size)
{
	uint32_t at = granule >> WORD_SHIFT;

	index->starts[at] |= (uint64_t)(size != 0) << granule % 64;
	index->lowest = at < index->lowest ? at : index->lowest;
	/* How far up it is the largest is not to be foreseen either. */
	for (unsigned level = 0; level < AREA_LEVELS; level++, at >>= FAN_SHIFT) {
		uint16_t *figure = &index->largest[level_start[level] + at];
		unsigned was = *figure;

		*figure = (uint16_t)(was < size ? size : was);
	}
	index->most = index->most < size ? size : index->most;
}

/* The figure of a word becomes lower, and so may those above it. */
static inline void lower(struct area_index *index, uint32_t at, unsigned value)
{
	for (unsigned level = 0; level < AREA_LEVELS; level++) {
		uint16_t *here = index->largest + level_start[level];
		unsigned was = here[at];

		unsigned above = greatest_with(here + (at & ~(FAN - 1)), at & (FAN - 1), value);

		here[at] = (uint16_t)value;
		if (above >= was)
			return; /* another is as large: nothing above changes */
		value = above;
		at >>= FAN_SHIFT;
	}
	index->most = value;
}

/*
 * Down from the top, where one is known to be so large. Most heaps lie within one figure of the
 * third level: a branch that is foreseen costs less than waiting for the search of what is above.
 */
static inline uint32_t first_word(const struct area_index *index, unsigned least)
{
	uint32_t at = index->lowest >> 2 * FAN_SHIFT;
	unsigned level = 2;

	if (index->largest[level_start[2] + at] < least) {
		at = 0;
		level = AREA_LEVELS;
	}
	while (level--)
		at = (at << FAN_SHIFT) +
		     (uint32_t)__builtin_ctz(which_reach(
			     index->largest + level_start[level] + (at << FAN_SHIFT), least));
	return at;
}

/* The first word at or behind this one whose figure is at least so large, or CHUNK_WORDS. */
static inline uint32_t next_word(const struct area_index *index, uint32_t from, unsigned least)
{
	for (uint32_t word = from; word < CHUNK_WORDS; word = (word | (FAN - 1)) + 1) {
		unsigned which = which_reach(index->largest + (word & ~(FAN - 1)), least);

		which &= ~0u << (word & (FAN - 1));
		if (which)
			return (word & ~(FAN - 1)) + (uint32_t)__builtin_ctz(which);
	}
	return CHUNK_WORDS;
}

#endif
