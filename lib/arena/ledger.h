/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - the run's one shared file: which pages are taken, by which region, of which process.
 *
 * The file holds a header, the undo journal, the page array, pools of fixed-size records, and
 * behind them the backing of shared objects: byte N of the arena is byte N there. Everything is
 * linked by indices, so that each process may map it anywhere; the arena itself is at the same
 * address in every process. Parts that are in use really exist, so no full file system becomes a
 * SIGBUS later; the others do not, since each page of the file costs its making.
 *
 * The rule: shared state is read and written between ledger_enter() and ledger_leave() only, and
 * written only through set32()/set64() of the journal.
 */
#ifndef NOMMU_ARENA_LEDGER_H
#define NOMMU_ARENA_LEDGER_H

#include "arena/buddy.h"
#include "arena/lock.h"
#include "base/conf.h"

#define LEDGER_MAGIC 0x726567646c6d6eULL /* "nmldger" */
/*
 * With the header's size: a build whose options or
 * counters differ does not take it for one of its own.
 */
#define LEDGER_VERSION (5u << 16 | (uint32_t)sizeof(struct ledger_header))
#define LEDGER_KINDS 6 /* enum nommu_kind */

/* Records of one kind; index 0 is never used and means none. */
struct pool {
	uint64_t offset; /* of record 0 in the file */
	uint32_t size;	 /* bytes of a record; its first word links free records */
	uint32_t limit;	 /* most records that there can be */
	uint32_t exists; /* records whose storage exists */
	uint32_t used;	 /* records that were ever used */
	uint32_t free;	 /* first free record, or 0 */
	uint32_t live;	 /* records in use */
};

enum ledger_pool { POOL_PROC, POOL_REGION, POOL_VMA, POOL_OBJECT, POOLS };

/* Figures for reports; each current after every operation, whatever happens to its process. */
struct ledger_stats {
	uint32_t taken;			  /* pages in use */
	uint32_t peak;			  /* most at once */
	uint32_t attached;		  /* images that joined */
	uint32_t lost;			  /* processes that should have joined and did not */
	uint32_t live;			  /* images in the machine */
	uint32_t refused;		  /* calls refused by the model */
	uint32_t kind[LEDGER_KINDS];	  /* pages in use by kind */
	uint32_t kind_peak[LEDGER_KINDS]; /* most at once, each at its own time */
};

struct ledger_header {
	uint64_t magic;	     /* LEDGER_MAGIC, stored last at creation */
	uint32_t version;    /* LEDGER_VERSION: another one is not attached */
	uint32_t uid;	     /* owner; nobody else may attach */
	uint64_t arena_base; /* address of page 0 in every process */
	uint64_t meta_bytes; /* header, journal, arrays and pools */
	uint64_t file_bytes; /* meta_bytes + backing */
	uint64_t journal;    /* offsets of the parts */
	uint64_t blocks;
	uint64_t opened; /* bitmap: the words and owners of these pages exist, see ledger_group() */
	uint64_t starts; /* bitmap: a private mapping starts at this page */
	uint64_t pages;
	uint64_t owners;      /* which: index of the mapping per page, where its bit is set */
	uint64_t spaces;      /* pid and time namespace: ids and times mean nothing in another */
	uint64_t arena_bytes; /* of addresses at arena_base, the same in every process */
	struct lock lock;
	struct buddy buddy;
	struct pool pool[POOLS];
	struct ledger_stats stats;
	uint32_t proc_first;   /* first live process record */
	uint32_t region_first; /* first region that may be shared, by address */
	uint32_t object_first; /* first memory-backed object */
	uint32_t shm_serial;   /* for identifiers of System V segments */
	uint64_t serial;       /* last serial number of a region */
	uint32_t image_serial; /* last serial number of an image */
	uint32_t broken;       /* an invariant failed: nobody models any more */
	uint64_t creator_pid;
	uint64_t creator_started; /* in clock ticks */
	/* its creator is a process of the run: the last one removes the file */
	uint32_t self_made;
	uint32_t has_mmu;    /* swap is counted, pages are not: the allocator is not used */
	uint32_t hosted;     /* mappings lie where the host puts them: audit, or has_mmu */
	uint32_t swap_pages; /* the pool that reservations come from */
	uint32_t swap_free;  /* not reserved */
	uint32_t quirks;     /* enum conf_quirk, of the profile */
	uint32_t closed;     /* pages below this one had no words and owners at the start */
	uint32_t errors;     /* calls that met a rule as an error; added to without the lock */
	uint64_t last_error; /* rule << 32 | call << 16 | errno of the latest */
	struct conf conf;    /* the options of the run */
};

