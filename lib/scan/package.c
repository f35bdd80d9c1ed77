/* SPDX-License-Identifier: MIT */
/*
 * package.c - a .deb is an ar archive whose member data.tar.* holds the files. The inner archive
 * reads from the outer one block by block, so a package is never whole in memory; one file of it
 * is. libarchive is loaded with the first package: it brings a dozen libraries along, which would
 * slow down every start of nommu.
 */
#include "scan/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scan/mem.h"

#define LARGEST_FILE ((int64_t)96 << 20) /* of one packed file that is looked at */
#define MOST_FILES 200000
#define BLOCK 65536

#define FUNCTIONS(X)                                                                               \
	X(read_new)                                                                                \
	X(read_free)                                                                               \
	X(read_data)                                                                               \
	X(set_error)                                                                               \
	X(errno)                                                                                   \
	X(read_next_header)                                                                        \
	X(read_open)                                                                               \
	X(read_open_memory)                                                                        \
	X(read_support_filter_gzip)                                                                \
	X(read_support_filter_xz)                                                                  \
	X(read_support_filter_zstd)                                                                \
	X(read_support_filter_bzip2)                                                               \
	X(read_support_filter_lzma)                                                                \
	X(read_support_format_tar)                                                                 \
	X(read_support_format_ar)                                                                  \
	X(entry_pathname)                                                                          \
	X(entry_filetype)                                                                          \
	X(entry_hardlink)                                                                          \
	X(entry_size)

/* libarchive's functions under their own names without "archive_". */
static struct {
#define X(name) typeof(archive_##name) *name;
	FUNCTIONS(X)
#undef X
	bool loaded;
} lib;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load_library(void)
{
	void *handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);

	lib.loaded = handle != NULL;
#define X(name)                                                                                    \
	if (lib.loaded && !(lib.name = (typeof(lib.name))dlsym(handle, "archive_" #name)))         \
		lib.loaded = false;
	FUNCTIONS(X)
#undef X
}

bool package_is(const void *data, size_t size)
{
	return size >= 72 && !memcmp(data, "!<arch>\n", 8) &&
	       !memcmp((const char *)data + 8, "debian-binary", 13);
}

struct inner {
	struct archive *outer;
	unsigned char block[BLOCK];
};

static la_ssize_t read_inner(struct archive *archive, void *context, const void **block)
{
	struct inner *inner = context;
	la_ssize_t length = lib.read_data(inner->outer, inner->block, sizeof(inner->block));

	if (length < 0)
		lib.set_error(archive, lib.errno(inner->outer), "the package is damaged");
	*block = inner->block;
	return length < 0 ? -1 : length;
}

/* The bytes of the current file, or NULL with the reason. */
static void *take(struct archive *tar, int64_t size, size_t *length, const char **wrong)
{
	unsigned char *bytes = NULL;
	size_t room = 0;

	*length = 0;
	if (size > LARGEST_FILE) {
		*wrong = "too large to be read inside a package: unpack it first";
		return NULL;
	}
	for (;;) {
		la_ssize_t got;

		/* Grown as bytes arrive: the size that a damaged header claims is not believed. */
		if (room - *length < BLOCK) {
			room = room ? 2 * room : 2 * BLOCK;
			bytes = mem_grow(bytes, room, 1);
		}
		got = lib.read_data(tar, bytes + *length, BLOCK);
		if (got < 0) {
			*wrong = "the package is damaged here";
			free(bytes);
			return NULL;
		}
		if (!got)
			return bytes;
		*length += (size_t)got;
		if (*length > (size_t)LARGEST_FILE) {
			*wrong = "too large to be read inside a package: unpack it first";
			free(bytes);
			return NULL;
		}
	}
}

static const char *each_file(struct archive *tar,
			     void (*visit)(void *context, const char *path, const void *bytes,
					   size_t length, const char *wrong),
			     void *context)
{
	struct archive_entry *entry;
	unsigned files = 0;
	int result;

	while ((result = lib.read_next_header(tar, &entry)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		const char *path = lib.entry_pathname(entry), *wrong = NULL;
		size_t length;
		void *bytes;

		if (++files > MOST_FILES)
			return "the package has an impossible number of files";
		if (!path || lib.entry_filetype(entry) != AE_IFREG || lib.entry_hardlink(entry))
			continue;
		bytes = take(tar, lib.entry_size(entry), &length, &wrong);
		visit(context, *path == '.' ? path + 1 : path, bytes, length, wrong);
		free(bytes);
	}
	return result == ARCHIVE_EOF ? NULL : "the package is damaged or cut off";
}

static const char *open_inner(struct archive *outer,
			      void (*visit)(void *context, const char *path, const void *bytes,
					    size_t length, const char *wrong),
			      void *context)
{
	struct inner *inner = mem_grow(NULL, 1, sizeof(*inner));
	struct archive *tar = lib.read_new();
	const char *wrong = "no memory to read the package";

	inner->outer = outer;
	if (tar) {
		lib.read_support_filter_gzip(tar);
		lib.read_support_filter_xz(tar);
		lib.read_support_filter_zstd(tar);
		lib.read_support_filter_bzip2(tar);
		lib.read_support_filter_lzma(tar);
		lib.read_support_format_tar(tar);
		wrong = "the package's data.tar cannot be read";
		if (lib.read_open(tar, inner, NULL, read_inner, NULL) == ARCHIVE_OK)
			wrong = each_file(tar, visit, context);
		lib.read_free(tar);
	}
	free(inner);
	return wrong;
}

const char *package_each(const void *data, size_t size,
			 void (*visit)(void *context, const char *path, const void *bytes,
				       size_t length, const char *wrong),
			 void *context)
{
	const char *wrong = "the package has no data.tar";
	struct archive_entry *entry;
	struct archive *outer;

	pthread_once(&once, load_library);
	if (!lib.loaded)
		return "packages need libarchive: install libarchive13, or unpack it first";
	outer = lib.read_new();
	if (!outer)
		return "no memory to read the package";
	lib.read_support_format_ar(outer);
	if (lib.read_open_memory(outer, data, size) != ARCHIVE_OK) {
		lib.read_free(outer);
		return "the package cannot be read";
	}
	while (lib.read_next_header(outer, &entry) == ARCHIVE_OK) {
		const char *name = lib.entry_pathname(entry);

		if (name && !strncmp(name, "data.tar", 8)) {
			wrong = open_inner(outer, visit, context);
			break;
		}
	}
	lib.read_free(outer);
	return wrong;
}
