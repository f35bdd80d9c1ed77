/* SPDX-License-Identifier: MIT */
/*
 * lock.c - the heap's lock: a futex word that spins a little, free of atomic operations while the
 * process has one thread. Each thread knows whether it is inside and how deep its stack was when it
 * went in, from before it takes the lock until after it gave it back. So a signal handler that
 * interrupted the heap in its own thread is told from an operation that a siglongjmp left behind:
 * the first is below and is refused, the second is above and takes over. A vfork child shares all
 * this with the thread that made it.
 */
#include <linux/futex.h>

#include "base/raw.h"
#include "heap/core.h"

#define SPINS 200
#define ONE_STACK (64UL << 20) /* frames further apart than this are not of one stack */

nommu_tls struct heap_inside heap_inside;

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

static void mend(struct heap *heap)
{
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

static void acquire(struct heap *heap)
{
	uint32_t seen = LOCK_FREE;

	if (__libc_single_threaded && lock_word(heap) == LOCK_FREE) {
		__atomic_store_n(&heap->lock, LOCK_ALONE, __ATOMIC_RELAXED);
		return;
	}
	if (!__atomic_compare_exchange_n(&heap->lock, &seen, LOCK_TAKEN, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		wait_for(heap);
}

bool heap_enter(struct heap *heap, uintptr_t frame)
{
	bool abandoned = heap_inside.heap == heap;

	if (abandoned && !frame_is_gone(heap_inside.frame, frame))
		return false;
	heap_inside.frame = frame;
	if (abandoned && heap_inside.holds) {
		mend(heap);
		return true;
	}
	heap_inside.heap = heap;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	acquire(heap);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	heap_inside.holds = true;
	return true;
}

void heap_leave(struct heap *heap)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	heap_inside.holds = false;
	if (lock_word(heap) == LOCK_ALONE)
		__atomic_store_n(&heap->lock, LOCK_FREE, __ATOMIC_RELAXED);
	else if (__atomic_exchange_n(&heap->lock, LOCK_FREE, __ATOMIC_RELEASE) == LOCK_WAITED)
		raw_futex(&heap->lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	heap_inside.heap = NULL;
}

void heap_hold(struct heap *heap)
{
	(void)heap;
	heap_inside.frame = UINTPTR_MAX;
}

void heap_break(struct heap *heap)
{
	if (heap_inside.heap != heap)
		return;
	if (!heap_inside.holds) {
		heap_inside.heap = NULL;
		return;
	}
	mend(heap);
	heap_leave(heap);
}
