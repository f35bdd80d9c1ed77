/* SPDX-License-Identifier: MIT */
/*
 * Every decision by a named row: a state, a request, and what each profile answers, which rules
 * it meets and what is to be done. A row whose profiles agree says so once. The last test counts
 * that no rule was forgotten.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "policy/policy.h"
#include "support/machine.h"
#include "support/suite.h"

#define P NOMMU_PAGE_SIZE
#define MOST 3 /* rules in a row */
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SYNC_FLAG 0x80000
#define NOREPLACE_FLAG 0x100000

/* The file that most requests are of. */
enum { DEV = 1, INO = 77, FILE_PAGES = 8 };

struct scene {
	struct machine m;
	struct mmap_request r; /* the row's; setup may change it */
	uint32_t vma;
	uint32_t object;
};

struct row {
	const char *name;
	void (*setup)(struct scene *);
	void (*judge)(struct scene *, struct verdict *); /* NULL: mmap of the request */
	struct mmap_request r;
	long result[2]; /* strict, linux-6.12 */
	uint16_t rules[2][MOST];
	uint32_t action[2];
};

/* ---- states ---- */

static uint64_t address(const struct scene *s, uint32_t vma)
{
	return mm_vma(&s->m.mm, vma)->view;
}

static void mapping(struct scene *s)
{
	s->vma = machine_map(&s->m, 8);
}

static void two_neighbours(struct scene *s)
{
	uint32_t second;

	s->vma = machine_map(&s->m, 8);
	second = machine_map(&s->m, 8);
	if (address(s, second) < address(s, s->vma))
		s->vma = second;
}

static void shrunk(struct scene *s)
{
	mapping(s);
	machine_enter(&s->m);
	mm_vma_resize(&s->m.mm, s->vma, 5);
	ledger_leave(&s->m.ledger);
}

static void sized_file(struct scene *s)
{
	s->object = machine_object(&s->m, INO, FILE_PAGES);
}

static void mapped_file(struct scene *s)
{
	sized_file(s);
	s->vma = machine_show(&s->m, s->object, 0, FILE_PAGES);
}

static void mapped_part(struct scene *s)
{
	sized_file(s);
	s->vma = machine_show(&s->m, s->object, 2, 4);
}

/* A read-only copy of pages 2 to 6 of a file on a disk. */
static void shared_copy(struct scene *s)
{
	struct mm_region r = { .pages = 4,
			       .flags = REGION_COPY | REGION_OVERLAY | REGION_FILE,
			       .kind = NOMMU_KIND_SHARED,
			       .pgoff = 2,
			       .dev = DEV,
			       .ino = INO };
	struct mm_vma v = { .proc = s->m.mm.self, .pages = 4, .flags = VMA_FILE, .pgoff = 2 };

	machine_enter(&s->m);
	r.start = mm_take_pages(&s->m.mm, 4, NOMMU_KIND_SHARED, &r.top);
	v.region = mm_region_new(&s->m.mm, &r);
	v.start = r.start;
	v.view = machine_address(&s->m, r.start);
	s->vma = mm_vma_new(&s->m.mm, &v, false);
	ledger_leave(&s->m.ledger);
}

static void shared_copy_of_another(struct scene *s)
{
	shared_copy(s);
	machine_enter(&s->m);
	mm_vma_erase(&s->m.mm, s->vma, false);
	s->m.mm.self = 0;
	ledger_leave(&s->m.ledger);
	s->m.mm.self = machine_join(&s->m, 2);
	shared_copy(s);
	s->m.mm.self = machine_join(&s->m, 3);
}

static void private_file(struct scene *s)
{
	struct mm_region r = { .pages = 4,
			       .flags = REGION_COPY | REGION_FILE,
			       .kind = NOMMU_KIND_FILE,
			       .dev = DEV,
			       .ino = INO };
	struct mm_vma v = { .proc = s->m.mm.self, .pages = 4, .flags = VMA_FILE };

	machine_enter(&s->m);
	r.start = mm_take_pages(&s->m.mm, 4, NOMMU_KIND_FILE, &r.top);
	v.region = mm_region_new(&s->m.mm, &r);
	v.start = r.start;
	v.view = machine_address(&s->m, r.start);
	s->vma = mm_vma_new(&s->m.mm, &v, false);
	ledger_leave(&s->m.ledger);
}

