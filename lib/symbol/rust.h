/* SPDX-License-Identifier: MIT */
/* rust.h - readable names of Rust functions. */
#ifndef NOMMU_SYMBOL_RUST_H
#define NOMMU_SYMBOL_RUST_H

#include <stdbool.h>

#include "kit/store.h"

/* The readable form of a name that begins with _R, in the pool; NULL if it is none. */
const char *rust_demangle(struct pool *pool, const char *mangled);

#endif
