/* SPDX-License-Identifier: MIT */
/* map.h - the arena as a recording left it after some of its steps. */
#ifndef NOMMU_FIT_MAP_H
#define NOMMU_FIT_MAP_H

#include "report/model.h"

/* Pages taken of the arena after so many steps: one byte each, 0 free, else 1 + kind, + 64 if
 * waste. */
#define MAP_WASTE 64u
#define MAP_KERNEL 63u /* was not free at the start */
struct map {
	uint8_t *pages;
	uint32_t *region; /* of each page, NONE: free */
	uint32_t count;
	uint64_t free_pages;
	uint64_t largest_free; /* pages of the largest aligned free block */
	uint32_t blocks[NOMMU_RECORDING_ORDERS];
};
void map_build(struct map *map, const struct run *run, uint32_t steps);
void map_free(struct map *map);
/* Share of the free pages, in percent, that lies in blocks below the largest there can be. */
unsigned map_fragmentation(const struct map *map, const struct run *run);

/* Pages that each site held at the peak, most first; free it. Returns how many sites held any. */
struct share {
	uint32_t site;
	uint64_t pages, waste; /* waste by rounding is among them */
};
uint32_t shares_at_peak(const struct report *report, const struct memory *memory, bool with_stacks,
			struct share **shares);

#endif
