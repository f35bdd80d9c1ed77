/* SPDX-License-Identifier: MIT */
/* linux_ranges.c - calls on mappings: munmap, mremap, and those that do not exist. */
#include "linux.h"

static void unmap_at(struct scene *s, struct verdict *v, int64_t from, uint64_t len)
{
	policy_munmap(&s->m.mm, (uint64_t)((int64_t)address(s, s->vma) + from), len, v);
}

static void unmap_whole(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 0, (uint64_t)mm_vma(&s->m.mm, s->vma)->pages * P);
}

static void unmap_head(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 0, 2 * P);
}

static void unmap_tail(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 6 * P, 2 * P);
}

static void unmap_middle(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 2 * P, 2 * P);
}

static void unmap_unaligned(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 1, P);
}

static void unmap_both(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 0, 16 * P);
}

static void unmap_from_below(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, -(int64_t)P, 9 * P);
}

static void unmap_nothing(struct scene *s, struct verdict *v)
{
	policy_munmap(&s->m.mm, machine_address(&s->m, 4000), P, v);
}

static void unmap_no_length(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 0, 0);
}

static void unmap_beyond_memory(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 0, UINT64_MAX - P);
}

static void unmap_shrunk_tail(struct scene *s, struct verdict *v)
{
	unmap_at(s, v, 5 * P, 3 * P);
}

static void remap(struct scene *s, struct verdict *v, uint64_t old_pages, uint64_t new_pages)
{
	policy_mremap(&s->m.mm, address(s, s->vma), old_pages * P, new_pages * P, MREMAP_MAYMOVE, 0,
		      v);
}

static void remap_shrinks(struct scene *s, struct verdict *v)
{
	remap(s, v, 8, 3);
}

static void remap_back(struct scene *s, struct verdict *v)
{
	remap(s, v, 5, 8);
}

static void remap_grows(struct scene *s, struct verdict *v)
{
	remap(s, v, 8, 9);
}

static void remap_to_nothing(struct scene *s, struct verdict *v)
{
	remap(s, v, 8, 0);
}

static void remap_from_nothing(struct scene *s, struct verdict *v)
{
	remap(s, v, 0, 8);
}

static void remap_part(struct scene *s, struct verdict *v)
{
	remap(s, v, 4, 2);
}

static void remap_inside(struct scene *s, struct verdict *v)
{
	policy_mremap(&s->m.mm, address(s, s->vma) + P, 7 * P, P, 0, 0, v);
}

static void remap_unaligned(struct scene *s, struct verdict *v)
{
	policy_mremap(&s->m.mm, address(s, s->vma) + 1, 8 * P, P, 0, 0, v);
}

static void remap_elsewhere(struct scene *s, struct verdict *v)
{
	policy_mremap(&s->m.mm, address(s, s->vma), 8 * P, P, MREMAP_MAYMOVE | MREMAP_FIXED,
		      machine_address(&s->m, 512), v);
}

static void remap_to_itself(struct scene *s, struct verdict *v)
{
	uint64_t addr = address(s, s->vma);

	policy_mremap(&s->m.mm, addr, 8 * P, P, MREMAP_MAYMOVE | MREMAP_FIXED, addr, v);
}

static void protect(struct scene *s, struct verdict *v)
{
	policy_absent(&s->m.mm, NOMMU_CALL_MPROTECT, (const uint64_t[6]){ 0 }, v);
}

static void lock_memory(struct scene *s, struct verdict *v)
{
	policy_absent(&s->m.mm, NOMMU_CALL_MLOCK, (const uint64_t[6]){ 0 }, v);
}

static void lock_memory_with_musl(struct scene *s, struct verdict *v)
{
	s->m.ledger.h->conf.libc = LIBC_MUSL;
	policy_absent(&s->m.mm, NOMMU_CALL_MLOCK, (const uint64_t[6]){ 0 }, v);
}

