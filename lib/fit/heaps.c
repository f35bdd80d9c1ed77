/* SPDX-License-Identifier: MIT */
/*
 * heaps.c - the memory of a recording under another C library: every heap call of --record-heap is
 * made again on a heap of that library's model, whose requests for pages take the place of those
 * that the run made. Which block a model takes depends on addresses, so pages come from a page
 * allocator as in the run, and lie in one range of addresses; models write to them, but what they
 * hold does not matter.
 */
#include "fit/fit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/types.h"
#include "heap/heap.h"
#include "report/read.h"

#define REQUEST_MAX ((size_t)512 << 20) /* more was damaged, or will never fit */
#define ARENA_MIN ((uint64_t)1 << 16)	/* pages: 256 MiB, so that no model is short of them */
#define ARENA_MAX ((uint64_t)1 << 20)

struct process {
	struct heaps *heaps;
	struct heap heap;
	struct table blocks; /* pointer of the recording to index of block */
	uint32_t pid;
	bool live;
};

/* Pages taken by one request, the recording's or a heap's; its number is its region in the memory.
 */
struct taken {
	uint32_t start; /* first page of the arena */
};

struct heaps {
	struct memory *memory;
	const struct heap_model *model;
	struct process **processes; /* pointers: a heap must not move */
	uint32_t processes_count, processes_room;
	struct table process_of_pid;
	void **blocks;
	uint32_t blocks_count, blocks_room;
	struct taken *taken;
	uint32_t taken_count, taken_room;
	struct table taken_of; /* region of the recording to its number here */
	struct replay arena;   /* only its page allocator is used */
	uint32_t *owner;       /* number of who has each page, or NONE */
	char *base;	       /* address of the first page */
	uint64_t time;
};

