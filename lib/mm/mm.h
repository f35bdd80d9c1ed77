/* SPDX-License-Identifier: MIT */
/*
 * mm.h - regions and mappings: bookkeeping only, no
 * decisions and no system calls. With the kernel's words:
 *
 * A *region* is pages side by side that back mappings; it may be shared and counts its users.
 * start/end are what was initialised, top is what was allocated. A *vma* is one process's view of
 * (a part of) a region. An *object* is a System V segment, or a run of pages of a memory-backed
 * file, that exists whoever maps it.
 *
 * Where is what: in run a private mapping is found by its first page (the ledger's bitmap
 * `starts` and array `owners`), a shared one in its process's short list, and one outside of
 * the arena (device window, XIP file) in the process's own view index. In audit everything is
 * where the host put it, so all mappings are in the view index; so they are on a machine with
 * an MMU, whose regions have no pages of the arena: there each mapping counts the swap that is
 * reserved for it, and a shared region has one address for all processes. All functions are
 * called inside the ledger; new records are filled in plainly, whatever others can see is
 * changed through the journal.
 */
#ifndef NOMMU_MM_MM_H
#define NOMMU_MM_MM_H

#include <nommu/recording.h>

#include "arena/ledger.h"
#include "mm/views.h"

#define NO_PAGE UINT32_MAX /* start of a region that has no pages of the arena */

enum region_flags {
	REGION_COPY = 1,     /* its pages are its own (VM_MAPPED_COPY or anonymous) */
	REGION_DIRECT = 2,   /* it shows an object's pages */
	REGION_SHARED = 4,   /* mapped MAP_SHARED (VM_MAYSHARE) */
	REGION_OVERLAY = 8,  /* private, never written: may be shared (VM_MAYOVERLAY) */
	REGION_FILE = 16,    /* of a file */
	REGION_BACKED = 32,  /* its contents lie in the ledger's backing */
	REGION_WINDOW = 64,  /* no RAM: a device window or an XIP file */
	REGION_LEAKED = 128, /* a mapping of it can never be found again: it stays for ever */
};

struct mm_region {
	uint32_t link;	 /* free list */
	uint32_t start;	 /* first page, or NO_PAGE */
	uint32_t pages;	 /* initialised: vm_end - vm_start */
	uint32_t top;	 /* allocated: vm_top - vm_start */
	uint32_t users;	 /* mappings */
	uint32_t flags;	 /* enum region_flags */
	uint32_t kind;	 /* enum nommu_kind */
	uint32_t object; /* REGION_DIRECT: whose pages */
	uint32_t next;	 /* list of regions that may be shared, by start */
	uint32_t prev;
	uint64_t pgoff; /* page offset in the file */
	uint64_t dev;	/* of the file, 0 if none */
	uint64_t ino;
	uint64_t serial; /* names it in the recording */
	uint64_t addr;	 /* shared, with an MMU: where it is in every process */
	/* end, in pages of the file, of MAP_SHARED mappings that nothing finds any more */
	uint64_t lost_end;
};

enum vma_flags {
	VMA_FILE = 1,	/* of a file: cannot be cut */
	VMA_SHARED = 2, /* mapped MAP_SHARED */
	VMA_LISTED = 4, /* in its process's list of shared mappings */
	VMA_VIEW = 8,	/* in the process's view index */
	VMA_START = 16, /* found by its first page */
	/* no mapping: the rest of one that a later mapping split in the kernel's tree */
	VMA_ALIAS = 32,
	VMA_NORESERVE = 64, /* swap is reserved page by page, when one is written */
};

struct mm_vma {
	uint32_t link; /* free list */
	uint32_t proc; /* owner */
	uint32_t region;
	uint32_t start; /* first page of the arena, or NO_PAGE */
	uint32_t pages; /* vm_end - vm_start */
	uint32_t flags; /* enum vma_flags */
	uint32_t next;	/* the owner's list */
	uint32_t prev;
	/* pages from start that the kernel's tree has this entry for: mremap and */
	uint32_t tree_at;
	/* ... later mappings of the same pages make it differ from pages */
	uint32_t tree_pages;
	uint32_t of;   /* VMA_ALIAS: the mapping */
	uint32_t swap; /* pages of swap reserved for it */
	uint64_t view; /* address in the process */
	uint64_t pgoff;
	uint64_t site; /* who mapped it */
};

enum object_kind { OBJECT_FILE, OBJECT_SYSV };

#define OBJECT_PATH 160

