/* SPDX-License-Identifier: MIT */
/*
 * hook_heap.c - the malloc family, on the heap of the target's libc, or on libc's own with --libc
 * host. Both may be entered before they are ready, by the dynamic loader or by our own look-up of
 * libc's functions: then a few static pages serve (early.h).
 */
#include "heap_hooks.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "guard.h"
#include "early.h"
#include "real.h"

#include "base/raw.h"
#include "base/types.h"
#include "heap/heap.h"
#include "trace/trace.h"

/* How malloc is served. */
static enum mode {
	MODE_COLD,   /* not known yet */
	MODE_FAST,   /* by the model */
	MODE_RECORD, /* by the model, and every call is recorded */
	MODE_HOST    /* by libc */
} mode;

static struct heap heap;
static uint32_t own_pid; /* for the records: a vfork child is its parent here */

/* ---- pages ---- */

static long map(void *ctx, size_t len, unsigned flags)
{
	(void)ctx;
	return sys_pages_map(guard_thread.site, NOMMU_KIND_HEAP, len, flags & HEAP_UNINITIALIZED);
}

static long unmap(void *ctx, unsigned long addr, size_t len)
{
	(void)ctx;
	return sys_pages_unmap(guard_thread.site, NOMMU_KIND_HEAP, addr, len);
}

static long remap(void *ctx, unsigned long addr, size_t old_len, size_t new_len)
{
	(void)ctx;
	return sys_pages_remap(guard_thread.site, NOMMU_KIND_HEAP, addr, old_len, new_len);
}

void heap_hooks_start(bool modelled)
{
	static const struct heap_source source = { NULL, map, unmap, remap };
	const struct heap_model *model;

	own_pid = (uint32_t)raw_getpid();
	model = modelled ? heap_model_find(conf_libc_name((enum conf_libc)sys_conf()->libc)) : NULL;
	if (!model || heap_init(&heap, model, &source)) {
		mode = MODE_HOST;
		return;
	}
	heap_use_caches(&heap);
	mode = sys_conf()->record_heap ? MODE_RECORD : MODE_FAST;
}

void heap_hooks_fork_prepare(void)
{
	if (heap.model)
		heap_fork_prepare(&heap);
}

void heap_hooks_fork_parent(void)
{
	if (heap.model)
		heap_fork_parent(&heap);
}

void heap_hooks_fork_child(void)
{
	own_pid = (uint32_t)raw_getpid();
	if (heap.model)
		heap_fork_child(&heap);
}

void heap_hooks_vfork_parent(void)
{
	if (heap.model)
		heap_vfork_parent(&heap);
}

void heap_hooks_thread_exit(void)
{
	if (heap.model)
		heap_thread_exit(&heap);
}

bool heap_hooks_are_libcs(void)
{
	return mode == MODE_HOST;
}

struct heap *heap_hooks_model(void)
{
	return mode == MODE_COLD ? NULL : &heap;
}

/* ---- around each call ---- */

static nommu_noinline bool unusual(enum nommu_call call, const char *name)
{
	if (mode == MODE_COLD)
		guard_start_up();
	if (mode == MODE_COLD || mode == MODE_HOST)
		return false;
	if (guard_thread.vfork_depth)
		sys_vfork_conduct(guard_thread.site, call, name);
	return true;
}

/* Whether the model serves; otherwise it is libc, or what there is early. */
static inline bool modelled(uint64_t site, enum nommu_call call, const char *name)
{
	guard_thread.site = site;
	return likely(mode == MODE_FAST && !guard_thread.vfork_depth) || unusual(call, name);
}

static bool too_early(void)
{
	return mode == MODE_COLD || guard_thread.resolving;
}

static nommu_noinline void record(enum nommu_call call, size_t align, size_t size,
				  const void *block, const void *old)
{
	struct nommu_record_heap *r = trace_claim(sizeof *r, own_pid);

	if (!r)
		return;
	r->tid = (uint32_t)raw_gettid();
	r->call = (uint16_t)call;
	r->align_shift = align ? (uint16_t)__builtin_ctzl(align) : 0;
	r->site = guard_thread.site;
	r->size = size;
	r->pointer = U(block);
	r->old = U(old);
	trace_done(r, NOMMU_RECORD_HEAP);
}

static inline void *done(enum nommu_call call, size_t align, size_t size, void *block,
			 const void *old)
{
	if (unlikely(mode == MODE_RECORD))
		record(call, align, size, block, old);
	return block;
}

/* Refusals are in the recording already, with the site. */
static nommu_noinline void *failed(const struct heap_result *result, size_t align, size_t size)
{
	void *block = NULL;

	if (result->reason == HEAP_REENTERED && size < PTRDIFF_MAX && align <= APART_ALIGN)
		block = apart_malloc(size);
	if (!block)
		hook_answer(result->reason == HEAP_BAD_ALIGN ? -EINVAL : -ENOMEM);
	return block;
}

/* ---- the family ---- */

nommu_export void *malloc(size_t size)
{
	struct heap_result result;
	void *block;

	if (unlikely(!modelled(HOOK_SITE, NOMMU_CALL_MALLOC, "malloc")))
		return too_early() ? early_malloc(size) : real.malloc(size);
	block = heap_malloc(&heap, size, &result);
	if (unlikely(!block))
		return failed(&result, 0, size);
	return done(NOMMU_CALL_MALLOC, 0, size, block, NULL);
}
HOOK_ALIAS(malloc, __libc_malloc);

nommu_export void free(void *block)
{
	if (unlikely(!modelled(HOOK_SITE, NOMMU_CALL_FREE, "free"))) {
		if (!early_has(block))
			real.free(block);
		return;
	}
	done(NOMMU_CALL_FREE, 0, 0, block, NULL);
	if (unlikely(heap_free(&heap, block) == HEAP_FOREIGN))
		apart_free(block);
}
HOOK_ALIAS(free, __libc_free);

