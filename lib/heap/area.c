/* SPDX-License-Identifier: MIT */
/*
 * area.c - the treap. Nothing recurses: a program's damaged heap must not become a stack overflow of ours,
 * and a signal handler's stack may be small.
 */
#include <stdbool.h>

#include "heap/core.h"
#include "heap/area.h"

_Static_assert(sizeof(struct area) <= POOL_RECORD, "an area is a record of the pool");

long area_tree_init(struct area_tree *tree, uint64_t origin)
{
	tree->root = NULL;
	tree->origin = origin;
	return pool_init(&tree->pool);
}

void area_tree_destroy(struct area_tree *tree)
{
	pool_destroy(&tree->pool);
}

static uint64_t largest(const struct area *area)
{
	return area ? area->max : 0;
}

static uint64_t max_of(const struct area *area)
{
	return max_u64(area->size, max_u64(largest(area->left), largest(area->right)));
}

static void mend_maxima(struct area *area)
{
	for (; area; area = area->up) {
		uint64_t max = max_of(area);

		if (area->max == max)
			return;
		area->max = max;
	}
}

static void replace_child(struct area_tree *tree, struct area *up, struct area *old, struct area *new)
{
	if (!up)
		tree->root = new;
	else if (up->left == old)
		up->left = new;
	else
		up->right = new;
	if (new)
		new->up = up;
}

/* The node changes places with the one above it; what is below keeps its order. */
static void rotate_up(struct area_tree *tree, struct area *area)
{
	struct area *up = area->up;

	replace_child(tree, up->up, up, area);
	if (up->left == area) {
		up->left = area->right;
		if (area->right)
			area->right->up = up;
		area->right = up;
	} else {
		up->right = area->left;
		if (area->left)
			area->left->up = up;
		area->left = up;
	}
	up->up = area;
	up->max = max_of(up);
	area->max = max_of(area);
}

static uint32_t rank_of(uint32_t number)
{
	uint32_t x = number * 0x9e3779b1u;

	x ^= x >> 15;
	x *= 0x85ebca77u;
	return x ^ x >> 13;
}

struct area *area_insert(struct area_tree *tree, uint64_t start, uint64_t size)
{
	uint32_t number = pool_get(&tree->pool);
	struct area *area, *up = NULL, **place = &tree->root;

	if (!number)
		return NULL;
	area = area_by_number(tree, number);
	*area = (struct area){ .start = start, .size = size, .max = size, .number = number,
			       .rank = rank_of(number) };
	while (*place) {
		up = *place;
		place = start - tree->origin < up->start - tree->origin ? &up->left : &up->right;
	}
	*place = area;
	area->up = up;
	mend_maxima(up);
	while (area->up && area->up->rank < area->rank)
		rotate_up(tree, area);
	return area;
}

void area_remove(struct area_tree *tree, struct area *area)
{
	struct area *up;

	while (area->left && area->right)
		rotate_up(tree, area->left->rank > area->right->rank ? area->left : area->right);
	up = area->up;
	replace_child(tree, up, area, area->left ? area->left : area->right);
	mend_maxima(up);
	pool_put(&tree->pool, area->number);
}

void area_change(struct area *area, uint64_t start, uint64_t size)
{
	area->start = start;
	area->size = size;
	mend_maxima(area);
}

struct area *area_first_fit(const struct area_tree *tree, uint64_t size)
{
	struct area *area = tree->root;

	if (largest(area) < size)
		return NULL;
	for (;;) {
		if (largest(area->left) >= size)
			area = area->left;
		else if (area->size >= size)
			return area;
		else
			area = area->right;
	}
}

struct area *area_lowest(const struct area_tree *tree)
{
	struct area *area = tree->root;

	while (area && area->left)
		area = area->left;
	return area;
}

static const struct area *next_in_order(const struct area *area)
{
	if (area->right) {
		area = area->right;
		while (area->left)
			area = area->left;
		return area;
	}
	while (area->up && area->up->right == area)
		area = area->up;
	return area->up;
}

bool area_tree_valid(const struct area_tree *tree)
{
	for (const struct area *area = area_lowest(tree); area; area = next_in_order(area)) {
		const struct area *next = next_in_order(area);

		if (area->max != max_of(area) || (area->up && area->up->rank < area->rank))
			return false;
		/* Areas that touch are one area, unless the heap's pages end between them. */
		if (next && next->start - tree->origin < area->start - tree->origin + area->size)
			return false;
	}
	return true;
}
