/* SPDX-License-Identifier: MIT */
/*
 * internal.h - what the files of lib/sys share. A call goes: facts (of descriptors)
 * -> enter -> decide (policy, const) -> act (mm, records of pages) -> leave ->
 * contents (host memory) -> record.
 */
#ifndef NOMMU_SYS_INTERNAL_H
#define NOMMU_SYS_INTERNAL_H

#include "mm/mm.h"
#include "policy/policy.h"
#include "sys/sys.h"
#include "trace/trace.h"

/* This process in its machine. One per process: a process is in one machine. */
struct sys_state {
	struct ledger ledger;
	struct mm mm;
	uint64_t base;	     /* of the arena */
	uint64_t end;	     /* exclusive */
	uint8_t *page;	     /* enum page_content of each page of the arena, run only */
	uint32_t *alive;     /* a word that the host clears in a forked child: 1 here */
	uint32_t kept_dirty; /* released pages that still hold bytes of ours */
	uint32_t sweep_at;   /* objects at which files that nobody can reach are looked for */
	uint32_t pid;	     /* of the address space */
	bool active;	     /* calls are modelled */
	bool watching;	     /* attached as an onlooker */
	bool handlers;	     /* the program has signal handlers: block them inside the ledger */
	bool audit;	     /* conf.mode: the program is answered by the host */
	bool hosted;	     /* its memory is the host's too: audit, or a machine with an MMU */
};
extern struct sys_state sys;

/* What host memory is at a page of the arena. */
enum page_content {
	PAGE_CLEAN,   /* anonymous, never written since it was zero */
	PAGE_DIRTY,   /* anonymous, may hold anything */
	PAGE_FOREIGN, /* a file or backing is mapped there */
};

/* A call on its way to the recording. */
struct event {
	enum nommu_call call;
	uint64_t site;
	uint64_t args[6];
	long result;	  /* what the program is answered */
	const char *text; /* or NULL */
	bool minor;	  /* worth knowing, and no more than that, whatever its rule says */
};

/* ---- sys.c ---- */

/* Enters the ledger; false: not modelled (inactive, or a signal handler that interrupted us). */
bool sys_enter(void);
void sys_leave(void);
/*
 * Inside, between parts of a call that are complete each by itself: one call may end more mappings,
 * or cut more objects, than one operation can undo.
 */
void sys_bound_operation(void);
/* Records the event with the verdict, and the stack at a site's first refusal or warning. */
void sys_record(const struct event *e, const struct verdict *v);
/* After a fork that was not made through us: joins as the child. */
void sys_fork_noticed(void);

static inline uint64_t page_address(uint32_t page)
{
	return sys.base + ((uint64_t)page << NOMMU_PAGE_SHIFT);
}

/* ---- start.c, reap.c, fork.c, proc.c, image.c ---- */

/*
 * Start time in clock ticks of a process, 0 if there is none; its parent too if ppid is not NULL.
 */
uint64_t sys_process_start(uint32_t pid, uint32_t *ppid);
/* A process as it was when somebody looked: outside the ledger its record may become another's. */
struct identity {
	uint32_t proc;
	uint32_t pid;
	uint32_t image;
	uint64_t started;
};
/* Inside the ledger. */
struct identity sys_identity(uint32_t proc);
/* A name in a record that others can see: cut to fit, and undone with the operation. */
void sys_set_name(char to[NAME_SIZE], const char *name);
/* Releases every mapping of a process, one operation each, as long as it is that process. */
void sys_release_all(const struct identity *who);
/* The record of an image's end; how and status as in nommu_record_exit. */
void sys_record_exit(uint32_t pid, const struct mm_proc *p, uint32_t how, int status);
/* Whether nothing is left of the process but its record. Inside the ledger. */
bool sys_is_dead(const struct mm_proc *p);
/* This is a vfork child that returned from the function that called vfork. */
bool sys_vfork_returned(uint64_t stack_pointer);
/* Ledgers of this user whose processes are all gone are removed. */
void sys_sweep_stale(void);
/* Main stack of the target, bytes; 0 where the image model says nothing of it. */
uint64_t sys_stack_bytes(void);

