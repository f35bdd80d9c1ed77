/* SPDX-License-Identifier: MIT */
/*
 * sys.h - the system calls of the machine without an MMU. Each asks the policy, acts, and
 * records; this is the only place where state changes. They return a value or -errno, never touch
 * errno, never allocate, and may be called at any time after sys_start(): from signal handlers,
 * many threads, a vfork child.
 *
 * In run they answer as the model does. In audit they carry out the host's call, return the host's
 * answer, and keep the model's beside it. Before sys_start(), or when it failed, sys_active() is
 * false and the callers pass straight to the kernel.
 *
 * `site` is the return address of the program's call.
 */
#ifndef NOMMU_SYS_SYS_H
#define NOMMU_SYS_SYS_H

#include <nommu/recording.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "rules/rules.h"

/* ---- the machine and this process in it ---- */

/*
 * Makes the machine that conf describes: the ledger's file and, if conf->record is set, the
 * recording. path (CONF_PATH bytes) receives what NOMMU_LEDGER must hold for processes that are to
 * join. The caller is no process of the machine. Returns 0, or -errno with one line in error.
 */
int sys_create(const struct conf *conf, char *path, char *error);

/*
 * Joins the machine at path as a new process image (or as the image that an exec put in
 * the place of one that was known). Reserves the arena. Returns 0 or -errno; on error
 * the process is not covered.
 */
int sys_start(const char *path, char *error);

/*
 * Before it: an address inside nommu's own library, whose frames nobody wants to see in a report.
 */
void sys_library(const void *address);

/* Gives back everything and leaves the machine; calls are not modelled any more. */
void sys_stop(void);

/*
 * Whether calls are modelled in this process. False
 * before sys_start(), after a fatal inconsistency.
 */
bool sys_active(void);

/* Whether its memory is the host's own: in audit, and on a machine with an MMU. */
bool sys_hosted(void);

/* The options of the run; valid once sys_start() succeeded or the machine was created here. */
const struct conf *sys_conf(void);

/* Attaches as an onlooker (launcher, nommu maps): reads, reaps the dead, is no process. */
int sys_watch(const char *path, char *error);

/* Releases what dead processes owned; returns how many were reaped. */
unsigned sys_reap(void);

/* Unlinks the ledger. Safe to call twice. The recording stays. */
void sys_destroy(void);

struct sys_figures {
	uint64_t ram_pages;	/* free at the start */
	uint64_t free_pages;	/* free now */
	uint64_t reserve_pages; /* kept back */
	uint64_t peak_pages;	/* most taken at once */
	uint64_t largest_free;	/* pages of the largest free block now */
	uint64_t attached;	/* process images that joined so far */
	uint64_t lost;		/* processes that were started and did not join */
	uint64_t live;		/* process images in the machine now */
	uint64_t refused;	/* requests for memory that the model refused */
	uint64_t errors;	/* calls that met a rule as an error */
	enum rule_id last_error;
	int last_errno;	     /* that it was answered with */
	uint64_t swap_pages; /* that can be reserved; then free_pages are those that are not */
	uint32_t free_blocks[CONF_ORDERS];
	uint64_t kind_pages[NOMMU_KINDS]; /* pages in use now, by enum nommu_kind */
	uint64_t kind_peak[NOMMU_KINDS];  /* each at its own peak */
};
void sys_figures(struct sys_figures *figures);

/* What the calls of this process met since it started, recorded or not. */
struct sys_findings {
	uint64_t count[SEVERITIES]; /* calls, each by the worst rule that it met */
	enum rule_id rule;	    /* of the latest of the worst severity, or RULE_NONE */
	enum nommu_call call;
	int error; /* errno that the machine without an MMU answers it with, 0: none */
};
void sys_findings(struct sys_findings *f);

struct sys_mapping {
	uint64_t start;	 /* address as the process sees it */
	uint64_t end;	 /* exclusive */
	uint32_t page;	 /* first page of the arena, or UINT32_MAX for a window outside of it */
	uint32_t users;	 /* mappings of the region, all processes */
	uint32_t kind;	 /* enum nommu_kind */
	int pid;	 /* owner */
	uint32_t shared; /* may be shared with other processes */
	uint64_t inode;	 /* of the file, 0: anonymous */
	uint64_t offset; /* bytes into the file */
};
/* Calls fn for every mapping of process pid (0: all) in ledger order, until it returns non-zero. */
int sys_each_mapping(int pid, int (*fn)(const struct sys_mapping *, void *), void *context);

/* ---- memory ---- */

/*
 * An address, or 0, or -errno. In run the pages are the arena's, filled and never protected; in
 * audit, and on a machine with an MMU, the host's. Lengths are bytes.
 */
long sys_mmap(uint64_t site, uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off);
long sys_munmap(uint64_t site, uint64_t addr, uint64_t len);
long sys_mremap(uint64_t site, uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
		uint64_t new_addr);

/*
 * A call that does not exist without an MMU (mprotect, msync, madvise, mlock..., see enum
 * nommu_call). number and args are the host's system call, carried out in audit where it
 * concerns the host's memory.
 */
long sys_absent(uint64_t site, enum nommu_call call, long number, const uint64_t args[6]);

/* brk: the new break, or the old one if refused, as the kernel answers. *refused tells which. */
uint64_t sys_brk(uint64_t site, enum nommu_call call, uint64_t addr, bool *refused);

/* ---- shared memory and files ---- */

