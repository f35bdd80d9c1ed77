/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - which libraries a file needs, level by level as the loader finds them, and
 * what they mean for it. What it needs itself is weighed; what its libraries need is
 * their affair and only listed.
 *
 * The lock protects the list of summaries only; two threads may look at the same new library, and
 * both results stay in the list.
 */
#include "scan/resolve.h"

#include <libgen.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/compiler.h"
#include "scan/root.h"
#include "scan/summary.h"

#define MOST_DEPTH 24 /* of libraries that are built on libraries */
#define MOST_LIBRARIES 2000
#define BUILT_ON 16 /* functions that a program uses of libraries without which it is nothing */
#define FRONT 2	    /* one in so many of a program's imports: then it is a front of them */
#define SHARE 4	    /* one in so many of a library's imports: then it is built on them */

struct resolver {
	const struct scan_options *options;
	struct root *root;
	pthread_mutex_t lock;
	struct summary *summaries;
};

/* Libraries that are looked at because of each other, innermost first: they may form a ring. */
struct chain {
	const struct chain *up;
	dev_t dev;
	ino_t ino;
	unsigned depth;
};

/* Which library is looked for. */
struct wanted {
	struct resolver *resolver;
	const struct chain *chain;
	unsigned machine;
	bool wide;
	struct summary *found;
};

