/* SPDX-License-Identifier: MIT */
#include "report/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *reserve(struct recording *recording, size_t size)
{
	unsigned char *at;

	if (recording->used + size > recording->room) {
		recording->room = (recording->used + size) * 2;
		recording->bytes = realloc(recording->bytes, recording->room);
		if (!recording->bytes)
			abort();
	}
	at = recording->bytes + recording->used;
	memset(at, 0, size);
	recording->used += size;
	return at;
}

struct nommu_recording_header *recording_header(struct recording *recording)
{
	return (struct nommu_recording_header *)recording->bytes;
}

void recording_start(struct recording *recording, uint64_t ram_pages)
{
	struct nommu_recording_header *header;

	memset(recording, 0, sizeof(*recording));
	reserve(recording, NOMMU_RECORDING_HEADER);
	header = recording_header(recording);
	header->magic = NOMMU_RECORDING_MAGIC;
	header->major = NOMMU_RECORDING_MAJOR;
	header->minor = NOMMU_RECORDING_MINOR;
	header->page_size = 4096;
	header->start_ns = 1700000000000000000ULL;
	header->ram_pages = ram_pages;
	header->trim = 1;
	header->mode = 1;
	header->image = 1;
	header->max_order = 10;
	strcpy(header->version, "0.1.0");
	strcpy(header->host, "x86_64 6.1.0");
	recording->step = 1000;
	recording->pid = 100;
}

void recording_put(struct recording *recording, unsigned type, void *record, size_t size,
		   const void *tail, size_t tail_size)
{
	size_t whole = (size + tail_size + 7) & ~(size_t)7;
	size_t at = (recording->used - NOMMU_RECORDING_HEADER) % NOMMU_RECORDING_CHUNK;
	struct nommu_record *head = record;
	unsigned char *bytes;

	if (at + whole > NOMMU_RECORDING_CHUNK) /* the rest of the chunk is zeroes */
		reserve(recording, NOMMU_RECORDING_CHUNK - at);
	head->size = (uint16_t)whole;
	head->type = (uint16_t)type;
	head->pid = recording->pid;
	head->time = recording->time += recording->step;
	bytes = reserve(recording, whole);
	memcpy(bytes, record, size);
	if (tail_size)
		memcpy(bytes + size, tail, tail_size);
	recording_header(recording)->claimed = recording->used - NOMMU_RECORDING_HEADER;
}

int recording_write(const struct recording *recording, const char *path)
{
	FILE *out = fopen(path, "we");
	int failed;

	if (!out)
		return -1;
	failed = fwrite(recording->bytes, 1, recording->used, out) != recording->used;
	return fclose(out) || failed ? -1 : 0;
}

void recording_free(struct recording *recording)
{
	free(recording->bytes);
	recording->bytes = NULL;
}

void recording_process(struct recording *recording, uint32_t ppid, unsigned origin,
		       const char *command)
{
	struct nommu_record_process process = { .ppid = ppid,
						.image = 1,
						.origin = origin,
						.stack_bytes = 131072,
						.image_pages = 300 };
	size_t len = 0;

	while (command[len])
		len += strlen(command + len) + 1;
	recording_put(recording, NOMMU_RECORD_PROCESS, &process, sizeof(process), command, len);
}

void recording_module(struct recording *recording, uint64_t base, uint64_t size, unsigned flags,
		      const char *path)
{
	struct nommu_record_module module = {
		.base = base, .start = base, .end = base + size, .flags = flags
	};

	recording_put(recording, NOMMU_RECORD_MODULE, &module, sizeof(module), path,
		      strlen(path) + 1);
}

void recording_call(struct recording *recording, struct nommu_record_call *call, const char *text)
{
	call->tid = recording->pid;
	recording_put(recording, NOMMU_RECORD_CALL, call, offsetof(struct nommu_record_call, text),
		      text, text ? strlen(text) + 1 : 0);
}

void recording_stack(struct recording *recording, uint64_t site, const uint64_t *ip, unsigned depth)
{
	struct nommu_record_stack stack = { .tid = recording->pid, .depth = depth, .site = site };

	recording_put(recording, NOMMU_RECORD_STACK, &stack, sizeof(stack), ip,
		      depth * sizeof(*ip));
}

uint64_t recording_region(struct recording *recording, uint64_t site, unsigned kind, uint32_t start,
			  uint32_t pages, uint32_t kept, unsigned refused)
{
	struct nommu_record_region region = {
		.region = ++recording->region,
		.site = site,
		.start = start,
		.pages = pages,
		.kept = kept,
		.kind = (uint16_t)kind,
		.refused = (uint16_t)refused,
		.tid = recording->pid,
	};

	recording_put(recording, NOMMU_RECORD_REGION, &region, sizeof(region), NULL, 0);
	return recording->region;
}

void recording_release(struct recording *recording, uint64_t region, uint32_t start, uint32_t pages)
{
	struct nommu_record_release release = { .region = region, .start = start, .pages = pages };

	recording_put(recording, NOMMU_RECORD_RELEASE, &release, sizeof(release), NULL, 0);
}

void recording_heap(struct recording *recording, unsigned call, uint64_t size, uint64_t pointer,
		    uint64_t old)
{
	struct nommu_record_heap heap = {
		.tid = recording->pid,
		.call = (uint16_t)call,
		.size = size,
		.pointer = pointer,
		.old = old,
	};

	recording_put(recording, NOMMU_RECORD_HEAP, &heap, sizeof(heap), NULL, 0);
}

void recording_exit(struct recording *recording, unsigned how, int status, uint64_t peak_pages)
{
	struct nommu_record_exit end = { .how = how, .status = status, .peak_pages = peak_pages };

	recording_put(recording, NOMMU_RECORD_EXIT, &end, sizeof(end), NULL, 0);
}
