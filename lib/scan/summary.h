/* SPDX-License-Identifier: MIT */
/*
 * summary.h - what is kept of a library after one look: what it needs, and, where it cannot be had
 * without an MMU, why, which of its functions lead there, and what it exports.
 */
#ifndef NOMMU_SCAN_SUMMARY_H
#define NOMMU_SCAN_SUMMARY_H

#include <sys/types.h>

#include "scan/work.h"

struct summary {
	struct summary *next;
	dev_t dev;
	ino_t ino;
	char *path, *origin, *runpath;
	char *reason;	/* why it cannot be had without an MMU, or NULL */
	char *base;	/* the library whose reason that is, or NULL: its own */
	char **forking; /* exported functions that lead to where it forks itself */
	size_t forking_count;
	uint32_t *exports; /* hashes of what a library with a reason exports, sorted */
	size_t export_count;
	bool too_large; /* the reason is its size */
	char **needed;
	size_t needed_count;
	unsigned machine;
	bool wide, readable;
};

/*
 * Reads a library's bytes. inherit is called while they are open, where the library has no reason
 * of its own: it may set reason and base from what the library needs.
 */
struct summary *
summary_read(const struct scan_options *options, const char *path, const struct elf_bytes *bytes,
	     void (*inherit)(void *context, struct summary *summary, const struct elf_view *elf),
	     void *context);
void summary_free(struct summary *summary);

/* How many of the library's functions a file imports. */
unsigned summary_used(const struct summary *summary, const struct elf_view *elf);

/* The first function that the file imports and that leads to a fork inside the library, or NULL. */
const char *summary_fork(const struct summary *summary, const struct elf_view *elf);

#endif
