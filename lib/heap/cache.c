/* SPDX-License-Identifier: MIT */
/*
 * cache.c - what each thread keeps of freed blocks, so that most calls need no lock. Bounded in
 * bytes, and given back before the heap grows beyond its peak; so what the kernel is asked for at
 * most is nearly what the libc, which keeps nothing, would ask for. When the heap grows or runs
 * out, an epoch tells the other threads to do the same at their next call. A cache is touched by
 * its thread only; a signal handler that finds its thread at work in it does without.
 */
#include "heap/core.h"

#define EPOCH_PAGES 32 /* growth that all threads should notice, or a 1/32 of the heap */
#define CACHES_AT_ONCE 16
#define THRASHING 128 /* times that a cache is emptied in vain before the slack grows */
#define SLACK_LEAST 2 /* pages; at most what may be kept */

struct cache_block {
	struct cache_block *next;
	struct heap_cache cache[CACHES_AT_ONCE];
};

struct heap_cache heap_no_cache, heap_never_cache;
nommu_tls struct heap_cache *heap_my_cache = &heap_no_cache;

static bool more_caches(struct heap_state *state)
{
	struct cache_block *block = bookkeeping_map(sizeof *block);

	if (!block)
		return false;
	block->next = state->blocks;
	state->blocks = block;
	for (int i = 0; i < CACHES_AT_ONCE; i++) {
		block->cache[i].next = state->spare;
		state->spare = &block->cache[i];
	}
	return true;
}

void caches_unmap(struct heap *heap)
{
	struct cache_block *block = heap->state->blocks, *next;

	for (; block; block = next) {
		next = block->next;
		bookkeeping_unmap(block, sizeof *block);
	}
}

static struct heap_cache *new_cache(struct heap *heap)
{
	struct heap_state *state = heap->state;
	struct heap_cache *cache;

	if (!state->spare && !more_caches(state))
		return NULL;
	cache = state->spare;
	state->spare = cache->next;
	*cache = (struct heap_cache){
		.heap = heap, .epoch = heap->epoch, .next = state->caches, .link = &state->caches
	};
	if (cache->next)
		cache->next->link = &cache->next;
	state->caches = cache;
	state->threads++;
	return cache;
}

static void drop_cache(struct heap *heap, struct heap_cache *cache)
{
	*cache->link = cache->next;
	if (cache->next)
		cache->next->link = cache->link;
	heap->state->balance += cache->balance;
	heap->state->threads--;
	cache->heap = NULL;
	cache->next = heap->state->spare;
	heap->state->spare = cache;
}

/* ---- entering ---- */

static void drain_deferred(struct heap *heap)
{
	uint64_t addr = __atomic_exchange_n(&heap->state->deferred, 0, __ATOMIC_ACQUIRE);

	while (addr) {
		uint64_t next = *(uint64_t *)addr;
		uint32_t *tag = tag_at(heap, addr);

		if (!tag || (tag_load(tag) & TAG_KIND) != TAG_CACHED)
			return; /* the program wrote to memory that it had freed */
		give_to_model(heap, addr, tag_load(tag) - (TAG_CACHED - TAG_LIVE));
		addr = next;
	}
}

