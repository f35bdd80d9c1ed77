/* SPDX-License-Identifier: MIT */
/* load.h - what dlopen's thunk and the end of the image call. */
#ifndef NOMMU_PRELOAD_LOAD_H
#define NOMMU_PRELOAD_LOAD_H

#include <stdint.h>

typedef void *load_call(const char *file, int mode);

/* What the thunk is to do, in two registers. */
struct load {
	load_call *call; /* jumped to with the program's return address */
	uint64_t mode;	 /* for it */
};

/* Notes a dlopen. */
struct load load_begin(uint64_t site, const char *file, int mode);

/* Records modules that were loaded behind a tail call. */
void load_record(void);

#endif
