/* SPDX-License-Identifier: MIT */
/* linux_files.c - mmap of files: on a disk, in memory, and of other kinds. */
#include "linux.h"

#define SYNC_FLAG 0x80000

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
};

const struct row_table linux_file_rows = { rows, ARRAY_SIZE(rows) };
