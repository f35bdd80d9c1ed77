/* SPDX-License-Identifier: MIT */
/* linux_objects.c - sizes of memory-backed files, and System V segments. */
#include <sys/shm.h>

#include "linux.h"

static void truncate_to(struct scene *s, struct verdict *v, uint64_t size, int64_t len)
{
	struct file_facts f = { .kind = FILE_MEMORY,
				.readable = true,
				.writable = true,
				.dev = DEV,
				.ino = INO,
				.size = size };

	policy_truncate(&s->m.mm, &f, len, v);
}

static void truncate_new(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 0, 8 * P);
}

static void truncate_new_beyond_limit(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 0, 1025 * P);
}

static void truncate_new_huge(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 0, INT64_MAX);
}

static void truncate_grown(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 8 * P, 5000 * (int64_t)P);
}

static void truncate_same(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 8 * P, 8 * P);
}

static void truncate_off(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 8 * P, 0);
}

static void truncate_to_its_end(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 8 * P, 6 * P);
}

static void truncate_into_its_end(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 8 * P, 6 * P - 1);
}

static void truncate_disk_file(struct scene *s, struct verdict *v)
{
	struct file_facts f = { .kind = FILE_DISK, .writable = true, .dev = DEV, .ino = INO };

	policy_truncate(&s->m.mm, &f, 1 << 30, v);
}

static void truncate_negative(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 0, -1);
}

static void get_segment(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 5 * P + 1, v);
}

static void get_segment_of_nothing(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 0, v);
}

static void get_segment_beyond_limit(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 1025 * P, v);
}

static void get_segment_of_half_of_all(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 1ull << 63, v);
}

static void attach(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, 0, 0, v);
}

static void attach_at(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, machine_address(&s->m, 16), 0, v);
}

static void attach_remap(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, 0, SHM_REMAP, v);
}

static void attach_unknown(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, 0, 0, 0, v);
}

static void detach(struct scene *s, struct verdict *v)
{
	policy_shmdt(&s->m.mm, address(s, s->vma), v);
}

static void detach_inside(struct scene *s, struct verdict *v)
{
	policy_shmdt(&s->m.mm, address(s, s->vma) + P, v);
}

static const struct row rows[] = {
	/* sizes of memory files */
	{ "ftruncate of an empty file", .judge = truncate_new, BOTH(0, ACT_EXPAND) },
	{ "ftruncate of an empty file beyond the largest block", .judge = truncate_new_beyond_limit,
	  REFUSED(-EFBIG, RULE_SHM_LIMIT) },
	{ "ftruncate of an empty file beyond 4 GiB", .judge = truncate_new_huge,
	  REFUSED(-EFBIG, RULE_SHM_LIMIT) },
	{ "ftruncate of an empty file, no memory", .setup = empty, .judge = truncate_new,
	  REFUSED(-ENOMEM, RULE_OUT_OF_MEMORY) },
	{ "ftruncate of an empty file, no block", .setup = fragmented, .judge = truncate_new,
	  REFUSED(-ENOMEM, RULE_FRAGMENTED) },
	{ "ftruncate makes a hole", .setup = sized_file, .judge = truncate_grown,
	  BOTH(0, ACT_PASS) },
	{ "ftruncate to the same size", .setup = mapped_file, .judge = truncate_same,
	  BOTH(0, ACT_PASS) },
	{ "ftruncate cuts a shared mapping", .setup = mapped_file, .judge = truncate_off,
	  REFUSED(-ETXTBSY, RULE_TRUNCATE_SHARED) },
	{ "ftruncate behind a shared mapping", .setup = mapped_part, .judge = truncate_to_its_end,
	  BOTH(0, ACT_CUT) },
	{ "ftruncate into a shared mapping's last page", .setup = mapped_part,
	  .judge = truncate_into_its_end, REFUSED(-ETXTBSY, RULE_TRUNCATE_SHARED) },
	{ "ftruncate of an unmapped file", .setup = sized_file, .judge = truncate_off,
	  BOTH(0, ACT_CUT) },
	{ "ftruncate of a disk file", .judge = truncate_disk_file, BOTH(0, ACT_PASS) },
	{ "ftruncate to a negative size", .judge = truncate_negative, BOTH(0, ACT_PASS) },
	/* System V shared memory */
	{ "shmget", .judge = get_segment, BOTH(0, ACT_EXPAND) },
	{ "shmget of nothing", .judge = get_segment_of_nothing, REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	{ "shmget beyond the largest block", .judge = get_segment_beyond_limit,
	  REFUSED(-EFBIG, RULE_SHM_LIMIT) },
	{ "shmget of half of all", .judge = get_segment_of_half_of_all,
	  REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	{ "shmget without memory", .setup = empty, .judge = get_segment,
	  REFUSED(-ENOMEM, RULE_OUT_OF_MEMORY) },
	{ "shmat", .setup = segment, .judge = attach, .result = { 0, -ENODEV },
	  .action = { ACT_DIRECT, ACT_NONE },
	  .rules = { { RULE_SHM_ATTACH }, { RULE_SHM_ATTACH } } },
	{ "shmat at an address", .setup = segment, .judge = attach_at,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmat that replaces", .setup = segment, .judge = attach_remap,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmat of an unknown segment", .judge = attach_unknown, REFUSED(-EINVAL, 0) },
	{ "shmdt", .setup = attached, .judge = detach, BOTH(0, ACT_ERASE) },
	{ "shmdt inside a segment", .setup = attached, .judge = detach_inside,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmdt of a file mapping", .setup = mapped_file, .judge = detach,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
};

const struct row_table linux_object_rows = { rows, ARRAY_SIZE(rows) };
