/* SPDX-License-Identifier: MIT */
#include "report/shapes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rules/rules.h"

#define PROGRAM 0x555555554000ULL
#define LIBC 0x7ffff7a00000ULL
#define NOMMU 0x7ffff7f00000ULL

static void start_program(struct recording *recording)
{
	recording_process(recording, 1, 0, "sqlite3\0app.db\0");
	recording_module(recording, PROGRAM, 0x200000, 1, "/opt/board/bin/sqlite3");
	recording_module(recording, LIBC, 0x200000, 4, "/opt/board/lib/libc.so.6");
	recording_module(recording, NOMMU, 0x40000, 2, "/opt/board/lib/libnommu_preload.so");
}

static void refuse_shared_file(struct recording *recording, uint64_t site, unsigned times)
{
	struct nommu_record_call call = {
		.call = NOMMU_CALL_MMAP,
		.site = site,
		.result = 0x7ffff0000000,
		.model = -ENODEV,
		.args = { 0, 32768, PROT_READ | PROT_WRITE, MAP_SHARED, 5, 0 },
		.rules = { RULE_SHARED_FILE },
		.severity = { SEVERITY_ERROR },
	};

	for (unsigned i = 0; i < times; i++) {
		recording_call(recording, &call, "/srv/app.db-shm");
		if (!i) {
			uint64_t ip[] = { site, PROGRAM + 0x2345, PROGRAM + 0x1111 };

			recording_stack(recording, site, ip, 3);
		}
	}
}

/* Called by libc: the frame to show is the program's, two frames out. */
static void warn_in_libc(struct recording *recording)
{
	uint64_t site = LIBC + 0x4444;
	uint64_t ip[] = { site, LIBC + 0x5555, PROGRAM + 0x3000 };
	struct nommu_record_call call = {
		.call = NOMMU_CALL_VFORK,
		.site = site,
		.rules = { RULE_VFORK_CHILD },
		.severity = { SEVERITY_WARNING },
	};

	recording_call(recording, &call, NULL);
	recording_stack(recording, site, ip, 3);
}

static void note_copy(struct recording *recording)
{
	struct nommu_record_call call = {
		.call = NOMMU_CALL_MMAP,
		.site = PROGRAM + 0x7777,
		.result = 0x7ffff0000000,
		.model = 1,
		.args = { 0, 100000, PROT_READ, MAP_PRIVATE, 3, 0 },
		.rules = { RULE_PRIVATE_COPY, RULE_ADDRESS_HINT },
		.severity = { SEVERITY_NOTE, SEVERITY_NOTE },
		.order = 5,
		.figure = { 100000, 2400 },
	};

	recording_call(recording, &call, "/srv/data \"quoted\" & <odd>.bin");
}

static void refuse_block(struct recording *recording)
{
	struct nommu_record_free lists = { .site = PROGRAM + 0x8888,
					   .wanted = 1024,
					   .reserve = 250,
					   .blocks = { 3, 2, 0, 4, 1, 0, 2, 0, 1, 0 } };
	struct nommu_record_call call = {
		.call = NOMMU_CALL_MMAP,
		.site = PROGRAM + 0x8888,
		.result = 0x7fff80000000,
		.model = -ENOMEM,
		.args = { 0, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  (uint64_t)-1, 0 },
		.rules = { RULE_FRAGMENTED },
		.severity = { SEVERITY_ERROR },
		.order = 10,
		.figure = { 425, 256 },
	};

	recording_region(recording, PROGRAM + 0x8888, NOMMU_KIND_MAPPING, 0, 1024, 1024, ENOMEM);
	recording_call(recording, &call, NULL);
	recording_put(recording, NOMMU_RECORD_FREE, &lists, sizeof(lists), NULL, 0);
}

static void use_memory(struct recording *recording)
{
	uint64_t heap[8];

	recording_region(recording, PROGRAM, NOMMU_KIND_IMAGE, 0, 300, 304, 0);
	recording_region(recording, PROGRAM, NOMMU_KIND_STACK, 320, 32, 32, 0);
	for (uint32_t i = 0; i < 8; i++)
		heap[i] = recording_region(recording, PROGRAM + 0x9000 + i * 16, NOMMU_KIND_HEAP,
					   512 + i * 64, 48 + i, 64, 0);
	for (uint32_t i = 0; i < 8; i += 2)
		recording_release(recording, heap[i], 512 + i * 64, 64);
	recording_region(recording, PROGRAM + 0xa000, NOMMU_KIND_SHARED, 1024, 100, 128, 0);
	recording_region(recording, PROGRAM + 0x7777, NOMMU_KIND_FILE, 2048, 25, 25, 0);
}