/* Bytes of the arguments' strings and of their table. */
uint64_t sys_argument_bytes(char *const *argv);

/* How deep the main stack was used, in bytes; 0 if it is not known. */
uint64_t sys_main_stack_depth(void);
/* Records the finding where the target's is smaller. */
void sys_judge_main_stack(uint64_t depth);
/* The record that starts an image, and its modules; origin as in nommu_record_process. */
void sys_record_image(uint32_t origin);

/* ---- lost.c ---- */

const char *sys_base_name(const char *path);
/* This process cannot join: whoever expects it shall know why. */
void lost_mark(enum nommu_lost why);
/* Records a process that ran without the library; inside the ledger. */
void lost_record(uint32_t pid, uint32_t ppid, const char *name, enum nommu_lost why);

/* ---- pages.c: mappings and their records; inside the ledger ---- */

struct place {
	enum nommu_kind kind;
	enum nommu_call call; /* that wants it, where the kind does not tell */
	uint64_t view;	      /* audit: host address; run: ignored, the arena's address is it */
	uint64_t site;
	uint32_t flags; /* enum vma_flags: VMA_FILE, VMA_SHARED */
	uint64_t pgoff;
	uint64_t dev;
	uint64_t ino;
};

/* An mmap as it is recorded, and where it goes. */
static inline struct event mmap_event(uint64_t site, const struct mmap_request *r, int fd)
{
	return (struct event){ .call = NOMMU_CALL_MMAP,
			       .site = site,
			       .args = { r->addr, r->len, r->prot, r->flags, (uint64_t)fd,
					 (uint64_t)r->off } };
}

static inline struct place mmap_place(uint64_t site, const struct mmap_request *r)
{
	return (struct place){ .site = site,
			       .pgoff = (uint64_t)(r->off >> NOMMU_PAGE_SHIFT),
			       .dev = r->file.dev,
			       .ino = r->file.ino };
}

/*
 * Takes v->pages pages as a new region and maps them; 0 with v->result set if a record is missing.
 */
uint32_t sys_take(const struct place *p, struct verdict *v);
/* Maps pages [v->at, +v->pages) of region v->region once more. */
uint32_t sys_share(const struct place *p, struct verdict *v);
/* Maps pages [v->at, +v->pages) of object v->object. */
uint32_t sys_direct(const struct place *p, struct verdict *v);
/* Memory of a machine with an MMU: a region of its own, or a further mapping of v->region. */
uint32_t sys_virtual(const struct place *p, struct verdict *v);
/* A window of no RAM. */
uint32_t sys_window(const struct place *p, struct verdict *v);
/*
 * What the policy says of a request, once what it must
 * know of the file is known and what is free is found.
 */
void sys_decide_mmap(struct mmap_request *r, int fd, uint64_t site, struct verdict *v);
/* Carries out a verdict that maps; the new mapping, or 0. */
uint32_t sys_map(const struct place *p, const struct mmap_request *r, int fd, struct verdict *v);
void sys_erase(uint32_t vma);
/* munmap's action on a mapping. */
void sys_unmap(const struct verdict *v);
/* Asked for and refused: goes into the recording for `nommu fit`. */
void sys_refused(const struct place *p, const struct verdict *v);
/*
 * Decides whether `pages` can be had; gives back what
 * the dead hold, and the OOM killer's due, first.
 */
void sys_find_room(const struct place *p, uint64_t pages, struct verdict *v);

/* Records of pages that come and go, and the serial that names the next block. */
void sys_record_region(uint64_t serial, uint32_t start, uint32_t pages, uint32_t kept,
		       enum nommu_kind kind, uint64_t site, long refused);
void sys_record_release(uint64_t serial, uint32_t start, uint32_t pages);
uint64_t sys_next_serial(void);
/* What the ledger's backing holds of these pages goes back to the host. */
void sys_punch_backing(uint32_t start, uint32_t pages);

/* ---- object.c: pages of segments and memory-backed files; inside the ledger, but the last ---- */

