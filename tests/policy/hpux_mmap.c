/* SPDX-License-Identifier: MIT */
/* hpux_mmap.c - mmap of HP-UX. */
#include "hpux.h"

static void at_base(struct scene *s, struct mmap_request *r, int64_t pages)
{
	*r = (struct mmap_request){ .addr = s->m.ledger.h->arena_base +
					    (uint64_t)(pages * (int64_t)P),
				    .len = 2 * P,
				    .prot = RW,
				    .flags = MAP_SHARED | MAP_FIXED,
				    .off = 3 * P,
				    .file = { .kind = FILE_DISK,
					      .readable = true,
					      .writable = true,
					      .dev = DEV,
					      .ino = INO,
					      .size = FILE_PAGES * P } };
}

static void fixed_where_it_is(struct scene *s, struct verdict *v)
{
	struct mmap_request r;

	at_base(s, &r, 1);
	policy_mmap(&s->m.mm, &r, v);
	ck_assert_uint_eq(v->addr, r.addr);
	ck_assert_uint_ne(v->region, 0);
}

static void fixed_elsewhere(struct scene *s, struct verdict *v)
{
	struct mmap_request r;

	at_base(s, &r, 2);
	policy_mmap(&s->m.mm, &r, v);
}

/* In audit the process has it where the host put it. */
static void fixed_where_the_host_has_it(struct scene *s, struct verdict *v)
{
	struct mmap_request r;

	mm_region(&s->m.mm, mm_vma(&s->m.mm, s->vma)->region)->addr = HERE;
	at_base(s, &r, 1);
	policy_mmap(&s->m.mm, &r, v);
}

static void take_some(struct scene *s, struct verdict *v)
{
	policy_take(&s->m.mm, 3, v);
}

#define RWX (RW | PROT_EXEC)

#define MAP(pages, prot_, flags_) .r = { .len = P * (pages), .prot = (prot_), .flags = (flags_) }
#define MAP_FILE_OF(kind_, prot_, flags_, pages, page)                                             \
	.r = { .len = (uint64_t)(P * (pages)),                                                     \
	       .prot = (prot_),                                                                    \
	       .flags = (flags_),                                                                  \
	       .off = (int64_t)(P * (page)),                                                       \
	       .file = { .kind = (kind_),                                                          \
			 .readable = true,                                                         \
			 .writable = true,                                                         \
			 .dev = DEV,                                                               \
			 .ino = INO,                                                               \
			 .size = FILE_PAGES * P } }
#define DISK(prot_, flags_, pages, page) MAP_FILE_OF(FILE_DISK, prot_, flags_, pages, page)
#define ACCESS(readable_, writable_, prot_, flags_)                                                \
	.r = { .len = P,                                                                           \
	       .prot = (prot_),                                                                    \
	       .flags = (flags_),                                                                  \
	       .file = { FILE_DISK, 0, (readable_), (writable_), false, true, DEV, INO,            \
			 FILE_PAGES * P, 0 } }

