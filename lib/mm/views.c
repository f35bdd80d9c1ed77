/* SPDX-License-Identifier: MIT */
/*
 * views.c - a sorted list in leaves of LEAF entries: finding is a binary search over the leaves'
 * first entries and in one leaf; inserting moves at most a leaf's entries, or splits it.
 */
#include "mm/views.h"

#include <string.h>
#include <sys/mman.h>

#include "base/raw.h"

#define LEAF 256
#define LEAVES 16384 /* 4 million mappings: many times what the host allows by default */

struct leaf {
	uint32_t count;
	struct view view[LEAF];
};

struct views {
	uint32_t busy;		/* being changed */
	uint32_t leaves;	/* used entries of order */
	uint32_t taken;		/* leaves ever used */
	uint32_t free;		/* first unused leaf + 1, linked by count, or 0 */
	uint32_t order[LEAVES]; /* leaves by address */
	struct leaf leaf[LEAVES];
};

struct views *views_new(void)
{
	/* Only what is touched becomes real. */
	long at = raw_mmap(0, sizeof(struct views), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return is_err(at) ? NULL : (struct views *)at;
}

void views_free(struct views *v)
{
	if (v)
		raw_munmap((uint64_t)v, sizeof *v);
}

void views_clear(struct views *v)
{
	v->leaves = 0;
	v->taken = 0;
	v->free = 0;
	v->busy = 0;
}

/* Stores that stay where they are: a vfork child that dies between the two leaves `busy` set. */
static void set_busy(struct views *v, uint32_t busy)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&v->busy, busy, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

bool views_torn(const struct views *v)
{
	return __atomic_load_n(&v->busy, __ATOMIC_RELAXED);
}

static struct leaf *leaf_at(const struct views *v, uint32_t i)
{
	return (struct leaf *)&v->leaf[v->order[i]];
}

/* The last leaf whose first entry starts at or below addr; 0 if none does. */
static uint32_t find_leaf(const struct views *v, uint64_t addr)
{
	uint32_t low = 0, high = v->leaves;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (leaf_at(v, middle)->view[0].start <= addr)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The first entry of the leaf whose end is above addr; count if none. */
static uint32_t find_entry(const struct leaf *leaf, uint64_t addr)
{
	uint32_t low = 0, high = leaf->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (leaf->view[middle].end > addr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct view *views_first(const struct views *v, uint64_t from, uint64_t to)
{
	for (uint32_t i = find_leaf(v, from); i < v->leaves; i++) {
		const struct leaf *leaf = leaf_at(v, i);
		uint32_t at = find_entry(leaf, from);

		if (at < leaf->count)
			return leaf->view[at].start < to ? &leaf->view[at] : NULL;
	}
	return NULL;
}

static bool new_leaf(struct views *v, uint32_t at)
{
	uint32_t leaf;

	if (v->leaves == LEAVES)
		return false;
	if (v->free) {
		leaf = v->free - 1;
		v->free = v->leaf[leaf].count;
	} else {
		leaf = v->taken++;
	}
	v->leaf[leaf].count = 0;
	memmove(&v->order[at + 1], &v->order[at], (v->leaves - at) * sizeof v->order[0]);
	v->order[at] = leaf;
	v->leaves++;
	return true;
}

static void drop_leaf(struct views *v, uint32_t at)
{
	uint32_t leaf = v->order[at];

	v->leaf[leaf].count = v->free;
	v->free = leaf + 1;
	v->leaves--;
	memmove(&v->order[at], &v->order[at + 1], (v->leaves - at) * sizeof v->order[0]);
}

bool views_add(struct views *v, const struct view *view)
{
	uint32_t i = find_leaf(v, view->start);
	struct leaf *leaf;
	bool added = true;
	uint32_t at;

	set_busy(v, 1);
	if (v->leaves == 0)
		added = new_leaf(v, 0);
	if (added && leaf_at(v, i)->count == LEAF) {
		added = new_leaf(v, i + 1);
		if (added) {
			struct leaf *upper = leaf_at(v, i + 1);

			leaf = leaf_at(v, i);
			memcpy(upper->view, &leaf->view[LEAF / 2],
			       LEAF / 2 * sizeof upper->view[0]);
			upper->count = LEAF / 2;
			leaf->count = LEAF / 2;
			i += view->start >= upper->view[0].start;
		}
	}
	if (added) {
		leaf = leaf_at(v, i);
		at = find_entry(leaf, view->start);
		memmove(&leaf->view[at + 1], &leaf->view[at],
			(leaf->count - at) * sizeof leaf->view[0]);
		leaf->view[at] = *view;
		leaf->count++;
	}
	set_busy(v, 0);
	return added;
}

static struct view *exact(struct views *v, uint64_t start, uint32_t *leaf, uint32_t *entry)
{
	if (!v->leaves)
		return NULL;
	*leaf = find_leaf(v, start);
	*entry = find_entry(leaf_at(v, *leaf), start);
	if (*entry == leaf_at(v, *leaf)->count || leaf_at(v, *leaf)->view[*entry].start != start)
		return NULL;
	return &leaf_at(v, *leaf)->view[*entry];
}

bool views_remove(struct views *v, uint64_t start)
{
	uint32_t i, at;
	struct leaf *leaf;

	if (!exact(v, start, &i, &at))
		return false;
	set_busy(v, 1);
	leaf = leaf_at(v, i);
	leaf->count--;
	memmove(&leaf->view[at], &leaf->view[at + 1], (leaf->count - at) * sizeof leaf->view[0]);
	if (!leaf->count)
		drop_leaf(v, i);
	set_busy(v, 0);
	return true;
}

void views_resize(struct views *v, uint64_t start, uint64_t new_start, uint64_t new_end)
{
	uint32_t leaf, entry;
	struct view *view = exact(v, start, &leaf, &entry);

	if (!view)
		return;
	set_busy(v, 1);
	view->start = new_start;
	view->end = new_end;
	set_busy(v, 0);
}
