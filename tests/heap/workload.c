/* SPDX-License-Identifier: MIT */
/*
 * workload.c - see workload.h. Changing anything here invalidates the figures of test_fidelity.c.
 */
#include "heap/workload.h"

#include <stdbool.h>
#include <string.h>

struct run {
	const struct heap_calls *calls;
	uint64_t seed;
	bool live[WORKLOAD_SLOTS];
	uint32_t size[WORKLOAD_SLOTS];
};

static uint32_t next(struct run *run, uint32_t below)
{
	run->seed = run->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((run->seed >> 33) % below);
}

static void allocate(struct run *run, uint32_t slot, uint32_t size, size_t align)
{
	run->live[slot] = true;
	run->size[slot] = size;
	run->calls->allocate(run->calls->ctx, slot, size, align, size % 3 == 0);
}

static void release(struct run *run, uint32_t slot)
{
	if (!run->live[slot])
		return;
	run->live[slot] = false;
	run->calls->release(run->calls->ctx, slot);
}

static void resize(struct run *run, uint32_t slot, uint32_t size)
{
	run->size[slot] = size;
	run->calls->resize(run->calls->ctx, slot, size);
}

static void objects(struct run *run)
{
	static const uint16_t sizes[] = {
		24, 32, 40, 40, 56, 56, 64, 72, 88, 96, 16, 120, 200, 520
	};

	for (uint32_t wave = 0; wave < 6; wave++) {
		for (uint32_t i = 0; i < 12000; i++) {
			uint32_t slot = next(run, 16000);

			if (run->live[slot] && next(run, 3))
				release(run, slot);
			else if (!run->live[slot])
				allocate(run, slot, sizes[next(run, 14)] + next(run, 8), 0);
		}
		for (uint32_t slot = 0; slot < 16000; slot++)
			if (next(run, 10) < 8)
				release(run, slot);
	}
}

static void buffers(struct run *run)
{
	for (uint32_t i = 0; i < 6000; i++) {
		uint32_t slot = next(run, 120);

		if (!run->live[slot])
			allocate(run, slot, 16 + next(run, 100), 0);
		else if (run->size[slot] > 60000 + next(run, 200000) || !next(run, 12))
			release(run, slot);
		else
			resize(run, slot, run->size[slot] * 3 / 2 + next(run, 64));
		if (i % 16 == 0 && !run->live[200 + i / 16])
			allocate(run, 200 + i / 16, 30 + next(run, 40), 0);
	}
}

static void tables(struct run *run)
{
	for (uint32_t i = 0; i < 8000; i++) {
		uint32_t slot = next(run, 400);

		if (run->live[slot])
			release(run, slot);
		else if (!next(run, 40))
			allocate(run, slot, 100000 + next(run, 300000), 0);
		else if (!next(run, 20))
			allocate(run, slot, 512 + next(run, 4096), (size_t)64 << next(run, 4));
		else
			allocate(run, slot, 1024u << next(run, 4), 0);
	}
}

static void mixed(struct run *run)
{
	for (uint32_t i = 0; i < 60000; i++) {
		uint32_t kind = next(run, 100);
		uint32_t slot = kind < 70   ? next(run, 30)
				: kind < 95 ? 100 + next(run, 3000)
					    : 5000 + next(run, 200);

		if (run->live[slot] && next(run, 4) == 0)
			resize(run, slot, run->size[slot] + next(run, run->size[slot] / 2 + 40));
		else if (run->live[slot])
			release(run, slot);
		else
			allocate(run, slot,
				 kind < 95 ? 8 + next(run, 400) : 3000 + next(run, 60000), 0);
	}
}

static void (*const runs[WORKLOADS])(struct run *) = { objects, buffers, tables, mixed };

void workload_run(enum workload workload, uint64_t seed, const struct heap_calls *calls)
{
	static struct run run;

	memset(&run, 0, sizeof run);
	run.calls = calls;
	run.seed = seed;
	runs[workload](&run);
	for (uint32_t slot = 0; slot < WORKLOAD_SLOTS; slot++)
		if (slot % 3)
			release(&run, slot);
}

const char *workload_name(enum workload workload)
{
	static const char *const names[WORKLOADS] = { "objects", "buffers", "tables", "mixed" };

	return names[workload];
}