/* The target brings its own C library, loader and compiler runtime. */
static bool of_the_target(const char *name)
{
	static const char *const names[] = {
		"libc.so.",
		"libm.so.",
		"libpthread.so.",
		"libdl.so.",
		"librt.so.",
		"libutil.so.",
		"libresolv.so.",
		"libnsl.so.",
		"libanl.so.",
		"libcrypt.so.",
		"libgcc_s.so.",
		"libstdc++.so.",
		"libatomic.so.",
		"libmvec.so.",
		"libBrokenLocale.so.",
		"libthread_db.so.",
		"ld-linux",
		"ld64.so",
		"ld.so",
		"ld-uClibc",
		"libuClibc",
		"libc.musl",
		"ld-musl",
		"libnss_",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

struct resolver *resolver_new(const struct scan_options *options, const char *path)
{
	struct root *root = root_new(path);
	struct resolver *resolver;

	if (!root)
		return NULL;
	resolver = mem_grow(NULL, 1, sizeof(*resolver));
	memset(resolver, 0, sizeof(*resolver));
	resolver->options = options;
	resolver->root = root;
	pthread_mutex_init(&resolver->lock, NULL);
	return resolver;
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
	pthread_mutex_destroy(&resolver->lock);
	root_free(resolver->root);
	free(resolver);
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

static bool in_chain(const struct chain *chain, const struct stat *st)
{
	for (; chain; chain = chain->up)
		if (chain->dev == st->st_dev && chain->ino == st->st_ino)
			return true;
	return false;
}

static void inherit(void *context, struct summary *summary, const struct elf_view *elf);

/* The library behind an open file; keeps nothing of it but the summary. */
static struct summary *look(const struct wanted *wanted, int fd, const char *path)
{
	char real[4096];
	struct resolver *resolver = wanted->resolver;
	struct wanted inner = { resolver, wanted->chain, 0, false, NULL };
	struct summary *summary;
	struct elf_bytes bytes;
	struct chain chain;
	struct stat st;
	void *data;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 64)
		return NULL;
	summary = known(resolver, &st);
	if (summary)
		return summary;
	if (in_chain(wanted->chain, &st) || (wanted->chain && wanted->chain->depth >= MOST_DEPTH))
		return NULL;
	/* Writable, the copy: libelf marks in place what it decompressed. */
	data = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
		    fd, 0);
	if (data == MAP_FAILED)
		return NULL;
	chain = (struct chain){ wanted->chain, st.st_dev, st.st_ino,
				wanted->chain ? wanted->chain->depth + 1 : 0 };
	inner.chain = &chain;
	bytes = (struct elf_bytes){ data, (size_t)st.st_size, true };
	/* Links lead to it under many names: who asks first must make no difference. */
	if (root_real_path(resolver->root, fd, real, sizeof(real)))
		path = real;
	summary = summary_read(resolver->options, path, &bytes, inherit, &inner);
	munmap(data, (size_t)st.st_size);
	summary->dev = st.st_dev;
	summary->ino = st.st_ino;
	pthread_mutex_lock(&resolver->lock);
	summary->next = resolver->summaries;
	resolver->summaries = summary;
	pthread_mutex_unlock(&resolver->lock);
	return summary;
}

static bool try_file(void *data, int fd, const char *path)
{
	struct wanted *wanted = data;
	struct summary *summary = look(wanted, fd, path);

	if (!summary || !summary->readable || summary->machine != wanted->machine ||
	    summary->wide != wanted->wide)
		return false;
	wanted->found = summary;
	return true;
}

static struct summary *find(struct wanted *wanted, const char *name, const char *runpath,
			    const char *origin)
{
	wanted->found = NULL;
	root_search(wanted->resolver->root, name, runpath, origin, try_file, wanted);
	return wanted->found;
}

/* Size is a matter of that library's build: it blocks nothing, and is not handed on. */
static bool blocks(const struct summary *summary)
{
	return summary && summary->reason && !summary->too_large;
}

/* Names that the file itself asks for: not those that the compiler's start-up code brings along. */
static size_t names_asked(const struct elf_view *elf)
{
	size_t count = 0;

	for (size_t i = 0; i < elf->import_count; i++)
		count += elf->imports[i].name && elf->imports[i].bind != STB_WEAK &&
			 strncmp(elf->imports[i].name, "__libc_start", 12);
	return count;
}

static size_t names_imported(const struct elf_view *elf)
{
	size_t count = 0;

	for (size_t i = 0; i < elf->import_count; i++)
		count += elf->imports[i].name != NULL;
	return count;
}

/* What takes a good part of its imports from a library that cannot be had cannot be had either. */
static void inherit(void *context, struct summary *summary, const struct elf_view *elf)
{
	struct wanted *wanted = context;
	size_t imported = names_imported(elf);
	char text[400];

	wanted->machine = summary->machine;
	wanted->wide = summary->wide;
	for (size_t i = 0; i < summary->needed_count; i++) {
		const char *name = summary->needed[i];
		struct summary *found =
			of_the_target(name) ? NULL
					    : find(wanted, name, summary->runpath, summary->origin);

		if (!blocks(found) || summary_used(found, elf) * SHARE < imported)
			continue;
		summary->base = strdup(found->base ? found->base : name);
		if (found->base)
			summary->reason = strdup(found->reason);
		else if (snprintf(text, sizeof(text), "is built on %s, which %s", name,
				  found->reason) > 0)
			summary->reason = strdup(text);
		return;
	}
}

/* One file's libraries while they are listed. */
struct listing {
	struct wanted wanted;
	struct work *work;
	struct scan_library **end;
	/* of the libraries that are listed and were found, in that order */
	struct summary **found;
	size_t found_count, count;
	/* of the blocking ones, the one that most functions are used of */
	struct scan_library *most;
	unsigned most_used, used;
};

static bool listed(const struct scan_file *file, const char *name)
{
	for (const struct scan_library *l = file->libraries; l; l = l->next)
		if (!strcmp(l->name, name))
			return true;
	return false;
}

/* What the library's own calls mean for a file that needs it itself. */
static void weigh(struct listing *listing, struct scan_library *library,
		  const struct summary *summary)
{
	struct work *work = listing->work;
	const char *function = summary_fork(summary, &work->elf);
	unsigned used = blocks(summary) ? summary_used(summary, &work->elf) : 0;

	listing->used += used;
	if (used > listing->most_used) {
		listing->most_used = used;
		listing->most = library;
	}
	if (function && used) {
		library->reason = mem_format(work->file->pool, "%s (%s leads there)",
					     summary->reason, function);
		library->use = SCAN_CALLS_IT;
	}
}

static void add_library(struct listing *listing, const char *name, const char *runpath,
			const char *origin, bool direct)
{
	struct work *work = listing->work;
	struct scan_library *library;
	struct summary *summary;

	if (listed(work->file, name) || ++listing->count > MOST_LIBRARIES)
		return;
	library = *listing->end = mem_alloc(work->file->pool, sizeof(*library));
	listing->end = &library->next;
	library->name = mem_copy(work->file->pool, name);
	library->target = of_the_target(name);
	summary = library->target ? NULL : find(&listing->wanted, name, runpath, origin);
	if (!summary)
		return;
	library->path = mem_copy(work->file->pool, summary->path);
	if (summary->reason) {
		library->reason = mem_copy(work->file->pool, summary->reason);
		if (direct)
			weigh(listing, library, summary);
	}
	listing->found =
		mem_grow(listing->found, listing->found_count + 1, sizeof(struct summary *));
	listing->found[listing->found_count++] = summary;
}

/*
 * Built on them: a program that uses many of their functions, a library of whose imports they are
 * a good part. A program that asks for little else is a front of them: what they lack it lacks
 * too, but it may run without.
 */
static void weigh_all(struct listing *listing)
{
	struct work *work = listing->work;
	struct scan_library *most = listing->most;
	bool library = work->file->kind == SCAN_LIBRARY;
	bool built_on = library ? listing->used * SHARE >= names_imported(&work->elf)
				: listing->used >= BUILT_ON;

	if (!most)
		return;
	if (built_on)
		most->use = SCAN_BUILT_ON;
	else if (!library && most->use == SCAN_NO_USE &&
		 listing->used * FRONT >= names_asked(&work->elf))
		most->use = SCAN_CALLS_IT;
	else
		return;
	most->reason = mem_format(work->file->pool, "%s; %u of its functions are used",
				  most->reason, listing->most_used);
}

static void library_findings(struct work *work)
{
	for (struct scan_library *l = work->file->libraries; l; l = l->next) {
		struct scan_finding *finding;

		if (l->target || (l->path && !l->reason))
			continue;
		finding = finding_add(work, l->path ? RULE_MMU_LIBRARY : RULE_MISSING_LIBRARY,
				      l->use == SCAN_BUILT_ON	? SEVERITY_ERROR
				      : l->use == SCAN_CALLS_IT ? SEVERITY_WARNING
								: SEVERITY_NOTE,
				      l->name, l->path ? l->reason : "not found under the root");
		finding->count = 1;
		finding->library = l->name;
	}
}

void resolve_libraries(struct resolver *resolver, struct work *work)
{
	const struct elf_view *elf = &work->elf;
	struct listing listing = { { resolver, NULL, elf->ehdr.e_machine, elf->wide, NULL },
				   work,
				   &work->file->libraries,
				   NULL,
				   0,
				   0,
				   NULL,
				   0,
				   0 };
	char *copy = strdup(work->file->path), *origin = copy ? dirname(copy) : NULL;
	/* Only what is looked for beside the file needs to know where that is. */
	char *inside =
		origin && (elf->runpath || elf->rpath) ? root_inside(resolver->root, origin) : NULL;

	for (size_t i = 0; i < elf->needed_count; i++)
		add_library(&listing, elf->needed[i], elf->runpath ? elf->runpath : elf->rpath,
			    inside ? inside : "/", true);
	weigh_all(&listing);
	for (size_t i = 0; i < listing.found_count; i++) {
		const struct summary *by = listing.found[i];

		for (size_t k = 0; k < by->needed_count; k++)
			add_library(&listing, by->needed[k], by->runpath, by->origin, false);
	}
	library_findings(work);
	free(listing.found);
	free(inside);
	free(copy);
}
