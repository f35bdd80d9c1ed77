/* SPDX-License-Identifier: MIT */
/* hpux_ranges.c - calls on ranges of HP-UX. */
#include "hpux.h"

static void unmap(struct scene *s, struct verdict *v, uint64_t from, uint64_t len)
{
	policy_munmap(&s->m.mm, HERE + from, len, v);
}

static void unmap_whole(struct scene *s, struct verdict *v)
{
	unmap(s, v, 0, 8 * P);
}

static void unmap_middle(struct scene *s, struct verdict *v)
{
	unmap(s, v, 2 * P, 2 * P - 5);
}

static void unmap_both(struct scene *s, struct verdict *v)
{
	unmap(s, v, 4 * P, 12 * P);
}

static void unmap_unaligned(struct scene *s, struct verdict *v)
{
	unmap(s, v, 1, P);
}

static void unmap_no_length(struct scene *s, struct verdict *v)
{
	unmap(s, v, 0, 0);
}

static void unmap_beyond_memory(struct scene *s, struct verdict *v)
{
	unmap(s, v, 0, UINT64_MAX - HERE - P);
}

static void range(struct scene *s, struct verdict *v, enum nommu_call call, uint64_t from,
		  uint64_t len, uint64_t third)
{
	policy_absent(&s->m.mm, call, (const uint64_t[6]){ HERE + from, len, third }, v);
}

static void protect(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MPROTECT, P, P, PROT_NONE);
}

static void protect_unaligned(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MPROTECT, 1, P, PROT_READ);
}

static void protect_write_only(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MPROTECT, 0, P, PROT_WRITE);
}

static void protect_grows_down(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MPROTECT, 0, P, PROT_READ | PROT_GROWSDOWN);
}

static void advise_random(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MADVISE, 0, 2 * P, MADV_RANDOM);
}

static void advise_free(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MADVISE, 0, 2 * P, MADV_FREE);
}

static void not_needed(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MADVISE, 4 * P, 4 * P, MADV_DONTNEED);
}

static void neither_needed(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MADVISE, 4 * P, 8 * P, MADV_DONTNEED);
}

static void not_needed_beyond_memory(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MADVISE, 4 * P, UINT64_MAX - 2 * P, MADV_DONTNEED);
}

static void advise_posix(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_POSIX_MADVISE, 0, P, MADV_NORMAL);
}

static void sync_it(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MSYNC, 0, P, MS_SYNC);
}

static void sync_shared(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MSYNC, s->m.ledger.h->arena_base - HERE, P, MS_SYNC);
}

static void lock_it(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MLOCK, 0, P, 0);
}

static void unlock_it(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MUNLOCK, 0, P, 0);
}

static const struct row rows[] = {
	/* munmap */
	{ "munmap whole", .setup = mapping, .judge = unmap_whole, IS(0, ACT_ERASE) },
	{ "munmap the middle", .setup = mapping, .judge = unmap_middle, IS(0, ACT_FORGET) },
	{ "munmap of a part of a file mapping", .setup = private_file, .judge = unmap_middle,
	  IS(0, ACT_FORGET) },
	{ "munmap over neighbours", .setup = two_neighbours, .judge = unmap_both,
	  IS(0, ACT_FORGET) },
	{ "munmap over a hole", .setup = two_apart, .judge = unmap_both,
	  REFUSED(-EINVAL, RULE_UNMAPPED_RANGE) },
	{ "munmap of nothing", .judge = unmap_whole, REFUSED(-EINVAL, RULE_UNMAPPED_RANGE) },
	{ "munmap that wraps", .setup = mapping, .judge = unmap_beyond_memory,
	  REFUSED(-EINVAL, RULE_UNMAPPED_RANGE) },
	{ "munmap from within a page", .setup = mapping, .judge = unmap_unaligned,
	  REFUSED(-EINVAL, RULE_BAD_ADDRESS) },
	{ "munmap of length 0", .setup = mapping, .judge = unmap_no_length,
	  REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	/* ranges */
	{ "mprotect", .setup = mapping, .judge = protect, IS(0, ACT_PASS) },
	{ "mprotect from within a page", .setup = mapping, .judge = protect_unaligned,
	  REFUSED(-EINVAL, RULE_BAD_ADDRESS) },
	{ "mprotect to writing alone", .setup = mapping, .judge = protect_write_only,
	  IS(0, ACT_PASS, RULE_PROT_COMBINATION) },
	{ "mprotect with PROT_GROWSDOWN", .setup = mapping, .judge = protect_grows_down,
	  REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "madvise", .setup = mapping, .judge = advise_random, IS(0, ACT_PASS) },
	{ "MADV_FREE", .setup = mapping, .judge = advise_free,
	  REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "MADV_DONTNEED", .setup = mapping, .judge = not_needed, IS(0, ACT_PASS, RULE_DONTNEED) },
	{ "MADV_DONTNEED over neighbours", .setup = two_neighbours, .judge = neither_needed,
	  REFUSED(-EINVAL, RULE_DONTNEED_RANGE) },
	{ "MADV_DONTNEED that wraps", .setup = mapping, .judge = not_needed_beyond_memory,
	  REFUSED(-EINVAL, RULE_DONTNEED_RANGE) },
	{ "posix_madvise", .setup = mapping, .judge = advise_posix,
	  IS(0, ACT_PASS, RULE_UNSEEN_CALL) },
	{ "msync of memory", .setup = mapping, .judge = sync_it,
	  IS(0, ACT_PASS, RULE_MSYNC_PRIVATE) },
	{ "msync of a private file mapping", .setup = private_file, .judge = sync_it,
	  IS(0, ACT_PASS, RULE_MSYNC_PRIVATE) },
	{ "msync of a shared file mapping", .setup = shared_file, .judge = sync_shared,
	  IS(0, ACT_PASS) },
	{ "mlock", .setup = mapping, .judge = lock_it, IS(0, ACT_PASS, RULE_LOCK_PRIVILEGE) },
	{ "munlock", .setup = mapping, .judge = unlock_it, IS(0, ACT_PASS) },
};

const struct row_table hpux_range_rows = { rows, ARRAY_SIZE(rows) };
