/* SPDX-License-Identifier: MIT */
/*
 * test_scan.c - what the scanner says of the fixtures: verdicts and findings row by row, and that
 * no damaged file, cut or changed anywhere, does more than be told as damaged.
 */
#include "scan/scan.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/suite.h"

struct row {
	const char *fixture;
	enum scan_verdict verdict;
	const char *reason; /* part of it */
	enum rule_id rule;  /* a finding that must be there; RULE_NONE: no error may be */
	const char *call, *function;
};

static const struct row rows[] = {
	{ "plain", SCAN_READY, "no call", RULE_NONE, NULL, NULL },
	{ "exec_near", SCAN_CANNOT_RUN, "close to main", RULE_FORK, "fork", "start" },
	{ "exec_deep", SCAN_LOSES_FEATURE, "run_helper", RULE_FORK, "fork", "run_helper" },
	{ "exec_pipe", SCAN_REBUILD, "end of a pipe", RULE_FORK, "fork", "run_helper" },
	{ "exec_pipe_kill", SCAN_LOSES_FEATURE, "only deep down (run_helper)", RULE_FORK, "fork",
	  "run_helper" },
	{ "child_ends", SCAN_LOSES_FEATURE, "ends at once", RULE_FORK, "fork", "main" },
	{ "exec_or_vfork", SCAN_REBUILD, "vfork", RULE_FORK, "fork", "start" },
	{ "mostly_vfork", SCAN_REBUILD, "vfork in 2 places and fork in 1", RULE_FORK, "fork",
	  "work" },
	{ "wrapper", SCAN_CANNOT_RUN, "close to main", RULE_FORK, "fork", "checked_fork" },
	{ "works_on", SCAN_CANNOT_RUN, "accept_one", RULE_FORK, "fork", "accept_one" },
	{ "serves", SCAN_CANNOT_RUN, "serves others", RULE_FORK, "fork", "run_helper" },
	{ "background", SCAN_LOSES_FEATURE, "background", RULE_FORK, "fork", "into_background" },
	{ "daemon", SCAN_READY, "no call", RULE_DAEMON, "daemon", "main" },
	{ "forkpty", SCAN_CANNOT_RUN, "forkpty", RULE_FORKPTY, "forkpty", "main" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_SHARED_FILE, "mmap", "shared" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_FIXED_ADDRESS, "mmap", "fixed" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_CONTIGUOUS_LIMIT, "mmap", "large" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_CONTIGUOUS_LIMIT, "malloc", "huge_heap" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_ABSENT_CALL, "mprotect", "make_code" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_ABSENT_CALL, "madvise", "main" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_NO_BRK, "sbrk", "main" },
	{ "memory", SCAN_REBUILD, "bytes at once", RULE_REMAP_GROW, "mremap", "main" },
	{ "system_call", SCAN_READY, "", RULE_RAW_SYSCALL, "syscall", "own_getpid" },
	{ "large_bss", SCAN_CANNOT_RUN, "8 MiB", RULE_IMAGE_TOO_LARGE, "image", NULL },
	{ "large_text", SCAN_REBUILD, "8 MiB", RULE_IMAGE_TOO_LARGE, "image", NULL },
	{ "stripped", SCAN_CANNOT_RUN, "close to main", RULE_FORK, "fork", NULL },
	{ "fixed", SCAN_REBUILD, "fixed address", RULE_NOT_PIE, "ET_EXEC", NULL },
	{ "static", SCAN_NOT_JUDGED, "static", RULE_NOT_PIE, "ET_EXEC", NULL },
	{ "exec_stack", SCAN_READY, "", RULE_EXEC_STACK, "PT_GNU_STACK", NULL },
	{ "uses_spawn", SCAN_LOSES_FEATURE, "library_spawn leads there", RULE_MMU_LIBRARY,
	  "liblibrary.so", NULL },
	{ "uses_start", SCAN_LOSES_FEATURE, "library_start leads there", RULE_MMU_LIBRARY,
	  "liblibrary.so", NULL },
	{ "uses_add", SCAN_READY, "", RULE_MMU_LIBRARY, "liblibrary.so", NULL },
	{ "front", SCAN_LOSES_FEATURE, "calls into liblibrary.so", RULE_MMU_LIBRARY,
	  "liblibrary.so", NULL },
	{ "uses_layer", SCAN_CANNOT_RUN,
	  "built on liblayer.so, which is built on liblibrary.so, which starts", RULE_MMU_LIBRARY,
	  "liblayer.so", NULL },
	{ "uses_both", SCAN_LOSES_FEATURE, "library_spawn leads there", RULE_MMU_LIBRARY,
	  "liblibrary.so", NULL },
};

