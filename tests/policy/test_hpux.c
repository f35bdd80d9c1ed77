/* SPDX-License-Identifier: MIT */
/*
 * Every decision of HP-UX by a named row: a state, a request, the answer, the rules that are met
 * and what is to be done. There is no HP-UX to ask: the rows say what its manual says. The last
 * test counts that no rule was forgotten.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "policy/policy.h"
#include "support/machine.h"
#include "support/suite.h"

#define P NOMMU_PAGE_SIZE
#define RAM (8ULL << 20)
#define POOL (RAM / 8 * 7 / P) /* no other swap */
#define HERE 0x700000000000ULL
#define RW (PROT_READ | PROT_WRITE)
#define RWX (RW | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define NOREPLACE_FLAG 0x100000
#define MOST 3

enum { DEV = 1, INO = 77, FILE_PAGES = 8 };

struct scene {
	struct machine m;
	uint32_t vma;
	uint32_t object;
};

struct row {
	const char *name;
	void (*setup)(struct scene *);
	void (*judge)(struct scene *, struct verdict *); /* NULL: mmap of the request */
	struct mmap_request r;
	long result;
	uint16_t rules[MOST];
	uint32_t action;
	uint32_t swap;
};

/* ---- states ---- */

static uint32_t map(struct scene *s, uint64_t view, const struct mm_region *r, struct mm_vma v)
{
	machine_enter(&s->m);
	v.region = v.region ? v.region : mm_region_new(&s->m.mm, r);
	v.proc = s->m.mm.self;
	v.start = NO_PAGE;
	v.view = view;
	s->vma = mm_vma_new(&s->m.mm, &v, false);
	ck_well(machine_leave(&s->m));
	return s->vma;
}

static void memory(struct scene *s, uint64_t view, uint32_t pages, uint32_t flags, uint32_t swap)
{
	const struct mm_region r = {
		.start = NO_PAGE, .pages = pages, .top = pages, .flags = REGION_COPY
	};

	map(s, view, &r, (struct mm_vma){ .pages = pages, .flags = flags, .swap = swap });
}

static void mapping(struct scene *s)
{
	memory(s, HERE, 8, 0, 8);
}

static void two_neighbours(struct scene *s)
{
	mapping(s);
	memory(s, HERE + 8 * P, 8, 0, 8);
}

static void two_apart(struct scene *s)
{
	mapping(s);
	memory(s, HERE + 9 * P, 8, 0, 8);
}

static void written(struct scene *s)
{
	mapping(s);
	memory(s, HERE + 64 * P, 64, VMA_NORESERVE, 5);
}

static void private_file(struct scene *s)
{
	const struct mm_region r = { .start = NO_PAGE,
				     .pages = 8,
				     .top = 8,
				     .flags = REGION_COPY | REGION_FILE,
				     .dev = DEV,
				     .ino = INO };

	map(s, HERE, &r, (struct mm_vma){ .pages = 8, .flags = VMA_FILE, .swap = 8 });
}

/* Pages 2 to 5 of the file are mapped shared, where all processes have them. */
static void shared_file(struct scene *s)
{
	const struct mm_region r = { .start = NO_PAGE,
				     .pages = 4,
				     .top = 4,
				     .flags = REGION_FILE | REGION_SHARED,
				     .dev = DEV,
				     .ino = INO,
				     .pgoff = 2,
				     .addr = s->m.ledger.h->arena_base };

	map(s, r.addr, &r,
	    (struct mm_vma){ .pages = 4, .flags = VMA_FILE | VMA_SHARED, .pgoff = 2 });
}

static void shared_by_another(struct scene *s)
{
	shared_file(s);
	s->m.mm.self = machine_join(&s->m, 2);
	views_clear(s->m.mm.views);
}

static void empty(struct scene *s)
{
	memory(s, HERE, (uint32_t)POOL, 0, (uint32_t)POOL);
}

static void half_empty(struct scene *s)
{
	memory(s, HERE, (uint32_t)POOL / 2 + 1, 0, (uint32_t)POOL / 2 + 1);
}

static void window_full(struct scene *s)
{
	const struct mm_region r = { .start = NO_PAGE,
				     .pages = 1 << 24,
				     .top = 1 << 24,
				     .flags = REGION_FILE | REGION_SHARED,
				     .dev = DEV,
				     .ino = INO + 1,
				     .addr = s->m.ledger.h->arena_base };

	map(s, r.addr, &r, (struct mm_vma){ .pages = 1 << 24, .flags = VMA_FILE | VMA_SHARED });
}

static void segment(struct scene *s)
{
	const struct mm_object o = { .kind = OBJECT_SYSV, .start = NO_PAGE, .pages = 4, .id = 5 };

	machine_enter(&s->m);
	ck_assert(mm_swap_take(&s->m.mm, 4, NOMMU_KIND_SHARED));
	s->object = mm_object_new(&s->m.mm, &o);
	ck_well(machine_leave(&s->m));
}

