/* SPDX-License-Identifier: MIT */
/* load.h - what dlopen's thunk and the end of the image call. */
#ifndef NOMMU_PRELOAD_LOAD_H
#define NOMMU_PRELOAD_LOAD_H

#include <stdint.h>

/* Notes a dlopen, and returns what is to carry it out, jumped to with the program's return address.
 */
typedef void *load_call(const char *file, int mode);
load_call *load_begin(uint64_t site, const char *file, int mode);

/* Records modules that were loaded behind a tail call. */
void load_record(void);

#endif
