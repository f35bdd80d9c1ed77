/* SPDX-License-Identifier: MIT */
/*
 * policy.h - what the machine's kernel answers, of a Linux without an MMU or of HP-UX. PURE: the
 * state is const, nothing is allocated, recorded or asked of the host. Each function judges one
 * call: it fills a verdict, which says what to answer, what to do, and which rules were met.
 * Linux's checks stand in the kernel's order, so that the two can be laid side by side (mm/nommu.c,
 * fs/ramfs/file-nommu.c, ipc/shm.c of Linux 6.12.117); HP-UX's are by the manual.
 *
 * A rule is met by meet(): it is noted in the verdict, and where the running profile refuses it,
 * the verdict becomes that errno. So one list of checks serves every profile of a kind; a rule that
 * the profile has not is not met.
 */
#ifndef NOMMU_POLICY_POLICY_H
#define NOMMU_POLICY_POLICY_H

#include "mm/mm.h"
#include "rules/rules.h"

#define VERDICT_RULES NOMMU_RECORD_RULES

enum action {
	ACT_NONE,
	ACT_TAKE,   /* take `pages` pages; a file's are filled by reading it (kind FILE) */
	ACT_SHARE,  /* one more mapping of `region`, from its page `at` */
	ACT_DIRECT, /* show `object`'s pages from page `at` */
	ACT_ADOPT,  /* a file that was written: take its pages into account, then ask again */
	ACT_WINDOW, /* map device window number `at` */
	ACT_XIP,    /* map the file where it lies */
	ACT_ERASE,  /* take mapping `vma` out */
	/* cut `vma` at page `at`, then take [at, at + pages) off the upper part's start */
	ACT_SPLIT,
	ACT_SHRINK, /* take pages off an end of `vma`: see mm_vma_shrink() */
	ACT_RESIZE, /* mremap: `vma` gets `pages` pages */
	ACT_EXPAND, /* ftruncate from 0: `pages` pages side by side become the file's */
	ACT_CUT,    /* ftruncate downwards: the object keeps `pages` pages */
	ACT_PASS,   /* the host's call as it is */
	/* the host maps it, at `addr` unless 0, of `region` if shared before; `swap` is reserved */
	ACT_VIRTUAL,
	ACT_FORGET, /* munmap of whatever there is in the range */
};

struct verdict {
	long result;	 /* 0, or the -errno to answer */
	uint32_t action; /* enum action; ACT_NONE if result is an error */
	uint32_t region;
	uint32_t object;
	uint32_t vma;
	uint32_t at; /* pages */
	uint32_t pages;
	uint32_t to;	    /* ACT_SHRINK: see mm_vma_shrink() */
	uint32_t flags;	    /* enum region_flags of a new region */
	uint32_t order;	    /* of the block asked for */
	uint32_t swap;	    /* pages of swap to reserve */
	uint32_t mapping;   /* enum vma_flags of a new mapping, where there is an MMU */
	uint64_t addr;	    /* ACT_VIRTUAL */
	uint64_t figure[2]; /* of the first rule, as in struct nommu_record_call */
	uint8_t rules;	    /* used entries of rule[] */
	uint16_t rule[VERDICT_RULES];
};

/* What kind of thing a descriptor is, as far as mapping is concerned. */
enum file_kind {
	FILE_NONE,   /* anonymous */
	FILE_BAD,    /* not open */
	FILE_DISK,   /* regular file whose pages are in the page cache */
	FILE_MEMORY, /* regular file on tmpfs, ramfs, or a memfd */
	FILE_BLOCK,
	FILE_CHAR,   /* character device without direct mapping but with an mmap operation */
	FILE_ZERO,   /* /dev/zero */
	FILE_WINDOW, /* character device or FILE of --device, window number `window` */
	FILE_XIP,    /* regular file below --xip */
	FILE_SOCKET,
	FILE_OTHER, /* no mmap operation: directory, pipe, /dev/null, /proc, eventfd, ... */
};

