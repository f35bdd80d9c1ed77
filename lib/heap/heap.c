/* SPDX-License-Identifier: MIT */
/*
 * heap.c - the calls. Each tries what its thread keeps (no lock, no system call), then asks the model under
 * the heap's lock. A pointer is believed only if its tag says that a live block starts there.
 */
#include "heap/heap.h"

#include <string.h>

#include "heap/core.h"
#include "heap/musl.h"
#include "heap/uclibc.h"

#define CACHED_CLASSES 32 /* musl: larger ones are not kept */
#define CACHED_SIZE 4112  /* bytes of a request; larger ones are not looked for */
#define SPARE_MOST 8192	  /* uclibc: bytes in blocks that nobody asked for, for each thread */
#define HERE ((uintptr_t)__builtin_frame_address(0))
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

/* ---- what a thread keeps ---- */

/* The class in the high bits would be shorter; but the group must be looked at anyway for its slot. */
static inline unsigned musl_bin(const struct heap *heap, uint64_t addr, uint32_t tag)
{
	const struct musl_group *group;
	uint64_t slot = tag >> MUSL_TAG_SLOT_SHIFT & MUSL_TAG_SLOT;

	group = musl_group_by(musl_of(heap), tag >> MUSL_TAG_GROUP_SHIFT);
	if (group->class >= CACHED_CLASSES)
		return NO_BIN;
	slot *= (uint64_t)musl_class_granules[group->class] << GRANULE_SHIFT;
	return addr == group->start + MUSL_HEADER + slot ? group->class : NO_BIN;
}

static inline bool musl_slot_holds(const struct heap *heap, uint32_t tag, size_t size)
{
	const struct musl_group *group;

	group = musl_group_by(musl_of(heap), tag >> MUSL_TAG_GROUP_SHIFT);
	return group->last || size + MUSL_SLOT_OVERHEAD <= musl_stride(group);
}

static inline unsigned uclibc_bin(uint32_t tag)
{
	uint32_t granules = uclibc_granules(tag);

	return granules && granules < BINS ? granules : NO_BIN;
}

/* Bytes of a block that is kept in the bin. */
static inline uint32_t bin_size(const struct heap *heap, unsigned bin)
{
	return (heap->model->kind == MODEL_UCLIBC ? bin : musl_class_granules[bin]) << GRANULE_SHIFT;
}

static inline unsigned bin_of(const struct heap *heap, uint64_t addr, uint32_t tag)
{
	return heap->model->kind == MODEL_UCLIBC ? uclibc_bin(tag) : musl_bin(heap, addr, tag);
}

uint32_t cache_bin_size(const struct heap *heap, unsigned bin)
{
	return bin_size(heap, bin);
}

static inline bool usable_cache(const struct heap *heap, const struct heap_cache *cache)
{
	return cache->heap == heap && !cache->frame &&
	       cache->epoch == __atomic_load_n(&heap->epoch, __ATOMIC_RELAXED);
}

/*
 * The first block of the bin, or 0; its tag must still be made one of a live block. A link that the program
 * damaged leads to no cached block.
 */
static inline uint64_t pop(struct heap *heap, struct heap_cache *cache, unsigned bin, uint32_t **tag)
{
	uint64_t addr = cache->head[bin], next;

	if (!addr)
		return 0;
	*tag = tag_at(heap, addr);
	if (unlikely(!*tag || addr % GRANULE || (tag_load(*tag) & TAG_KIND) != TAG_CACHED)) {
		cache->head[bin] = 0;
		cache->present[bin / 64] &= ~(1UL << bin % 64);
		return 0;
	}
	next = *(uint64_t *)addr;
	cache->head[bin] = next;
	if (!next)
		cache->present[bin / 64] &= ~(1UL << bin % 64);
	cache_count(cache, cache_bytes(cache) - bin_size(heap, bin));
	return addr;
}

