/* SPDX-License-Identifier: MIT */
/*
 * workload.h - sequences of heap calls that programs might make, the same on every machine. What
 * the real libcs asked of the kernel for them is in test_fidelity.c.
 */
#ifndef NOMMU_TESTS_HEAP_WORKLOAD_H
#define NOMMU_TESTS_HEAP_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

enum workload {
	/* an interpreter: many small objects of few sizes, thrown away in waves */
	WORKLOAD_OBJECTS,
	WORKLOAD_BUFFERS, /* strings and buffers that grow by realloc */
	/* pages of 1 to 8 KiB and large tables, some aligned, that replace each other */
	WORKLOAD_TABLES,
	WORKLOAD_MIXED, /* all of it, with lifetimes that differ a thousandfold */
	WORKLOADS
};

struct heap_calls {
	void *ctx;
	void (*allocate)(void *ctx, uint32_t slot, size_t size, size_t align, int clear);
	void (*resize)(void *ctx, uint32_t slot, size_t size);
	void (*release)(void *ctx, uint32_t slot);
};

#define WORKLOAD_SLOTS 20000

/*
 * Calls with slots below WORKLOAD_SLOTS; a slot is allocated once before it is resized or released.
 */
void workload_run(enum workload workload, uint64_t seed, const struct heap_calls *calls);
const char *workload_name(enum workload workload);

#endif
