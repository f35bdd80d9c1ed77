/* SPDX-License-Identifier: MIT */
/* life.c - a heap's beginning and end, the processes that it is copied into, and its figures. */
#include "heap/core.h"

long heap_init(struct heap *heap, const struct heap_model *model, const struct heap_source *source)
{
	struct heap_state *state = bookkeeping_map(sizeof *state);
	long error = -ENOMEM;

	*heap = (struct heap){
		.model = model, .source = *source, .state = state, .kind = model->kind
	};
	if (!state)
		return -ENOMEM;
	heap->chunks = bookkeeping_map(CHUNKS * sizeof *heap->chunks);
	if (heap->chunks)
		error = model->start(heap);
	if (error)
		heap_destroy(heap);
	return error;
}

static void unmap_spans(struct heap *heap, struct chunk *chunk)
{
	for (uint64_t i = 0; i < CHUNK_PAGES; i++) {
		uint64_t start = chunk->base + (i << NOMMU_PAGE_SHIFT);
		uint32_t pages = chunk->span[i];

		if (pages && !(pages & SPAN_INSIDE))
			heap->source.unmap(heap->source.ctx, start,
					   (size_t)pages << NOMMU_PAGE_SHIFT);
	}
}

void heap_destroy(struct heap *heap)
{
	struct heap_state *state = heap->state;
	struct chunk *chunk, *next;

	if (!state)
		return;
	if (heap_my_cache->heap == heap)
		heap_my_cache = &heap_no_cache;
	for (chunk = state->chunk_list; chunk; chunk = chunk->next)
		unmap_spans(heap, chunk);
	heap->model->stop(heap);
	for (chunk = state->chunk_list; chunk; chunk = next) {
		next = chunk->next;
		bookkeeping_unmap(chunk, sizeof *chunk);
	}
	caches_unmap(heap);
	bookkeeping_unmap(heap->chunks, CHUNKS * sizeof *heap->chunks);
	bookkeeping_unmap(state, sizeof *state);
	*heap = (struct heap){ 0 };
}

/* ---- processes ---- */

void heap_fork_prepare(struct heap *heap)
{
	if (heap_enter(heap, (uintptr_t)__builtin_dwarf_cfa()))
		heap_hold(heap);
}

void heap_fork_parent(struct heap *heap)
{
	heap_leave(heap);
}

void heap_fork_child(struct heap *heap)
{
	caches_forked(heap);
	heap_leave(heap);
}

void heap_vfork_parent(struct heap *heap)
{
	heap_break(heap);
	if (heap_my_cache->heap == heap)
		heap_my_cache->frame = 0;
}

/* ---- figures ---- */

void heap_stats(struct heap *heap, struct heap_stats *stats)
{
	if (!heap_enter(heap, (uintptr_t)__builtin_dwarf_cfa())) {
		*stats = heap->state->stats; /* in a signal handler: as good as it gets */
		return;
	}
	*stats = heap->state->stats;
	for (struct heap_cache *cache = heap->state->caches; cache; cache = cache->next)
		stats->cached += cache_bytes(cache);
	stats->misused = __atomic_load_n(&heap->state->misused, __ATOMIC_RELAXED);
	heap_leave(heap);
}

int heap_check(struct heap *heap)
{
	int broken;

	if (!heap_enter(heap, (uintptr_t)__builtin_dwarf_cfa()))
		return 0;
	broken = heap->model->check(heap);
	heap_leave(heap);
	return broken;
}