struct mm_object {
	uint32_t link; /* free list */
	uint32_t next; /* list of all objects */
	uint32_t prev;
	uint32_t kind;	/* enum object_kind */
	uint32_t start; /* first page of the arena */
	uint32_t pages; /* pages that lie side by side */
	/* pages that it has: those that were cut off stay while somebody looks at them */
	uint32_t taken;
	uint32_t first;	   /* OBJECT_FILE: the file's page that is its first */
	uint32_t users;	   /* regions that show it */
	uint32_t attached; /* OBJECT_SYSV: attached mappings */
	uint64_t dev;	   /* OBJECT_FILE: identity of the file */
	uint64_t ino;
	uint64_t size;	 /* bytes */
	uint64_t serial; /* names it in the recording */
	int32_t key;	 /* OBJECT_SYSV */
	int32_t id;
	uint32_t mode;
	uint32_t removed; /* OBJECT_SYSV: goes with its last mapping */
	uint32_t creator; /* pid */
	/* OBJECT_FILE: where it was when it got its pages; empty if not known */
	char path[OBJECT_PATH];
};

#define NAME_SIZE 16 /* as the kernel's TASK_COMM_LEN, with the 0 */

enum proc_state {
	PROC_LIVE,     /* has joined */
	PROC_EXPECTED, /* was started by a process of the machine and has not joined yet */
	PROC_EXECING,  /* called exec: the next image joins, or exec comes back */
	PROC_ENDED,    /* said good-bye: what comes later is the tail of a dying process */
};

struct mm_proc {
	uint32_t link; /* free list */
	uint32_t next; /* list of live processes, newest first */
	uint32_t prev;
	uint32_t pid;
	uint64_t started; /* start time in clock ticks: tells a reused pid */
	uint32_t ppid;
	uint32_t image;	    /* serial number of the program image */
	uint32_t private;   /* first private mapping */
	uint32_t shared;    /* first shared mapping or alias, latest first */
	uint32_t count;	    /* mappings */
	uint32_t pages;	    /* owned now; a shared region counts for each user */
	uint32_t peak;	    /* most at once */
	uint32_t state;	    /* enum proc_state */
	uint32_t vforking;  /* it waits in vfork: the OOM killer spares it */
	uint32_t adj;	    /* oom_score_adj + 1000 when it joined */
	uint64_t heap_peak; /* most bytes live in the heap */
	uint64_t stack_low; /* bytes that the main stack was used, known at the end */
	uint32_t why;	    /* enum nommu_lost, of an image that is expected to join */
	uint32_t pad;
	char name[NAME_SIZE]; /* of the program */
	char goal[NAME_SIZE]; /* PROC_EXECING: of the program that is to take its place */
};

/* One process's handle. */
struct mm {
	struct ledger *l;
	uint32_t self;	     /* its struct mm_proc */
	struct views *views; /* its view index */
};

static inline struct mm_region *mm_region(const struct mm *mm, uint32_t index)
{
	return pool_record(mm->l, POOL_REGION, index);
}
static inline struct mm_vma *mm_vma(const struct mm *mm, uint32_t index)
{
	return pool_record(mm->l, POOL_VMA, index);
}
static inline struct mm_object *mm_object(const struct mm *mm, uint32_t index)
{
	return pool_record(mm->l, POOL_OBJECT, index);
}
static inline struct mm_proc *mm_proc(const struct mm *mm, uint32_t index)
{
	return pool_record(mm->l, POOL_PROC, index);
}
static inline const struct journal *mm_journal(const struct mm *mm)
{
	return &mm->l->buddy.journal;
}
static inline bool mm_has_mmu(const struct mm *mm)
{
	return mm->l->h->has_mmu;
}
static inline bool mm_quirk(const struct mm *mm, enum conf_quirk quirk)
{
	return mm->l->h->quirks & quirk;
}
static inline bool region_shareable(const struct mm_region *r)
{
	return r->flags & (REGION_SHARED | REGION_OVERLAY);
}
static inline uint64_t vma_end(const struct mm_vma *v)
{
	return v->view + ((uint64_t)v->pages << NOMMU_PAGE_SHIFT);
}

/* ---- looking (const: the policy calls these) ---- */

/* The mapping whose entry covers addr, or 0. */
uint32_t mm_find(const struct mm *mm, uint64_t addr);
/* The first mapping, by address, whose entry overlaps [from, to), or 0. */
uint32_t mm_find_first(const struct mm *mm, uint64_t from, uint64_t to);
/* The object that holds a page of a memory-backed file, or 0. */
uint32_t mm_object_find(const struct mm *mm, uint64_t dev, uint64_t ino, uint64_t page);
/* The file's next object after `after`, the first if that is 0; 0 behind the last. */
uint32_t mm_object_next(const struct mm *mm, uint32_t after, uint64_t dev, uint64_t ino);
/* The live process with this pid (and start time, unless 0), or 0. */
uint32_t mm_proc_find(const struct mm *mm, uint32_t pid, uint64_t started);

/* ---- regions ---- */

/* Counts pages of a kind that were taken or given back. */
void mm_count_pages(const struct mm *mm, enum nommu_kind kind, uint32_t more, uint32_t less);
/*
 * Takes pages from the allocator (caller asked
 * buddy_would()); counts them. BUDDY_NONE if there are none.
 */
