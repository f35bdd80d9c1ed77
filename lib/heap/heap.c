/* SPDX-License-Identifier: MIT */
/*
 * heap.c - the calls. Each tries what its thread keeps (no lock, no system call), then
 * asks the model under the heap's lock. A pointer is believed only if its tag says that
 * a live block starts there.
 */
#include "heap/heap.h"

#include <string.h>

#include "heap/core.h"
#include "heap/keep.h"

#define HERE ((uintptr_t)__builtin_dwarf_cfa())
#define MODELS (sizeof models / sizeof *models)

static const struct heap_model *const models[] = { &heap_uclibc, &heap_uclibc_simple, &heap_musl };

const struct heap_model *heap_model_find(const char *name)
{
	for (size_t i = 0; i < MODELS; i++)
		if (!strcmp(models[i]->name, name))
			return models[i];
	return NULL;
}

const char *heap_model_name(const struct heap_model *model)
{
	return model->name;
}

uint32_t cache_bin_size(const struct heap *heap, unsigned bin)
{
	return bin_size(heap->kind, bin);
}

/* ---- asking the model ---- */

static void *failed(struct heap_result *result, enum heap_reason reason, long error,
		    size_t requested)
{
	if (result)
		*result = (struct heap_result){ reason, error, requested };
	return NULL;
}

static nommu_noinline void *take(struct heap *heap, size_t size, size_t align,
				 struct heap_result *result)
{
	struct heap_state *state = heap->state;
	long addr, error;
	size_t requested;

	if (size > PTRDIFF_MAX - align - 2 * NOMMU_PAGE_SIZE)
		return failed(result, HEAP_TOO_LARGE, -ENOMEM, size);
	if (!cache_enter(heap, HERE))
		return failed(result, HEAP_REENTERED, -ENOMEM, size);
	state->error = -ENOMEM;
	state->requested = 0;
	do
		addr = heap->model->take(heap, size, align);
	while (unlikely(is_err(addr)) && cache_refused(heap));
	error = state->error;
	requested = state->requested;
	cache_leave(heap);
	return is_err(addr) ? failed(result, HEAP_REFUSED, error, requested) : (void *)addr;
}

void give_to_model(struct heap *heap, uint64_t addr, uint32_t live)
{
	if (heap->kind == MODEL_UCLIBC)
		uclibc_settle(uclibc_balance(heap), live, -1);
	heap->model->give(heap, addr, live);
}

static nommu_noinline enum heap_reason give(struct heap *heap, uint64_t addr, uint32_t *tag)
{
	uint32_t value;

	if (!cache_enter(heap, HERE)) {
		cache_defer(heap, addr, tag_load(tag));
		return HEAP_OK;
	}
	value = tag_load(tag);
	if ((value & TAG_KIND) != TAG_LIVE) {
		cache_leave(heap);
		return HEAP_DOUBLE_FREE;
	}
	give_to_model(heap, addr, value);
	cache_leave(heap);
	return HEAP_OK;
}

static bool is_ours(struct heap *heap, uint64_t addr)
{
	const struct span *extra = &heap->state->extra;

	return span_at(heap, addr).start || (addr >= extra->start && addr < extra->end);
}

/* What is wrong with a pointer, whose tag (0: none) is not a live block's. */
static nommu_noinline enum heap_reason misused(struct heap *heap, uint64_t addr, uint32_t value)
{
	__atomic_fetch_add(&heap->state->misused, 1, __ATOMIC_RELAXED);
	if ((value & TAG_KIND) == TAG_CACHED)
		return HEAP_DOUBLE_FREE;
	return is_ours(heap, addr) ? HEAP_NOT_A_BLOCK : HEAP_FOREIGN;
}

/* Where the tag of a block that starts there would be, or NULL, and its value, or 0. */
static inline uint32_t *find_tag(const struct heap *heap, uint64_t addr, uint32_t *value)
{
	uint32_t *tag = addr % GRANULE ? NULL : tag_at(heap, addr);

	*value = tag ? tag_load(tag) : 0;
	return tag;
}

/* The tag of a live block, or NULL and why not. */
static uint32_t *live_tag(struct heap *heap, uint64_t addr, enum heap_reason *reason)
{
	uint32_t value, *tag = find_tag(heap, addr, &value);

	if (likely((value & TAG_KIND) == TAG_LIVE))
		return tag;
	*reason = misused(heap, addr, value);
	return NULL;
}

/* ---- the calls ---- */

/* The usual way, here and in heap_free(), calls nothing that comes back: it saves no registers. */
void *heap_malloc(struct heap *heap, size_t size, struct heap_result *result)
{
	void *block = keep_pop(heap, size, HERE);

	return likely(block) ? block : take(heap, size, 1, result);
}

