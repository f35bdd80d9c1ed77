/* SPDX-License-Identifier: MIT */
/*
 * walk.c - folders, jobs and the order of results. One thread walks (physically: links are not followed, so
 * loops of links are no loops), the others take paths from a short queue. Results are sorted at the end, so
 * their order does not depend on the number of jobs.
 */
#include "scan/resolve.h"

#include <capstone/capstone.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/types.h"
#include "scan/package.h"

#define QUEUE 256
#define MOST_ROOTS 32

struct job {
	char *path;
	struct resolver *resolver;
	bool named; /* given by the user: told even if it is no program */
	int error;  /* the walk could not read it */
};

struct scanner {
	struct scan_result *result;
	const struct scan_options *options;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct job queue[QUEUE];
	size_t head, count;
	bool closed;
	size_t done;
	struct timespec shown;
	struct resolver *resolvers[MOST_ROOTS];
	char *roots[MOST_ROOTS];
	size_t root_count;
};

/* A file that shrinks while it is mapped raises SIGBUS in the thread that reads it. */
static __thread sigjmp_buf shrunk;
static __thread volatile sig_atomic_t reading;

static void on_bus_error(int signal)
{
	if (reading)
		siglongjmp(shrunk, 1);
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(signal, &action, NULL);
	raise(signal);
}

void scan_defaults(struct scan_options *options)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*options =
		(struct scan_options){ .libc = LIBC_UCLIBC, .image = IMAGE_FDPIC, .max_order = 10 };
	options->jobs = (uint8_t)(cpus < 1 ? 1 : cpus > 64 ? 64 : cpus);
}

static void show_progress(struct scanner *scanner)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!scanner->options->progress ||
	    (now.tv_sec - scanner->shown.tv_sec) * 1000 +
			    (now.tv_nsec - scanner->shown.tv_nsec) / 1000000 <
		    200)
		return;
	scanner->shown = now;
	fprintf(stderr, "\rnommu scan: %zu files read, %zu of them programs or libraries\033[K",
		scanner->done, scanner->result->count);
}

static void keep(struct scanner *scanner, struct scan_file *file, bool named)
{
	struct scan_result *result = scanner->result;

	pthread_mutex_lock(&scanner->lock);
	scanner->done++;
	result->seen[file->kind]++;
	show_progress(scanner);
	if (file->kind != SCAN_OTHER || named) {
		if (result->count == result->size) {
			result->size = result->size ? 2 * result->size : 64;
			result->files =
				mem_grow(result->files, result->size, sizeof(struct scan_file *));
		}
		result->files[result->count++] = file;
		file = NULL;
	}
	pthread_mutex_unlock(&scanner->lock);
	scan_file_free(file);
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
	file = bytes ? file_scan(unpack->scanner->options, unpack->job->resolver, full, &content)
		     : unreadable(full, wrong);
	file->package = mem_copy(file->pool, unpack->job->path);
	keep(unpack->scanner, file, false);
}

static void scan_bytes(struct scanner *scanner, const struct job *job, const void *data,
		       size_t size)
{
	const struct elf_bytes bytes = { data, size, true };
	struct unpack unpack = { scanner, job };
	const char *wrong;

	if (!package_is(data, size)) {
		keep(scanner, file_scan(scanner->options, job->resolver, job->path, &bytes),
		     job->named);
		return;
	}
	wrong = package_each(data, size, visit_packed, &unpack);
	if (wrong) {
		struct scan_file *file = unreadable(job->path, wrong);

		file->kind = SCAN_DAMAGED;
		keep(scanner, file, true);
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

static void scan_open(struct scanner *scanner, const struct job *job, int fd)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !worth_mapping(fd, st.st_size)) {
		keep(scanner, scan_memory(scanner->options, job->path, "", 0), job->named);
		return;
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		keep(scanner, unreadable(job->path, strerror(errno)), true);
		return;
	}
	if (sigsetjmp(shrunk, 1)) {
		reading = 0;
		keep(scanner, unreadable(job->path, "it changed while it was read"), true);
	} else {
		reading = 1;
		scan_bytes(scanner, job, data, (size_t)st.st_size);
		reading = 0;
	}
	munmap(data, (size_t)st.st_size);
}

static void scan_job(struct scanner *scanner, const struct job *job)
{
	int fd = job->error ? -1 : open(job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		keep(scanner, unreadable(job->path, strerror(job->error ? job->error : errno)),
		     true);
		return;
	}
	scan_open(scanner, job, fd);
	close(fd);
}

static void *worker(void *data)
{
	struct scanner *scanner = data;

	for (;;) {
		struct job job;

		pthread_mutex_lock(&scanner->lock);
		while (!scanner->count && !scanner->closed)
			pthread_cond_wait(&scanner->filled, &scanner->lock);
		if (!scanner->count) {
			pthread_mutex_unlock(&scanner->lock);
			return NULL;
		}
		job = scanner->queue[scanner->head];
		scanner->head = (scanner->head + 1) % QUEUE;
		scanner->count--;
		pthread_cond_signal(&scanner->emptied);
		pthread_mutex_unlock(&scanner->lock);
		scan_job(scanner, &job);
		free(job.path);
	}
}

