/* SPDX-License-Identifier: MIT */
/*
 * fit.h - the replay of a recording's memory on the page allocator, and the search for the smallest
 * machine. What the run was refused is replayed too, and kept until its process ends.
 */
#ifndef NOMMU_FIT_FIT_H
#define NOMMU_FIT_FIT_H

#include "arena/buddy.h"
#include "report/model.h"

struct replay_step {
	uint32_t region;
	uint32_t pages;	 /* 0: take it */
	uint32_t offset; /* of what goes back, from the region's start */
};

struct replay_region {
	uint32_t pages;	      /* asked for */
	uint32_t start, kept; /* as the allocator had it in this replay */
};

struct replay {
	struct replay_step *steps;
	struct replay_region *regions;
	uint32_t steps_count, regions_count;
	uint32_t trim;
	/* free blocks by order, as --buddyinfo gave them, or NULL: one run */
	const uint32_t *board;
	uint64_t peak_pages; /* asked for at once: less RAM cannot do */
	unsigned top_order;  /* of the largest request */
	uint32_t impossible; /* requests beyond every max-order, left out */
	uint64_t impossible_pages;
	struct buddy buddy;
	struct buddy_view view;
	uint32_t room; /* pages that the view has memory for */
};

struct replay_result {
	bool done;
	uint32_t step;	 /* that failed */
	uint32_t wanted; /* pages */
	enum buddy_answer answer;
	uint64_t free_pages, largest, reserve;
	uint32_t blocks[BUDDY_ORDERS];
};

/* header is that of the recording, and must outlive the replay. */
void replay_open(struct replay *replay, const struct memory *memory,
		 const struct nommu_recording_header *header);
void replay_close(struct replay *replay);

/*
 * The free lists of a board with so many free pages: those of `board`, where what is
 * missing was taken from the largest blocks, as the kernel would take it, and what is
 * more lies in whole blocks.
 */
void replay_lists(const uint32_t *board, uint64_t pages, unsigned max_order,
		  uint32_t lists[BUDDY_ORDERS]);

/* A machine of so many free pages with nothing taken; false without memory for it. */
bool replay_prepare(struct replay *replay, uint64_t ram_pages, unsigned max_order);

/* Replays all of it on a machine of so many free pages. */
void replay_run(struct replay *replay, uint64_t ram_pages, unsigned max_order,
		struct replay_result *result);

/* What a search found. Sizes are of RAM as --ram takes it; 0 and a reason where nothing will do. */
struct fit_found {
	uint64_t ram_bytes; /* smallest at the recorded max-order, or at max_order if that is larger
			     */
	unsigned max_order; /* smallest with enough RAM */
	uint64_t ram_at_max_order; /* smallest at that max-order */
	uint64_t steps,
		replays; /* requests and returns in all replays together; how many replays */
	double seconds;	 /* of the processor that they took */
};

#define FIT_HEAPS 3u

/* The same run on the heap of another C library. */
struct fit_heap {
	const char *libc;
	struct fit_found found;
	uint64_t peak_pages; /* of the heap */
};

/* A search. */
struct fit {
	struct report *report;
	const struct run *run;
	struct replay replay;
	struct fit_found found;
	struct replay_result below; /* what held it up one step below */
	uint64_t ram_pages, ram_at_max_order;
	unsigned order; /* that ram_pages is for */
	struct fit_heap heaps[FIT_HEAPS];
	bool quick;	      /* nobody waits for it */
	unsigned heaps_count; /* 0: the recording has no calls of the heap */
};

#define FIT_STEP_PAGES 16u /* 64 KiB */

/*
 * Replays the memory of the recording that took most, at other sizes of RAM (to 64 KiB) and other
 * max-orders; fit_close() it. Returns -1 with a line in error where there is nothing to replay.
 */
int fit_search(struct fit *fit, struct report *report, char *error);
void fit_close(struct fit *fit);

/*
 * The smallest RAM in bytes in which the run would have succeeded, 0 if there is none or if
 * finding out takes longer than a report may. *max_order is the recording's, or the smallest that
 * would do if that is larger.
 */
uint64_t fit_smallest(struct report *report, const struct run *run, unsigned *max_order);

/*
 * Requests that a program was refused by `run`. Then the smallest RAM is a guess: each counts,
 * though one may be an earlier one tried again, and what the program did instead it would not have
 * done.
 */
uint64_t fit_refused(const struct run *run);

struct heap_model;

/*
 * The memory of the recording as it would have been with this model of malloc; memory_free() it.
 * Returns -1 with a line in error if the recording cannot be read any more.
 */
int heaps_replay(const char *path, const struct heap_model *model, struct memory *memory,
		 char *error);

#endif
