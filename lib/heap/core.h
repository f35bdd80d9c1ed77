/* SPDX-License-Identifier: MIT */
/*
 * core.h - private to lib/heap: the map from addresses
 * to what is known about them, and what a model is.
 *
 * Address space is kept in chunks of 64 MiB. A chunk has one tag for every 16 bytes (granule) and
 * one entry for every page. A tag is 0 unless a block or a free area starts (or a free area ends)
 * there; its low bits say which. Tags of blocks that a program holds are changed by whoever frees
 * them; all else changes under the heap's lock.
 */
#ifndef NOMMU_HEAP_CORE_H
#define NOMMU_HEAP_CORE_H

#include <errno.h>
#include <sys/single_threaded.h>

#include "base/compiler.h"
#include "base/types.h"
#include "heap/heap.h"
#include "heap/slab.h"

#define GRANULE 16UL
#define GRANULE_SHIFT 4
#define CHUNK_SHIFT 26
#define CHUNK_TAGS (1u << (CHUNK_SHIFT - GRANULE_SHIFT))
#define CHUNK_PAGES (1u << (CHUNK_SHIFT - NOMMU_PAGE_SHIFT))
#define ADDRESS_BITS 48
#define CHUNKS (1u << (ADDRESS_BITS - CHUNK_SHIFT))
#define CHUNK_WORDS (CHUNK_TAGS / 64)
#define AREA_LEVELS 4

#define BINS 272 /* of a thread's cache: granules (uclibc) or size class (musl) */
#define NO_BIN BINS
#define KEEP_LEAST (8u << 10)
#define KEEP_MOST (160u << 10)

enum tag_kind { TAG_NONE, TAG_LIVE, TAG_CACHED, TAG_FREE };
#define TAG_KIND 3u

/* in span[]: the low bits say how many pages before this one the mapping starts */
#define SPAN_INSIDE 0x80000000u

/* Of the free areas that start in a chunk; see area.h. */
struct area_index {
	uint16_t largest[CHUNK_WORDS + CHUNK_WORDS / 16 + CHUNK_WORDS / 256 + CHUNK_WORDS / 4096]
		__attribute__((aligned(64)));
	uint64_t starts[CHUNK_WORDS]; /* a bit for each granule */
	unsigned most;		      /* the largest of all, as in largest[] */
	uint32_t lowest;	      /* no area starts before this word */
};

/* Mapped whole and touched where something lies, so what is not used costs nothing. */
struct chunk {
	uint32_t tag[CHUNK_TAGS];
	/* pages of the mapping that starts there, or SPAN_INSIDE, or 0 */
	uint32_t span[CHUNK_PAGES];
	struct area_index areas; /* uclibc */
	struct chunk *next;	 /* of the heap's chunks, by address */
	uint64_t base;		 /* first address */
};

struct span {
	uint64_t start; /* 0: no mapping of the heap */
	uint64_t end;
};

struct heap_state {
	struct chunk *chunk_list; /* those that exist */
	void *model;		  /* the model's own */
	struct span extra; /* blocks may lie here too, though it is no mapping of the source */
	struct heap_cache *caches;  /* of all threads */
	struct heap_cache *spare;   /* of threads that are gone */
	struct cache_block *blocks; /* that all of them lie in */
	struct heap_cache *user;    /* of the thread that holds the lock, or NULL */
	uint64_t deferred;    /* blocks freed by signal handlers that could not get in, linked */
	uint64_t epoch_pages; /* mapped when the epoch changed last */
	uint64_t peak;	      /* pages mapped at most while the thread that asked kept nothing */
	uint64_t slack;	  /* pages beyond it that are mapped before a thread empties its cache */
	uint32_t emptied; /* times since the peak or the slack grew */
	int32_t balance;  /* as heap_cache.balance, of threads without a cache */
	uint32_t threads; /* that have a cache */
	long error;	  /* the source's last refusal, and what it was for */
	size_t requested;
	uint64_t misused; /* bad pointers seen; counted without the lock */
	struct heap_stats stats;
};

