/* SPDX-License-Identifier: MIT */
/*
 * trace.c - the recording as shared memory: claim bytes in the header, fill them in through a
 * window, store the type. A window is one chunk of the file and stays mapped; it is made to
 * exist in steps, each before it is first written: most programs write little, and a whole chunk
 * costs more than their start.
 */
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/compiler.h"
#include "base/raw.h"
#include "base/say.h"

#define WINDOWS 16384 /* chunks that one recording may have: 16 GiB */
#define STEP_SHIFT 16 /* bytes that are made to exist at a time */
#define STEPS (NOMMU_RECORDING_CHUNK >> STEP_SHIFT)
#define SEEN 8192 /* sites remembered per process; beyond that stacks may repeat */

static struct nommu_recording_header *header;
static char *windows[WINDOWS];
static uint16_t existing[WINDOWS]; /* steps that are known to exist, a bit each */
static char recording_path[CONF_PATH];
static uint64_t seen[SEEN];

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void fill_header(struct nommu_recording_header *h, const struct conf *conf)
{
	struct utsname host;

	h->major = NOMMU_RECORDING_MAJOR;
	h->minor = NOMMU_RECORDING_MINOR;
	h->page_size = NOMMU_PAGE_SIZE;
	h->start_ns = now_ns(CLOCK_REALTIME);
	h->start_mono_ns = now_ns(CLOCK_MONOTONIC);
	h->trim = conf->trim;
	h->stack_bytes = conf->stack;
	h->mode = conf->mode;
	h->profile = conf->profile;
	h->libc = conf->libc;
	h->image = conf->image;
	h->uninitialized = conf->uninitialized;
	h->max_order = conf->max_order;
	h->has_buddyinfo = conf->has_buddyinfo;
	h->record_heap = conf->record_heap;
	h->swap_pages = conf_swap_pages(conf);
	memcpy(h->free_blocks, conf->free, sizeof h->free_blocks);
	say_format(h->version, sizeof h->version, "%s", NOMMU_VERSION);
	if (raw_call1(SYS_uname, &host) == 0)
		say_format(h->host, sizeof h->host, "%s %s", host.machine, host.release);
	say_format(h->board, sizeof h->board, "%s", conf->board);
}

int trace_create(const char *path, const struct conf *conf, uint64_t free_pages, uint64_t reserve)
{
	union {
		struct nommu_recording_header h;
		char bytes[NOMMU_RECORDING_HEADER];
	} first;
	long fd, n;

	memset(&first, 0, sizeof first);
	fill_header(&first.h, conf);
	first.h.ram_pages = free_pages;
	first.h.reserve_pages = reserve;
	first.h.magic = NOMMU_RECORDING_MAGIC;
	if (raw_above_limit(sizeof first))
		return -EFBIG;
	fd = raw_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return (int)fd;
	n = raw_write((int)fd, &first, sizeof first);
	raw_close((int)fd);
	return n == (long)sizeof first ? 0 : n < 0 ? (int)n : -ENOSPC;
}

