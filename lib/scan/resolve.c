/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - libraries inside a root. Paths are opened with RESOLVE_IN_ROOT, so an absolute link in the root
 * leads to the root's own file and nothing leads out of it. The lock protects the list of summaries only; two
 * threads may look at the same new library, and the second result is dropped.
 */
#include "scan/resolve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"

#define MOST_DEPTH 24 /* of libraries that need libraries */
#define MOST_DIRS 64
#define BUILT_ON 16 /* functions of a library that one uses: then it is no mere option */

struct summary {
	struct summary *next;
	dev_t dev;
	ino_t ino;
	char *path, *reason; /* reason: why it cannot be had, or NULL */
	char **forking; /* exported functions that lead to where it forks */
	size_t forking_count;
	uint32_t *exports; /* hashes of what a library with a reason exports, sorted */
	size_t export_count;
	bool too_large;	     /* the reason is its size */
	bool data_too_large; /* and no smaller build of it helps: no function of it can be had */
	char **needed;
	size_t needed_count;
	char *origin, *runpath;
	unsigned machine;
	bool wide, readable;
};

struct resolver {
	const struct scan_options *options;
	char *root;
	int fd;
	pthread_mutex_t lock;
	struct summary *summaries;
	char *dirs[MOST_DIRS];
	size_t dir_count;
};