static void segment(struct scene *s)
{
	sized_file(s);
	machine_enter(&s->m);
	mm_object(&s->m.mm, s->object)->kind = OBJECT_SYSV;
	ledger_leave(&s->m.ledger);
}

static void attached(struct scene *s)
{
	segment(s);
	s->vma = machine_show(&s->m, s->object, 0, FILE_PAGES);
}

static void drain(struct scene *s, bool every_second)
{
	static uint32_t page[4096];
	uint32_t kept, n = 0;

	machine_enter(&s->m);
	while (n < 4096 &&
	       (page[n] = mm_take_pages(&s->m.mm, 1, NOMMU_KIND_HEAP, &kept)) != BUDDY_NONE) {
		journal_commit(mm_journal(&s->m.mm));
		n++;
	}
	for (uint32_t i = 0; i < n && every_second; i += 2) {
		mm_give_pages(&s->m.mm, page[i], 1, NOMMU_KIND_HEAP);
		journal_commit(mm_journal(&s->m.mm));
	}
	ledger_leave(&s->m.ledger);
}

static void empty(struct scene *s)
{
	drain(s, false);
}

static void fragmented(struct scene *s)
{
	s->m.ledger.h->buddy.reserve = 0; /* it would be one block */
	drain(s, true);
}

/* ---- requests other than mmap ---- */

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

/* ---- rows ---- */

#define BOTH(r, a, ...)                                                                            \
	.result = { r, r }, .action = { a, a }, .rules = { { __VA_ARGS__ }, { __VA_ARGS__ } }
#define REFUSED(r, ...) BOTH(r, ACT_NONE, __VA_ARGS__)

#define MAP(pages, prot_, flags_) .r = { .len = P * (pages), .prot = (prot_), .flags = (flags_) }
#define FACTS(kind_)                                                                               \
	{                                                                                          \
		.kind = (kind_), .readable = true, .writable = true, .dev = DEV, .ino = INO,       \
		.size = FILE_PAGES * P, .stored = FILE_PAGES                                       \
	}
#define MAP_FILE_OF(kind_, prot_, flags_, pages, page)                                             \
	.r = { .len = (uint64_t)(P * (pages)),                                                     \
	       .prot = (prot_),                                                                    \
	       .flags = (flags_),                                                                  \
	       .off = (int64_t)(P * (page)),                                                       \
	       .file = FACTS(kind_) }
#define DISK(prot_, flags_) MAP_FILE_OF(FILE_DISK, prot_, flags_, FILE_PAGES, 0)
#define MEMORY(prot_, flags_) MAP_FILE_OF(FILE_MEMORY, prot_, flags_, FILE_PAGES, 0)
/* A file whose descriptor or mount is special: readable, writable, append-only, noexec. */
#define SPECIAL(kind_, readable_, writable_, append_, noexec_, prot_, flags_)                      \
	.r = { .len = FILE_PAGES * P,                                                              \
	       .prot = (prot_),                                                                    \
	       .flags = (flags_),                                                                  \
	       .file = { (kind_), 0, (readable_), (writable_), (append_), (noexec_), DEV, INO,     \
			 FILE_PAGES * P, FILE_PAGES } }

