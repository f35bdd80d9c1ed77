/* SPDX-License-Identifier: MIT */
/*
 * test_scan_made.c - programs of machines for which there is no compiler here: their imports and
 * images are told, their code only where it is decoded, and nothing else is said of them. And a
 * file too large to be kept in memory.
 */
#include "scan/scan.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/compiler.h"
#include "made.h"
#include "support/suite.h"

/*
 * bl fork; cbz w0, child; ret; child: bl execve; bl
 * _exit; ... then the PLT: adrp, ldr, add, br for each.
 */
static const uint32_t aarch64[] = {
	0x94000010, 0x34000040, 0xd65f03c0, 0x94000011, 0x94000014, 0xd503201f, 0xd503201f,
	0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f,
	0xd503201f, 0xd503201f, 0x90000010, 0xf9440211, 0x91200210, 0xd61f0220, 0x90000010,
	0xf9440611, 0x91202210, 0xd61f0220, 0x90000010, 0xf9440a11, 0x91204210, 0xd61f0220,
};

static const struct {
	const char *machine;
	struct made made;
} rows[] = {
	{ "riscv", { EM_RISCV, true, false, R_RISCV_JUMP_SLOT, NULL, 0, 0 } },
	{ "riscv", { EM_RISCV, false, false, R_RISCV_JUMP_SLOT, NULL, 0, 0 } },
	{ "arm", { EM_ARM, false, false, R_ARM_JUMP_SLOT, NULL, 0, 0 } },
	{ "arm", { EM_ARM, false, true, R_ARM_JUMP_SLOT, NULL, 0, 0 } },
	{ "i386", { EM_386, false, false, R_386_JMP_SLOT, NULL, 0, 0 } },
	{ "m68k", { EM_68K, false, true, R_68K_JMP_SLOT, NULL, 0, 0 } },
	{ "mips", { EM_MIPS, false, true, R_MIPS_JUMP_SLOT, NULL, 0, 0 } },
	{ "powerpc64", { EM_PPC64, true, true, R_PPC64_JMP_SLOT, NULL, 0, 0 } },
	{ "sh", { EM_SH, false, false, R_SH_JMP_SLOT, NULL, 0, 0 } },
	{ "xtensa", { EM_XTENSA, false, false, 4, NULL, 0, 0 } },
};

static struct scan_file *scan(const struct made *made)
{
	struct scan_options options;
	struct scan_file *file;
	size_t size;
	unsigned char *data = made_elf(made, &size);

	scan_defaults(&options);
	file = scan_memory(&options, "made", data, size);
	free(data);
	return file;
}

static const struct scan_finding *find(const struct scan_file *file, enum rule_id rule)
{
	const struct scan_finding *f = file->findings;

	while (f && f->rule != rule)
		f = f->next;
	return f;
}

static const struct scan_finding *fork_of(const struct scan_file *file)
{
	const struct scan_finding *f = find(file, RULE_FORK);

	ck_assert_msg(f != NULL, "fork is not told of %s", file->machine);
	return f;
}

START_TEST(other_machine_is_said_not_guessed)
{
	struct scan_file *file = scan(&rows[_i].made);

	ck_assert_int_eq(file->kind, SCAN_PROGRAM);
	ck_assert_str_eq(file->machine, rows[_i].machine);
	ck_assert(!file->code_read);
	ck_assert_uint_eq(fork_of(file)->site_count, 0);
	ck_assert_ptr_nonnull(strstr(file->reason, "could not be told"));
	ck_assert_uint_eq(file->cost[IMAGE_PIE].block, 4096);
	scan_file_free(file);
}
END_TEST

START_TEST(code_of_aarch64_is_followed_to_exec)
{
	const struct made made = { EM_AARCH64,		true, false, R_AARCH64_JUMP_SLOT, aarch64,
				   ARRAY_SIZE(aarch64), 0 };
	struct scan_file *file = scan(&made);
	const struct scan_finding *finding = fork_of(file);

	ck_assert_str_eq(file->machine, "aarch64");
	ck_assert(file->code_read);
	ck_assert_uint_eq(finding->site_count, 1);
	ck_assert_uint_eq(finding->sites[0].addr, MADE_CODE);
	ck_assert_ptr_nonnull(strstr(finding->evidence, "calls exec"));
	ck_assert_int_eq(file->verdict, SCAN_LOSES_FEATURE);
	scan_file_free(file);
}
END_TEST