/* The smallest bin from this one to most that is not empty, or NO_BIN. */
static inline unsigned bin_from(const struct heap_cache *cache, unsigned bin, unsigned most)
{
	unsigned word = bin / 64;
	uint64_t bits = cache->present[word] & ~0UL << bin % 64;

	while (!bits) {
		if (++word > most / 64 || word >= ARRAY_SIZE(cache->present))
			return NO_BIN;
		bits = cache->present[word];
	}
	bin = word * 64 + (unsigned)__builtin_ctzl(bits);
	return bin <= most ? bin : NO_BIN;
}

/* Takes a larger block too, up to twice as large, as long as such are few; the balance knows. */
static inline uint64_t pop_uclibc(struct heap *heap, struct heap_cache *cache, size_t size)
{
	int32_t balance = cache->balance;
	unsigned shape, want, bin;
	uint64_t addr;
	uint32_t *tag;

	want = (unsigned)(uclibc_shaped(&balance, uclibc_libc_size(size), &shape) >> GRANULE_SHIFT);
	bin = want;
	if (!cache->head[bin]) {
		if (balance > SPARE_MOST)
			return 0;
		bin = bin_from(cache, bin, 2 * want + 8);
		if (bin == NO_BIN)
			return 0;
	}
	addr = pop(heap, cache, bin, &tag);
	if (unlikely(!addr))
		return 0;
	tag_store(tag, TAG_LIVE | shape << UCLIBC_SHAPE_SHIFT | bin << UCLIBC_GRANULES_SHIFT |
			       (bin - want) << UCLIBC_SPARE_SHIFT);
	cache->balance = balance + (int32_t)((bin - want) << GRANULE_SHIFT);
	return addr;
}

static inline uint64_t pop_musl(struct heap *heap, struct heap_cache *cache, size_t size)
{
	unsigned class = musl_class_of(size), bin = class + (unsigned)(cache->coarse >> class & 1);
	uint64_t addr = cache->head[bin];
	uint32_t *tag = addr ? tag_at(heap, addr) : NULL;
	uint32_t live = tag ? tag_load(tag) - (TAG_CACHED - TAG_LIVE) : 0;

	/* A group of one slot may be smaller than its class. */
	if (likely((live & TAG_KIND) == TAG_LIVE) && !musl_slot_holds(heap, live, size))
		return 0;
	addr = pop(heap, cache, bin, &tag);
	if (addr)
		tag_store(tag, live);
	return addr;
}

static inline void *keep_pop(struct heap *heap, size_t size)
{
	struct heap_cache *cache = heap_my_cache;
	uint64_t addr;

	if (unlikely(!usable_cache(heap, cache) || size > CACHED_SIZE))
		return NULL;
	cache->frame = HERE;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (heap->model->kind == MODEL_UCLIBC)
		addr = pop_uclibc(heap, cache, size);
	else
		addr = pop_musl(heap, cache, size);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	cache->frame = 0;
	return (void *)addr;
}

/* A block that is kept must not keep a large free area from growing together and going back. */
static inline bool beside_large(struct heap *heap, uint64_t addr, unsigned bin)
{
	uint32_t *tag;

	if (heap->model->kind != MODEL_UCLIBC)
		return false;
	tag = tag_at(heap, addr + ((uint64_t)bin << GRANULE_SHIFT));
	if (tag && uclibc_large_area(tag_load(tag)))
		return true;
	tag = tag_at(heap, addr - GRANULE);
	return tag && uclibc_large_area(tag_load(tag));
}

static inline bool keep_push(struct heap *heap, uint64_t addr, uint32_t *tag, uint32_t value)
{
	struct heap_cache *cache = heap_my_cache;
	unsigned bin;
	uint32_t bytes;

	if (unlikely(!usable_cache(heap, cache)))
		return false;
	bin = bin_of(heap, addr, value);
	if (bin == NO_BIN || beside_large(heap, addr, bin))
		return false;
	bytes = cache_bytes(cache) + bin_size(heap, bin);
	if (unlikely(bytes > cache->limit))
		return false;
	cache->frame = HERE;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (heap->model->kind == MODEL_UCLIBC) {
		uclibc_settle(&cache->balance, value, -1);
		tag_store(tag, TAG_CACHED | bin << UCLIBC_GRANULES_SHIFT);
	} else {
		tag_store(tag, value + (TAG_CACHED - TAG_LIVE));
	}
	*(uint64_t *)addr = cache->head[bin];
	cache->head[bin] = addr;
	cache->present[bin / 64] |= 1UL << bin % 64;
	cache_count(cache, bytes);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	cache->frame = 0;
	return true;
}

