/* SPDX-License-Identifier: MIT */
/* fixture.c - see fixture.h. */
#include "heap/fixture.h"

const struct heap_model *const models[MODELS] = { &heap_uclibc, &heap_uclibc_simple, &heap_musl };
struct strip *strip;
struct heap heap;

void set_up(const struct heap_model *model, size_t pages, bool caches)
{
	struct heap_source source;

	strip = strip_make(pages);
	source = strip_source(strip);
	ck_assert_int_eq(heap_init(&heap, model, &source), 0);
	if (caches)
		heap_use_caches(&heap);
}

void tear_down(void)
{
	ck_assert_int_eq(heap_check(&heap), 0);
	heap_destroy(&heap);
	ck_assert_uint_eq(strip->in_use, 0);
	ck_assert(strip->exact);
	strip_free(strip);
}