void cache_defer(struct heap *heap, uint64_t addr, uint32_t tag)
{
	uint64_t *first = &heap->state->deferred, next = __atomic_load_n(first, __ATOMIC_RELAXED);

	tag_store(tag_at(heap, addr), tag + (TAG_CACHED - TAG_LIVE));
	do
		*(uint64_t *)addr = next;
	while (!__atomic_compare_exchange_n(first, &next, addr, true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
}

/* Threads share what may be kept: nobody can take back what an idle one keeps. */
static uint32_t limit_of(const struct heap *heap)
{
	uint64_t share;

	if (__libc_single_threaded)
		return heap->model->keep_alone;
	share = heap->model->keep_shared / max_u64(heap->state->threads, 1);
	return (uint32_t)min_u64(max_u64(share, KEEP_LEAST), KEEP_MOST);
}

bool cache_enter_slowly(struct heap *heap, uintptr_t frame)
{
	struct heap_cache *cache = heap_my_cache;
	bool mine = cache->heap == heap, nested;

	nested = mine && cache->frame && !frame_is_gone(cache->frame, frame);
	if (mine && !nested)
		cache->frame = frame;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!heap_enter(heap, frame)) {
		if (mine && !nested)
			cache->frame = 0;
		return false;
	}
	if (!mine && heap->caching && cache == &heap_no_cache) {
		cache = new_cache(heap);
		if (cache) {
			cache->frame = frame;
			heap_my_cache = cache;
			mine = true;
		}
	}
	heap->state->user = mine && !nested ? cache : NULL;
	if (heap->state->user)
		cache->limit = limit_of(heap);
	if (unlikely(__atomic_load_n(&heap->state->deferred, __ATOMIC_RELAXED)))
		drain_deferred(heap);
	return true;
}

void cache_leave_slowly(struct heap *heap)
{
	struct heap_cache *cache = heap->state->user;

	if (cache && cache->epoch != __atomic_load_n(&heap->epoch, __ATOMIC_RELAXED)) {
		cache_shrink(heap, cache, 0);
		cache->epoch = __atomic_load_n(&heap->epoch, __ATOMIC_RELAXED);
	}
	heap->state->user = NULL;
	heap_leave(heap);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (cache)
		cache->frame = 0;
}

/* ---- giving back ---- */

static void give_bin(struct heap *heap, struct heap_cache *cache, unsigned bin)
{
	uint64_t addr = cache->head[bin];
	uint32_t each = cache_bin_size(heap, bin);

	cache->head[bin] = 0;
	cache->present[bin / 64] &= ~(1UL << bin % 64);
	while (addr) {
		uint32_t *tag = tag_at(heap, addr);
		uint64_t next;
		uint32_t live;

		if (!tag || addr % GRANULE || (tag_load(tag) & TAG_KIND) != TAG_CACHED)
			/* the program wrote to memory that it had freed: the rest is lost */
			return;
		live = tag_load(tag) - (TAG_CACHED - TAG_LIVE);
		next = *(uint64_t *)addr;
		heap->model->give(heap, addr, live);
		cache_count(cache, cache_bytes(cache) - each);
		addr = next;
	}
}

void cache_shrink(struct heap *heap, struct heap_cache *cache, uint32_t bytes)
{
	for (unsigned bin = BINS; bin-- && cache_bytes(cache) > bytes;)
		if (cache->head[bin])
			give_bin(heap, cache, bin);
	if (!bytes)
		cache_count(cache, 0);
}

static void next_epoch(struct heap *heap)
{
	heap->state->epoch_pages = heap->state->stats.pages;
	__atomic_store_n(&heap->epoch, heap->epoch + 1, __ATOMIC_RELAXED);
}

/*
 * A cache that is emptied again and again without the peak growing belongs to a program that goes
 * up and down about its peak; it is worth a few pages not to do so.
 */
static void empty_for_peak(struct heap *heap)
{
	struct heap_state *state = heap->state;
	uint32_t most;

	cache_shrink(heap, state->user, 0);
	if (++state->emptied < THRASHING)
		return;
	state->emptied = 0;
	most = __libc_single_threaded ? heap->model->keep_alone : heap->model->keep_shared;
	state->slack =
		state->slack ? min_u64(state->slack * 2, most >> NOMMU_PAGE_SHIFT) : SLACK_LEAST;
}

/*
 * Below the peak so far, growth changes no figure
 * that anybody compares; at the peak nothing is kept.
 */
bool cache_may_grow(struct heap *heap, size_t len)
{
	struct heap_state *state = heap->state;
	uint64_t notice = state->epoch_pages + max_u64(EPOCH_PAGES, state->epoch_pages / 32);
	uint64_t then = state->stats.pages + (page_align(len) >> NOMMU_PAGE_SHIFT);

	if (state->user && cache_bytes(state->user) && then > state->peak + state->slack) {
		empty_for_peak(heap);
		return false;
	}
	if (then > state->peak && !(state->user && cache_bytes(state->user))) {
		state->peak = then;
		state->emptied = 0;
	}
	if (state->stats.pages < state->epoch_pages)
		state->epoch_pages = state->stats.pages;
	else if (state->stats.pages > notice)
		next_epoch(heap);
	return true;
}

bool cache_refused(struct heap *heap)
{
	struct heap_cache *cache = heap->state->user;

	next_epoch(heap);
	if (!cache || !cache_bytes(cache))
		return false;
	cache_shrink(heap, cache, 0);
	return true;
}

/* ---- threads and processes ---- */

void heap_use_caches(struct heap *heap)
{
	heap->caching = heap->model->keep_alone != 0;
}

bool heap_trim(struct heap *heap)
{
	uint64_t pages;
	bool any;

	if (!cache_enter(heap, (uintptr_t)__builtin_dwarf_cfa()))
		return false;
	pages = heap->state->stats.pages;
	if (heap->state->user)
		cache_shrink(heap, heap->state->user, 0);
	any = heap->state->stats.pages < pages;
	cache_leave(heap);
	return any;
}

void heap_thread_exit(struct heap *heap)
{
	struct heap_cache *cache = heap_my_cache;

	if (cache->heap != heap) {
		if (!cache->heap)
			heap_my_cache = &heap_never_cache;
		return;
	}
	if (!cache_enter(heap, (uintptr_t)__builtin_dwarf_cfa()))
		return;
	heap->state->user = NULL;
	cache_shrink(heap, cache, 0);
	heap_my_cache = &heap_never_cache;
	drop_cache(heap, cache);
	cache->frame = 0;
	cache_leave(heap);
}

/*
 * The other threads do not exist here: what they kept
 * is given back, and what one was just moving is lost.
 */
void caches_forked(struct heap *heap)
{
	struct heap_cache *cache = heap->state->caches;

	while (cache) {
		struct heap_cache *next = cache->next;

		if (cache != heap_my_cache) {
			cache_shrink(heap, cache, 0);
			drop_cache(heap, cache);
		}
		cache = next;
	}
}
