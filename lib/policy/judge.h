/* SPDX-License-Identifier: MIT */
/*
 * judge.h - private to lib/policy: what each kind of machine decides. linux_* are a Linux without
 * an MMU, in the kernel's order of checks (mmap.c, munmap.c, calls.c); hpux_* are HP-UX (hpux_*.c).
 * policy.c asks the one that the profile says.
 */
#ifndef NOMMU_POLICY_JUDGE_H
#define NOMMU_POLICY_JUDGE_H

#include "policy/policy.h"

#define TASK_PAGES (1ULL << 35) /* 2^47 bytes: more is no address space of any port */

static inline uint64_t request_pages(const struct mmap_request *r)
{
	return page_align(r->len) >> NOMMU_PAGE_SHIFT;
}

/* One function for each question of policy.h, the same for every kind of machine. */
#define QUESTIONS(ASK)                                                                             \
	ASK(mmap, const struct mmap_request *)                                                     \
	ASK(munmap, uint64_t, uint64_t)                                                            \
	ASK(mremap, uint64_t, uint64_t, uint64_t, int, uint64_t)                                   \
	ASK(take, uint64_t)                                                                        \
	ASK(truncate, const struct file_facts *, int64_t)                                          \
	ASK(fallocate, enum nommu_call, const struct file_facts *)                                 \
	ASK(shmget, uint64_t)                                                                      \
	ASK(shmat, uint32_t, uint64_t, int)                                                        \
	ASK(shmdt, uint64_t)                                                                       \
	ASK(absent, enum nommu_call, const uint64_t[6])                                            \
	ASK(call, enum nommu_call, enum rule_id)                                                   \
	ASK(fork, enum nommu_call)                                                                 \
	ASK(brk, uint64_t, uint64_t)

struct judge {
#define ASK(question, ...) void (*question)(const struct mm *, __VA_ARGS__, struct verdict *);
	QUESTIONS(ASK)
#undef ASK
};

#define ASK(question, ...)                                                                         \
	void linux_##question(const struct mm *, __VA_ARGS__, struct verdict *);                   \
	void hpux_##question(const struct mm *, __VA_ARGS__, struct verdict *);
QUESTIONS(ASK)
#undef ASK

#define JUDGE(who)                                                                                 \
	{                                                                                          \
		.mmap = who##_mmap, .munmap = who##_munmap, .mremap = who##_mremap,                \
		.take = who##_take, .truncate = who##_truncate, .fallocate = who##_fallocate,      \
		.shmget = who##_shmget, .shmat = who##_shmat, .shmdt = who##_shmdt,                \
		.absent = who##_absent, .call = who##_call, .fork = who##_fork, .brk = who##_brk,  \
	}

/* ---- shared between the files of hpux_*.c ---- */

/* Where HP-UX has room for a shared object of so many pages: 0 if nowhere. */
uint64_t hpux_room(const struct mm *mm, uint64_t pages);
/* The process's own mapping of a page of the region, or 0. */
uint32_t hpux_own(const struct mm *mm, uint32_t region, uint64_t from, uint64_t to);
/* Protection bits and their combinations. */
long hpux_protection(const struct mm *mm, uint32_t prot, struct verdict *v);

#endif