uint32_t mm_take_pages(const struct mm *mm, uint64_t pages, enum nommu_kind kind, uint32_t *kept);
/* Back to the allocator; they were counted as this kind. */
void mm_give_pages(const struct mm *mm, uint32_t start, uint32_t pages, enum nommu_kind kind);

/* A new region with one user to come; 0 if there is no room for the record. */
uint32_t mm_region_new(const struct mm *mm, const struct mm_region *init);
/* Into and out of the list of regions that may be shared; nothing for one that may not. */
void mm_region_list(const struct mm *mm, uint32_t region);
void mm_region_unlist(const struct mm *mm, uint32_t region);
/* One user less; the last gives the pages back. Returns true if the region is gone. */
bool mm_region_put(const struct mm *mm, uint32_t region);

/* ---- mappings ---- */

/*
 * A new mapping of a part of a region at view, one more user of it, with its swap taken from the
 * pool. With `replaces` it takes the place of what the process has there, as the kernel's tree
 * does; else both are kept. 0 if there is no room.
 */
uint32_t mm_vma_new(const struct mm *mm, const struct mm_vma *init, bool replaces);
/* Takes a mapping out, and with `clears` whatever else the kernel's tree has in its range. */
void mm_vma_erase(const struct mm *mm, uint32_t vma, bool clears);
/*
 * Cuts an anonymous mapping at page `at` of it: a new
 * mapping and region below. 0 if there is no room.
 */
uint32_t mm_vma_split(const struct mm *mm, uint32_t vma, uint32_t at);
/*
 * What the same call of mm_vma_shrink() would give back: the first page in *first, and how many;
 * 0 if others use them.
 */
uint32_t mm_vma_spare(const struct mm *mm, uint32_t vma, uint32_t from, uint32_t to,
		      uint32_t *first);
/* Takes pages off one end: from > 0 keeps [0, from), else keeps [to, pages). */
void mm_vma_shrink(const struct mm *mm, uint32_t vma, uint32_t from, uint32_t to);
/* mremap: only the end of the view moves. */
void mm_vma_resize(const struct mm *mm, uint32_t vma, uint32_t pages);

/* ---- swap, where there is an MMU ---- */

/* Reserves pages of the pool; false if it has not so many. */
bool mm_swap_take(const struct mm *mm, uint32_t pages, enum nommu_kind kind);
/* Back to the pool; they were counted as this kind. */
void mm_swap_give(const struct mm *mm, uint32_t pages, enum nommu_kind kind);
/* The mapping has so many pages in reserve from now on; false if the pool has not so many more. */
bool mm_vma_reserve(const struct mm *mm, uint32_t vma, uint32_t pages);
/*
 * Takes pages [from, to) out of a mapping that has no pages of the arena; what is left on either
 * side stays, and one side has something left. Returns the pages of swap that went back.
 */
uint32_t mm_vma_cut(const struct mm *mm, uint32_t vma, uint32_t from, uint32_t to);

/* ---- objects ---- */

/* An object over pages that the caller took, or swap that it reserved; 0 if there is no record. */
uint32_t mm_object_new(const struct mm *mm, const struct mm_object *init);
/* It is shown by nobody: pages, or swap, and record go back. */
void mm_object_drop(const struct mm *mm, uint32_t object);
/* The `pages` pages behind its last, which the caller took, are the object's too. */
void mm_object_extend(const struct mm *mm, uint32_t object, uint32_t pages);
/*
 * The file keeps the object's first `pages` pages only; with
 * none left the object is nobody's. Gives nothing back.
 */
void mm_object_cut(const struct mm *mm, uint32_t object, uint32_t pages);
/* Gives back what was cut off. */
void mm_object_trim(const struct mm *mm, uint32_t object);
/*
 * A file is cut to `pages` pages: a region that a shared mapping of it uses, live or lost, ends
 * there (nommu.c:1745), so that no later mapping is given more of it.
 */
void mm_file_cut(const struct mm *mm, uint64_t dev, uint64_t ino, uint64_t pages);

/* ---- processes ---- */

/* The newest of the list of live processes; 0 if there is no record. */
uint32_t mm_proc_new(const struct mm *mm, const struct mm_proc *init);
/* The next mapping of the process that is to be released, aliases first, or 0. */
uint32_t mm_proc_next(const struct mm *mm, uint32_t proc);
/* Forgets a mapping that the kernel's tree has lost: its region stays for ever. */
void mm_vma_leak(const struct mm *mm, uint32_t vma);
/* Its mappings were released: the record goes. */
void mm_proc_drop(const struct mm *mm, uint32_t proc);
/* Gives the process a view of every mapping of another (fork in audit). False: out of records. */
bool mm_proc_copy(const struct mm *mm, uint32_t from, uint32_t to);
/* Fills the process's view index from the ledger (after fork, after a repair). */
void mm_views_rebuild(const struct mm *mm);

/* Every invariant of the whole map; NULL if all hold. */
const char *mm_check(struct ledger *l);

#endif