static const struct row rows[] = {
	/* munmap */
	{ "munmap whole", .setup = mapping, .judge = unmap_whole, BOTH(0, ACT_ERASE) },
	{ "munmap the head", .setup = mapping, .judge = unmap_head,
	  BOTH(0, ACT_SHRINK, RULE_TRIM_MAPPING) },
	{ "munmap the tail", .setup = mapping, .judge = unmap_tail,
	  BOTH(0, ACT_SHRINK, RULE_TRIM_MAPPING) },
	{ "munmap the middle", .setup = mapping, .judge = unmap_middle, .result = { -EINVAL, 0 },
	  .action = { ACT_NONE, ACT_SPLIT }, .rules = { { RULE_HOLE }, { RULE_HOLE } } },
	{ "munmap from within a page", .setup = mapping, .judge = unmap_unaligned,
	  REFUSED(-EINVAL, RULE_NOT_ONE_MAPPING) },
	{ "munmap two anonymous neighbours", .setup = two_neighbours, .judge = unmap_both,
	  REFUSED(-EINVAL, RULE_NOT_ONE_MAPPING) },
	{ "munmap of nothing", .judge = unmap_nothing, REFUSED(-EINVAL, RULE_NOT_ONE_MAPPING) },
	{ "munmap of length 0", .setup = mapping, .judge = unmap_no_length,
	  REFUSED(-EINVAL, RULE_NOT_ONE_MAPPING) },
	{ "munmap that wraps", .setup = mapping, .judge = unmap_beyond_memory,
	  REFUSED(-EINVAL, RULE_NOT_ONE_MAPPING) },
	{ "munmap of what mremap took off", .setup = shrunk, .judge = unmap_shrunk_tail,
	  REFUSED(-EINVAL, RULE_NOT_ONE_MAPPING) },
	{ "munmap a shrunk mapping", .setup = shrunk, .judge = unmap_whole, BOTH(0, ACT_ERASE) },
	{ "munmap a file mapping", .setup = private_file, .judge = unmap_whole,
	  BOTH(0, ACT_ERASE) },
	{ "munmap a part of a file mapping", .setup = private_file, .judge = unmap_head,
	  REFUSED(-EINVAL, RULE_PARTIAL_FILE_UNMAP) },
	{ "munmap a shared mapping", .setup = mapped_file, .judge = unmap_whole,
	  BOTH(0, ACT_ERASE) },
	{ "munmap the tail of a shared mapping", .setup = mapped_file, .judge = unmap_tail,
	  REFUSED(-EINVAL, RULE_PARTIAL_FILE_UNMAP) },
	{ "munmap a file mapping from below it", .setup = mapped_file, .judge = unmap_from_below,
	  .result = { -EINVAL, 0 }, .action = { ACT_NONE, ACT_ERASE },
	  .rules = { { RULE_NOT_ONE_MAPPING }, { 0 } } },
	/* mremap */
	{ "mremap shrinks", .setup = mapping, .judge = remap_shrinks, BOTH(0, ACT_RESIZE) },
	{ "mremap grows back", .setup = shrunk, .judge = remap_back, BOTH(0, ACT_RESIZE) },
	{ "mremap grows", .setup = mapping, .judge = remap_grows,
	  REFUSED(-ENOMEM, RULE_REMAP_GROW) },
	{ "mremap to length 0", .setup = mapping, .judge = remap_to_nothing,
	  REFUSED(-EINVAL, RULE_REMAP_NOT_EXACT) },
	{ "mremap from length 0", .setup = mapping, .judge = remap_from_nothing,
	  REFUSED(-EINVAL, RULE_REMAP_NOT_EXACT) },
	{ "mremap of a part", .setup = mapping, .judge = remap_part,
	  REFUSED(-EINVAL, RULE_REMAP_NOT_EXACT) },
	{ "mremap from inside", .setup = mapping, .judge = remap_inside,
	  REFUSED(-EINVAL, RULE_REMAP_NOT_EXACT) },
	{ "mremap from within a page", .setup = mapping, .judge = remap_unaligned,
	  REFUSED(-EINVAL, RULE_REMAP_NOT_EXACT) },
	{ "mremap to a fixed address", .setup = mapping, .judge = remap_elsewhere,
	  REFUSED(-EINVAL, RULE_REMAP_FIXED) },
	{ "mremap to the address where it is", .setup = mapping, .judge = remap_to_itself,
	  BOTH(0, ACT_RESIZE) },
	{ "mremap of a shared mapping", .setup = mapped_file, .judge = remap_shrinks,
	  REFUSED(-EPERM, RULE_REMAP_SHARED) },
	{ "mremap of a private file mapping grows", .setup = private_file, .judge = remap_grows,
	  REFUSED(-EINVAL, RULE_REMAP_NOT_EXACT) },
	/* calls that do not exist */
	{ "mprotect", .judge = protect, REFUSED(-ENOSYS, RULE_ABSENT_CALL) },
	{ "mlock, which uClibc-ng answers itself", .judge = lock_memory,
	  REFUSED(0, RULE_ABSENT_CALL) },
	{ "mlock with musl", .judge = lock_memory_with_musl, REFUSED(-ENOSYS, RULE_ABSENT_CALL) },
};

const struct row_table linux_range_rows = { rows, ARRAY_SIZE(rows) };
