/* SPDX-License-Identifier: MIT */
/*
 * lock.c - the heap's lock: a futex word that spins a little, free of atomic operations while the process
 * has one thread. It knows its holder and how deep the holder's stack was. So a signal handler that
 * interrupted the heap in its own thread is told from an operation that a siglongjmp left behind: the
 * first is below the holder and is refused, the second is above and takes over.
 */
#include <linux/futex.h>
#include <sys/single_threaded.h>

#include "base/raw.h"
#include "heap/core.h"

enum { LOCK_FREE, LOCK_TAKEN, LOCK_WAITED, LOCK_ALONE };

#define SPINS 200
#define ONE_STACK (64UL << 20) /* frames further apart than this are not of one stack */

/* The same for a thread and its vfork child, which is the same thread to the program. */
static inline uintptr_t thread_token(void)
{
	return (uintptr_t)&heap_my_cache;
}

static inline void pause_briefly(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("yield");
#endif
}

static inline uint32_t lock_word(const struct heap *heap)
{
	return __atomic_load_n(&heap->lock, __ATOMIC_RELAXED);
}

bool frame_is_gone(uintptr_t frame, uintptr_t here)
{
	return here > frame && here - frame < ONE_STACK;
}

static void take_over(struct heap *heap, uintptr_t frame)
{
	heap->frame = frame;
	heap->state->stats.mended++;
	if (heap->model->mend)
		heap->model->mend(heap);
}

static void wait_for(struct heap *heap)
{
	uint32_t seen;

	for (int i = 0; i < SPINS; i++) {
		seen = LOCK_FREE;
		if (__atomic_load_n(&heap->lock, __ATOMIC_RELAXED) == LOCK_FREE &&
		    __atomic_compare_exchange_n(&heap->lock, &seen, LOCK_TAKEN, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		pause_briefly();
	}
	while (__atomic_exchange_n(&heap->lock, LOCK_WAITED, __ATOMIC_ACQUIRE) != LOCK_FREE)
		raw_futex(&heap->lock, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, LOCK_WAITED, NULL);
}

bool heap_enter(struct heap *heap, uintptr_t frame)
{
	uintptr_t token = thread_token();
	uint32_t seen = LOCK_FREE;

	if (__libc_single_threaded && lock_word(heap) == LOCK_FREE) {
		heap->frame = frame;
		__atomic_store_n(&heap->lock, LOCK_ALONE, __ATOMIC_RELAXED);
		return true;
	}
	if (!__atomic_compare_exchange_n(&heap->lock, &seen, LOCK_TAKEN, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED)) {
		if (seen == LOCK_ALONE || __atomic_load_n(&heap->owner, __ATOMIC_RELAXED) == token) {
			if (!frame_is_gone(heap->frame, frame))
				return false;
			take_over(heap, frame);
			return true;
		}
		wait_for(heap);
	}
	__atomic_store_n(&heap->owner, token, __ATOMIC_RELAXED);
	heap->frame = frame;
	return true;
}

void heap_leave(struct heap *heap)
{
	if (lock_word(heap) == LOCK_ALONE) {
		__atomic_store_n(&heap->lock, LOCK_FREE, __ATOMIC_RELAXED);
		return;
	}
	__atomic_store_n(&heap->owner, 0, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&heap->lock, LOCK_FREE, __ATOMIC_RELEASE) == LOCK_WAITED)
		raw_futex(&heap->lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL);
}

void heap_hold(struct heap *heap)
{
	heap->frame = UINTPTR_MAX;
}

void heap_break(struct heap *heap)
{
	uint32_t word = lock_word(heap);

	if (word == LOCK_FREE || (word != LOCK_ALONE &&
				  __atomic_load_n(&heap->owner, __ATOMIC_RELAXED) != thread_token()))
		return;
	take_over(heap, heap->frame);
	heap_leave(heap);
}