static void use_heap(struct recording *recording)
{
	recording_heap(recording, NOMMU_CALL_MALLOC, 100, 0x1000, 0);
	recording_heap(recording, NOMMU_CALL_MALLOC, 70000, 0x2000, 0);
	recording_heap(recording, NOMMU_CALL_REALLOC, 90000, 0x3000, 0x2000);
	recording_heap(recording, NOMMU_CALL_FREE, 0, 0x1000, 0);
	/* twice: not known any more */
	recording_heap(recording, NOMMU_CALL_FREE, 0, 0x1000, 0);
	recording_heap(recording, NOMMU_CALL_CALLOC, 30, 0x1000, 0);
}

static void lose_child(struct recording *recording)
{
	struct nommu_record_lost lost = { .ppid = recording->pid, .why = 1 };

	recording_put(recording, NOMMU_RECORD_LOST, &lost, sizeof(lost), "/bin/busybox\0true", 18);
}

static void write_typical(struct recording *recording, int worse)
{
	start_program(recording);
	use_memory(recording);
	refuse_shared_file(recording, PROGRAM + 0x1234, 3);
	if (worse)
		refuse_shared_file(recording, PROGRAM + 0x6666, 2);
	else
		warn_in_libc(recording);
	note_copy(recording);
	refuse_block(recording);
	use_heap(recording);
	lose_child(recording);
	recording_exit(recording, 0, 0, 1200);
}

static void write_findings(struct recording *recording, unsigned count)
{
	struct nommu_record_call call = { .call = NOMMU_CALL_MMAP,
					  .model = -EINVAL,
					  .args = { 0, 4096, PROT_READ,
						    MAP_PRIVATE | MAP_ANONYMOUS } };

	start_program(recording);
	use_memory(recording);
	for (unsigned i = 0; i < count; i++) {
		unsigned rule = 1 + i % (RULES - 1);

		call.site = PROGRAM + 0x1000 + i * 32;
		call.rules[0] = (uint16_t)rule;
		call.severity[0] = rule_get(rule)->severity;
		recording_call(recording, &call, NULL);
	}
	recording_exit(recording, 0, 0, 1200);
}

static void write_board(struct recording *recording)
{
	static const uint32_t lists[] = { 2, 7, 5, 4, 2, 6, 3, 2, 3, 3, 11 };
	struct nommu_recording_header *header = recording_header(recording);

	header->has_buddyinfo = 1;
	memcpy(header->free_blocks, lists, sizeof(lists));
	header->ram_pages = 14308;
	write_typical(recording, 0);
}

static void write_steps(struct recording *recording, unsigned count)
{
	enum { SLOTS = 256 };
	uint64_t slots[SLOTS] = { 0 };
	uint32_t random = 12345;

	for (unsigned i = 0; i < count; i++) {
		uint32_t slot;

		random = random * 1664525 + 1013904223;
		slot = random >> 24;
		if (slots[slot]) {
			recording_release(recording, slots[slot], slot * 32, 32);
			slots[slot] = 0;
		} else {
			slots[slot] = recording_region(recording, PROGRAM + 0x9000 + slot * 16,
						       slot % NOMMU_KINDS, slot * 32,
						       17 + slot % 16, 32, 0);
		}
	}
}

static void write_events(struct recording *recording, unsigned count)
{
	struct nommu_record_call call = { .call = NOMMU_CALL_MMAP,
					  .model = -EINVAL,
					  .args = { 0, 4096, PROT_READ,
						    MAP_PRIVATE | MAP_ANONYMOUS } };

	start_program(recording);
	for (unsigned i = 0; i < count / 2; i++) {
		unsigned rule = 1 + i % 7;

		call.site = PROGRAM + 0x1000 + (i % 200) * 32;
		call.rules[0] = (uint16_t)rule;
		call.severity[0] = rule_get(rule)->severity;
		recording_call(recording, &call, NULL);
	}
	write_steps(recording, count - count / 2);
	recording_exit(recording, 0, 0, 1200);
}

/* "findings-10" is the shape findings with a 10. */
static unsigned count_of(const char *name, const char *shape)
{
	size_t len = strlen(shape);

	return strncmp(name, shape, len) == 0 && name[len] == '-'
		       ? (unsigned)strtoul(name + len + 1, NULL, 10)
		       : 0;
}

int shape_make(struct recording *recording, const char *name)
{
	recording_start(recording, 16384);
	if (strcmp(name, "typical") == 0)
		write_typical(recording, 0);
	else if (strcmp(name, "worse") == 0)
		write_typical(recording, 1);
	else if (count_of(name, "findings"))
		write_findings(recording, count_of(name, "findings"));
	else if (count_of(name, "events"))
		write_events(recording, count_of(name, "events"));
	else if (count_of(name, "steps"))
		write_steps(recording, count_of(name, "steps"));
	else if (strcmp(name, "empty") == 0)
		start_program(recording);
	else if (strcmp(name, "board") == 0)
		write_board(recording);
	else
		return -1;
	return 0;
}
