/* SPDX-License-Identifier: MIT */
#include "report/read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/report.h"

static size_t read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, (char *)buf + got, len - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

static int refuse(struct reader *reader, char *error, const char *path, const char *what)
{
	snprintf(error, REPORT_ERROR_SIZE, "%s: %s", path, what);
	reader_close(reader);
	return -1;
}

#define BOARD_PAGES_MAX ((uint64_t)1 << 24) /* 64 GiB */

/* The free lists at the start are believed where they add up to the RAM. */
static void mend_lists(struct nommu_recording_header *header)
{
	uint64_t pages = 0;

	for (unsigned order = 0; order < NOMMU_RECORDING_ORDERS; order++)
		if (order <= header->max_order || !header->free_blocks[order])
			pages += (uint64_t)header->free_blocks[order] << order;
		else
			header->has_buddyinfo = 0;
	if (pages != header->ram_pages || pages > BOARD_PAGES_MAX)
		header->has_buddyinfo = 0;
}

/* A flipped byte in the header must not ruin the rest: what cannot be is replaced by the default.
 */
static void mend_header(struct nommu_recording_header *header)
{
	if (header->page_size < 512 || header->page_size > (1u << 20) ||
	    (header->page_size & (header->page_size - 1)))
		header->page_size = 4096;
	if (header->max_order >= NOMMU_RECORDING_ORDERS)
		header->max_order = 10;
	if (header->ram_pages > UINT32_MAX)
		header->ram_pages = UINT32_MAX;
	if (header->reserve_pages > header->ram_pages)
		header->reserve_pages = 0;
	mend_lists(header);
	header->version[sizeof(header->version) - 1] = 0;
	header->host[sizeof(header->host) - 1] = 0;
	header->board[sizeof(header->board) - 1] = 0;
}

int reader_open(struct reader *reader, const char *path, char *error)
{
	struct stat status;
	size_t got;

	memset(reader, 0, sizeof(*reader));
	reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (reader->fd < 0 || fstat(reader->fd, &status))
		return refuse(reader, error, path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(reader, error, path, "not a regular file");
	got = read_at(reader->fd, &reader->header, sizeof(reader->header), 0);
	if (got < sizeof(reader->header.magic) || reader->header.magic != NOMMU_RECORDING_MAGIC) {
		refuse(reader, error, path, "neither a recording nor a report in JSON");
		return 1;
	}
	if (got >= offsetof(struct nommu_recording_header, minor) &&
	    reader->header.major != NOMMU_RECORDING_MAJOR)
		return refuse(
			reader, error, path,
			"recorded by another version of nommu: read it with the one that made it");
	mend_header(&reader->header);
	reader->size = (uint64_t)status.st_size;
	reader->next = NOMMU_RECORDING_HEADER;
	reader->chunk = malloc(reader->size < NOMMU_RECORDING_CHUNK ? (size_t)reader->size + 1
								    : NOMMU_RECORDING_CHUNK);
	if (!reader->chunk)
		return refuse(reader, error, path, "not enough memory");
	return 0;
}

void reader_close(struct reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader->chunk);
	reader->chunk = NULL;
	reader->fd = -1;
}

/* The rest of the chunk cannot be walked. Zeroes are what its end is made of, the rest is damage.
 */
static void give_up_chunk(struct reader *reader)
{
	size_t last = reader->used;

	while (last > reader->at && !reader->chunk[last - 1])
		last--;
	reader->damaged += last - reader->at;
	reader->at = reader->used;
}

/* Up to the size that the file had at the start: a recording may still be growing. */
static bool read_chunk(struct reader *reader)
{
	size_t len = NOMMU_RECORDING_CHUNK;

	if (reader->next >= reader->size)
		return false;
	if (len > reader->size - reader->next)
		len = (size_t)(reader->size - reader->next);
	reader->used = read_at(reader->fd, reader->chunk, len, reader->next);
	reader->next += NOMMU_RECORDING_CHUNK;
	reader->at = 0;
	return reader->used > 0;
}

const struct nommu_record *reader_next(struct reader *reader)
{
	for (;;) {
		const struct nommu_record *record = (const void *)(reader->chunk + reader->at);
		size_t left = reader->used - reader->at;

		if (!left) {
			if (!read_chunk(reader))
				return NULL;
			continue;
		}
		if (left < sizeof(*record) || record->size < sizeof(*record) || record->size % 8 ||
		    record->size > left) {
			give_up_chunk(reader);
			continue;
		}
		reader->at += record->size;
		if (record->type == NOMMU_RECORD_NONE)
			reader->unfinished++;
		else if (record->type != NOMMU_RECORD_PAD)
			return record;
	}
}

void reader_fields(const struct nommu_record *record, void *fields, size_t size)
{
	size_t len = record->size < size ? record->size : size;

	memcpy(fields, record, len);
	memset((char *)fields + len, 0, size - len);
}

const char *reader_tail(const struct nommu_record *record, size_t from, size_t *len)
{
	*len = record->size > from ? record->size - from : 0;
	return (const char *)record + from;
}