static bool open_arena(struct heaps *heaps, const struct nommu_recording_header *header)
{
	uint64_t pages = max_u64(ARENA_MIN, min_u64(header->ram_pages * 2, ARENA_MAX));

	heaps->arena.trim = (uint32_t)header->trim;
	if (!replay_prepare(&heaps->arena, pages, header->max_order))
		return false;
	pages = heaps->arena.buddy.pages;
	heaps->base = mmap(NULL, pages << NOMMU_PAGE_SHIFT, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	heaps->owner = malloc(pages * sizeof(*heaps->owner));
	if (heaps->base == MAP_FAILED || !heaps->owner)
		return false;
	memset(heaps->owner, 0xff, pages * sizeof(*heaps->owner));
	return true;
}

static void close_arena(struct heaps *heaps)
{
	if (heaps->base && heaps->base != MAP_FAILED)
		munmap(heaps->base, (size_t)heaps->arena.buddy.pages << NOMMU_PAGE_SHIFT);
	free(heaps->owner);
	replay_close(&heaps->arena);
}

/* Takes pages of the arena and accounts for them; the first page, or BUDDY_NONE. */
static uint32_t take_pages(struct heaps *heaps, const struct nommu_record_region *request,
			   uint32_t pid)
{
	struct nommu_record_region region = *request;
	uint32_t kept, start = buddy_alloc(&heaps->arena.view, region.pages, &kept);

	region.head.time = heaps->time;
	region.region = heaps->taken_count + 1;
	region.start = start;
	region.kept = start == BUDDY_NONE ? 0 : kept;
	region.refused = start == BUDDY_NONE ? ENOMEM : 0;
	memory_region(heaps->memory, &region, 0, pid);
	if (start == BUDDY_NONE)
		return start;
	for (uint32_t i = 0; i < kept; i++)
		heaps->owner[start + i] = heaps->taken_count;
	ARRAY_ADD(heaps, taken)->start = start;
	return start;
}

/* Gives back what `who` has of the range, NONE: whoever has it; nothing goes back twice. */
static void give_pages(struct heaps *heaps, uint64_t first, uint64_t end, uint32_t who)
{
	end = min_u64(end, heaps->arena.buddy.pages);
	while (first < end) {
		uint32_t owner = heaps->owner[first];
		struct nommu_record_release release = { .head = { .time = heaps->time } };
		uint64_t next = first;

		while (next < end && heaps->owner[next] == owner)
			heaps->owner[next++] = NONE;
		if (owner != NONE && (who == NONE || owner == who)) {
			release.region = owner + 1;
			release.start = (uint32_t)first;
			release.pages = (uint32_t)(next - first);
			memory_release(heaps->memory, &release);
			buddy_free(&heaps->arena.view, release.start, release.pages);
		} else {
			for (uint64_t i = first; i < next; i++)
				heaps->owner[i] = owner;
		}
		first = next;
	}
}

static long source_map(void *ctx, size_t len, unsigned flags)
{
	struct process *process = ctx;
	struct nommu_record_region request = { .kind = NOMMU_KIND_HEAP };
	uint32_t start;

	(void)flags;
	if (len > REQUEST_MAX)
		return -ENOMEM;
	request.pages = (uint32_t)(page_align(len) >> NOMMU_PAGE_SHIFT);
	start = take_pages(process->heaps, &request, process->pid);
	if (start == BUDDY_NONE)
		return -ENOMEM;
	return (long)(process->heaps->base + ((size_t)start << NOMMU_PAGE_SHIFT));
}

static long source_unmap(void *ctx, unsigned long addr, size_t len)
{
	struct heaps *heaps = ((struct process *)ctx)->heaps;
	uint64_t first = (addr - (uintptr_t)heaps->base) >> NOMMU_PAGE_SHIFT;

	give_pages(heaps, first, first + (page_align(len) >> NOMMU_PAGE_SHIFT), NONE);
	return 0;
}

/* Without an MMU a block cannot grow beyond its pages. */
static long source_remap(void *ctx, unsigned long addr, size_t old_len, size_t new_len)
{
	old_len = page_align(old_len);
	new_len = page_align(new_len);
	if (new_len > old_len)
		return -ENOMEM;
	if (new_len < old_len)
		source_unmap(ctx, addr + new_len, old_len - new_len);
	return (long)addr;
}

static struct process *process_of(struct heaps *heaps, uint32_t pid)
{
	uint32_t *index = table_at(&heaps->process_of_pid, pid, 0);
	struct heap_source source = { .map = source_map,
				      .unmap = source_unmap,
				      .remap = source_remap };
	struct process *process;

	if (*index == NONE) {
		*index = heaps->processes_count;
		process = calloc(1, sizeof(*process));
		if (!process)
			pool_exhausted();
		*ARRAY_ADD(heaps, processes) = process;
	}
	process = heaps->processes[*index];
	if (!process->live) {
		process->heaps = heaps;
		process->pid = pid;
		source.ctx = process;
		process->live = heap_init(&process->heap, heaps->model, &source) == 0;
	}
	return process;
}

static void end_process(struct heaps *heaps, uint32_t pid)
{
	uint32_t index = table_get(&heaps->process_of_pid, pid, 0);
	struct process *process = index == NONE ? NULL : heaps->processes[index];

	if (!process || !process->live)
		return;
	heap_destroy(&process->heap);
	table_free(&process->blocks);
	process->live = false;
}

/* The block that stands for a pointer of the recording; taken out. NULL if it is not known. */
static void *take_block(struct heaps *heaps, struct process *process, uint64_t pointer)
{
	uint32_t index = pointer ? table_get(&process->blocks, pointer, 0) : NONE;
	void *block = index < heaps->blocks_count ? heaps->blocks[index] : NULL;

	if (block)
		heaps->blocks[index] = NULL;
	return block;
}

static void keep_block(struct heaps *heaps, struct process *process, uint64_t pointer, void *block)
{
	uint32_t *index = table_at(&process->blocks, pointer, 0);

	if (*index == NONE) {
		*index = heaps->blocks_count;
		(void)ARRAY_ADD(heaps, blocks);
	}
	heaps->blocks[*index] = block;
}

static void heap_call(struct heaps *heaps, const struct nommu_record_heap *record)
{
	struct process *process = process_of(heaps, record->head.pid);
	bool fails = record->call != NOMMU_CALL_FREE && !record->pointer && record->size;
	void *block = NULL;

	if (!process->live || fails || record->size > REQUEST_MAX || record->align_shift > 29)
		return; /* what failed in the run is no block there either */
	switch (record->call) {
	case NOMMU_CALL_FREE:
		block = take_block(heaps, process, record->pointer);
		if (block)
			heap_free(&process->heap, block);
		return;
	case NOMMU_CALL_REALLOC:
		block = take_block(heaps, process, record->old);
		block = heap_realloc(&process->heap, block, record->size, NULL);
		break;
	case NOMMU_CALL_MEMALIGN:
		block = heap_memalign(&process->heap, (size_t)1 << record->align_shift,
				      record->size, NULL);
		break;
	default: /* what calloc clears is zero anyway */
		block = heap_malloc(&process->heap, record->size, NULL);
		break;
	}
	if (block && record->pointer)
		keep_block(heaps, process, record->pointer, block);
}

static void take_region(struct heaps *heaps, const struct nommu_record_region *region)
{
	uint32_t *number;

	if (region->kind == NOMMU_KIND_HEAP || !region->pages)
		return;
	if (region->refused) {
		memory_region(heaps->memory, region, 0, region->head.pid);
		return;
	}
	number = table_at(&heaps->taken_of, region->region, 0);
	if (*number != NONE)
		return;
	*number = heaps->taken_count;
	if (take_pages(heaps, region, region->head.pid) == BUDDY_NONE)
		ARRAY_ADD(heaps, taken)->start = BUDDY_NONE;
	table_at(&heaps->taken_of, region->region, 1)[0] = region->start;
}

/* Where the region lies here is not where it lay in the run. */
static void release_region(struct heaps *heaps, const struct nommu_record_release *release)
{
	uint32_t number = table_get(&heaps->taken_of, release->region, 0);
	uint32_t recorded = table_get(&heaps->taken_of, release->region, 1);
	uint64_t first;

	if (number >= heaps->taken_count || heaps->taken[number].start == BUDDY_NONE ||
	    release->start < recorded)
		return;
	first = (uint64_t)heaps->taken[number].start + (release->start - recorded);
	give_pages(heaps, first, first + release->pages, number);
}

static void replay_record(struct heaps *heaps, const struct nommu_record *record)
{
	struct nommu_record_release release;
	struct nommu_record_region region;
	struct nommu_record_heap heap;

	heaps->time = record->time;
	switch (record->type) {
	case NOMMU_RECORD_REGION:
		reader_fields(record, &region, sizeof(region));
		take_region(heaps, &region);
		break;
	case NOMMU_RECORD_RELEASE: /* of the run's own heap: not known here, and ignored */
		reader_fields(record, &release, sizeof(release));
		release_region(heaps, &release);
		break;
	case NOMMU_RECORD_HEAP:
		reader_fields(record, &heap, sizeof(heap));
		heap_call(heaps, &heap);
		break;
	case NOMMU_RECORD_PROCESS: /* an exec whose end was not recorded */
		end_process(heaps, record->pid);
		break;
	case NOMMU_RECORD_EXIT:
		end_process(heaps, record->pid);
		memory_exit(heaps->memory, record->pid);
		break;
	default:
		break;
	}
}

static void close_heaps(struct heaps *heaps)
{
	for (uint32_t i = 0; i < heaps->processes_count; i++) {
		end_process(heaps, heaps->processes[i]->pid);
		free(heaps->processes[i]);
	}
	table_free(&heaps->process_of_pid);
	table_free(&heaps->taken_of);
	free(heaps->processes);
	free(heaps->blocks);
	free(heaps->taken);
	close_arena(heaps);
}

int heaps_replay(const char *path, const struct heap_model *model, struct memory *memory,
		 char *error)
{
	struct heaps heaps = { .memory = memory, .model = model };
	const struct nommu_record *record;
	struct reader reader;

	memset(memory, 0, sizeof(*memory));
	memory->refusal_step = memory->refusal_region = NONE;
	if (reader_open(&reader, path, error))
		return -1;
	memory->max_order = reader.header.max_order;
	if (open_arena(&heaps, &reader.header))
		while ((record = reader_next(&reader)))
			replay_record(&heaps, record);
	reader_close(&reader);
	close_heaps(&heaps);
	memory_done(memory, true);
	return 0;
}