/* The target brings its own C library, loader and compiler runtime. */
static bool of_the_target(const char *name)
{
	static const char *const names[] = {
		"libc.so.", "libm.so.", "libpthread.so.", "libdl.so.", "librt.so.", "libutil.so.",
		"libresolv.so.", "libnsl.so.", "libanl.so.", "libcrypt.so.", "libgcc_s.so.", "libstdc++.so.",
		"libatomic.so.", "libmvec.so.", "libBrokenLocale.so.", "libthread_db.so.", "ld-linux",
		"ld64.so", "ld.so", "ld-uClibc", "libuClibc", "libc.musl", "ld-musl", "libnss_",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

static int open_inside(const struct resolver *resolver, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_IN_ROOT };
	char full[4096];
	long fd = syscall(SYS_openat2, resolver->fd, path, &how, sizeof(how));

	if (fd >= 0 || snprintf(full, sizeof(full), "%s/%s", resolver->root, path) >= (int)sizeof(full))
		return (int)fd;
	/* An old kernel, or a sandbox without the call. */
	return errno == ENOSYS || errno == EPERM ? open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
}

static void add_dir(struct resolver *resolver, const char *dir)
{
	for (size_t i = 0; i < resolver->dir_count; i++)
		if (!strcmp(resolver->dirs[i], dir))
			return;
	if (resolver->dir_count < MOST_DIRS)
		resolver->dirs[resolver->dir_count++] = strdup(dir);
}

/* The lines of ld.so.conf; include patterns are followed for the one form in use, all .conf of a folder. */
static void read_conf(struct resolver *resolver, const char *path, unsigned depth);

static void include(struct resolver *resolver, const char *pattern, unsigned depth)
{
	char dir[512], file[1024];
	const char *star = strrchr(pattern, '/');
	int fd;
	DIR *list;

	if (!star || snprintf(dir, sizeof(dir), "%s%.*s", *pattern == '/' ? "" : "/etc/",
			      (int)(star - pattern), pattern) >= (int)sizeof(dir))
		return;
	fd = open_inside(resolver, dir);
	list = fd >= 0 ? fdopendir(fd) : NULL;
	if (!list && fd >= 0)
		close(fd);
	for (struct dirent *entry; list && (entry = readdir(list));) {
		size_t length = strlen(entry->d_name);

		if (length > 5 && !strcmp(entry->d_name + length - 5, ".conf") &&
		    snprintf(file, sizeof(file), "%s/%s", dir, entry->d_name) < (int)sizeof(file))
			read_conf(resolver, file, depth + 1);
	}
	if (list)
		closedir(list);
}

static void read_conf(struct resolver *resolver, const char *path, unsigned depth)
{
	int fd = depth < 4 ? open_inside(resolver, path) : -1;
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	char line[512];

	if (!file && fd >= 0)
		close(fd);
	while (file && fgets(line, sizeof(line), file)) {
		char *word = line + strspn(line, " \t");

		word[strcspn(word, "#\n\r")] = 0;
		if (!strncmp(word, "include ", 8))
			include(resolver, word + 8 + strspn(word + 8, " \t"), depth);
		else if (*word == '/')
			add_dir(resolver, word);
	}
	if (file)
		fclose(file);
}

/* Debian's loader knows its architecture's folder without a configuration: /usr/lib/TRIPLET. */
static void add_triplets(struct resolver *resolver, const char *base)
{
	int fd = open_inside(resolver, base);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	char dir[300];

	if (!list && fd >= 0)
		close(fd);
	for (struct dirent *entry; list && (entry = readdir(list));)
		if (strstr(entry->d_name, "-linux-") &&
		    snprintf(dir, sizeof(dir), "%s/%s", base, entry->d_name) < (int)sizeof(dir))
			add_dir(resolver, dir);
	if (list)
		closedir(list);
}

struct resolver *resolver_new(const struct scan_options *options, const char *root)
{
	struct resolver *resolver = mem_grow(NULL, 1, sizeof(*resolver));

	memset(resolver, 0, sizeof(*resolver));
	resolver->options = options;
	resolver->root = strdup(root);
	resolver->fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (resolver->fd < 0 || !resolver->root) {
		free(resolver->root);
		free(resolver);
		return NULL;
	}
	pthread_mutex_init(&resolver->lock, NULL);
	read_conf(resolver, "/etc/ld.so.conf", 0);
	add_dir(resolver, "/lib");
	add_dir(resolver, "/usr/lib");
	add_dir(resolver, "/lib64");
	add_dir(resolver, "/usr/lib64");
	add_triplets(resolver, "/lib");
	add_triplets(resolver, "/usr/lib");
	return resolver;
}

static void summary_free(struct summary *summary)
{
	free(summary->path);
	free(summary->reason);
	for (size_t i = 0; i < summary->needed_count; i++)
		free(summary->needed[i]);
	for (size_t i = 0; i < summary->forking_count; i++)
		free(summary->forking[i]);
	free(summary->forking);
	free(summary->exports);
	free(summary->needed);
	free(summary->origin);
	free(summary->runpath);
	free(summary);
}

void resolver_free(struct resolver *resolver)
{
	struct summary *next;

	if (!resolver)
		return;
	for (struct summary *s = resolver->summaries; s; s = next) {
		next = s->next;
		summary_free(s);
	}
	for (size_t i = 0; i < resolver->dir_count; i++)
		free(resolver->dirs[i]);
	pthread_mutex_destroy(&resolver->lock);
	close(resolver->fd);
	free(resolver->root);
	free(resolver);
}

static void add_forking(void *data, const char *name)
{
	struct summary *summary = data;

	if ((summary->forking_count & (summary->forking_count - 1)) == 0)
		summary->forking = mem_grow(summary->forking,
					    summary->forking_count ? 2 * summary->forking_count : 1,
					    sizeof(*summary->forking));
	summary->forking[summary->forking_count++] = strdup(name);
}

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return hash;
}

