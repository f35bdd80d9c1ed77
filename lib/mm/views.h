/* SPDX-License-Identifier: MIT */
/*
 * views.h - one process's own index from addresses to mappings, ordered by address: for mappings
 * that are not where the arena says (all of them in audit; device windows and XIP files in run).
 *
 * Private memory of the process, written under the ledger's lock; a vfork child that dies in the
 * middle leaves `busy` set, and the next user rebuilds the index from the ledger.
 */
#ifndef NOMMU_MM_VIEWS_H
#define NOMMU_MM_VIEWS_H

#include "base/types.h"

struct views;

struct view {
	uint64_t start; /* first address */
	uint64_t end;	/* exclusive */
	uint32_t vma;	/* in the ledger; VIEW_GHOST: the model refused it, the host has it */
};

#define VIEW_GHOST UINT32_MAX

/* NULL if the host gives no memory. */
struct views *views_new(void);
/* NULL is fine. */
void views_free(struct views *v);
/* Empty again, and not torn. */
void views_clear(struct views *v);
/*
 * Adds a view that overlaps no other. False if there
 * is no memory: the mapping is then not found later.
 */
bool views_add(struct views *v, const struct view *view);
/* The first view that overlaps [from, to), or NULL. */
const struct view *views_first(const struct views *v, uint64_t from, uint64_t to);
/* Removes the view that starts at `start`; false if there is none. */
bool views_remove(struct views *v, uint64_t start);
/* Moves the limits of the view that starts at `start`. */
void views_resize(struct views *v, uint64_t start, uint64_t new_start, uint64_t new_end);
/* The index was left half changed: rebuild it. */
bool views_torn(const struct views *v);

#endif