/* Looks for the block's mapping, which calls. */
static nommu_noinline enum heap_reason free_simple(struct heap *heap, uint64_t addr, uint32_t *tag)
{
	return keep_push(heap, MODEL_SIMPLE, addr, tag, tag_load(tag), HERE)
		       ? HEAP_OK
		       : give(heap, addr, tag);
}

enum heap_reason heap_free(struct heap *heap, void *block)
{
	uint64_t addr = (uintptr_t)block;
	uint32_t value, *tag;

	if (!block)
		return HEAP_OK;
	tag = find_tag(heap, addr, &value);
	if (unlikely((value & TAG_KIND) != TAG_LIVE))
		return misused(heap, addr, value);
	if (heap->kind == MODEL_SIMPLE)
		return free_simple(heap, addr, tag);
	if (heap->kind == MODEL_UCLIBC ? keep_push(heap, MODEL_UCLIBC, addr, tag, value, HERE)
				       : keep_push(heap, MODEL_MUSL, addr, tag, value, HERE))
		return HEAP_OK;
	return give(heap, addr, tag);
}

void *heap_calloc(struct heap *heap, size_t count, size_t size, struct heap_result *result)
{
	size_t all;
	void *block;

	if (__builtin_mul_overflow(count, size, &all))
		return failed(result, HEAP_TOO_LARGE, -ENOMEM, SIZE_MAX);
	block = keep_pop(heap, all, HERE);
	if (block)
		return memset(block, 0, all);
	block = take(heap, all, 1, result);
	if (block && !heap->model->fresh(heap, (uintptr_t)block, *tag_at(heap, (uintptr_t)block)))
		memset(block, 0, all);
	return block;
}

void *heap_memalign(struct heap *heap, size_t align, size_t size, struct heap_result *result)
{
	if (!align || align & (align - 1))
		return failed(result, HEAP_BAD_ALIGN, -EINVAL, align);
	if (align > PTRDIFF_MAX / 4 || size > PTRDIFF_MAX / 2)
		return failed(result, HEAP_TOO_LARGE, -ENOMEM, size);
	if (align <= GRANULE)
		return heap_malloc(heap, size, result);
	return take(heap, size, align, result);
}

static void *move(struct heap *heap, void *block, uint32_t tag, size_t size,
		  struct heap_result *result)
{
	size_t have = heap->model->usable(heap, (uintptr_t)block, tag);
	void *new = heap_malloc(heap, size, result);

	if (!new)
		return NULL;
	memcpy(new, block, have < size ? have : size);
	heap_free(heap, block);
	return new;
}

static void *resize(struct heap *heap, void *block, uint32_t *tag, size_t size,
		    struct heap_result *result)
{
	uint64_t addr = (uintptr_t)block;
	uint32_t value;
	long new;

	if (size > PTRDIFF_MAX - 2 * NOMMU_PAGE_SIZE)
		return failed(result, HEAP_TOO_LARGE, -ENOMEM, size);
	if (!cache_enter(heap, HERE))
		return failed(result, HEAP_REENTERED, -ENOMEM, size);
	value = tag_load(tag);
	new = heap->model->resize(heap, addr, value, size);
	cache_leave(heap);
	return is_err(new) ? move(heap, block, value, size, result) : (void *)new;
}

void *heap_realloc(struct heap *heap, void *block, size_t size, struct heap_result *result)
{
	enum heap_reason reason = HEAP_OK;
	uint32_t *tag;

	if (!block)
		return heap_malloc(heap, size, result);
	tag = live_tag(heap, (uintptr_t)block, &reason);
	if (!tag)
		return failed(result, reason, -EINVAL, size);
	if (!size && heap->kind != MODEL_MUSL) {
		heap_free(heap, block);
		return heap->model->frees_on_realloc_0 ? NULL : heap_malloc(heap, 0, result);
	}
	return resize(heap, block, tag, size, result);
}

size_t heap_usable_size(struct heap *heap, const void *block)
{
	enum heap_reason reason;
	uint32_t *tag = block ? live_tag(heap, (uintptr_t)block, &reason) : NULL;

	return tag ? heap->model->usable(heap, (uintptr_t)block, tag_load(tag)) : 0;
}

bool heap_owns(struct heap *heap, const void *block)
{
	uint32_t *tag = tag_at(heap, (uintptr_t)block);

	return tag && !((uintptr_t)block % GRANULE) && (tag_load(tag) & TAG_KIND) == TAG_LIVE;
}
