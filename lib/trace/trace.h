/* SPDX-License-Identifier: MIT */
/*
 * trace.h - writes a recording (nommu/recording.h) from inside the processes of a run.
 *
 * Every function may be called anywhere: they take no lock, allocate nothing and keep no
 * descriptor. When the disk is full, or the file cannot be opened any more, records are counted as
 * lost and the program goes on.
 */
#ifndef NOMMU_TRACE_TRACE_H
#define NOMMU_TRACE_TRACE_H

#include <nommu/recording.h>

#include "base/conf.h"

/*
 * Makes an empty recording, replacing a file of that name. free_pages and reserve, in pages, as the
 * ledger has them. 0 or -errno: EFBIG where RLIMIT_FSIZE allows none, ENOSPC.
 */
int trace_create(const char *path, const struct conf *conf, uint64_t free_pages, uint64_t reserve);
/* Starts writing to it from this process; 0 or -errno. */
int trace_attach(const char *path);
/* Whether this process records. In a forked child too: the windows are shared and stay. */
bool trace_active(void);

/*
 * Claims a record of `size` bytes (rounded up to 8) with its time and pid filled in, the rest zero;
 * NULL if not recording or lost. trace_done() with the type makes it count.
 */
void *trace_claim(size_t size, uint32_t pid);
void trace_done(void *record, enum nommu_record_type type);

/* The stack of a site goes into the recording once; false if it is there already. */
bool trace_first_time(uint64_t site, uint32_t what);
void trace_stack(uint32_t pid, uint32_t tid, uint64_t site);

#endif