static int by_hash(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void add_export(void *data, const char *name, const GElf_Sym *sym)
{
	struct summary *summary = data;

	(void)sym;
	if ((summary->export_count & (summary->export_count - 1)) == 0)
		summary->exports = mem_grow(summary->exports,
					    summary->export_count ? 2 * summary->export_count : 1,
					    sizeof(*summary->exports));
	summary->exports[summary->export_count++] = hash_name(name);
}

static void summarize(struct resolver *resolver, struct summary *summary, const void *data, size_t size)
{
	struct scan_file file = { .pool = mem_new(), .path = summary->path, .kind = SCAN_LIBRARY };
	struct work work = { .options = resolver->options, .file = &file };
	uint64_t blocking[MOST_FORKS];
	const char *runpath, *reason;
	size_t count;

	if (work_open(&work, data, size)) {
		summary->machine = work.elf.ehdr.e_machine;
		summary->wide = work.elf.wide;
		summary->readable = true;
		reason = verdict_library(&work, blocking, &count);
		summary->reason = reason ? strdup(reason) : NULL;
		summary->too_large = work.facts.too_large != NULL;
		summary->data_too_large = work.facts.data_too_large;
		if (reason && count && work.decoded)
			reach_exports(&work.code, blocking, count, add_forking, summary);
		if (reason)
			elf_view_functions(&work.elf, true, add_export, summary);
		if (summary->export_count)
			qsort(summary->exports, summary->export_count, sizeof(*summary->exports), by_hash);
		summary->needed = mem_grow(NULL, work.elf.needed_count, sizeof(*summary->needed));
		for (size_t i = 0; i < work.elf.needed_count; i++)
			summary->needed[summary->needed_count++] = strdup(work.elf.needed[i]);
		runpath = work.elf.runpath ? work.elf.runpath : work.elf.rpath;
		summary->runpath = runpath ? strdup(runpath) : NULL;
	}
	work_close(&work);
	mem_free(file.pool);
}

static struct summary *known(struct resolver *resolver, const struct stat *st)
{
	struct summary *found;

	pthread_mutex_lock(&resolver->lock);
	for (found = resolver->summaries; found; found = found->next)
		if (found->dev == st->st_dev && found->ino == st->st_ino)
			break;
	pthread_mutex_unlock(&resolver->lock);
	return found;
}

/* The library behind an open file; keeps nothing of it but the summary. */
static struct summary *look(struct resolver *resolver, int fd, const char *path)
{
	struct summary *summary;
	struct stat st;
	void *data;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 64)
		return NULL;
	summary = known(resolver, &st);
	if (summary)
		return summary->readable ? summary : NULL;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return NULL;
	summary = mem_grow(NULL, 1, sizeof(*summary));
	memset(summary, 0, sizeof(*summary));
	summary->dev = st.st_dev;
	summary->ino = st.st_ino;
	summary->path = strdup(path);
	summary->origin = strdup(path);
	dirname(summary->origin);
	summarize(resolver, summary, data, (size_t)st.st_size);
	munmap(data, (size_t)st.st_size);
	pthread_mutex_lock(&resolver->lock);
	summary->next = resolver->summaries;
	resolver->summaries = summary;
	pthread_mutex_unlock(&resolver->lock);
	return summary->readable ? summary : NULL;
}

static struct summary *try_dir(struct resolver *resolver, const char *dir, const char *name,
			       const struct elf_view *elf)
{
	char path[4096];
	struct summary *summary;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return NULL;
	fd = open_inside(resolver, path);
	if (fd < 0)
		return NULL;
	summary = look(resolver, fd, path);
	close(fd);
	if (summary && (summary->machine != elf->ehdr.e_machine || summary->wide != elf->wide))
		return NULL;
	return summary;
}

/* Each directory of a colon-separated list, $ORIGIN replaced. */
static struct summary *try_list(struct resolver *resolver, const char *list, const char *origin,
				const char *name, const struct elf_view *elf)
{
	while (list && *list) {
		size_t length = strcspn(list, ":");
		char dir[4096];
		size_t skip = !strncmp(list, "$ORIGIN", 7) ? 7 : !strncmp(list, "${ORIGIN}", 9) ? 9 : 0;

		if (skip > length)
			skip = 0;
		if (snprintf(dir, sizeof(dir), "%s%.*s", skip ? origin : "", (int)(length - skip),
			     list + skip) < (int)sizeof(dir) && *dir) {
			struct summary *summary = try_dir(resolver, dir, name, elf);

			if (summary)
				return summary;
		}
		list += length + (list[length] == ':');
	}
	return NULL;
}

static struct summary *find(struct resolver *resolver, const char *name, const char *runpath,
			    const char *origin, const struct elf_view *elf)
{
	struct summary *summary = try_list(resolver, runpath, origin, name, elf);

	if (*name == '/')
		return try_dir(resolver, "", name, elf);
	for (size_t i = 0; !summary && i < resolver->dir_count; i++)
		summary = try_dir(resolver, resolver->dirs[i], name, elf);
	return summary;
}