/*
 * What a thread keeps. Only its thread touches it, or the forked child, which has no other threads.
 */
struct heap_cache {
	uintptr_t frame;	  /* how deep the stack of the operation under way is, or 0 */
	struct heap *heap;	  /* whose blocks these are */
	uint32_t bytes;		  /* kept in all bins */
	uint32_t limit;		  /* of bytes */
	uint32_t epoch;		  /* of the heap when it was last emptied */
	int32_t balance;	  /* bytes that blocks given out are larger than the libc's own */
	struct heap_cache *next;  /* of state->caches, or of state->spare */
	struct heap_cache **link; /* what points to it */
	uint64_t present[(BINS + 63) / 64]; /* bins that are not empty, a bit each */
	uint64_t coarse;     /* musl: classes that borrow from the next, a bit each */
	uint64_t head[BINS]; /* first block of each bin, linked through its first word */
};

struct heap_model {
	const char *name;
	enum heap_kind kind;
	bool frees_on_realloc_0; /* realloc(p, 0) frees and returns NULL */
	uint32_t keep_alone;	 /* bytes that the only thread of a process may keep; 0: nothing */
	uint32_t keep_shared;	 /* and many together; each of them from KEEP_LEAST to KEEP_MOST */

	/*
	 * All with the lock held; stats.used follows. take:
	 * address or -errno; the block is tagged live.
	 */
	long (*start)(struct heap *heap);
	void (*stop)(struct heap *heap);
	long (*take)(struct heap *heap, size_t size, size_t align);
	/* Takes back a block; its tag (as it was when live) is no longer in place. */
	void (*give)(struct heap *heap, uint64_t addr, uint32_t tag);
	/* New address of the block, or -EAGAIN: take, copy and give instead. */
	long (*resize)(struct heap *heap, uint64_t addr, uint32_t tag, size_t size);
	/* Without the lock. */
	size_t (*usable)(struct heap *heap, uint64_t addr, uint32_t tag);
	/* still zero from the source */
	bool (*fresh)(struct heap *heap, uint64_t addr, uint32_t tag);
	int (*check)(struct heap *heap);
	/* an operation was abandoned half-way; NULL: nothing to do */
	void (*mend)(struct heap *heap);
};

/* ---- span.c: the map of addresses, and the source ---- */

void *bookkeeping_map(size_t len); /* zero pages outside of the heap, or NULL */
void bookkeeping_unmap(void *start, size_t len);
bool chunks_cover(struct heap *heap, uint64_t start, uint64_t end); /* makes what is missing */
long span_map(struct heap *heap, size_t len, unsigned flags);
long span_unmap(struct heap *heap, uint64_t start, uint64_t end);
long span_remap(struct heap *heap, uint64_t start, uint64_t end, size_t len);
struct span span_at(struct heap *heap, uint64_t addr);

static inline uint32_t *tag_at(const struct heap *heap, uint64_t addr)
{
	struct chunk *chunk;

	if (unlikely(addr >> ADDRESS_BITS))
		return NULL;
	chunk = __atomic_load_n(&heap->chunks[addr >> CHUNK_SHIFT], __ATOMIC_ACQUIRE);
	if (unlikely(!chunk))
		return NULL;
	return &chunk->tag[(addr >> GRANULE_SHIFT) & (CHUNK_TAGS - 1)];
}

static inline uint32_t tag_load(const uint32_t *tag)
{
	return __atomic_load_n(tag, __ATOMIC_RELAXED);
}

static inline void tag_store(uint32_t *tag, uint32_t value)
{
	__atomic_store_n(tag, value, __ATOMIC_RELAXED);
}

/* ---- lock.c ---- */

enum { LOCK_FREE, LOCK_TAKEN, LOCK_WAITED, LOCK_ALONE };

struct heap_inside {
	struct heap *heap; /* that this thread is in, or on its way in or out */
	uintptr_t frame;   /* of the call that went in */
	bool holds;	   /* the lock */
};

extern nommu_tls struct heap_inside heap_inside;