static struct scan_result scan_fixture(const char *name, const struct scan_options *options)
{
	struct scan_result result;
	char path[512];
	char *paths[] = { path };

	snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
	ck_assert_int_eq(scan_paths(&result, options, paths, 1), 0);
	ck_assert_uint_eq(result.count, 1);
	return result;
}

static struct scan_options defaults(void)
{
	struct scan_options options;

	scan_defaults(&options);
	options.jobs = 1;
	options.root = FIXTURES;
	return options;
}

static const struct scan_finding *find(const struct scan_file *file, enum rule_id rule,
				       const char *call)
{
	for (const struct scan_finding *f = file->findings; f; f = f->next)
		if (f->rule == rule && (!call || !strcmp(f->call, call)))
			return f;
	return NULL;
}

static bool has_function(const struct scan_finding *finding, const char *function)
{
	for (unsigned i = 0; i < finding->site_count; i++)
		if (!strcmp(finding->sites[i].function, function))
			return true;
	return false;
}

START_TEST(fixture_is_judged_as_its_row_says)
{
	const struct row *row = &rows[_i];
	struct scan_options options = defaults();
	struct scan_result result = scan_fixture(row->fixture, &options);
	const struct scan_file *file = result.files[0];
	const struct scan_finding *finding = find(file, row->rule, row->call);

	ck_assert_msg(file->verdict == row->verdict && strstr(file->reason, row->reason),
		      "%s: %s, %s", row->fixture, scan_verdict_name(file->verdict), file->reason);
	if (row->rule == RULE_NONE) {
		for (const struct scan_finding *f = file->findings; f; f = f->next)
			ck_assert_int_ne(f->severity, SEVERITY_ERROR);
	} else {
		ck_assert_msg(finding != NULL, "%s: no %s", row->fixture,
			      rule_get(row->rule)->name);
		/*
		 * Several findings of one rule and call differ
		 * in their evidence: any may have the place.
		 */
		bool found = !row->function;

		for (; finding && !found; finding = finding->next)
			found = finding->rule == row->rule && has_function(finding, row->function);
		ck_assert_msg(found, "%s: not in %s", row->fixture, row->function);
	}
	scan_free(&result);
}
END_TEST

START_TEST(call_site_has_source_line_with_debug_information)
{
	struct scan_options options = defaults();
	struct scan_result result = scan_fixture("exec_near", &options);
	const struct scan_finding *finding = find(result.files[0], RULE_FORK, "fork");

	ck_assert_ptr_nonnull(finding);
	ck_assert_uint_eq(finding->site_count, 1);
	ck_assert_ptr_nonnull(finding->sites[0].file);
	ck_assert_ptr_nonnull(strstr(finding->sites[0].file, "exec_near.c"));
	ck_assert_uint_eq(finding->sites[0].line, 10);
	scan_free(&result);
}
END_TEST

START_TEST(system_call_number_is_read_off_and_operands_are_no_calls)
{
	struct scan_options options = defaults();
	struct scan_result result = scan_fixture("system_call", &options);
	const struct scan_finding *finding = find(result.files[0], RULE_RAW_SYSCALL, "syscall");

	ck_assert_ptr_nonnull(finding);
	ck_assert_uint_eq(finding->count, 1);
#ifdef __x86_64__
	ck_assert_ptr_nonnull(strstr(finding->evidence, "system call 39"));
#endif
	for (finding = finding->next; finding; finding = finding->next)
		ck_assert_int_ne(finding->rule, RULE_RAW_SYSCALL);
	scan_free(&result);
}
END_TEST

