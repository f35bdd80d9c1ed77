/* SPDX-License-Identifier: MIT */
/*
 * walk.c - folders, jobs and the order of results. One thread walks (physically: links are not
 * followed, so loops of links are no loops), the others take paths from a short queue. Results are
 * sorted at the end, so their order does not depend on the number of jobs.
 */
#include "scan/scanner.h"

#include <capstone/capstone.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

void scanner_keep(struct scanner *scanner, struct scan_file *file, bool named)
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
		read_job(scanner, &job);
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

static bool has_folder(const char *dir, const char *name)
{
	char path[PATH_MAX + 32];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* /usr and /usr/local may have etc and lib too, and nothing to mount a file system on. */
static bool looks_like_root(const char *dir)
{
	return has_folder(dir, "etc") &&
	       (has_folder(dir, "usr/lib") ||
		(has_folder(dir, "lib") &&
		 (has_folder(dir, "dev") || has_folder(dir, "proc") || has_folder(dir, "usr"))));
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

static void add_job(struct scanner *scanner, struct job job, const char *path)
{
	job.path = strdup(path);
	if (job.path)
		enqueue(scanner, job);
}

/*
 * What is told of an entry; false where nothing is:
 * folders, and links and special files that nobody named.
 */
static bool job_of(const FTSENT *entry, struct job *job)
{
	switch (entry->fts_info) {
	case FTS_F:
		return true;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		job->error = entry->fts_errno ? entry->fts_errno : EIO;
		return true;
	case FTS_DEFAULT:
		job->special = true;
		return job->named;
	case FTS_SL: /* a link that was followed in vain: opening it says why */
	case FTS_SLNONE:
		return job->named;
	default:
		return false;
	}
}

static void walk(struct scanner *scanner, char *path)
{
	char *const paths[] = { path, NULL };
	struct resolver *resolver = resolver_for(scanner, path);
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!tree) {
		add_job(scanner, (struct job){ .named = true, .error = errno ? errno : EIO }, path);
		return;
	}
	while ((entry = fts_read(tree))) {
		struct job job = { .resolver = resolver, .named = entry->fts_level == 0 };

		if (job_of(entry, &job))
			add_job(scanner, job, entry->fts_path);
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

/*
 * The decoder sorts a table of its own at its first
 * instruction, without a lock: before there are threads.
 */
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
	struct sigaction action = { .sa_handler = read_bus_error }, old;
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
