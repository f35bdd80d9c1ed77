/* SPDX-License-Identifier: MIT */
/*
 * resolve.h - from DT_NEEDED to files inside a root, and what is known of each library. Threads
 * share one resolver; a library is looked at once and its summary kept, never its bytes.
 */
#ifndef NOMMU_SCAN_RESOLVE_H
#define NOMMU_SCAN_RESOLVE_H

#include "scan/work.h"

struct resolver;

/* root is a directory; options must outlive the resolver. NULL if root cannot be opened. */
struct resolver *resolver_new(const struct scan_options *options, const char *root);
void resolver_free(struct resolver *resolver);

/* Fills work->file->libraries and adds what is found in them as findings of theirs. */
void resolve_libraries(struct resolver *resolver, struct work *work);

/*
 * file.c: everything that is read from the bytes of
 * one ELF file; then elf is open, and code if decoded.
 */
bool work_open(struct work *work, const struct elf_bytes *bytes);
void work_close(struct work *work);

/* file.c: one file's bytes to its result; resolver may be NULL. */
struct scan_file *file_scan(const struct scan_options *options, struct resolver *resolver,
			    const char *path, const struct elf_bytes *bytes);

#endif
