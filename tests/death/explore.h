/* SPDX-License-Identifier: MIT */
/*
 * explore.h - put in front of lib/arena/lock.c: its atomic operations and futex calls become steps
 * between which the explorer chooses who goes on.
 */
#ifndef NOMMU_TESTS_EXPLORE_H
#define NOMMU_TESTS_EXPLORE_H

#include <stdbool.h>

#include "base/raw.h"

bool explore_cas(uint64_t *word, uint64_t *expected, uint64_t wanted);
uint64_t explore_load(uint64_t *word);
uint64_t explore_exchange(uint64_t *word, uint64_t value);
long explore_futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout);

#define __atomic_compare_exchange_n(p, e, d, weak, s, f) explore_cas((p), (e), (d))
#define __atomic_load_n(p, order) explore_load(p)
#define __atomic_exchange_n(p, v, order) explore_exchange((p), (v))
#define raw_futex explore_futex

#endif