struct file_facts {
	uint32_t kind;	  /* enum file_kind */
	uint32_t window;  /* FILE_WINDOW: index of conf.device */
	bool readable;	  /* descriptor is open for reading */
	bool writable;	  /* ... for writing */
	bool append_only; /* inode flag, not O_APPEND */
	bool noexec;	  /* mounted noexec */
	uint64_t dev;
	uint64_t ino;
	uint64_t size;	 /* bytes */
	uint64_t stored; /* pages that hold data: holes have none */
};

struct mmap_request {
	uint64_t addr;
	uint64_t len;
	uint32_t prot;
	uint32_t flags; /* the host's MAP_ values */
	int64_t off;	/* bytes */
	struct file_facts file;
	bool adopted;	 /* the file's written pages are in the account */
	bool descriptor; /* anonymous, and brings a descriptor all the same */
};

/* Notes a rule; answers the profile's -errno for it, or 0 where the call goes on. */
long meet(const struct mm *mm, struct verdict *v, enum rule_id rule);
/* Same with another errno where the profile refuses. */
long meet_as(const struct mm *mm, struct verdict *v, enum rule_id rule, long result);

/* do_mmap(), mm/nommu.c:1002; mmap(2) of HP-UX. ACT_ADOPT: act, set r->adopted, and ask again. */
void policy_mmap(const struct mm *mm, const struct mmap_request *r, struct verdict *v);
/*
 * do_munmap(), mm/nommu.c:1416: ACT_ERASE, ACT_SHRINK, ACT_SPLIT; on HP-UX ACT_ERASE, ACT_FORGET.
 */
void policy_munmap(const struct mm *mm, uint64_t addr, uint64_t len, struct verdict *v);
/* do_mremap(), mm/nommu.c:1532: ACT_RESIZE. */
void policy_mremap(const struct mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len,
		   int flags, uint64_t new_addr, struct verdict *v);

/* Whether `pages` pages could be taken now; the rules of running out otherwise. */
void policy_take(const struct mm *mm, uint64_t pages, struct verdict *v);

/*
 * ftruncate of a file to len bytes (ramfs_nommu_resize(), fs/ramfs/file-nommu.c:132): ACT_EXPAND,
 * ACT_CUT, or ACT_PASS where it is no matter of pages.
 */
void policy_truncate(const struct mm *mm, const struct file_facts *file, int64_t len,
		     struct verdict *v);

/*
 * shmget of a new segment (ACT_EXPAND); of an existing one the caller compares key and size itself.
 */
void policy_shmget(const struct mm *mm, uint64_t size, struct verdict *v);
/* shmat of `object` (0: no such segment): ACT_DIRECT. */
void policy_shmat(const struct mm *mm, uint32_t object, uint64_t addr, int flags,
		  struct verdict *v);
/* shmdt: ACT_ERASE. */
void policy_shmdt(const struct mm *mm, uint64_t addr, struct verdict *v);

/* fallocate and posix_fallocate. */
void policy_fallocate(const struct mm *mm, enum nommu_call call, const struct file_facts *file,
		      struct verdict *v);

/*
 * A call on ranges that does not exist without an MMU (some libcs answer 0 without asking the
 * kernel); with one it is judged, and ACT_PASS is the host's.
 */
void policy_absent(const struct mm *mm, enum nommu_call call, const uint64_t args[6],
		   struct verdict *v);

/* Any other call that is a matter of this rule, or of being there at all. */
void policy_call(const struct mm *mm, enum nommu_call call, enum rule_id rule, struct verdict *v);
/* fork and its kin; result 0: it forks. */
void policy_fork(const struct mm *mm, enum nommu_call call, struct verdict *v);
/* The break moves; ACT_VIRTUAL: with `swap` reserved. */
void policy_brk(const struct mm *mm, uint64_t from, uint64_t to, struct verdict *v);

/* The process that the OOM killer takes (index of its record), or 0 if there is none. */
uint32_t policy_oom_victim(const struct mm *mm);

#endif
