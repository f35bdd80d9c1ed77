/* SPDX-License-Identifier: MIT */
/*
 * open.h - the opens that the machine answers:
 * /proc/meminfo of the board, and cutting files in memory.
 */
#ifndef NOMMU_PRELOAD_OPEN_H
#define NOMMU_PRELOAD_OPEN_H

#include <stdbool.h>
#include <stdint.h>

/* What we have to say about an open: a descriptor, -errno, or OPEN_NOT_OURS: go ahead. */
#define OPEN_NOT_OURS (-4096L)
long open_ours(uint64_t site, int dir, const char *path, int flags);

bool meminfo_is(const char *path);

/* A descriptor that reads as the file would; flags: O_CLOEXEC counts. Or -errno. */
long meminfo_open(int flags);

/* sysinfo(2) of the board, -errno. */
struct sysinfo;
long ram_sysinfo(struct sysinfo *info);

#endif