/* ---- asking the model ---- */

static void *failed(struct heap_result *result, enum heap_reason reason, long error, size_t requested)
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
	do
		addr = heap->model->take(heap, size, align);
	while (is_err(addr) && cache_refused(heap));
	if (!is_err(addr))
		state->stats.used += heap->model->usable(heap, (uint64_t)addr,
							 *tag_at(heap, (uint64_t)addr));
	error = state->error;
	requested = state->requested;
	cache_leave(heap);
	return is_err(addr) ? failed(result, HEAP_REFUSED, error, requested) : (void *)addr;
}

void give_to_model(struct heap *heap, uint64_t addr, uint32_t live)
{
	if (heap->model->kind == MODEL_UCLIBC)
		uclibc_settle(uclibc_balance(heap), live, -1);
	heap->state->stats.used -= heap->model->usable(heap, addr, live);
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

/* The tag of a live block, or NULL and why not. */
static inline uint32_t *live_tag(struct heap *heap, uint64_t addr, enum heap_reason *reason)
{
	uint32_t *tag = tag_at(heap, addr);
	unsigned kind = tag && !(addr % GRANULE) ? tag_load(tag) & TAG_KIND : TAG_NONE;

	if (likely(kind == TAG_LIVE))
		return tag;
	__atomic_fetch_add(&heap->state->misused, 1, __ATOMIC_RELAXED);
	if (kind == TAG_CACHED)
		*reason = HEAP_DOUBLE_FREE;
	else
		*reason = is_ours(heap, addr) ? HEAP_NOT_A_BLOCK : HEAP_FOREIGN;
	return NULL;
}

/* ---- the calls ---- */

void *heap_malloc(struct heap *heap, size_t size, struct heap_result *result)
{
	void *block = keep_pop(heap, size);

	return likely(block) ? block : take(heap, size, 1, result);
}

enum heap_reason heap_free(struct heap *heap, void *block)
{
	enum heap_reason reason = HEAP_OK;
	uint64_t addr = (uintptr_t)block;
	uint32_t *tag;

	if (!block)
		return HEAP_OK;
	tag = live_tag(heap, addr, &reason);
	if (unlikely(!tag))
		return reason;
	return keep_push(heap, addr, tag, tag_load(tag)) ? HEAP_OK : give(heap, addr, tag);
}

void *heap_calloc(struct heap *heap, size_t count, size_t size, struct heap_result *result)
{
	size_t all;
	void *block;

	if (__builtin_mul_overflow(count, size, &all))
		return failed(result, HEAP_TOO_LARGE, -ENOMEM, SIZE_MAX);
	block = keep_pop(heap, all);
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

static void *move(struct heap *heap, void *block, uint32_t tag, size_t size, struct heap_result *result)
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
	struct heap_state *state = heap->state;
	uint64_t addr = (uintptr_t)block;
	uint32_t value;
	size_t had;
	long new;

	if (size > PTRDIFF_MAX - 2 * NOMMU_PAGE_SIZE)
		return failed(result, HEAP_TOO_LARGE, -ENOMEM, size);
	if (!cache_enter(heap, HERE))
		return failed(result, HEAP_REENTERED, -ENOMEM, size);
	value = tag_load(tag);
	had = heap->model->usable(heap, addr, value);
	new = heap->model->resize(heap, addr, value, size);
	if (!is_err(new))
		state->stats.used += heap->model->usable(heap, (uint64_t)new,
							 *tag_at(heap, (uint64_t)new)) - had;
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
	if (!size && heap->model->kind != MODEL_MUSL) {
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