/* One process's view of a ledger. */
struct ledger {
	struct ledger_header *h;
	struct buddy_view buddy;
	uint64_t *starts;
	uint32_t *owners;
	char *base; /* where the file is mapped */
	char path[CONF_PATH];
	uint64_t old_mask; /* signal mask to put back in ledger_leave() */
	bool masked;	   /* it was changed */
	bool gave;	   /* this operation gave a record back: see pool_take() */
};

/* Makes a ledger at a new path below /dev/shm (else a memory file of this process). 0 or -errno. */
int ledger_create(struct ledger *l, const struct conf *conf, char *error);

/*
 * Maps the ledger at path. -EACCES another user's,
 * -EPROTO another version, -EXDEV other namespaces.
 */
int ledger_attach(struct ledger *l, const char *path, char *error);

/* Whether there is such a ledger and its creator is gone; without mapping it. */
bool ledger_is_orphan(const char *path);

/*
 * Whether it is one that this build cannot read (of another version, or never finished), `maker` is
 * gone, and nobody has it open or mapped.
 */
bool ledger_is_abandoned(const char *path, uint32_t maker);

void ledger_unlink(struct ledger *l);
void ledger_detach(struct ledger *l);

/*
 * Takes the lock; repairs what a dead holder left. Returns false if this thread is inside already
 * (a signal handler interrupted an operation): then nothing may be touched. With block_signals no
 * handler can come in between; needed as soon as the program has one.
 */
bool ledger_enter(struct ledger *l, bool block_signals);
/* Commits, checks invariants in Debug, gives the lock back. */
void ledger_leave(struct ledger *l);

/* Whether a thread that lives is inside. */
bool ledger_held(const struct ledger *l);

/* The id that the lock knows this thread by; a vfork child and a forked child must renew theirs. */
uint32_t ledger_tid(void);
void ledger_forget_tid(void);

/* Pages whose words and owners come to exist together: a pageblock, or what fills pages. */
static inline uint32_t ledger_group(const struct ledger_header *h)
{
	return h->buddy.max_order > 10 ? 1u << h->buddy.max_order : 1u << 10;
}

/* For buddy_view.open: makes what belongs to the page's group exist. */
bool ledger_open_group(const struct buddy_view *v, uint32_t page);
/* Makes bytes [from, to) of what every process maps exist. 0 or -errno: the file system is full. */
int ledger_exist(struct ledger *l, uint64_t from, uint64_t to);
/* Makes bytes [from, to) of the backing exist; -ENOSPC if the file system is full. */
int ledger_back(struct ledger *l, uint64_t from, uint64_t to);
/* Opens the ledger's file again, for a mapping of its backing. -errno or a descriptor. */
int ledger_open_backing(const struct ledger *l);
/* Where byte 0 of the backing is in the file. */
static inline uint64_t ledger_backing_offset(const struct ledger *l)
{
	return l->h->meta_bytes;
}

/* Takes a zeroed record: its index, or 0 if there is no room. */
uint32_t pool_take(struct ledger *l, enum ledger_pool which);
void pool_give(struct ledger *l, enum ledger_pool which, uint32_t index);

static inline void *pool_record(const struct ledger *l, enum ledger_pool which, uint32_t index)
{
	const struct pool *p = &l->h->pool[which];

	return l->base + p->offset + (uint64_t)index * p->size;
}

/*
 * A check of the whole that ledger_leave() runs in Debug; set by lib/mm. NULL result: all is well.
 */
extern const char *(*ledger_invariants)(struct ledger *l);

#endif
