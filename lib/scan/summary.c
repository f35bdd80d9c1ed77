/* SPDX-License-Identifier: MIT */
/* summary.c - see summary.h. Names are kept as hashes: a root has some ten thousand of them. */
#include "scan/summary.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "scan/resolve.h"

void summary_free(struct summary *summary)
{
	for (size_t i = 0; i < summary->needed_count; i++)
		free(summary->needed[i]);
	for (size_t i = 0; i < summary->forking_count; i++)
		free(summary->forking[i]);
	free(summary->forking);
	free(summary->exports);
	free(summary->needed);
	free(summary->reason);
	free(summary->base);
	free(summary->path);
	free(summary->origin);
	free(summary->runpath);
	free(summary);
}

static void add_forking(void *data, const char *name)
{
	struct summary *summary = data;

	if ((summary->forking_count & (summary->forking_count - 1)) == 0)
		summary->forking = mem_grow(summary->forking,
					    summary->forking_count ? 2 * summary->forking_count : 1,
					    sizeof(*summary->forking));
	summary->forking[summary->forking_count++] = strdup(name);
}

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return hash;
}

static int by_hash(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void add_export(void *data, const char *name, const GElf_Sym *sym)
{
	struct summary *summary = data;

	(void)sym;
	if ((summary->export_count & (summary->export_count - 1)) == 0)
		summary->exports = mem_grow(summary->exports,
					    summary->export_count ? 2 * summary->export_count : 1,
					    sizeof(*summary->exports));
	summary->exports[summary->export_count++] = hash_name(name);
}

static void own_reason(struct summary *summary, struct work *work)
{
	uint64_t blocking[MOST_FORKS];
	size_t count;
	const char *reason = verdict_library(work, blocking, &count);

	summary->reason = reason ? strdup(reason) : NULL;
	summary->too_large = work->facts.too_large != NULL;
	if (reason && count && work->decoded)
		reach_exports(&work->code, blocking, count, add_forking, summary);
}

static void describe(struct summary *summary, const struct elf_view *elf)
{
	const char *runpath = elf->runpath ? elf->runpath : elf->rpath;

	summary->machine = elf->ehdr.e_machine;
	summary->wide = elf->wide;
	summary->readable = true;
	summary->runpath = runpath ? strdup(runpath) : NULL;
	summary->needed = mem_grow(NULL, elf->needed_count, sizeof(*summary->needed));
	for (size_t i = 0; i < elf->needed_count; i++)
		summary->needed[summary->needed_count++] = strdup(elf->needed[i]);
}

struct summary *
summary_read(const struct scan_options *options, const char *path, const struct elf_bytes *bytes,
	     void (*inherit)(void *context, struct summary *summary, const struct elf_view *elf),
	     void *context)
{
	struct scan_file file = { .pool = mem_new(), .path = path, .kind = SCAN_LIBRARY };
	struct work work = { .options = options, .file = &file, .forks_only = true };
	struct summary *summary = mem_grow(NULL, 1, sizeof(*summary));

	memset(summary, 0, sizeof(*summary));
	summary->path = strdup(path);
	summary->origin = strdup(path);
	dirname(summary->origin);
	if (work_open(&work, bytes)) {
		describe(summary, &work.elf);
		own_reason(summary, &work);
		if (!summary->reason)
			inherit(context, summary, &work.elf);
		if (summary->reason)
			elf_view_functions(&work.elf, true, add_export, summary);
		if (summary->export_count)
			qsort(summary->exports, summary->export_count, sizeof(*summary->exports),
			      by_hash);
	}
	work_close(&work);
	mem_free(file.pool);
	return summary;
}

unsigned summary_used(const struct summary *summary, const struct elf_view *elf)
{
	unsigned used = 0;

	for (size_t i = 0; summary->export_count && i < elf->import_count; i++) {
		uint32_t hash = elf->imports[i].name ? hash_name(elf->imports[i].name) : 0;

		if (hash &&
		    bsearch(&hash, summary->exports, summary->export_count, sizeof(hash), by_hash))
			used++;
	}
	return used;
}

const char *summary_fork(const struct summary *summary, const struct elf_view *elf)
{
	for (size_t i = 0; i < elf->import_count; i++)
		for (size_t k = 0; elf->imports[i].name && k < summary->forking_count; k++)
			if (!strcmp(elf->imports[i].name, summary->forking[k]))
				return summary->forking[k];
	return NULL;
}