START_TEST(machine_that_nobody_knows_is_told_so)
{
	const struct made made = { 0x7fff, true, false, 1, NULL, 0, 0 };
	struct scan_file *file = scan(&made);

	ck_assert_str_eq(file->machine, "unknown machine");
	ck_assert(!file->code_read);
	scan_file_free(file);
}
END_TEST

/* e_type, e_flags and the byte of the ABI of a 32-bit file that is little-endian. */
enum { BYTE_ABI = 7, BYTE_TYPE = 16, BYTE_FLAGS = 36 };

static const struct {
	const char *machine;
	struct made made;
	unsigned at, value;
} fdpic[] = {
	{ "arm", { EM_ARM, false, false, R_ARM_JUMP_SLOT, NULL, 0, 0 }, BYTE_ABI, 65 },
	{ "xtensa", { EM_XTENSA, false, false, 4, NULL, 0, 0 }, BYTE_ABI, 65 },
	{ "sh", { EM_SH, false, false, R_SH_JMP_SLOT, NULL, 0, 0 }, BYTE_FLAGS + 1, 0x80 },
	{ "blackfin", { EM_BLACKFIN, false, false, 1, NULL, 0, 0 }, BYTE_FLAGS, 2 },
};

START_TEST(program_linked_as_fdpic_has_no_fixed_address)
{
	struct scan_options options;
	struct scan_file *file;
	size_t size;
	unsigned char *data = made_elf(&fdpic[_i].made, &size);

	data[BYTE_TYPE] = ET_EXEC;
	scan_defaults(&options);
	file = scan_memory(&options, "made", data, size);
	ck_assert_str_eq(file->machine, fdpic[_i].machine);
	ck_assert(!file->fdpic);
	ck_assert_ptr_nonnull(find(file, RULE_NOT_PIE));
	scan_file_free(file);
	data[fdpic[_i].at] = (unsigned char)fdpic[_i].value;
	file = scan_memory(&options, "made", data, size);
	ck_assert(file->fdpic);
	ck_assert_ptr_null(find(file, RULE_NOT_PIE));
	scan_file_free(file);
	free(data);
}
END_TEST

/* Headers of flat files: data_start data_end bss_end stack reloc_start reloc_count flags. */
static const struct {
	uint32_t revision, word[7];
	enum scan_kind kind;
	enum scan_verdict verdict;
	const char *reason;
	uint64_t ram, block; /* of the model that the flags say */
} flats[] = {
	/* measured on a kernel: text 64 KiB, data 4 KiB, bss 40 KiB, stack 8 KiB, in RAM and not */
	{ 4,
	  { 0x10000, 0x11000, 0x1b000, 8192, 0x11000, 0, 1 },
	  SCAN_FLAT,
	  SCAN_READY,
	  "made for such",
	  29 * 4096,
	  32 * 4096 },
	{ 4,
	  { 0x10000, 0x11000, 0x1b000, 8192, 0x11000, 0, 0 },
	  SCAN_FLAT,
	  SCAN_READY,
	  "made for such",
	  29 * 4096,
	  16 * 4096 },
	{ 4,
	  { 0x10000, 0x11000, 0x11000, 4096, 0x11000, 100, 4 },
	  SCAN_FLAT,
	  SCAN_READY,
	  "made for such",
	  18 * 4096,
	  32 * 4096 },
	{ 4,
	  { 0x10000, 0x11000, 0x600000, 4096, 0x11000, 0, 1 },
	  SCAN_FLAT,
	  SCAN_REBUILD,
	  "a block of 8 MiB",
	  0x601000,
	  8 << 20 },
	{ 2,
	  { 0x10000, 0x11000, 0x11000, 4096, 0x11000, 0, 1 },
	  SCAN_FLAT,
	  SCAN_NOT_JUDGED,
	  "revision 2",
	  0,
	  0 },
	{ 4,
	  { 0x10000, 0x12000, 0x12000, 4096, 0x12000, 0, 0 },
	  SCAN_DAMAGED,
	  SCAN_NOT_JUDGED,
	  "cut off",
	  0,
	  0 },
	{ 4,
	  { 0x10000, 0x11000, 0x11000, 4096, 0x11000, 1, 0 },
	  SCAN_DAMAGED,
	  SCAN_NOT_JUDGED,
	  "cut off",
	  0,
	  0 },
	{ 4,
	  { 0x10000, 0x1000, 0x11000, 4096, 0x11000, 0, 0 },
	  SCAN_DAMAGED,
	  SCAN_NOT_JUDGED,
	  "follow each other",
	  0,
	  0 },
	{ 4,
	  { 0x10000, 0x11000, 0xfffffff0, 4096, 0x11000, 0, 0 },
	  SCAN_DAMAGED,
	  SCAN_NOT_JUDGED,
	  "impossible size",
	  0,
	  0 },
	{ 4, { 0, 0, 0, 0, 0, 0, 0 }, SCAN_DAMAGED, SCAN_NOT_JUDGED, "follow each other", 0, 0 },
};

