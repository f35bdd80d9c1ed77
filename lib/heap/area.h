/* SPDX-License-Identifier: MIT */
/*
 * area.h - free areas in order of address, and the first that is large enough. A tree ordered by address in
 * which every node knows the largest area below it; balanced by a random rank (a treap), so an operation
 * costs the logarithm of the number of areas where a list would cost the number itself.
 */
#ifndef NOMMU_HEAP_AREA_H
#define NOMMU_HEAP_AREA_H

#include <stdbool.h>

#include "heap/pool.h"

struct area {
	uint64_t start;	    /* address */
	uint64_t size;	    /* bytes */
	uint64_t max;	    /* largest size here and below */
	struct area *left;  /* lower addresses */
	struct area *right; /* higher addresses */
	struct area *up;    /* towards the root */
	uint32_t number;    /* in the pool */
	uint32_t rank;	    /* never larger than that of the one above */
};

struct area_tree {
	struct area *root;
	uint64_t origin; /* this address comes first; those below it come after all others */
	struct pool pool;
};

long area_tree_init(struct area_tree *tree, uint64_t origin);
void area_tree_destroy(struct area_tree *tree);

/* A new area, or NULL if there is no memory for its node. */
struct area *area_insert(struct area_tree *tree, uint64_t start, uint64_t size);
void area_remove(struct area_tree *tree, struct area *area);
/* A new place that keeps the area's position among the others. */
void area_change(struct area *area, uint64_t start, uint64_t size);
/* The lowest area of at least size bytes, or NULL. */
struct area *area_first_fit(const struct area_tree *tree, uint64_t size);
struct area *area_lowest(const struct area_tree *tree);
/* Order, ranks and maxima are right. */
bool area_tree_valid(const struct area_tree *tree);

static inline struct area *area_by_number(const struct area_tree *tree, uint32_t number)
{
	return pool_record(&tree->pool, number);
}

#endif