static void *early_calloc(size_t count, size_t size)
{
	size_t all;

	return __builtin_mul_overflow(count, size, &all) ? NULL : early_malloc(all);
}

nommu_export void *calloc(size_t count, size_t size)
{
	struct heap_result result;
	void *block;

	if (unlikely(!modelled(HOOK_SITE, NOMMU_CALL_CALLOC, "calloc")))
		return too_early() ? early_calloc(count, size) : real.calloc(count, size);
	block = heap_calloc(&heap, count, size, &result);
	if (unlikely(!block))
		return failed(&result, 0, count * size);
	return done(NOMMU_CALL_CALLOC, 0, count * size, block, NULL);
}
HOOK_ALIAS(calloc, __libc_calloc);

/* An early block moves to where blocks live now. */
static void *leave_early(void *block, size_t size)
{
	size_t old = early_size(block);
	void *to = too_early()	       ? early_malloc(size)
		   : mode == MODE_HOST ? real.malloc(size)
				       : heap_malloc(&heap, size, NULL);

	if (!to) {
		hook_answer(-ENOMEM);
		return NULL;
	}
	return memcpy(to, block, size < old ? size : old);
}

static nommu_noinline void *resize_unknown(void *block, size_t size)
{
	struct apart *apart = apart_of(block);
	void *to = apart ? heap_malloc(&heap, size, NULL) : NULL;

	if (!to)
		return NULL;
	memcpy(to, block, min_u64(size, apart_size(apart)));
	apart_free(block);
	return to;
}

/* NULL is a failure only where the result says so: realloc(p, 0) may have freed. */
static void *resize(void *block, size_t size)
{
	struct heap_result result = { HEAP_OK, 0, 0 };
	void *to = heap_realloc(&heap, block, size, &result);

	if (unlikely(!to && result.reason != HEAP_OK)) {
		to = result.reason == HEAP_FOREIGN ? resize_unknown(block, size) : NULL;
		if (!to)
			hook_answer(-ENOMEM);
		return to;
	}
	return done(NOMMU_CALL_REALLOC, 0, size, to, block);
}

nommu_export void *realloc(void *block, size_t size)
{
	bool model = modelled(HOOK_SITE, NOMMU_CALL_REALLOC, "realloc");

	if (unlikely(early_has(block)))
		return leave_early(block, size);
	if (unlikely(!model))
		return too_early() ? early_malloc(size) : real.realloc(block, size);
	return resize(block, size);
}
HOOK_ALIAS(realloc, __libc_realloc);

nommu_export void *reallocarray(void *block, size_t count, size_t size)
{
	bool model = modelled(HOOK_SITE, NOMMU_CALL_REALLOC, "reallocarray");
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		hook_answer(-ENOMEM);
		return NULL;
	}
	if (unlikely(early_has(block)))
		return leave_early(block, bytes);
	return model ? resize(block, bytes) : real.realloc(block, bytes);
}

static void *aligned(size_t align, size_t size, struct heap_result *result)
{
	void *block = heap_memalign(&heap, align, size, result);

	return block ? done(NOMMU_CALL_MEMALIGN, align, size, block, NULL) : NULL;
}

nommu_export void *memalign(size_t align, size_t size)
{
	struct heap_result result;
	void *block;

	if (!modelled(HOOK_SITE, NOMMU_CALL_MEMALIGN, "memalign"))
		return too_early() ? early_malloc(size) : real.memalign(align, size);
	block = aligned(align, size, &result);
	return block ? block : failed(&result, align, size);
}
HOOK_ALIAS(memalign, __libc_memalign);

nommu_export void *aligned_alloc(size_t align, size_t size)
{
	struct heap_result result;
	void *block;

	if (!modelled(HOOK_SITE, NOMMU_CALL_MEMALIGN, "aligned_alloc"))
		return too_early() ? early_malloc(size) : real.aligned_alloc(align, size);
	block = aligned(align, size, &result);
	return block ? block : failed(&result, align, size);
}

/* Returns its error and leaves errno alone. */
nommu_export int posix_memalign(void **block, size_t align, size_t size)
{
	struct heap_result result;
	void *got;

	if (!modelled(HOOK_SITE, NOMMU_CALL_MEMALIGN, "posix_memalign"))
		return real.posix_memalign(block, align, size);
	if (align % sizeof(void *) || !align || (align & (align - 1)))
		return EINVAL;
	got = aligned(align, size, &result);
	if (!got)
		return ENOMEM;
	*block = got;
	return 0;
}

nommu_export void *valloc(size_t size)
{
	struct heap_result result;
	void *block;

	if (!modelled(HOOK_SITE, NOMMU_CALL_MEMALIGN, "valloc"))
		return real.valloc(size);
	block = aligned(NOMMU_PAGE_SIZE, size, &result);
	return block ? block : failed(&result, NOMMU_PAGE_SIZE, size);
}
HOOK_ALIAS(valloc, __libc_valloc);

nommu_export void *pvalloc(size_t size)
{
	struct heap_result result;
	void *block;

	if (!modelled(HOOK_SITE, NOMMU_CALL_MEMALIGN, "pvalloc"))
		return real.pvalloc(size);
	block = aligned(NOMMU_PAGE_SIZE, page_align(size), &result);
	return block ? block : failed(&result, NOMMU_PAGE_SIZE, size);
}
HOOK_ALIAS(pvalloc, __libc_pvalloc);

nommu_export size_t malloc_usable_size(void *block)
{
	if (early_has(block))
		return early_size(block);
	return mode == MODE_HOST ? real.malloc_usable_size(block) : heap_usable_size(&heap, block);
}