int trace_attach(const char *path)
{
	long fd, at;

	if (header || strlen(path) >= sizeof recording_path)
		return header ? 0 : -ENAMETOOLONG;
	memcpy(recording_path, path, strlen(path) + 1);
	fd = raw_openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return (int)fd;
	at = raw_mmap(0, NOMMU_RECORDING_HEADER, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	raw_close((int)fd);
	if (is_err(at))
		return (int)at;
	header = (struct nommu_recording_header *)at;
	return 0;
}

bool trace_active(void)
{
	return header != NULL;
}

_Static_assert(STEPS == 8 * sizeof existing[0], "a bit for each step");

static int64_t offset_of(uint64_t chunk)
{
	return (int64_t)(NOMMU_RECORDING_HEADER + chunk * NOMMU_RECORDING_CHUNK);
}

static char *map_window(uint64_t chunk, int fd)
{
	char *expected = NULL;
	long at = raw_mmap(0, NOMMU_RECORDING_CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   offset_of(chunk));

	if (is_err(at))
		return NULL;
	if (!__atomic_compare_exchange_n(&windows[chunk], &expected, (char *)at, false,
					 __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) {
		raw_munmap((uint64_t)at, NOMMU_RECORDING_CHUNK);
		return expected;
	}
	return (char *)at;
}

static long make_file_exist(int fd, int64_t from, int64_t end)
{
	struct stat now;
	long result = raw_call2(SYS_fstat, fd, &now);
	bool longer = result >= 0 && now.st_size < end;

	/* What others have made already is nobody's growth. */
	if (raw_above_limit((uint64_t)end) && (result < 0 || longer))
		return -EFBIG;
	result = raw_fallocate(fd, 0, from, end - from);
	/* a file system without: the best that can be done is the size */
	if (result == -EOPNOTSUPP)
		result = longer ? raw_ftruncate(fd, end) : 0;
	return result;
}

static nommu_noinline char *make_exist(uint64_t chunk, unsigned steps)
{
	unsigned first = (unsigned)__builtin_ctz(steps);
	int64_t from = offset_of(chunk) + ((int64_t)first << STEP_SHIFT);
	int64_t end = offset_of(chunk) + ((int64_t)(32 - __builtin_clz(steps)) << STEP_SHIFT);
	char *window = __atomic_load_n(&windows[chunk], __ATOMIC_ACQUIRE);
	long result, fd = raw_openat(AT_FDCWD, recording_path, O_RDWR | O_CLOEXEC, 0);

	if (fd < 0)
		return NULL;
	result = make_file_exist((int)fd, from, end);
	if (result >= 0 && !window)
		window = map_window(chunk, (int)fd);
	raw_close((int)fd);
	if (result < 0 || !window)
		return NULL;
	__atomic_fetch_or(&existing[chunk], (uint16_t)steps, __ATOMIC_RELEASE);
	return window;
}

/* The window on the bytes from at to end of a chunk, which exist; NULL if they cannot be had. */
static char *window(uint64_t chunk, uint64_t at, uint64_t end)
{
	unsigned steps;

	if (chunk >= WINDOWS)
		return NULL;
	steps = (2u << ((end - 1) >> STEP_SHIFT)) - (1u << (at >> STEP_SHIFT));
	steps &= ~(unsigned)__atomic_load_n(&existing[chunk], __ATOMIC_ACQUIRE);
	return likely(!steps) ? windows[chunk] : make_exist(chunk, steps);
}

void *trace_claim(size_t size, uint32_t pid)
{
	uint64_t old, start;
	struct nommu_record *record;
	char *chunk;

	if (!header)
		return NULL;
	size = (size + 7) & ~(size_t)7;
	old = __atomic_load_n(&header->claimed, __ATOMIC_RELAXED);
	do {
		start = old;
		if (start % NOMMU_RECORDING_CHUNK + size > NOMMU_RECORDING_CHUNK)
			start += NOMMU_RECORDING_CHUNK - start % NOMMU_RECORDING_CHUNK;
	} while (!__atomic_compare_exchange_n(&header->claimed, &old, start + size, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	chunk = window(start / NOMMU_RECORDING_CHUNK, start % NOMMU_RECORDING_CHUNK,
		       start % NOMMU_RECORDING_CHUNK + size);
	if (!chunk) {
		__atomic_fetch_add(&header->lost, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	record = (struct nommu_record *)(chunk + start % NOMMU_RECORDING_CHUNK);
	record->size = (uint16_t)size;
	record->pid = pid;
	record->time = now_ns(CLOCK_MONOTONIC) - header->start_mono_ns;
	return record;
}

void trace_done(void *record, enum nommu_record_type type)
{
	__atomic_store_n(&((struct nommu_record *)record)->type, (uint16_t)type, __ATOMIC_RELEASE);
}

bool trace_first_time(uint64_t site, uint32_t what)
{
	uint64_t key = (site << 8 | (what & 0xff)) | 1ULL << 63;
	uint64_t at = key * 0x9e3779b97f4a7c15ULL >> 51;

	for (unsigned i = 0; i < 16; i++, at++) {
		uint64_t expected = 0;

		if (__atomic_compare_exchange_n(&seen[at % SEEN], &expected, key, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return true;
		if (expected == key)
			return false;
	}
	return true;
}