static void enqueue(struct scanner *scanner, struct job job)
{
	pthread_mutex_lock(&scanner->lock);
	while (scanner->count == QUEUE)
		pthread_cond_wait(&scanner->emptied, &scanner->lock);
	scanner->queue[(scanner->head + scanner->count++) % QUEUE] = job;
	pthread_cond_signal(&scanner->filled);
	pthread_mutex_unlock(&scanner->lock);
}

static bool looks_like_root(const char *dir)
{
	char path[PATH_MAX + 32];
	struct stat st;

	snprintf(path, sizeof(path), "%s/etc", dir);
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return false;
	snprintf(path, sizeof(path), "%s/usr/lib", dir);
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return true;
	snprintf(path, sizeof(path), "%s/lib", dir);
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The nearest folder at or above the path that looks like a root file system; / at last. */
static void find_root(const struct scan_options *options, const char *path, char root[PATH_MAX])
{
	if (options->root) {
		snprintf(root, PATH_MAX, "%s", options->root);
		return;
	}
	if (!realpath(path, root))
		strcpy(root, "/");
	while (strcmp(root, "/") && !looks_like_root(root)) {
		char *slash = strrchr(root, '/');

		slash[slash == root] = 0;
	}
}

static struct resolver *resolver_for(struct scanner *scanner, const char *path)
{
	char root[PATH_MAX];

	find_root(scanner->options, path, root);
	for (size_t i = 0; i < scanner->root_count; i++)
		if (!strcmp(scanner->roots[i], root))
			return scanner->resolvers[i];
	if (scanner->root_count == MOST_ROOTS)
		return NULL;
	scanner->roots[scanner->root_count] = strdup(root);
	scanner->resolvers[scanner->root_count] = resolver_new(scanner->options, root);
	return scanner->resolvers[scanner->root_count++];
}

static void walk(struct scanner *scanner, char *path)
{
	char *const paths[] = { path, NULL };
	struct resolver *resolver = resolver_for(scanner, path);
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!tree)
		return;
	while ((entry = fts_read(tree))) {
		struct job job = { NULL, resolver, entry->fts_level == 0, 0 };

		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
		    entry->fts_info == FTS_NS)
			job.error = entry->fts_errno ? entry->fts_errno : EIO;
		else if (entry->fts_info != FTS_F && !(job.named && entry->fts_info == FTS_DEFAULT))
			continue;
		job.path = strdup(entry->fts_path);
		if (job.path)
			enqueue(scanner, job);
	}
	fts_close(tree);
}

static int by_path(const void *a, const void *b)
{
	const struct scan_file *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static void finish(struct scanner *scanner, pthread_t *threads, size_t started)
{
	pthread_mutex_lock(&scanner->lock);
	scanner->closed = true;
	pthread_cond_broadcast(&scanner->filled);
	pthread_mutex_unlock(&scanner->lock);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (scanner->options->progress)
		fputs("\r\033[K", stderr);
	for (size_t i = 0; i < scanner->root_count; i++) {
		resolver_free(scanner->resolvers[i]);
		free(scanner->roots[i]);
	}
	if (scanner->result->count)
		qsort(scanner->result->files, scanner->result->count, sizeof(struct scan_file *),
		      by_path);
}

/* The decoder sorts a table of its own at its first instruction, without a lock: before there are threads. */
static void prepare_decoder(void)
{
	static const uint8_t nop[] = { 0x90 };
	cs_insn *decoded;
	csh handle;
	size_t count;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle))
		return;
	count = cs_disasm(handle, nop, sizeof(nop), 0, 1, &decoded);
	if (count)
		cs_free(decoded, count);
	cs_close(&handle);
}

int scan_paths(struct scan_result *result, const struct scan_options *options, char *const *paths,
	       size_t count)
{
	struct scanner scanner = { .result = result, .options = options };
	struct sigaction action = { .sa_handler = on_bus_error }, old;
	pthread_t threads[UINT8_MAX + 1];
	size_t started = 0;

	memset(result, 0, sizeof(*result));
	result->options = *options;
	pthread_mutex_init(&scanner.lock, NULL);
	pthread_cond_init(&scanner.filled, NULL);
	pthread_cond_init(&scanner.emptied, NULL);
	elf_version(EV_CURRENT);
	prepare_decoder();
	sigaction(SIGBUS, &action, &old);
	while (started < (options->jobs ? options->jobs : 1) &&
	       !pthread_create(&threads[started], NULL, worker, &scanner))
		started++;
	for (size_t i = 0; started && i < count; i++)
		walk(&scanner, paths[i]);
	finish(&scanner, threads, started);
	sigaction(SIGBUS, &old, NULL);
	return started ? 0 : -ENOMEM;
}

void scan_free(struct scan_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		scan_file_free(result->files[i]);
	free(result->files);
	memset(result, 0, sizeof(*result));
}