/* Identifiers are the machine's own in run, the host's elsewhere. */
long sys_shmget(uint64_t site, int key, uint64_t size, int flags);
long sys_shmat(uint64_t site, int id, uint64_t addr, int flags);
long sys_shmdt(uint64_t site, uint64_t addr);
long sys_shmctl(uint64_t site, int id, int command, void *buf);
long sys_memfd_create(uint64_t site, const char *name, unsigned flags);
/* Of a file in memory the pages come and go with it; of others the host's own. len: bytes. */
long sys_ftruncate(uint64_t site, int fd, int64_t len);
long sys_truncate(uint64_t site, const char *path, int64_t len);
long sys_fallocate(uint64_t site, enum nommu_call call, int fd, int mode, int64_t off, int64_t len);
/* After an open with O_TRUNC that succeeded, and before one (returns -ETXTBSY if it may not). */
long sys_open_truncating(uint64_t site, int dir, const char *path);

/* ---- processes ---- */

/*
 * fork, _Fork, clone without CLONE_VM. Returns -errno to refuse (run), or 0: fork for real, with
 * signals blocked, between sys_fork_prepare() and sys_fork_parent() or sys_fork_child().
 */
long sys_fork(uint64_t site, enum nommu_call call, const uint64_t args[6]);
void sys_fork_prepare(void);
void sys_fork_parent(long child);
void sys_fork_child(void);

void sys_vfork_begin(uint64_t site, uint64_t stack_pointer); /* in the parent, before */
void sys_vfork_child(void);				     /* in the child, first thing */
void sys_vfork_parent(long child); /* in the parent, after: pid or -errno */
bool sys_in_vfork_child(void);
/* A call other than exec and _exit by a vfork child: recorded once per site. */
void sys_vfork_conduct(uint64_t site, enum nommu_call call, const char *name);

/* Why the program at path will not take the library in, as far as its file and our rights tell. */
enum nommu_lost sys_why_lost(const char *path);
/* About to exec, and exec came back; `why` counts if the next image does not join. */
void sys_exec(uint64_t site, enum nommu_call call, const char *path, uint64_t stack_pointer,
	      enum nommu_lost why);
void sys_exec_failed(void);
/* A child was made of the program at path and should join; why it might not. */
void sys_expect_child(int pid, const char *path, enum nommu_lost why);
/* A child that will not join was or is being made, and nobody knows its pid. */
void sys_lost(const char *path, enum nommu_lost why);
/* wait() returned this pid: give its memory back now. status as in struct nommu_record_exit. */
void sys_waited(int pid, int status);
/*
 * The program is about to begin, with these arguments as the kernel laid them out: what its main
 * stack holds below the caller's frame is not the program's own. Only on the main stack.
 */
void sys_stack_starts(char **argv);

/* The image ends (destructor, _exit, quick_exit). Idempotent. */
void sys_exit(int status);

/*
 * A thread had used `depth` bytes of its stack; the target's has `limit`. site: who made the
 * thread. In run, where no more can be seen, a stack that was used to its end overflowed.
 */
void sys_thread_stack(uint64_t site, uint64_t limit, uint64_t depth);
/*
 * How far down a stack was used, in bytes: one that began as zeroes, and one of the host's, from
 * this frame near its upper end down to where its pages were never made real. Where nobody records,
 * of the first only whether its last page was reached; else 0.
 */
uint64_t sys_stack_written(uint64_t low, uint64_t len);
uint64_t sys_stack_resident(uint64_t from);

/*
 * The main stack would have had to be `depth` deep, beyond `limit`: the image is about to die.
 * site: of the access.
 */
void sys_stack_overflow(uint64_t site, uint64_t limit, uint64_t depth);

/*
 * Any other call that the target's libc refuses with `answer` (-errno), whatever the profile; in
 * audit always 0. With 0 it is only recorded: dlopen, daemon...
 */
long sys_refuse(uint64_t site, enum nommu_call call, const uint64_t args[6], enum rule_id rule,
		const char *text, long answer);
static inline void sys_note(uint64_t site, enum nommu_call call, const uint64_t args[6],
			    enum rule_id rule, const char *text)
{
	sys_refuse(site, call, args, rule, text, 0);
}
/* The same, answering the profile's -errno for the rule (0: goes through). In audit always 0. */
long sys_judge(uint64_t site, enum nommu_call call, const uint64_t args[6], enum rule_id rule,
	       const char *text);

/*
 * Charges the program's image and stack by the run's image model; once per image, after
 * sys_start(). In run an image that does not fit ends the process as the kernel does, with SIGSEGV
 * after one line that says which block did not fit.
 */
void sys_charge_image(char *const *argv);

/* The modules of this process go into the recording (at start, after dlopen). */
void sys_record_modules(void);

/* ---- the questions that programs size their buffers by, bytes ---- */

uint64_t sys_ram_total(void);
uint64_t sys_ram_free(void);

/* ---- pages for the heap and for stacks (kind) ---- */

/*
 * In run from the arena; in audit from the host, with
 * the account beside it. Page-aligned or -errno.
 */
long sys_pages_map(uint64_t site, enum nommu_kind kind, uint64_t len, bool uninitialized);
/* addr and len as they were mapped, or a part; memory that was never counted goes to the host. */
long sys_pages_unmap(uint64_t site, enum nommu_kind kind, uint64_t addr, uint64_t len);
/* In place, or -errno: the caller then maps, copies and unmaps. */
long sys_pages_remap(uint64_t site, enum nommu_kind kind, uint64_t addr, uint64_t old_len,
		     uint64_t new_len);

/* ---- signals: whether a handler can interrupt us (then ledger operations block signals) ---- */

void sys_handlers_exist(void);

#endif