/*
 * False: this thread is inside already, below the caller (signal handler). frame is the caller's.
 */
bool heap_enter(struct heap *heap, uintptr_t frame);
void heap_leave(struct heap *heap);
/* An operation of this thread began at frame and is not done: is it gone, seen from here? */
bool frame_is_gone(uintptr_t frame, uintptr_t here);
/* Until heap_leave() the holder has no frame to judge by. */
void heap_hold(struct heap *heap);
/* The caller is known not to be inside: if its thread holds the lock, that is mended and undone. */
void heap_break(struct heap *heap);

/* ---- cache.c ---- */

/*
 * Neither belongs to a heap: of threads that have none yet, and of threads that are to have none.
 */
extern struct heap_cache heap_no_cache, heap_never_cache;
extern nommu_tls struct heap_cache *heap_my_cache;

/* All but the usual way of cache_enter() and cache_leave(). */
bool cache_enter_slowly(struct heap *heap, uintptr_t frame);
void cache_leave_slowly(struct heap *heap);
/* Gives back what is kept beyond so many bytes, the largest first. Lock held. */
void cache_shrink(struct heap *heap, struct heap_cache *cache, uint32_t bytes);
/*
 * The model is about to ask for some bytes: false if
 * it should look for free memory again. Lock held.
 */
bool cache_may_grow(struct heap *heap, size_t len);
/*
 * No memory: all threads should give back what they keep. True: this one did, try again. Lock held.
 */
bool cache_refused(struct heap *heap);
/* Takes block out of circulation until somebody gets in; callable when cache_enter() failed. */
void cache_defer(struct heap *heap, uint64_t addr, uint32_t tag);
/* In a forked child, lock held. */
void caches_forked(struct heap *heap);

/* Of what other threads write too. */
static inline uint32_t peek(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/*
 * Enters the heap with this thread's cache, which is made if need be and becomes state->user,
 * or without one. False: re-entered by a signal handler. Ends with cache_leave(). The usual
 * way is short: the only thread of a process, with its cache, and neither it nor a frame that
 * it interrupted is at work.
 */
static inline bool cache_enter(struct heap *heap, uintptr_t frame)
{
	struct heap_cache *cache = heap_my_cache;

	if (unlikely(cache->heap != heap || cache->frame || !__libc_single_threaded ||
		     heap_inside.heap == heap || peek(&heap->lock) != LOCK_FREE ||
		     __atomic_load_n(&heap->state->deferred, __ATOMIC_RELAXED)))
		return cache_enter_slowly(heap, frame);
	cache->frame = frame;
	heap_inside.frame = frame;
	heap_inside.heap = heap;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&heap->lock, LOCK_ALONE, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	heap_inside.holds = true;
	heap->state->user = cache;
	cache->limit = heap->model->keep_alone;
	return true;
}

static inline void cache_leave(struct heap *heap)
{
	struct heap_cache *cache = heap->state->user;

	if (unlikely(!cache || peek(&heap->lock) != LOCK_ALONE ||
		     cache->epoch != peek(&heap->epoch))) {
		cache_leave_slowly(heap);
		return;
	}
	heap->state->user = NULL;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	heap_inside.holds = false;
	__atomic_store_n(&heap->lock, LOCK_FREE, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	heap_inside.heap = NULL;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	cache->frame = 0;
}

static inline uint32_t cache_bytes(const struct heap_cache *cache)
{
	return __atomic_load_n(&cache->bytes, __ATOMIC_RELAXED);
}

/* Written by the thread, read by heap_stats() of any. */
static inline void cache_count(struct heap_cache *cache, uint32_t bytes)
{
	__atomic_store_n(&cache->bytes, bytes, __ATOMIC_RELAXED);
}

/* Bytes that a block in this bin counts. */
uint32_t cache_bin_size(const struct heap *heap, unsigned bin);
void caches_unmap(struct heap *heap);

/* The block's tag is that of a live one; balance and figures follow. Lock held. */
void give_to_model(struct heap *heap, uint64_t addr, uint32_t live);

#endif
