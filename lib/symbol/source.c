/* SPDX-License-Identifier: MIT */
/*
 * source.c - lines of source files, where the files are at hand. A few files are kept in memory,
 * since findings of one file come together.
 */
#include "symbol/source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 8
#define FILE_MAX ((off_t)16 << 20) /* larger ones are generated, and not for people to read */

struct source {
	char *name, *text;
	uint32_t *starts; /* offset of each line */
	uint32_t lines, room;
	uint64_t used; /* for finding the one not used for longest */
};

static struct source sources[FILES];
static uint64_t uses;

static void drop(struct source *source)
{
	free(source->name);
	free(source->text);
	free(source->starts);
	memset(source, 0, sizeof(*source));
}

void source_close(void)
{
	for (unsigned i = 0; i < FILES; i++)
		drop(&sources[i]);
}

static char *read_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *text = NULL;
	ssize_t len;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX) {
		text = calloc(1, (size_t)status.st_size + 1);
		len = text ? read(fd, text, (size_t)status.st_size) : 0;
		if (text && len >= 0)
			text[len] = 0;
	}
	close(fd);
	return text;
}

static void split(struct source *source)
{
	char *at = source->text;

	while (at && *at) {
		char *end = strchr(at, '\n');

		if (source->lines == source->room)
			source->starts =
				array_grow(source->starts, &source->room, sizeof(uint32_t));
		source->starts[source->lines++] = (uint32_t)(at - source->text);
		if (end)
			*end++ = 0;
		at = end;
	}
}

static struct source *find_source(const char *name)
{
	struct source *oldest = &sources[0];

	for (unsigned i = 0; i < FILES; i++) {
		if (sources[i].name && strcmp(sources[i].name, name) == 0)
			return &sources[i];
		if (sources[i].used < oldest->used)
			oldest = &sources[i];
	}
	drop(oldest);
	oldest->name = strdup(name);
	oldest->text = oldest->name ? read_file(name) : NULL;
	split(oldest);
	return oldest;
}

const char *source_line(struct pool *pool, const char *file, uint32_t line)
{
	struct source *source;

	if (!file || !line)
		return NULL;
	source = find_source(file);
	source->used = ++uses;
	if (line > source->lines)
		return NULL;
	return pool_string(pool, source->text + source->starts[line - 1]);
}

/* Drops "." and ".." steps, as in the paths that compilers record for headers. */
static void simplify(const char *file, char *buf, size_t size)
{
	size_t len = 0;

	while (*file) {
		size_t step = strcspn(file, "/");

		if (step == 2 && file[0] == '.' && file[1] == '.' && len > 1) {
			len--;
			while (len && buf[len - 1] != '/')
				len--;
		} else if (!(step == 1 && file[0] == '.') && !(step == 0 && len)) {
			if (len + step + 2 > size)
				break;
			memcpy(buf + len, file, step);
			len += step;
			if (file[step])
				buf[len++] = '/';
		}
		file += step + (file[step] == '/');
	}
	buf[len] = 0;
}

const char *source_relative(const char *file, const char *root, char *buf, size_t size)
{
	char current[4096];
	size_t len;

	if (!file)
		return NULL;
	simplify(file, buf, size);
	if (!root)
		root = getcwd(current, sizeof(current));
	if (!root)
		return buf;
	len = strlen(root);
	while (len > 1 && root[len - 1] == '/')
		len--;
	if (len > 1 && strncmp(buf, root, len) == 0 && buf[len] == '/' && buf[len + 1])
		return buf + len + 1;
	return buf;
}
