/* SPDX-License-Identifier: MIT */
/*
 * read.h - the records of a recording, one after the other, chunk by chunk with read(2): the file
 * may be cut anywhere, damaged anywhere, or still growing. A record that is handed out lies within
 * its chunk and is at least as long as its head; everything else in it may be wrong.
 */
#ifndef NOMMU_REPORT_READ_H
#define NOMMU_REPORT_READ_H

#include <stdbool.h>
#include <stddef.h>

#include <nommu/recording.h>

struct reader {
	struct nommu_recording_header header; /* with what makes no sense set right */
	unsigned char *chunk;		      /* the chunk in memory */
	uint64_t size;			      /* bytes of the file when it was opened */
	uint64_t next;			      /* where the next chunk starts in the file */
	uint64_t damaged;		      /* bytes that could not be understood */
	uint64_t unfinished;		      /* records claimed and never finished */
	size_t used;			      /* bytes of the chunk in memory */
	size_t at;			      /* of them, read */
	int fd;
};

/* Returns 0, or -1 with a line in error (REPORT_ERROR_SIZE). 1: it is no recording at all. */
int reader_open(struct reader *reader, const char *path, char *error);
void reader_close(struct reader *reader);

/* The next finished record, valid until the next call, or NULL at the end. */
const struct nommu_record *reader_next(struct reader *reader);

/* Copies a record into a struct of fixed size; what the record does not have is 0. */
void reader_fields(const struct nommu_record *record, void *fields, size_t size);

/* The bytes of a record behind `from`, for lists and texts; *len may be 0. */
const char *reader_tail(const struct nommu_record *record, size_t from, size_t *len);

#endif
