/* SPDX-License-Identifier: MIT */
/*
 * heap.h - malloc as the target's C library would do it: what it asks of the kernel, how much, and
 * when it gives it back. A heap is an instance: the preload library owns one whose pages come from
 * the arena, the offline tools make as many as they compare. Nothing here allocates from libc,
 * prints, exits or touches errno; a request that cannot be met returns NULL and a reason.
 *
 * What is ours to know about a block lies outside of the heap's pages, so an overrun of the
 * program damages the program only, and a pointer that is not a block is told from one that
 * is before anything is read.
 */
#ifndef NOMMU_HEAP_HEAP_H
#define NOMMU_HEAP_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_UNINITIALIZED 1u /* map: the pages need not be cleared */

/*
 * Where pages come from. map and remap return a page-aligned address or -errno, unmap 0 or -errno;
 * each may be refused at any time. Pages from map are zero unless HEAP_UNINITIALIZED was given.
 * They are called with the heap's lock held and must not call the heap.
 */
struct heap_source {
	void *ctx;
	long (*map)(void *ctx, size_t len, unsigned flags);
	long (*unmap)(void *ctx, unsigned long addr, size_t len);
	long (*remap)(void *ctx, unsigned long addr, size_t old_len, size_t new_len);
};

struct heap_model;
extern const struct heap_model heap_uclibc; /* uClibc-ng, its default malloc */
/* uClibc-ng, malloc-simple: a mapping each */
extern const struct heap_model heap_uclibc_simple;
extern const struct heap_model heap_musl; /* musl 1.2.3, mallocng */

/* "uclibc", "uclibc-simple", "musl"; NULL for "host" and for what is none. */
const struct heap_model *heap_model_find(const char *name);
const char *heap_model_name(const struct heap_model *model);

/* Why NULL came back, or what was wrong with a pointer. */
enum heap_reason {
	HEAP_OK = 0,
	HEAP_TOO_LARGE, /* overflows, or beyond PTRDIFF_MAX: never asked of the source */
	HEAP_REFUSED,	/* the source refused; heap_result.error is its -errno */
	HEAP_BAD_ALIGN, /* alignment that is not a power of two */
	HEAP_FOREIGN,	/* pointer that this heap never gave */
	/* pointer into this heap, but no block starts there: freed before, or inside one */
	HEAP_NOT_A_BLOCK,
	HEAP_DOUBLE_FREE, /* block that was freed and not given out since */
	/* called from a signal handler that interrupted the heap in this thread */
	HEAP_REENTERED,
};

struct heap_result {
	enum heap_reason reason;
	long error;	  /* -errno, 0 if reason is HEAP_OK */
	size_t requested; /* bytes that were asked of the source in vain, if HEAP_REFUSED */
};

struct heap_stats {
	uint64_t pages;	     /* mapped now */
	uint64_t peak_pages; /* mapped at most at once */
	uint64_t largest;    /* bytes of the largest single request to the source */
	uint64_t maps;	     /* requests granted */
	uint64_t unmaps;     /* pages given back, calls */
	uint64_t refused;    /* requests that the source refused */
	uint64_t used;	     /* bytes in blocks that are given out or kept in threads' caches */
	uint64_t cached;     /* of these, in threads' caches */
	uint64_t misused;    /* bad pointers seen */
	uint64_t mended;     /* times that an interrupted operation was cleaned up after */
};

struct heap_state; /* what one heap keeps outside of its pages */
struct heap_cache; /* what one thread keeps of one heap */

enum heap_kind { MODEL_UCLIBC, MODEL_SIMPLE, MODEL_MUSL };

/* Private to lib/heap; here so that a heap can be a static variable. All zero: not initialised. */
struct heap {
	const struct heap_model *model;
	struct heap_source source;
	struct heap_state *state; /* mapped at init */
	struct chunk **chunks;	  /* by address >> CHUNK_SHIFT */
	enum heap_kind kind;	  /* the model's */
	uint32_t caching;	  /* threads may keep freed blocks */
	uint32_t epoch;		  /* changes when all threads should give back what they keep */

	/* Written by everybody, so not beside what everybody reads. 0: free; see lock.c. */
	uint32_t lock __attribute__((aligned(64)));
};

/* Returns 0 or -errno (no memory for the bookkeeping). */
long heap_init(struct heap *heap, const struct heap_model *model, const struct heap_source *source);

/*
 * Lets each thread keep a few freed blocks of this heap. For the one heap of a process that is
 * called by many threads; a heap that only compares models stays exact without.
 */
void heap_use_caches(struct heap *heap);

/* Gives everything back to the source. No block of it may be used afterwards. */
void heap_destroy(struct heap *heap);

/* result may be NULL; it is written on failure only. */
void *heap_malloc(struct heap *heap, size_t size, struct heap_result *result);
void *heap_calloc(struct heap *heap, size_t count, size_t size, struct heap_result *result);
void *heap_memalign(struct heap *heap, size_t align, size_t size, struct heap_result *result);

/*
 * NULL without a failure (result untouched) where the target's libc frees the block of realloc(p,
 * 0) and returns NULL. After a failure the old block is as it was.
 */
void *heap_realloc(struct heap *heap, void *block, size_t size, struct heap_result *result);

/* HEAP_OK, or what is wrong with the pointer, which is then left alone. NULL is HEAP_OK. */
enum heap_reason heap_free(struct heap *heap, void *block);

/* Bytes of the block that may be written; 0 if it is none. */
size_t heap_usable_size(struct heap *heap, const void *block);

/* Whether a block that is given out starts there. */
bool heap_owns(struct heap *heap, const void *block);

/* Returns what this thread keeps; true if pages went back to the source. */
bool heap_trim(struct heap *heap);

void heap_stats(struct heap *heap, struct heap_stats *stats);

/*
 * Returns what the thread keeps. Call last; the thread
 * may use the heap again, without keeping anything.
 */
void heap_thread_exit(struct heap *heap);

/* Around fork(), by the thread that forks. */
void heap_fork_prepare(struct heap *heap);
void heap_fork_parent(struct heap *heap);
void heap_fork_child(struct heap *heap);

/*
 * In the parent when a vfork child is gone: what the child was doing to the heap when
 * it died is undone. The caller has the right to be sure that no other frame of this
 * thread is inside the heap.
 */
void heap_vfork_parent(struct heap *heap);

/* The whole of the bookkeeping is consistent: 0, or the number of the rule that is broken. */
int heap_check(struct heap *heap);

#endif
