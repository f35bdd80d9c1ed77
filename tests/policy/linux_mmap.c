/* SPDX-License-Identifier: MIT */
/* linux_mmap.c - mmap: what is checked first, and anonymous memory. */
#include "linux.h"

#define MAP(pages, prot_, flags_) .r = { .len = P * (pages), .prot = (prot_), .flags = (flags_) }

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
};

const struct row_table linux_mmap_rows = { rows, ARRAY_SIZE(rows) };