START_TEST(flat_file_is_judged_by_its_header)
{
	unsigned char *data = calloc(1, 0x11000);
	const uint32_t words[] = { flats[_i].revision, 64 }; /* the entry */
	unsigned model = flats[_i].word[6] & 5 ? IMAGE_FLAT_RAM : IMAGE_FLAT;
	struct scan_options options;
	struct scan_file *file;

	memcpy(data, "bFLT", 4);
	for (unsigned i = 0; i < 9; i++)
		for (unsigned byte = 0; byte < 4; byte++)
			data[4 + 4 * i + byte] =
				(unsigned char)((i < 2 ? words[i] : flats[_i].word[i - 2]) >>
						(24 - 8 * byte));
	scan_defaults(&options);
	file = scan_memory(&options, "flat", data, 0x11000);
	ck_assert_int_eq(file->kind, flats[_i].kind);
	ck_assert_int_eq(file->verdict, flats[_i].verdict);
	ck_assert_msg(strstr(file->reason, flats[_i].reason) != NULL, "%s", file->reason);
	ck_assert_uint_eq(file->cost[model].ram, flats[_i].ram);
	ck_assert_uint_eq(file->cost[model].block, flats[_i].block);
	ck_assert_uint_eq(file->cost[IMAGE_FDPIC].ram, 0);
	scan_file_free(file);
	free(data);
}
END_TEST

/* The file's zeros are a hole: only memory that the scanner keeps of them can be large. */
START_TEST(large_file_does_not_stay_in_memory)
{
	const struct made made = { EM_X86_64,	       true, false, R_X86_64_JUMP_SLOT, NULL, 0,
				   (uint64_t)160 << 20 };
	char path[] = "/tmp/nommu-scan-XXXXXX", *paths[] = { path };
	struct scan_options options;
	struct scan_result result;
	struct rusage usage;
	int fd = mkstemp(path);
	size_t size;
	unsigned char *data;

	ck_assert_int_ge(fd, 0);
	data = made_elf(&made, &size);
	ck_assert_int_eq(write(fd, data, MADE_SIZE), MADE_SIZE);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	free(data);
	scan_defaults(&options);
	options.jobs = 1;
	options.root = "/nonexistent";
	ck_assert_int_eq(scan_paths(&result, &options, paths, 1), 0);
	unlink(path);
	close(fd);
	ck_assert_uint_eq(result.count, 1);
	ck_assert_ptr_nonnull(strstr(result.files[0]->reason, "256 MiB"));
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	ck_assert_int_lt(usage.ru_maxrss, 64 << 10);
#endif
	scan_free(&result);
}
END_TEST

SUITE("scan made", LOOP(other_machine_is_said_not_guessed, ARRAY_SIZE(rows)),
      ONE(code_of_aarch64_is_followed_to_exec), ONE(machine_that_nobody_knows_is_told_so),
      LOOP(program_linked_as_fdpic_has_no_fixed_address, ARRAY_SIZE(fdpic)),
      LOOP(flat_file_is_judged_by_its_header, ARRAY_SIZE(flats)),
      ONE(large_file_does_not_stay_in_memory))