static bool listed(const struct scan_file *file, const char *name)
{
	for (const struct scan_library *l = file->libraries; l; l = l->next)
		if (!strcmp(l->name, name))
			return true;
	return false;
}

/* The first function that the file imports and that leads to a fork inside the library, or NULL. */
static const char *used_fork(const struct summary *summary, const struct elf_view *elf)
{
	for (size_t i = 0; i < elf->import_count; i++)
		for (size_t k = 0; elf->imports[i].name && k < summary->forking_count; k++)
			if (!strcmp(elf->imports[i].name, summary->forking[k]))
				return summary->forking[k];
	return NULL;
}

/* How many of the library's functions the file imports. */
static unsigned used_functions(const struct summary *summary, const struct elf_view *elf)
{
	unsigned used = 0;

	for (size_t i = 0; i < elf->import_count; i++) {
		uint32_t hash = elf->imports[i].name ? hash_name(elf->imports[i].name) : 0;

		if (hash && summary->export_count &&
		    bsearch(&hash, summary->exports, summary->export_count, sizeof(hash), by_hash))
			used++;
	}
	return used;
}

/* What the library's own calls mean for the file: only what the file itself asks it for can block it. */
static void weigh_library(struct work *work, struct scan_library *library, const struct summary *summary,
			  unsigned depth)
{
	const char *function = depth ? NULL : used_fork(summary, &work->elf);
	unsigned used = depth || !summary->reason ? 0 : used_functions(summary, &work->elf);

	if (!summary->reason)
		return;
	library->reason = mem_copy(work->file->pool, summary->reason);
	if (summary->too_large && !summary->data_too_large)
		return;
	if (used >= BUILT_ON || (used && summary->data_too_large)) {
		library->reason = mem_format(work->file->pool, "%s; %u of its functions are used",
					     summary->reason, used);
		library->use = SCAN_BUILT_ON;
	} else if (function) {
		library->reason = mem_format(work->file->pool, "%s (%s leads there)", summary->reason, function);
		library->use = SCAN_CALLS_IT;
	}
}

static void add_library(struct resolver *resolver, struct work *work, const char *name, const char *runpath,
			const char *origin, unsigned depth)
{
	struct scan_library **end = &work->file->libraries, *library;
	struct summary *summary;

	if (depth > MOST_DEPTH || listed(work->file, name))
		return;
	while (*end)
		end = &(*end)->next;
	library = *end = mem_alloc(work->file->pool, sizeof(*library));
	library->name = mem_copy(work->file->pool, name);
	library->target = of_the_target(name);
	if (library->target)
		return;
	summary = find(resolver, name, runpath, origin, &work->elf);
	if (!summary)
		return;
	library->path = mem_copy(work->file->pool, summary->path);
	weigh_library(work, library, summary, depth);
	for (size_t i = 0; i < summary->needed_count; i++)
		add_library(resolver, work, summary->needed[i], summary->runpath, summary->origin,
			    depth + 1);
}

static void library_findings(struct work *work)
{
	for (struct scan_library *l = work->file->libraries; l; l = l->next) {
		struct scan_finding *finding;

		if (l->target || (l->path && !l->reason))
			continue;
		finding = finding_add(work, l->path ? RULE_MMU_LIBRARY : RULE_MISSING_LIBRARY,
				      l->use == SCAN_BUILT_ON ? SEVERITY_ERROR :
				      l->path		      ? SEVERITY_WARNING : SEVERITY_NOTE, l->name,
				      l->path ? l->reason : "not found under the root");
		finding->count = 1;
		finding->library = l->name;
	}
}

void resolve_libraries(struct resolver *resolver, struct work *work)
{
	char *copy = strdup(work->file->path), *origin = copy ? dirname(copy) : NULL;
	size_t length = strlen(resolver->root);

	/* $ORIGIN is seen from inside the root. */
	if (origin && length > 1 && !strncmp(origin, resolver->root, length))
		origin += length;
	for (size_t i = 0; i < work->elf.needed_count; i++)
		add_library(resolver, work, work->elf.needed[i],
			    work->elf.runpath ? work->elf.runpath : work->elf.rpath, origin ? origin : "/", 0);
	library_findings(work);
	free(copy);
}
