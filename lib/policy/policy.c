/* SPDX-License-Identifier: MIT */
/* policy.c - meeting rules, and the one place where the kinds of machine part: each has a judge. */
#include "policy/judge.h"

long meet_as(const struct mm *mm, struct verdict *v, enum rule_id rule, long result)
{
	if (!rule_applies(rule, mm->l->h->conf.profile))
		return 0;
	if (v->rules < VERDICT_RULES)
		v->rule[v->rules++] = (uint16_t)rule;
	return result;
}

long meet(const struct mm *mm, struct verdict *v, enum rule_id rule)
{
	return meet_as(mm, v, rule, rule_answer(rule, mm->l->h->conf.profile));
}

static const struct judge judges[] = {
	[SYSTEM_NOMMU] = JUDGE(linux),
	[SYSTEM_HPUX] = JUDGE(hpux),
};

static const struct judge *judge(const struct mm *mm)
{
	return &judges[conf_profile_system(mm->l->h->conf.profile)];
}

void policy_mmap(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	judge(mm)->mmap(mm, r, v);
}

void policy_munmap(const struct mm *mm, uint64_t addr, uint64_t len, struct verdict *v)
{
	judge(mm)->munmap(mm, addr, len, v);
}

void policy_mremap(const struct mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len,
		   int flags, uint64_t new_addr, struct verdict *v)
{
	judge(mm)->mremap(mm, addr, old_len, new_len, flags, new_addr, v);
}

void policy_take(const struct mm *mm, uint64_t pages, struct verdict *v)
{
	judge(mm)->take(mm, pages, v);
}

void policy_truncate(const struct mm *mm, const struct file_facts *f, int64_t len,
		     struct verdict *v)
{
	judge(mm)->truncate(mm, f, len, v);
}

void policy_fallocate(const struct mm *mm, enum nommu_call call, const struct file_facts *f,
		      struct verdict *v)
{
	judge(mm)->fallocate(mm, call, f, v);
}

void policy_shmget(const struct mm *mm, uint64_t size, struct verdict *v)
{
	judge(mm)->shmget(mm, size, v);
}

void policy_shmat(const struct mm *mm, uint32_t object, uint64_t addr, int flags, struct verdict *v)
{
	judge(mm)->shmat(mm, object, addr, flags, v);
}

void policy_shmdt(const struct mm *mm, uint64_t addr, struct verdict *v)
{
	judge(mm)->shmdt(mm, addr, v);
}

void policy_absent(const struct mm *mm, enum nommu_call call, const uint64_t args[6],
		   struct verdict *v)
{
	judge(mm)->absent(mm, call, args, v);
}

void policy_call(const struct mm *mm, enum nommu_call call, enum rule_id rule, struct verdict *v)
{
	judge(mm)->call(mm, call, rule, v);
}

void policy_fork(const struct mm *mm, enum nommu_call call, struct verdict *v)
{
	judge(mm)->fork(mm, call, v);
}

void policy_brk(const struct mm *mm, uint64_t from, uint64_t to, struct verdict *v)
{
	judge(mm)->brk(mm, from, to, v);
}
