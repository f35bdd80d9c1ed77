/* SPDX-License-Identifier: MIT */
/* fixture.h - one heap over a strip of pages, and the models that every test is made for. */
#ifndef NOMMU_TESTS_HEAP_FIXTURE_H
#define NOMMU_TESTS_HEAP_FIXTURE_H

#include "base/compiler.h"
#include "base/types.h"
#include "heap/source.h"
#include "support/suite.h"

#define MODELS 3
extern const struct heap_model *const models[MODELS];

/* ThreadSanitizer is an order of magnitude slower than anything else that these run under. */
#if defined(__SANITIZE_THREAD__)
#define SCALE 20
#else
#define SCALE 1
#endif

/* For loops: Check's own assertions write a line each, true or not. */
#define expect(claim)                                                                              \
	do {                                                                                       \
		if (!(claim))                                                                      \
			ck_abort_msg("%s", #claim);                                                \
	} while (0)

extern struct strip *strip;
extern struct heap heap;

/* The heap, over a strip of so many pages; with caches, threads may keep blocks. */
void set_up(const struct heap_model *model, size_t pages, bool caches);
/* It is consistent, and all pages went back by whole mappings. */
void tear_down(void);

/* So many random calls; what a block holds and how large it is are checked at each (shadow.c). */
void random_operations(uint64_t seed, int count);

#endif