static const struct row rows[] = {
	/* flags and protections */
	{ "unaligned offset of a file",
	  .r = { .len = P, .flags = MAP_PRIVATE, .off = 1, .file = { .kind = FILE_DISK } },
	  REFUSED(-EINVAL, RULE_BAD_OFFSET) },
	{ "offset of an anonymous mapping means nothing",
	  .r = { .len = P, .prot = RW, .flags = ANON, .off = 1 }, DONE(1) },
	{ "closed descriptor",
	  .r = { .len = P, .flags = MAP_PRIVATE, .file = { .kind = FILE_BAD } },
	  REFUSED(-EBADF, RULE_BAD_DESCRIPTOR) },
	{ "neither shared nor private", MAP(1, RW, MAP_ANONYMOUS),
	  REFUSED(-EINVAL, RULE_MAP_TYPE) },
	{ "shared and private", MAP(1, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE),
	  REFUSED(-EINVAL, RULE_MAP_TYPE) },
	{ "MAP_POPULATE is a hint of Linux", MAP(1, RW, ANON | MAP_POPULATE),
	  DONE(1, RULE_FOREIGN_FLAG) },
	{ "MAP_GROWSDOWN", MAP(1, RW, ANON | MAP_GROWSDOWN), REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "MAP_HUGETLB", MAP(1, RW, ANON | MAP_HUGETLB), REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "MAP_FIXED_NOREPLACE",
	  .r = { .addr = HERE, .len = P, .prot = RW, .flags = ANON | NOREPLACE_FLAG },
	  REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "unknown protection", MAP(1, RW | 0x100, ANON), REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "writing alone", MAP(1, PROT_WRITE, ANON), DONE(1, RULE_PROT_COMBINATION) },
	{ "executing alone", MAP(1, PROT_EXEC, ANON), DONE(1, RULE_PROT_COMBINATION) },
	{ "no access", MAP(1, PROT_NONE, ANON), DONE(1) },
	{ "all access", MAP(1, RWX, ANON), DONE(1) },
	{ "anonymous with a descriptor",
	  .r = { .len = P, .prot = RW, .flags = ANON, .descriptor = true },
	  DONE(1, RULE_ANONYMOUS_DESCRIPTOR) },
	/* lengths and addresses */
	{ "length 0", MAP(0, RW, ANON), REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	{ "length that overflows", .r = { .len = UINT64_MAX, .prot = RW, .flags = ANON },
	  REFUSED(-ENOMEM, RULE_BAD_LENGTH) },
	{ "more than the address space", .r = { .len = 1ULL << 62, .prot = RW, .flags = ANON },
	  REFUSED(-ENOMEM, RULE_BAD_LENGTH) },
	{ "offset beyond the largest", DISK(RW, MAP_PRIVATE, 1, INT64_MAX / P),
	  REFUSED(-EINVAL, RULE_BAD_OFFSET) },
	{ "address hint", .r = { .addr = HERE, .len = P, .prot = RW, .flags = ANON },
	  DONE(1, RULE_ADDRESS_HINT) },
	{ "fixed address", .r = { .addr = HERE, .len = P, .prot = RW, .flags = ANON | MAP_FIXED },
	  DONE(1, RULE_FIXED_REPLACES) },
	{ "fixed address within a page",
	  .r = { .addr = HERE + 1, .len = P, .prot = RW, .flags = ANON | MAP_FIXED },
	  REFUSED(-EINVAL, RULE_BAD_ADDRESS) },
	{ "fixed address outside of the address space",
	  .r = { .addr = (1ULL << 47) - P, .len = 2 * P, .prot = RW, .flags = ANON | MAP_FIXED },
	  REFUSED(-ENOMEM, RULE_BAD_LENGTH) },
	/* swap */
	{ "private memory", MAP(100, RW, ANON), DONE(100) },
	{ "as much as there is", MAP(POOL, RW, ANON), DONE(POOL) },
	{ "more than there is", MAP(POOL + 1, RW, ANON), REFUSED(-ENOMEM, RULE_SWAP_RESERVE) },
	{ "none left", .setup = empty, MAP(1, PROT_NONE, ANON),
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE) },
	{ "none left, MAP_NORESERVE", .setup = empty, MAP(1, RW, ANON | MAP_NORESERVE),
	  DONE(0, RULE_NORESERVE) },
	{ "shared memory of descendants", MAP(5, RW, MAP_SHARED | MAP_ANONYMOUS), DONE(5) },
	{ "file, private", DISK(PROT_READ, MAP_PRIVATE, 8, 0), DONE(8) },
	{ "file, private, none left", .setup = empty, DISK(PROT_READ, MAP_PRIVATE, 8, 0),
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE) },
	{ "file, shared, none left", .setup = empty, DISK(RW, MAP_SHARED, 8, 0), DONE(0) },
	{ "/dev/zero", MAP_FILE_OF(FILE_ZERO, RW, MAP_PRIVATE, 2, 0), DONE(2) },
	{ "pages for the heap", .judge = take_some, DONE(3) },
	{ "pages for the heap, none left", .setup = empty, .judge = take_some,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = 3 },
	/* files */
	{ "file on a disk, shared", DISK(RW, MAP_SHARED, 8, 0), DONE(0) },
	{ "file in memory, shared beyond its end", MAP_FILE_OF(FILE_MEMORY, RW, MAP_SHARED, 9, 0),
	  DONE(0) },
	{ "file, behind its end", DISK(RW, MAP_SHARED, 1, 8), DONE(0, RULE_BEYOND_END) },
	{ "directory", MAP_FILE_OF(FILE_OTHER, PROT_READ, MAP_PRIVATE, 1, 0),
	  REFUSED(-ENODEV, RULE_NO_MMAP) },
	{ "socket", MAP_FILE_OF(FILE_SOCKET, PROT_READ, MAP_PRIVATE, 1, 0),
	  REFUSED(-ENODEV, RULE_NO_MMAP) },
	{ "block device", MAP_FILE_OF(FILE_BLOCK, PROT_READ, MAP_PRIVATE, 1, 0),
	  REFUSED(-ENODEV, RULE_NO_MMAP) },
	{ "character device", MAP_FILE_OF(FILE_CHAR, RW, MAP_SHARED, 1, 0),
	  REFUSED(-ENODEV, RULE_SHARED_DEVICE) },
	{ "device window", MAP_FILE_OF(FILE_WINDOW, RW, MAP_SHARED, 1, 0),
	  REFUSED(-ENODEV, RULE_SHARED_DEVICE) },
	{ "descriptor that cannot be read", ACCESS(false, true, PROT_WRITE, MAP_PRIVATE),
	  REFUSED(-EACCES, RULE_PROT_COMBINATION, RULE_BAD_ACCESS) },
	{ "shared writable of a read-only descriptor", ACCESS(true, false, RW, MAP_SHARED),
	  REFUSED(-EACCES, RULE_BAD_ACCESS) },
	{ "private writable of a read-only descriptor", ACCESS(true, false, RWX, MAP_PRIVATE),
	  DONE(1) },
	/* one address for a page */
	{ "file, a part of what another shares", .setup = shared_by_another,
	  DISK(RW, MAP_SHARED, 2, 3), DONE(0) },
	{ "file, the same again in one process", .setup = shared_file, DISK(RW, MAP_SHARED, 4, 2),
	  DONE(0, RULE_SAME_ADDRESS) },
	{ "file, more than what is shared", .setup = shared_by_another, DISK(RW, MAP_SHARED, 8, 0),
	  REFUSED(-ENOMEM, RULE_OVERLAP_MAPPING) },
	{ "file, sticks out of what is shared", .setup = shared_file, DISK(RW, MAP_SHARED, 2, 5),
	  REFUSED(-ENOMEM, RULE_OVERLAP_MAPPING) },
	{ "file, beside what is shared", .setup = shared_file, DISK(RW, MAP_SHARED, 2, 6),
	  DONE(0) },
	{ "file, private beside a shared one", .setup = shared_file, DISK(RW, MAP_PRIVATE, 8, 0),
	  DONE(8) },
	{ "file, shared, fixed where it is", .setup = shared_by_another, .judge = fixed_where_it_is,
	  DONE(0, RULE_FIXED_REPLACES) },
	{ "file, shared, fixed elsewhere", .setup = shared_by_another, .judge = fixed_elsewhere,
	  REFUSED(-EINVAL, RULE_FIXED_REPLACES, RULE_ALIAS_MAPPING) },
	{ "file, shared, fixed where the host has it", .setup = shared_file,
	  .judge = fixed_where_the_host_has_it, DONE(0, RULE_FIXED_REPLACES, RULE_SAME_ADDRESS) },
	{ "file, shared, no addresses left", .setup = window_full, DISK(RW, MAP_SHARED, 1, 0),
	  REFUSED(-ENOMEM, RULE_BAD_LENGTH) },
};

const struct row_table hpux_mmap_rows = { rows, ARRAY_SIZE(rows) };