static const struct row rows[] = {
	/* what mmap checks first */
	{ "unaligned offset",
	  .r = { .len = P, .flags = MAP_PRIVATE, .off = 1, .file = { .kind = FILE_BAD } },
	  REFUSED(-EINVAL, RULE_BAD_OFFSET) },
	{ "closed descriptor", .r = { .len = 0, .flags = MAP_FIXED, .file = { .kind = FILE_BAD } },
	  REFUSED(-EBADF, RULE_BAD_DESCRIPTOR) },
	{ "fixed address, even of length 0", .r = { .addr = P, .flags = ANON | MAP_FIXED },
	  REFUSED(-EINVAL, RULE_FIXED_ADDRESS) },
	{ "fixed address that replaces nothing",
	  .r = { .addr = P, .len = P, .flags = ANON | NOREPLACE_FLAG }, .result = { -EINVAL, 0 },
	  .action = { ACT_NONE, ACT_TAKE },
	  .rules = { { RULE_FIXED_ADDRESS }, { RULE_FIXED_ADDRESS } } },
	{ "address hint", .r = { .addr = P, .len = P, .prot = RW, .flags = ANON },
	  .result = { -EINVAL, 0 }, .action = { ACT_NONE, ACT_TAKE },
	  .rules = { { RULE_ADDRESS_HINT }, { RULE_ADDRESS_HINT } } },
	{ "neither shared nor private", MAP(1, RW, MAP_ANONYMOUS),
	  REFUSED(-EINVAL, RULE_MAP_TYPE) },
	{ "shared and validated", MAP(1, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE),
	  REFUSED(-EINVAL, RULE_MAP_TYPE) },
	{ "length 0", MAP(0, RW, ANON), REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	{ "length that overflows", .r = { .len = UINT64_MAX, .flags = ANON },
	  REFUSED(-ENOMEM, RULE_BAD_LENGTH) },
	{ "length beyond the address space", .r = { .len = 1ull << 62, .flags = ANON },
	  REFUSED(-ENOMEM, RULE_BAD_LENGTH) },
	{ "page offset that overflows", .r = { .len = 2 * P, .flags = ANON, .off = (int64_t)-P },
	  REFUSED(-EOVERFLOW, RULE_BAD_OFFSET) },
	{ "offset of an anonymous mapping", .r = { .len = P, .flags = ANON, .off = P },
	  BOTH(0, ACT_TAKE) },
	/* anonymous */
	{ "anonymous private", MAP(5, RW, ANON), BOTH(0, ACT_TAKE) },
	{ "anonymous private without access", MAP(5, PROT_NONE, ANON), BOTH(0, ACT_TAKE) },
	{ "anonymous shared", MAP(5, RW, MAP_SHARED | MAP_ANONYMOUS),
	  BOTH(0, ACT_TAKE, RULE_SHARED_ANONYMOUS) },
	{ "largest block", MAP(1024, RW, ANON), BOTH(0, ACT_TAKE) },
	{ "more than the largest block", MAP(1025, RW, ANON),
	  REFUSED(-ENOMEM, RULE_CONTIGUOUS_LIMIT) },
	{ "enough pages, no block", .setup = fragmented, MAP(4, RW, ANON),
	  REFUSED(-ENOMEM, RULE_FRAGMENTED) },
	{ "not enough pages", .setup = empty, MAP(1, RW, ANON),
	  REFUSED(-ENOMEM, RULE_OUT_OF_MEMORY) },
	{ "shared anonymous without memory", .setup = empty, MAP(1, RW, MAP_SHARED | MAP_ANONYMOUS),
	  REFUSED(-ENOMEM, RULE_SHARED_ANONYMOUS, RULE_OUT_OF_MEMORY) },
	/* files on a disk */
	{ "disk file, private", DISK(RW, MAP_PRIVATE), BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "disk file, private read-only", DISK(PROT_READ, MAP_PRIVATE),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "disk file, shared", DISK(RW, MAP_SHARED), REFUSED(-ENODEV, RULE_SHARED_FILE) },
	{ "disk file, shared read-only", DISK(PROT_READ, MAP_SHARED),
	  REFUSED(-ENODEV, RULE_SHARED_FILE) },
	{ "disk file, private beyond its end",
	  MAP_FILE_OF(FILE_DISK, PROT_READ, MAP_PRIVATE, 2, 100),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "disk file, private, beyond the largest offset",
	  .r = { .len = P,
		 .prot = PROT_READ,
		 .flags = MAP_PRIVATE,
		 .off = INT64_MAX & ~0xfffLL,
		 .file = FACTS(FILE_DISK) },
	  REFUSED(-EINVAL, RULE_BAD_OFFSET) },
	{ "disk file, private, no memory", .setup = empty, DISK(RW, MAP_PRIVATE),
	  REFUSED(-ENOMEM, RULE_OUT_OF_MEMORY) },
	{ "block device, shared", MAP_FILE_OF(FILE_BLOCK, RW, MAP_SHARED, 1, 0),
	  REFUSED(-ENODEV, RULE_SHARED_FILE) },
	{ "block device, private", MAP_FILE_OF(FILE_BLOCK, RW, MAP_PRIVATE, 1, 0),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "part of a read-only copy", .setup = shared_copy_of_another,
	  MAP_FILE_OF(FILE_DISK, PROT_READ, MAP_PRIVATE, 2, 3), BOTH(0, ACT_SHARE) },
	{ "part of a read-only copy in the same process", .setup = shared_copy,
	  MAP_FILE_OF(FILE_DISK, PROT_READ, MAP_PRIVATE, 4, 2),
	  BOTH(0, ACT_SHARE, RULE_MAPPED_TWICE) },
	{ "read-only copy that sticks out", .setup = shared_copy,
	  MAP_FILE_OF(FILE_DISK, PROT_READ, MAP_PRIVATE, 4, 3),
	  REFUSED(-EINVAL, RULE_SHARE_MISMATCH) },
	{ "read-only executable copy that is larger", .setup = shared_copy, DISK(RX, MAP_PRIVATE),
	  REFUSED(-EINVAL, RULE_SHARE_MISMATCH) },
	{ "writable copy beside a read-only one", .setup = shared_copy, DISK(RW, MAP_PRIVATE),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "read-only copy that does not overlap", .setup = shared_copy,
	  MAP_FILE_OF(FILE_DISK, PROT_READ, MAP_PRIVATE, 2, 6),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	/* files in memory */
	{ "memory file, shared", .setup = sized_file, MEMORY(RW, MAP_SHARED), BOTH(0, ACT_DIRECT) },
	{ "memory file, shared with MAP_SYNC", .setup = sized_file,
	  MEMORY(RW, MAP_SHARED | SYNC_FLAG), BOTH(0, ACT_DIRECT) },
	{ "memory file, a part shared", .setup = sized_file,
	  MAP_FILE_OF(FILE_MEMORY, RW, MAP_SHARED, 2, 3), BOTH(0, ACT_DIRECT) },
	{ "memory file, shared beyond its end", .setup = sized_file,
	  MAP_FILE_OF(FILE_MEMORY, RW, MAP_SHARED, 2, 7),
	  REFUSED(-ENODEV, RULE_SHARED_NOT_CONTIGUOUS) },
	{ "memory file that was written, shared", MEMORY(RW, MAP_SHARED), .result = { -ENODEV, 0 },
	  .action = { ACT_NONE, ACT_ADOPT }, .rules = { { RULE_SHARED_NOT_CONTIGUOUS }, { 0 } } },
	{ "memory file, private read-only", .setup = sized_file, MEMORY(PROT_READ, MAP_PRIVATE),
	  BOTH(0, ACT_DIRECT) },
	{ "memory file, private read-only beyond its end", .setup = sized_file,
	  MAP_FILE_OF(FILE_MEMORY, PROT_READ, MAP_PRIVATE, 9, 0),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "memory file, private", .setup = sized_file, MEMORY(RW, MAP_PRIVATE),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
	{ "memory file, shared twice", .setup = mapped_file, MEMORY(RW, MAP_SHARED),
	  BOTH(0, ACT_SHARE, RULE_MAPPED_TWICE) },
	{ "memory file, shared, larger than a mapping that is there", .setup = mapped_part,
	  MEMORY(RW, MAP_SHARED), BOTH(0, ACT_DIRECT) },
	/* access */
	{ "descriptor that cannot be read",
	  SPECIAL(FILE_DISK, false, true, false, false, PROT_WRITE, MAP_PRIVATE),
	  REFUSED(-EACCES, RULE_BAD_ACCESS) },
	{ "shared writable of a read-only descriptor",
	  SPECIAL(FILE_MEMORY, true, false, false, false, RW, MAP_SHARED),
	  REFUSED(-EACCES, RULE_BAD_ACCESS) },
	{ "shared of an append-only file",
	  SPECIAL(FILE_MEMORY, true, true, true, false, PROT_READ, MAP_SHARED),
	  REFUSED(-EACCES, RULE_BAD_ACCESS) },
	{ "executable of a noexec mount",
	  SPECIAL(FILE_DISK, true, true, false, true, RX, MAP_PRIVATE),
	  REFUSED(-EPERM, RULE_NOEXEC) },
	{ "shared executable of a noexec disk",
	  SPECIAL(FILE_DISK, true, true, false, true, RX, MAP_SHARED),
	  REFUSED(-ENODEV, RULE_SHARED_FILE) },
	{ "shared executable of a noexec memory file beyond its end",
	  SPECIAL(FILE_MEMORY, true, true, false, true, RX, MAP_SHARED),
	  REFUSED(-EPERM, RULE_NOEXEC) },
	/* other kinds */
	{ "directory or pipe", MAP_FILE_OF(FILE_OTHER, PROT_READ, MAP_PRIVATE, 1, 0),
	  REFUSED(-ENODEV, RULE_NO_MMAP) },
	{ "write end of a pipe",
	  SPECIAL(FILE_OTHER, false, true, false, false, PROT_READ, MAP_SHARED),
	  REFUSED(-ENODEV, RULE_NO_MMAP) },
	{ "socket", MAP_FILE_OF(FILE_SOCKET, PROT_READ, MAP_PRIVATE, 1, 0),
	  REFUSED(-EINVAL, RULE_NO_MMAP) },
	{ "character device, shared", MAP_FILE_OF(FILE_CHAR, RW, MAP_SHARED, 1, 0),
	  REFUSED(-ENODEV, RULE_SHARED_DEVICE) },
	{ "character device, private", MAP_FILE_OF(FILE_CHAR, RW, MAP_PRIVATE, 1, 0),
	  REFUSED(-ENODEV, RULE_SHARED_DEVICE) },
	{ "/dev/zero, private", MAP_FILE_OF(FILE_ZERO, RW, MAP_PRIVATE, 1, 0),
	  REFUSED(-EINVAL, RULE_SHARED_DEVICE) },
	{ "/dev/zero, shared", MAP_FILE_OF(FILE_ZERO, RW, MAP_SHARED, 1, 0),
	  REFUSED(-ENODEV, RULE_SHARED_DEVICE) },
	{ "device window", MAP_FILE_OF(FILE_WINDOW, RW, MAP_SHARED, 1, 0), BOTH(0, ACT_WINDOW) },
	{ "file in place, private read-only", MAP_FILE_OF(FILE_XIP, RX, MAP_PRIVATE, 1, 0),
	  BOTH(0, ACT_XIP) },
	{ "file in place, private writable", MAP_FILE_OF(FILE_XIP, RW, MAP_PRIVATE, 1, 0),
	  BOTH(0, ACT_TAKE, RULE_PRIVATE_COPY) },
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
	/* calls that do not exist */
	{ "mprotect", .judge = protect, REFUSED(-ENOSYS, RULE_ABSENT_CALL) },
	{ "mlock, which uClibc-ng answers itself", .judge = lock_memory,
	  REFUSED(0, RULE_ABSENT_CALL) },
	{ "mlock with musl", .judge = lock_memory_with_musl, REFUSED(-ENOSYS, RULE_ABSENT_CALL) },
};

/*
 * Rules that no decision here meets: lib/sys or the hooks
 * judge them with rule_answer(), or reports note them.
 */
static const uint16_t elsewhere[] = {
	RULE_NO_BRK,	      RULE_FORK,	 RULE_VFORK_CHILD,   RULE_DAEMON,
	RULE_FORKPTY,	      RULE_NO_FALLOCATE, RULE_MEMFD,	     RULE_STACK_DEPTH,
	RULE_IMAGE_TOO_LARGE, RULE_OVERCOMMIT,	 RULE_UNINITIALIZED, RULE_SPAWN_ATTRIBUTES,
	RULE_DLOPEN,	      RULE_NOT_COVERED,	 RULE_INTERNAL,
};

static void check_row(const struct row *row, enum conf_profile profile)
{
	const struct conf conf = machine_conf(16 << 20, profile);
	const char *name = row->name, *word = conf_profile_name(profile);
	struct scene s = { .r = row->r };
	struct verdict v;
	uint64_t before, after;

	machine_make(&s.m, &conf);
	if (row->setup)
		row->setup(&s);
	before = s.m.ledger.h->buddy.free_pages;
	machine_enter(&s.m);
	if (row->judge)
		row->judge(&s, &v);
	else
		policy_mmap(&s.m.mm, &s.r, &v);
	ck_assert_msg(!s.m.ledger.buddy.journal.area->count, "%s: a decision changed the state",
		      name);
	ledger_leave(&s.m.ledger);
	after = s.m.ledger.h->buddy.free_pages;
	machine_drop(&s.m);
	ck_assert_uint_eq(before, after);
	ck_assert_msg(v.result == row->result[profile], "%s, %s: %ld", name, word, v.result);
	ck_assert_msg(v.action == row->action[profile], "%s, %s: action %u", name, word, v.action);
	for (unsigned i = 0; i < MOST; i++)
		ck_assert_msg((i < v.rules ? v.rule[i] : RULE_NONE) == row->rules[profile][i],
			      "%s, %s: rule %u is %s", name, word, i,
			      i < v.rules ? rule_get((enum rule_id)v.rule[i])->name : "missing");
}

START_TEST(strict_answers_as_the_row_says)
{
	check_row(&rows[_i], PROFILE_STRICT);
}
END_TEST

START_TEST(linux_answers_as_the_row_says)
{
	check_row(&rows[_i], PROFILE_LINUX_6_12);
}
END_TEST

static bool has_row(enum rule_id rule, unsigned profile)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned k = 0; k < MOST; k++)
			if (rows[i].rules[profile][k] == rule)
				return true;
	return false;
}

static bool met_elsewhere(enum rule_id rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (elsewhere[i] == rule)
			return true;
	return rule >= RULE_ATFORK; /* scan's */
}

START_TEST(every_rule_has_a_row_in_every_profile)
{
	for (unsigned rule = 1; rule < RULES; rule++)
		for (unsigned profile = PROFILE_STRICT; profile <= PROFILE_LINUX_6_12; profile++)
			if (rule_applies((enum rule_id)rule, (enum conf_profile)profile))
				ck_assert_msg(has_row((enum rule_id)rule, profile) !=
						      met_elsewhere((enum rule_id)rule),
					      "%s, %s", rule_get((enum rule_id)rule)->name,
					      conf_profile_name((enum conf_profile)profile));
}
END_TEST

START_TEST(oom_killer_takes_the_newest_of_the_highest_score)
{
	const struct conf conf = machine_conf(4 << 20, PROFILE_LINUX_6_12);
	struct machine m;
	uint32_t old, new;

	machine_make(&m, &conf);
	ck_assert_uint_eq(policy_oom_victim(&m.mm), m.mm.self);
	old = machine_join(&m, 2);
	new = machine_join(&m, 3);
	ck_assert_uint_eq(policy_oom_victim(&m.mm), new);
	mm_proc(&m.mm, old)->adj = 1500;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), old);
	mm_proc(&m.mm, old)->vforking = 1;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), new);
	mm_proc(&m.mm, new)->adj = 0;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), m.mm.self);
	mm_proc(&m.mm, m.mm.self)->state = PROC_ENDED;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), 0);
	machine_drop(&m);
}
END_TEST

SUITE("policy", LOOP(strict_answers_as_the_row_says, ARRAY_SIZE(rows)),
      LOOP(linux_answers_as_the_row_says, ARRAY_SIZE(rows)),
      ONE(every_rule_has_a_row_in_every_profile),
      ONE(oom_killer_takes_the_newest_of_the_highest_score))
