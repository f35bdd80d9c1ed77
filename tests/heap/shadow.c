/* SPDX-License-Identifier: MIT */
/* shadow.c - random calls, whose blocks must hold what was written to them. */
#include <string.h>

#include "heap/fixture.h"

#define SLOTS 400

static uint64_t seed;
struct shadow {
	unsigned char *block;
	size_t size;
	unsigned char fill;
};

static uint32_t random32(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static size_t random_size(void)
{
	switch (random32() % 16) {
	case 0:
		return random32() % 300000;
	case 1:
	case 2:
		return random32() % 20000;
	case 3:
		return random32() % 3;
	default:
		return random32() % 700;
	}
}

static void fill(struct shadow *shadow)
{
	shadow->fill = (unsigned char)random32();
	memset(shadow->block, shadow->fill, shadow->size);
}

static void verify(const struct shadow *shadow, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (shadow->block[i] != shadow->fill)
			ck_abort_msg("byte %zu of %zu at %p is %02x", i, shadow->size,
				     (void *)shadow->block, shadow->block[i]);
}

static void check_new(struct shadow *shadow)
{
	expect((uintptr_t)shadow->block % 16 == 0);
	expect(heap_owns(&heap, shadow->block));
	expect(heap_usable_size(&heap, shadow->block) >= shadow->size);
	shadow->size = heap_usable_size(&heap, shadow->block);
	fill(shadow);
}

static void make(struct shadow *shadow)
{
	shadow->size = random_size();
	if (random32() % 8 == 0) {
		size_t align = 1UL << random32() % 14;

		shadow->block = heap_memalign(&heap, align, shadow->size, NULL);
		expect((uintptr_t)shadow->block % align == 0);
	} else if (random32() % 4 == 0) {
		shadow->block = heap_calloc(&heap, 1, shadow->size, NULL);
		for (size_t i = 0; shadow->block && i < shadow->size; i++)
			expect(shadow->block[i] == 0);
	} else {
		shadow->block = heap_malloc(&heap, shadow->size, NULL);
	}
	if (shadow->block)
		check_new(shadow);
}

static void change(struct shadow *shadow)
{
	size_t size = random_size() + 1, kept = size < shadow->size ? size : shadow->size;
	unsigned char *block = heap_realloc(&heap, shadow->block, size, NULL);

	if (!block) {
		verify(shadow, shadow->size);
		return;
	}
	shadow->block = block;
	verify(shadow, kept);
	shadow->size = size;
	check_new(shadow);
}

static void end(struct shadow *shadow)
{
	verify(shadow, shadow->size);
	expect(heap_free(&heap, shadow->block) == HEAP_OK);
	shadow->block = NULL;
}

void random_operations(uint64_t first, int count)
{
	static struct shadow shadows[SLOTS];

	seed = first;
	for (int i = 0; i < count; i++) {
		struct shadow *shadow = &shadows[random32() % SLOTS];

		if (!shadow->block)
			make(shadow);
		else if (random32() % 4 == 0)
			change(shadow);
		else
			end(shadow);
		if (i % 100 == 0)
			expect(heap_check(&heap) == 0);
	}
	for (int i = 0; i < SLOTS; i++)
		if (shadows[i].block)
			end(&shadows[i]);
}
