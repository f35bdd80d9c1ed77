/* SPDX-License-Identifier: MIT */
/* flat.h - a bFLT file, the format of elf2flt: made for a target without an MMU already. */
#ifndef NOMMU_SCAN_FLAT_H
#define NOMMU_SCAN_FLAT_H

#include "scan/work.h"

/* Fills kind, verdict, reason and cost of work->file. */
void flat_scan(struct work *work, const void *data, size_t size);

#endif