static void attached(struct scene *s)
{
	struct mm_region r = { .start = NO_PAGE,
			       .pages = 4,
			       .top = 4,
			       .flags = REGION_SHARED | REGION_DIRECT,
			       .addr = s->m.ledger.h->arena_base };

	segment(s);
	r.object = s->object;
	map(s, r.addr, &r, (struct mm_vma){ .pages = 4, .flags = VMA_FILE | VMA_SHARED });
}

static void attached_by_another(struct scene *s)
{
	attached(s);
	s->m.mm.self = machine_join(&s->m, 2);
	views_clear(s->m.mm.views);
}

/* ---- requests other than mmap ---- */

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

static void ask_residence(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MINCORE, 0, P, 0);
}

static void remap(struct scene *s, struct verdict *v)
{
	policy_mremap(&s->m.mm, HERE, 8 * P, 4 * P, 0, 0, v);
}

static void fork_it(struct scene *s, struct verdict *v)
{
	policy_fork(&s->m.mm, NOMMU_CALL_FORK, v);
}

static void fork_barely(struct scene *s, struct verdict *v)
{
	policy_fork(&s->m.mm, NOMMU_CALL__FORK, v);
}

static void clone_it(struct scene *s, struct verdict *v)
{
	policy_fork(&s->m.mm, NOMMU_CALL_CLONE, v);
}

static void become_daemon(struct scene *s, struct verdict *v)
{
	policy_call(&s->m.mm, NOMMU_CALL_DAEMON, RULE_DAEMON, v);
}

static void expand_words(struct scene *s, struct verdict *v)
{
	policy_call(&s->m.mm, NOMMU_CALL_WORDEXP, RULE_FORK, v);
}

static void conduct(struct scene *s, struct verdict *v)
{
	policy_call(&s->m.mm, NOMMU_CALL_EXEC, RULE_VFORK_CHILD, v);
}

static void break_up(struct scene *s, struct verdict *v)
{
	policy_brk(&s->m.mm, HERE + 1, HERE + 3 * P, v);
}

static void break_down(struct scene *s, struct verdict *v)
{
	policy_brk(&s->m.mm, HERE + 3 * P, HERE, v);
}

static void break_within_a_page(struct scene *s, struct verdict *v)
{
	policy_brk(&s->m.mm, HERE + 1, HERE + 100, v);
}

static void take_some(struct scene *s, struct verdict *v)
{
	policy_take(&s->m.mm, 3, v);
}

static void allocate(struct scene *s, struct verdict *v)
{
	struct file_facts f = { .kind = FILE_DISK };

	policy_fallocate(&s->m.mm, NOMMU_CALL_POSIX_FALLOCATE, &f, v);
}

static void truncate_to(struct scene *s, struct verdict *v, int64_t len)
{
	struct file_facts f = {
		.kind = FILE_DISK, .writable = true, .dev = DEV, .ino = INO, .size = 8 * P
	};

	policy_truncate(&s->m.mm, &f, len, v);
}

static void truncate_mapped(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 4 * P);
}

static void truncate_behind(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 6 * P);
}

static void get_segment(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 5 * P + 1, v);
}

static void get_segment_of_nothing(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 0, v);
}

static void attach(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, 0, 0, v);
	if (!v->result)
		ck_assert_uint_eq(v->addr, s->m.ledger.h->arena_base);
}

static void attach_where_it_is(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, s->m.ledger.h->arena_base, 0, v);
	ck_assert_uint_ne(v->region, 0);
}

static void attach_elsewhere(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, HERE, 0, v);
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
	policy_shmdt(&s->m.mm, s->m.ledger.h->arena_base, v);
}

static void detach_inside(struct scene *s, struct verdict *v)
{
	policy_shmdt(&s->m.mm, s->m.ledger.h->arena_base + P, v);
}

/* ---- rows ---- */

