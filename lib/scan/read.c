/* SPDX-License-Identifier: MIT */
/*
 * read.c - what is at one path: opened without following it
 * into devices, mapped, and handed on as a file or a package.
 */
#include "scan/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/package.h"

/* A file that shrinks while it is mapped raises SIGBUS in the thread that reads it. */
static __thread sigjmp_buf shrunk;
static __thread volatile sig_atomic_t reading;

void read_bus_error(int signal)
{
	if (reading)
		siglongjmp(shrunk, 1);
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(signal, &action, NULL);
	raise(signal);
}

static struct scan_file *unreadable(const char *path, const char *reason)
{
	struct scan_pool *pool = mem_new();
	struct scan_file *file = mem_alloc(pool, sizeof(*file));

	file->pool = pool;
	file->path = mem_copy(pool, path);
	file->kind = SCAN_UNREADABLE;
	file->reason = mem_copy(pool, reason);
	return file;
}

/* One package: where its files' results go. */
struct unpack {
	struct scanner *scanner;
	const struct job *job;
};

static void visit_packed(void *context, const char *path, const void *bytes, size_t length,
			 const char *wrong)
{
	struct unpack *unpack = context;
	const struct elf_bytes content = { bytes, length, false };
	char full[PATH_MAX + 512];
	struct scan_file *file;

	snprintf(full, sizeof(full), "%s:%s", unpack->job->path, path);
	if (bytes && package_is(bytes, length))
		wrong = "a package inside a package: unpack it first";
	file = wrong ? unreadable(full, wrong)
		     : file_scan(unpack->scanner->options, unpack->job->resolver, full, &content);
	file->package = mem_copy(file->pool, unpack->job->path);
	scanner_keep(unpack->scanner, file, false);
}

static void scan_bytes(struct scanner *scanner, const struct job *job, const void *data,
		       size_t size)
{
	const struct elf_bytes bytes = { data, size, true };
	struct unpack unpack = { scanner, job };
	const char *wrong;

	if (!package_is(data, size)) {
		scanner_keep(scanner, file_scan(scanner->options, job->resolver, job->path, &bytes),
			     job->named);
		return;
	}
	wrong = package_each(data, size, visit_packed, &unpack);
	if (wrong) {
		struct scan_file *file = unreadable(job->path, wrong);

		file->kind = SCAN_DAMAGED;
		scanner_keep(scanner, file, true);
	}
}

/* Only what can be a program or a package is mapped. */
static bool worth_mapping(int fd, off_t size)
{
	unsigned char begin[4] = { 0 };

	if (size < 4 || pread(fd, begin, sizeof(begin), 0) != (ssize_t)sizeof(begin))
		return false;
	return !memcmp(begin, ELFMAG, 4) || !memcmp(begin, "bFLT", 4) || !memcmp(begin, "#!", 2) ||
	       !memcmp(begin, "!<ar", 4);
}

static void open_file(struct scanner *scanner, const struct job *job, int fd)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !worth_mapping(fd, st.st_size)) {
		scanner_keep(scanner, scan_memory(scanner->options, job->path, "", 0), job->named);
		return;
	}
	/* Writable, the copy: libelf marks in place what it decompressed. */
	data = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
		    fd, 0);
	if (data == MAP_FAILED) {
		scanner_keep(scanner, unreadable(job->path, strerror(errno)), true);
		return;
	}
	if (sigsetjmp(shrunk, 1)) {
		/* What its reading allocated stays until the end: nobody knows how far it was. */
		reading = 0;
		scanner_keep(scanner, unreadable(job->path, "it changed while it was read"), true);
	} else {
		reading = 1;
		scan_bytes(scanner, job, data, (size_t)st.st_size);
		reading = 0;
	}
	munmap(data, (size_t)st.st_size);
}

void read_job(struct scanner *scanner, const struct job *job)
{
	int fd = -1;

	if (job->special) {
		scanner_keep(scanner, scan_memory(scanner->options, job->path, "", 0), job->named);
		return;
	}
	if (!job->error)
		fd = open(job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		scanner_keep(scanner,
			     unreadable(job->path, strerror(job->error ? job->error : errno)),
			     true);
		return;
	}
	open_file(scanner, job, fd);
	close(fd);
}