START_TEST(daemon_works_with_uclibc_and_not_with_musl)
{
	struct scan_options options = defaults();
	struct scan_result result;

	options.libc = LIBC_MUSL;
	result = scan_fixture("daemon", &options);
	ck_assert_int_eq(result.files[0]->verdict, SCAN_LOSES_FEATURE);
	scan_free(&result);
}
END_TEST

START_TEST(larger_blocks_make_room_for_a_large_image)
{
	struct scan_options options = defaults();
	struct scan_result result;

	options.max_order = 11;
	result = scan_fixture("large_bss", &options);
	ck_assert_int_eq(result.files[0]->verdict, SCAN_READY);
	ck_assert_uint_eq(result.files[0]->cost[IMAGE_FDPIC].block, 8 << 20);
	scan_free(&result);
}
END_TEST

START_TEST(stack_size_is_read_from_the_header)
{
	struct scan_options options = defaults();
	struct scan_result result = scan_fixture("stack_size", &options);

	ck_assert_uint_eq(result.files[0]->stack, 65536);
	ck_assert_ptr_null(find(result.files[0], RULE_STACK_SIZE, NULL));
	scan_free(&result);
}
END_TEST

START_TEST(result_does_not_depend_on_the_number_of_jobs)
{
	struct scan_options options = defaults();
	char *paths[] = { (char *)FIXTURES };
	struct scan_result one, many;

	ck_assert_int_eq(scan_paths(&one, &options, paths, 1), 0);
	options.jobs = 8;
	ck_assert_int_eq(scan_paths(&many, &options, paths, 1), 0);
	ck_assert_uint_gt(one.count, 15);
	ck_assert_uint_eq(one.count, many.count);
	for (size_t i = 0; i < one.count; i++) {
		ck_assert_str_eq(one.files[i]->path, many.files[i]->path);
		ck_assert_str_eq(one.files[i]->reason ? one.files[i]->reason : "",
				 many.files[i]->reason ? many.files[i]->reason : "");
	}
	scan_free(&one);
	scan_free(&many);
}
END_TEST

static unsigned char *load(const char *name, size_t *size)
{
	char path[512];
	struct stat st;
	unsigned char *data;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	*size = (size_t)st.st_size;
	data = malloc(*size);
	ck_assert_ptr_nonnull(data);
	ck_assert_int_eq(read(fd, data, *size), st.st_size);
	close(fd);
	return data;
}

START_TEST(file_cut_anywhere_is_damaged_or_still_judged)
{
	struct scan_options options = defaults();
	size_t size;
	unsigned char *data = load("stripped", &size);

	for (size_t cut = 0; cut < size; cut++) {
		/* so that reading beyond is seen */
		unsigned char *copy = malloc(cut ? cut : 1);
		struct scan_file *file;

		memcpy(copy, data, cut);
		file = scan_memory(&options, "cut", copy, cut);
		ck_assert_ptr_nonnull(file->reason);
		ck_assert(cut >= 4 || file->kind == SCAN_OTHER);
		scan_file_free(file);
		free(copy);
	}
	free(data);
}
END_TEST

START_TEST(byte_changed_anywhere_in_the_headers_is_survived)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct scan_options options = defaults();
	size_t size, headers;
	unsigned char *data = load("stripped", &size);

	headers = size < 1200 ? size : 1200;
	for (size_t at = 4; at < headers; at++) {
		for (size_t v = 0; v < sizeof(values); v++) {
			unsigned char old = data[at];
			struct scan_file *file;

			data[at] = values[v];
			file = scan_memory(&options, "changed", data, size);
			ck_assert_ptr_nonnull(file->reason);
			scan_file_free(file);
			data[at] = old;
		}
	}
	free(data);
}
END_TEST

SUITE("scan", LOOP(fixture_is_judged_as_its_row_says, ARRAY_SIZE(rows)),
      ONE(call_site_has_source_line_with_debug_information),
      ONE(system_call_number_is_read_off_and_operands_are_no_calls),
      ONE(daemon_works_with_uclibc_and_not_with_musl),
      ONE(larger_blocks_make_room_for_a_large_image), ONE(stack_size_is_read_from_the_header),
      ONE(result_does_not_depend_on_the_number_of_jobs),
      ONE(file_cut_anywhere_is_damaged_or_still_judged),
      ONE(byte_changed_anywhere_in_the_headers_is_survived))