#define IS(r, a, ...) .result = r, .action = a, .rules = { __VA_ARGS__ }
#define REFUSED(r, ...) IS(r, ACT_NONE, __VA_ARGS__)
#define DONE(n, ...) IS(0, ACT_VIRTUAL, __VA_ARGS__), .swap = (n)

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
	/* ranges */
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
	/* what there is and what not */
	{ "mincore", .setup = mapping, .judge = ask_residence, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "mremap", .setup = mapping, .judge = remap, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "posix_fallocate", .judge = allocate, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "daemon", .judge = become_daemon, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "wordexp", .judge = expand_words, IS(0, ACT_PASS) },
	{ "vfork's child", .judge = conduct, IS(0, ACT_PASS, RULE_VFORK_CHILD) },
	/* fork and brk */
	{ "fork", .setup = two_neighbours, .judge = fork_it, DONE(16) },
	{ "fork with pages written without reserve", .setup = written, .judge = fork_it, DONE(13) },
	{ "fork without the swap", .setup = half_empty, .judge = fork_it,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = POOL / 2 + 1 },
	{ "_Fork", .judge = fork_barely, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "clone", .judge = clone_it, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "brk up", .judge = break_up, DONE(2) },
	{ "brk within its page", .judge = break_within_a_page, IS(0, ACT_PASS) },
	{ "brk down", .judge = break_down, IS(0, ACT_PASS) },
	{ "brk without swap", .setup = empty, .judge = break_up,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = 2 },
	/* sizes of files */
	{ "ftruncate of a mapped part", .setup = shared_by_another, .judge = truncate_mapped,
	  IS(0, ACT_PASS, RULE_RESIZED_MAPPED) },
	{ "ftruncate of a part mapped privately", .setup = private_file, .judge = truncate_mapped,
	  IS(0, ACT_PASS, RULE_RESIZED_MAPPED) },
	{ "ftruncate behind what is mapped", .setup = shared_file, .judge = truncate_behind,
	  IS(0, ACT_PASS) },
	/* segments */
	{ "shmget", .judge = get_segment, IS(0, ACT_EXPAND), .swap = 6 },
	{ "shmget of nothing", .judge = get_segment_of_nothing, REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	{ "shmget without swap", .setup = empty, .judge = get_segment,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = 6 },
	{ "shmat", .setup = segment, .judge = attach, DONE(0) },
	{ "shmat where another has it", .setup = attached_by_another, .judge = attach, DONE(0) },
	{ "shmat at the address that it has", .setup = attached_by_another,
	  .judge = attach_where_it_is, DONE(0) },
	{ "shmat elsewhere", .setup = attached_by_another, .judge = attach_elsewhere,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmat at an address of one's choice", .setup = segment, .judge = attach_elsewhere,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmat again", .setup = attached, .judge = attach, REFUSED(-EINVAL, RULE_SHM_AGAIN) },
	{ "shmat that replaces", .setup = segment, .judge = attach_remap,
	  REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "shmat of an unknown segment", .judge = attach_unknown, REFUSED(-EINVAL, 0) },
	{ "shmdt", .setup = attached, .judge = detach, IS(0, ACT_ERASE) },
	{ "shmdt inside a segment", .setup = attached, .judge = detach_inside,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmdt of a file mapping", .setup = shared_file, .judge = detach,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
};

/* Rules that no decision here meets: lib/sys or the launcher notes them. */
static const uint16_t elsewhere[] = { RULE_SWAP_UNUSED, RULE_NOT_COVERED, RULE_INTERNAL };

START_TEST(hpux_answers_as_the_row_says)
{
	const struct row *row = &rows[_i];
	struct conf conf = machine_conf(RAM, PROFILE_HPUX_11_31);
	struct scene s = { .vma = 0 };
	struct verdict v;

	conf.swap = 0;
	machine_make(&s.m, &conf);
	if (row->setup)
		row->setup(&s);
	v = (struct verdict){ 0 };
	machine_enter(&s.m);
	if (row->judge)
		row->judge(&s, &v);
	else
		policy_mmap(&s.m.mm, &row->r, &v);
	ck_assert_msg(!s.m.ledger.buddy.journal.area->count, "%s: a decision changed the state",
		      row->name);
	ledger_leave(&s.m.ledger);
	machine_drop(&s.m);
	ck_assert_msg(v.result == row->result, "%s: %ld", row->name, v.result);
	ck_assert_msg(v.action == row->action, "%s: action %u", row->name, v.action);
	ck_assert_msg(v.result || v.swap == row->swap, "%s: swap %u", row->name, v.swap);
	for (unsigned i = 0; i < MOST; i++)
		ck_assert_msg((i < v.rules ? v.rule[i] : RULE_NONE) == row->rules[i],
			      "%s: rule %u is %s", row->name, i,
			      i < v.rules ? rule_get((enum rule_id)v.rule[i])->name : "missing");
}
END_TEST

static bool has_row(enum rule_id rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned k = 0; k < MOST; k++)
			if (rows[i].rules[k] == rule)
				return true;
	return false;
}

START_TEST(every_rule_has_a_row)
{
	for (unsigned rule = 1; rule < RULES; rule++) {
		bool other = false;

		for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
			other |= elsewhere[i] == rule;
		ck_assert_msg((has_row((enum rule_id)rule) || other) ==
				      rule_applies((enum rule_id)rule, PROFILE_HPUX_11_31),
			      "%s", rule_get((enum rule_id)rule)->name);
	}
}
END_TEST

SUITE("policy/hpux", LOOP(hpux_answers_as_the_row_says, ARRAY_SIZE(rows)),
      ONE(every_rule_has_a_row))