/* Takes v->pages pages for a new memory-backed object; its index, also in v->object, or 0. */
uint32_t sys_take_object(const struct mm_object *init, uint64_t site, struct verdict *v);
/*
 * Takes the pages that the file was written to, or with `holes` those of the request that were read
 * into a copy, one by one as the kernel did. Pages that cannot be had stay unknown.
 */
void sys_adopt(const struct mmap_request *r, int fd, bool holes, uint64_t site);
void sys_drop_object(uint32_t object);
/* A mapping of the object went, or the file was cut: what nobody can reach now goes back. */
void sys_settle_object(uint32_t object);
/* The file keeps its first `pages` pages. */
void sys_cut_file(const struct file_facts *f, uint32_t pages);
/* Pages of files without a name, a descriptor and a mapping go back. Outside the ledger. */
void sys_sweep_files(void);

/* ---- content.c: the host's memory at the arena's addresses; outside the ledger ---- */

/* Makes freshly taken pages anonymous and filled as the flags of the request want. */
void content_anonymous(uint32_t start, uint32_t pages, bool uninitialized);
/*
 * Fills freshly taken pages from a file; -errno if it cannot be read. They become the process's own
 * unless the ledger's backing was just put there: an old mapping that is still there does not tell.
 */
long content_file(uint32_t start, uint32_t pages, int fd, int64_t off, bool backed);
/* len bytes of the file from off; what lies behind its end is zero. 0 or -errno. */
long content_read(char *to, size_t len, int fd, int64_t off);
/* Whether anybody has a lock on the file, this process included. */
bool content_locked(int fd);
/* Puts a file's pages at the place. */
long content_map(uint32_t start, uint32_t pages, int fd, int64_t off, bool writable);
/* Puts the ledger's backing at the place; with `fresh` it is made to exist, zeroed. */
long content_backing(uint32_t start, uint32_t pages, bool fresh);
/* The pages were released: gives memory back to the host when much has gathered. */
void content_released(uint32_t start, uint32_t pages);

/* ---- written.c: what a vfork child wrote to its parent's variables; in the parent ---- */

void written_begin(void);
/* Records the finding at site, the vfork call. */
void written_end(uint64_t site);

/* ---- use.c: what was reserved and what was touched ---- */

/*
 * Records a mapping's use, and the rule overcommit where
 * it was hardly touched. While it is still mapped.
 */
void use_judge(uint64_t site, uint64_t addr, uint64_t pages, enum nommu_kind kind);
/* Same for a mapping of the process. Inside the ledger. */
void use_judge_vma(uint32_t vma);
/* All of the process's own mappings, at its end. */
void use_judge_all(void);

/* ---- facts.c: outside the ledger ---- */

void facts_of(int fd, struct file_facts *f);
/* The path of a descriptor, as /proc has it; "" and false where that cannot be told. */
bool facts_path(int fd, char *path, size_t size);
/* Which file a path, from a folder's descriptor, is: as facts_of() says it of a descriptor. */
bool facts_identity(int dir, const char *path, uint64_t *dev, uint64_t *ino);

/* ---- hosted.c: a machine with an MMU, whose answers count ---- */

long hosted_mmap(uint64_t site, struct mmap_request *r, int fd);
long hosted_munmap(uint64_t site, uint64_t addr, uint64_t len);
/* Keeps the addresses of shared objects free of everything else; -errno. */
long hosted_keep_space(uint64_t from, uint64_t to);
/*
 * Looks up what was written in [from, to) without a
 * reservation, and reserves that. Inside the ledger.
 */
void hosted_observe(uint64_t from, uint64_t to);

/* ---- audit.c: the host's call and the model beside it ---- */

long audit_mmap(uint64_t site, struct mmap_request *r, int fd);
long audit_munmap(uint64_t site, uint64_t addr, uint64_t len);
long audit_mremap(uint64_t site, uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
		  uint64_t new_addr);
/* The host has unmapped [from, to): the model's mappings there go too. Inside the ledger. */
void audit_forget(uint64_t from, uint64_t to);
/* The host has a mapping that the model refused: its end is no surprise. Inside the ledger. */
void audit_ghost(uint64_t from, uint64_t len);

#endif
