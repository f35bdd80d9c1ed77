/* SPDX-License-Identifier: MIT */
/* What was recorded is in the file, whatever becomes of its writer: whole, unfinished or lost. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "trace/trace.h"

static char path[64];

static void create(void)
{
	const struct conf conf = machine_conf(8 << 20, PROFILE_LINUX_6_12);

	strcpy(path, "recording-XXXXXX");
	close(mkstemp(path));
	ck_assert_int_eq(trace_create(path, &conf, 2048, 90), 0);
}

/* The file, mapped. */
static const char *contents(void)
{
	int fd = open(path, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);
	void *at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);

	close(fd);
	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

static const struct nommu_recording_header *head_of(const char *file)
{
	return (const struct nommu_recording_header *)file;
}

/* Finished records of a type; *unfinished counts claims that were never done. */
static unsigned count(const char *file, unsigned type, unsigned *unfinished)
{
	uint64_t end = head_of(file)->claimed;
	unsigned found = 0;

	*unfinished = 0;
	for (uint64_t at = 0; at < end;) {
		const struct nommu_record *r = (const void *)(file + NOMMU_RECORDING_HEADER + at);

		if (r->size < sizeof *r) { /* the rest of a chunk */
			at = (at / NOMMU_RECORDING_CHUNK + 1) * NOMMU_RECORDING_CHUNK;
			continue;
		}
		ck_assert_uint_eq(r->size % 8, 0);
		ck_assert_uint_le(at % NOMMU_RECORDING_CHUNK + r->size, NOMMU_RECORDING_CHUNK);
		found += r->type == type;
		*unfinished += r->type == NOMMU_RECORD_NONE;
		at += r->size;
	}
	return found;
}

static void write_releases(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct nommu_record_release *r = trace_claim(sizeof *r, 7);

		if (!r)
			continue;
		r->region = i;
		trace_done(r, NOMMU_RECORD_RELEASE);
	}
}

static void write_many_and_die(void *context)
{
	EXPECT_EQ(trace_attach(path), 0);
	write_releases(*(unsigned *)context);
	EXPECT(trace_claim(40, 7));
	raw_kill(raw_getpid(), SIGKILL);
}

START_TEST(records_survive_their_writer_over_many_chunks)
{
	unsigned n = 100000, unfinished;
	const char *file;

	create();
	child_status(write_many_and_die, &n);
	file = contents();
	ck_assert_uint_eq(head_of(file)->magic, NOMMU_RECORDING_MAGIC);
	ck_assert_uint_eq(head_of(file)->ram_pages, 2048);
	ck_assert_uint_eq(head_of(file)->reserve_pages, 90);
	ck_assert_uint_eq(head_of(file)->profile, PROFILE_LINUX_6_12);
	ck_assert_uint_gt(head_of(file)->claimed, 3 * NOMMU_RECORDING_CHUNK);
	ck_assert_uint_eq(count(file, NOMMU_RECORD_RELEASE, &unfinished), n);
	ck_assert_uint_eq(unfinished, 1);
	ck_assert_uint_eq(head_of(file)->lost, 0);
	unlink(path);
}
END_TEST

static void write_some(void *context)
{
	EXPECT_EQ(trace_attach(path), 0);
	write_releases(*(unsigned *)context);
}

START_TEST(four_processes_write_one_recording)
{
	unsigned n = 20000, unfinished;
	pid_t pid[4];

	create();
	for (unsigned i = 0; i < ARRAY_SIZE(pid); i++)
		pid[i] = child_start(write_some, &n);
	for (unsigned i = 0; i < ARRAY_SIZE(pid); i++)
		ck_assert_int_eq(child_wait(pid[i]), 0);
	ck_assert_uint_eq(count(contents(), NOMMU_RECORD_RELEASE, &unfinished), 4 * n);
	ck_assert_uint_eq(unfinished, 0);
	unlink(path);
}
END_TEST

/*
 * The limit on a file's size stands for a full disk: the file cannot grow beyond its first chunk.
 */
static void write_to_a_full_disk(void *context)
{
	const struct rlimit limit = { NOMMU_RECORDING_HEADER + NOMMU_RECORDING_CHUNK,
				      NOMMU_RECORDING_HEADER + NOMMU_RECORDING_CHUNK };

	signal(SIGXFSZ, SIG_IGN);
	EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	EXPECT_EQ(trace_attach(path), 0);
	write_releases(*(unsigned *)context);
}

START_TEST(full_disk_counts_what_is_lost)
{
	unsigned n = 40000, found;
	const struct nommu_recording_header *h;
	const char *file;

	create();
	ck_assert_int_eq(child_status(write_to_a_full_disk, &n), 0);
	file = contents();
	h = head_of(file);
	found = (unsigned)(NOMMU_RECORDING_CHUNK / sizeof(struct nommu_record_release));
	ck_assert_uint_eq(h->lost, n - found);
	unlink(path);
}
END_TEST

static void claim_nowhere(void *context)
{
	(void)context;
	EXPECT(!trace_active());
	EXPECT(!trace_claim(64, 1));
	EXPECT(trace_attach("/nowhere/recording") < 0);
	EXPECT(!trace_active());
	trace_stack(1, 1, 0x1000);
}

START_TEST(without_a_recording_nothing_happens)
{
	ck_assert_int_eq(child_status(claim_nowhere, NULL), 0);
}
END_TEST

START_TEST(site_is_new_once_for_each_rule)
{
	ck_assert(trace_first_time(0x401234, 3));
	ck_assert(!trace_first_time(0x401234, 3));
	ck_assert(trace_first_time(0x401234, 4));
	ck_assert(trace_first_time(0x401238, 3));
}
END_TEST

SUITE("trace", ONE(records_survive_their_writer_over_many_chunks),
      ONE(four_processes_write_one_recording), ONE(full_disk_counts_what_is_lost),
      ONE(without_a_recording_nothing_happens), ONE(site_is_new_once_for_each_rule))
