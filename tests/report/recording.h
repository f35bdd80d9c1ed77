/* SPDX-License-Identifier: MIT */
/*
 * recording.h - writes recordings for the tests, in the format of <nommu/recording.h> and with its
 * rules: no record crosses a chunk, what is left of one is padded. Everything goes to memory first.
 */
#ifndef NOMMU_TESTS_RECORDING_H
#define NOMMU_TESTS_RECORDING_H

#include <nommu/recording.h>

#include <stddef.h>

struct recording {
	unsigned char *bytes; /* the header first */
	size_t used, room;
	uint64_t time;	 /* of the next record */
	uint64_t step;	 /* added to time by each record */
	uint32_t pid;	 /* of the next record */
	uint64_t region; /* last serial number used */
};

void recording_start(struct recording *recording, uint64_t ram_pages);
int recording_write(const struct recording *recording, const char *path);
void recording_free(struct recording *recording);
struct nommu_recording_header *recording_header(struct recording *recording);

/* Appends a record and stamps its head; tail may be NULL. */
void recording_put(struct recording *recording, unsigned type, void *record, size_t size,
		   const void *tail, size_t tail_size);

/* command: texts ended by 0 each, the list ended by an empty one, as "sqlite3\0app.db\0". */
void recording_process(struct recording *recording, uint32_t ppid, unsigned origin,
		       const char *command);
void recording_module(struct recording *recording, uint64_t base, uint64_t size, unsigned flags,
		      const char *path);
void recording_call(struct recording *recording, struct nommu_record_call *call, const char *text);
void recording_stack(struct recording *recording, uint64_t site, const uint64_t *ip,
		     unsigned depth);
/* Returns the serial number. */
uint64_t recording_region(struct recording *recording, uint64_t site, unsigned kind, uint32_t start,
			  uint32_t pages, uint32_t kept, unsigned refused);
void recording_release(struct recording *recording, uint64_t region, uint32_t start,
		       uint32_t pages);
/* old is the pointer that realloc was given. */
void recording_heap(struct recording *recording, unsigned call, uint64_t size, uint64_t pointer,
		    uint64_t old);
void recording_exit(struct recording *recording, unsigned how, int status, uint64_t peak_pages);

#endif
