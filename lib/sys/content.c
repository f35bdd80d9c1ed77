/* SPDX-License-Identifier: MIT */
/*
 * content.c - what lies at the arena's addresses in this process. The arena is one anonymous
 * mapping that can be read, written and executed; releasing pages leaves their bytes, as on the
 * real machine, and taking them fills them again. A file's pages or the ledger's backing are mapped
 * over it, and stay until somebody takes the pages for something else.
 *
 * Runs outside the ledger: the pages belong to the caller by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/checker.h"
#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

#define ALL (PROT_READ | PROT_WRITE | PROT_EXEC)
#define POISON 0xa5 /* what uninitialized memory holds: no valid pointer, not zero, not ASCII */
#define MOST_KEPT (64u << 8) /* released pages with bytes of ours before they go back: 64 MiB */

static void *at(uint32_t page)
{
	return (void *)page_address(page);
}

/* Makes [start, start + pages) anonymous and so zero; if the host refuses, what is there stays. */
static void make_anonymous(uint32_t start, uint32_t pages)
{
	size_t len = (size_t)pages << NOMMU_PAGE_SHIFT;

	if (is_err(raw_mmap(page_address(start), len, ALL,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)))
		return;
	memset(sys.page + start, PAGE_CLEAN, pages);
}

/* Anything foreign goes; what was kept of released pages is in use again. */
static void claim(uint32_t start, uint32_t pages)
{
	uint32_t dirty = 0;

	for (uint32_t i = start; i < start + pages; i++)
		dirty += sys.page[i] == PAGE_DIRTY;
	__atomic_fetch_sub(&sys.kept_dirty, dirty, __ATOMIC_RELAXED);
	if (memchr(sys.page + start, PAGE_FOREIGN, pages))
		make_anonymous(start, pages);
}

static void zero_dirty(uint32_t start, uint32_t pages)
{
	for (uint32_t i = start, end = start + pages; i < end;) {
		uint32_t from = i;

		if (sys.page[i] != PAGE_DIRTY) {
			i++;
			continue;
		}
		while (i < end && sys.page[i] == PAGE_DIRTY)
			i++;
		memset(at(from), 0, (size_t)(i - from) << NOMMU_PAGE_SHIFT);
	}
}

void content_anonymous(uint32_t start, uint32_t pages, bool uninitialized)
{
	uint8_t how = uninitialized ? sys.ledger.h->conf.uninitialized : (uint8_t)UNINIT_ZERO;
	size_t len = (size_t)pages << NOMMU_PAGE_SHIFT;

	claim(start, pages);
	checker_undefine(at(start), len);
	if (how == UNINIT_ZERO)
		zero_dirty(start, pages);
	else if (how == UNINIT_POISON)
		memset(at(start), POISON, len);
	/* Whatever it holds, nobody put it there. */
	if (uninitialized)
		checker_undefine(at(start), len);
	else
		checker_define(at(start), len);
	memset(sys.page + start, PAGE_DIRTY, pages);
}

long content_read(char *to, size_t len, int fd, int64_t off)
{
	size_t done = 0;

	while (done < len) {
		long n = raw_pread(fd, to + done, len - done, off + (int64_t)done);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	memset(to + done, 0, len - done);
	return 0;
}

long content_file(uint32_t start, uint32_t pages, int fd, int64_t off, bool backed)
{
	if (!backed) {
		claim(start, pages);
		memset(sys.page + start, PAGE_DIRTY, pages);
	}
	checker_define(at(start), (size_t)pages << NOMMU_PAGE_SHIFT);
	return content_read(at(start), (size_t)pages << NOMMU_PAGE_SHIFT, fd, off);
}

static long map_file(uint32_t start, size_t len, int prot, int fd, int64_t off)
{
	long got = raw_mmap(page_address(start), len, prot | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd,
			    off);

	if (got == -EPERM) /* mounted noexec */
		got = raw_mmap(page_address(start), len, prot, MAP_SHARED | MAP_FIXED, fd, off);
	return got;
}

/*
 * Closing any descriptor of a file drops the record locks that the process has on it (fcntl(2)), so
 * one that is locked is not opened again. This descriptor's own kind of lock is in the way of them.
 */
bool content_locked(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return raw_call3(SYS_fcntl, fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

long content_map(uint32_t start, uint32_t pages, int fd, int64_t off, bool writable)
{
	size_t len = (size_t)pages << NOMMU_PAGE_SHIFT;
	char path[40];
	long again = -EBADF, got;

	/*
	 * Nothing is protected without an MMU: a file that
	 * was opened to be read can be written all the same.
	 */
	if (!writable && !content_locked(fd)) {
		say_format(path, sizeof path, "/proc/self/fd/%d", fd);
		again = raw_openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
	}
	got = map_file(start, len, PROT_READ | (writable || again >= 0 ? PROT_WRITE : 0),
		       again >= 0 ? (int)again : fd, off);
	if (again >= 0)
		raw_close((int)again);
	if (is_err(got))
		return got;
	/* Two threads may map the same pages of a file at the same time. */
	for (uint32_t i = start; i < start + pages; i++)
		__atomic_store_n(&sys.page[i], (uint8_t)PAGE_FOREIGN, __ATOMIC_RELAXED);
	checker_define(at(start), len);
	return 0;
}

long content_backing(uint32_t start, uint32_t pages, bool fresh)
{
	uint64_t from = (uint64_t)start << NOMMU_PAGE_SHIFT;
	uint64_t offset = ledger_backing_offset(&sys.ledger) + from;
	int64_t len = (int64_t)pages << NOMMU_PAGE_SHIFT;
	int fd = ledger_open_backing(&sys.ledger);
	long result = fd;

	if (fd < 0)
		return fd;
	if (fresh) {
		(void)raw_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (int64_t)offset,
				    len);
		result = raw_fallocate(fd, 0, (int64_t)offset, len);
	}
	if (result >= 0)
		result = content_map(start, pages, fd, (int64_t)offset, true);
	raw_close(fd);
	return result;
}

void content_released(uint32_t start, uint32_t pages)
{
	uint32_t kept;

	if (!sys.page)
		return;
	checker_forbid(at(start), (size_t)pages << NOMMU_PAGE_SHIFT);
	if (memchr(sys.page + start, PAGE_FOREIGN, pages))
		return;
	kept = __atomic_add_fetch(&sys.kept_dirty, pages, __ATOMIC_RELAXED);
	if (kept < MOST_KEPT)
		return;
	/*
	 * What gathered before stays; from here on each
	 * release goes back until a take lowers the count.
	 */
	(void)raw_madvise(page_address(start), (size_t)pages << NOMMU_PAGE_SHIFT, MADV_DONTNEED);
	memset(sys.page + start, PAGE_CLEAN, pages);
	__atomic_fetch_sub(&sys.kept_dirty, pages, __ATOMIC_RELAXED);
}
