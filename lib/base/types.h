/* SPDX-License-Identifier: MIT */
/* types.h - pages, alignment, and results that are either a value or -errno. */
#ifndef NOMMU_BASE_TYPES_H
#define NOMMU_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOMMU_PAGE_SHIFT 12
#define NOMMU_PAGE_SIZE (1UL << NOMMU_PAGE_SHIFT)
#define NOMMU_PAGE_MASK (NOMMU_PAGE_SIZE - 1)

/* a page of the arena, counted from its first; also a count of pages */
typedef uint32_t pgno_t;

/* Rounds up to whole pages; wraps to 0 above the last page, as the kernel's PAGE_ALIGN does. */
static inline uint64_t page_align(uint64_t len)
{
	return (len + NOMMU_PAGE_MASK) & ~NOMMU_PAGE_MASK;
}

static inline bool page_aligned(uint64_t value)
{
	return (value & NOMMU_PAGE_MASK) == 0;
}

/* The smallest order whose block holds n pages; n > 0. */
static inline unsigned pages_order(uint64_t n)
{
	return n <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(n - 1);
}

/* As the kernel: -4095..-1 are errors, everything else is a value or an address. */
static inline bool is_err(long result)
{
	return (unsigned long)result >= (unsigned long)-4095L;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
