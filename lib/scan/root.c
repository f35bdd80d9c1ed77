/* SPDX-License-Identifier: MIT */
/*
 * root.c - paths are opened with RESOLVE_IN_ROOT, so an absolute link in the root leads to the
 * root's own file and nothing leads out of it.
 */
#include "scan/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scan/mem.h"

#define MOST_DIRS 64

struct root {
	char *path, *real;
	int fd;
	char *dirs[MOST_DIRS]; /* where the loader looks, in its order */
	size_t dir_count;
};

int root_open(const struct root *root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
				.resolve = RESOLVE_IN_ROOT };
	char full[4096];
	long fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));

	if (fd >= 0 || snprintf(full, sizeof(full), "%s/%s", root->path, path) >= (int)sizeof(full))
		return (int)fd;
	/* An old kernel, or a sandbox without the call. */
	return errno == ENOSYS || errno == EPERM ? open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
						 : -1;
}

static void add_dir(struct root *root, const char *dir)
{
	for (size_t i = 0; i < root->dir_count; i++)
		if (!strcmp(root->dirs[i], dir))
			return;
	if (root->dir_count < MOST_DIRS)
		root->dirs[root->dir_count++] = strdup(dir);
}

/*
 * The lines of ld.so.conf; include patterns are followed
 * for the one form in use, all .conf of a folder.
 */
static void read_conf(struct root *root, const char *path, unsigned depth);

static void include(struct root *root, const char *pattern, unsigned depth)
{
	char dir[512], file[1024];
	const char *star = strrchr(pattern, '/');
	int fd;
	DIR *list;

	if (!star || snprintf(dir, sizeof(dir), "%s%.*s", *pattern == '/' ? "" : "/etc/",
			      (int)(star - pattern), pattern) >= (int)sizeof(dir))
		return;
	fd = root_open(root, dir);
	list = fd >= 0 ? fdopendir(fd) : NULL;
	if (!list && fd >= 0)
		close(fd);
	for (struct dirent *entry; list && (entry = readdir(list));) {
		size_t length = strlen(entry->d_name);

		if (length > 5 && !strcmp(entry->d_name + length - 5, ".conf") &&
		    snprintf(file, sizeof(file), "%s/%s", dir, entry->d_name) < (int)sizeof(file))
			read_conf(root, file, depth + 1);
	}
	if (list)
		closedir(list);
}

static void read_conf(struct root *root, const char *path, unsigned depth)
{
	int fd = depth < 4 ? root_open(root, path) : -1;
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	char line[512];

	if (!file && fd >= 0)
		close(fd);
	while (file && fgets(line, sizeof(line), file)) {
		char *word = line + strspn(line, " \t");

		word[strcspn(word, "#\n\r")] = 0;
		if (!strncmp(word, "include ", 8))
			include(root, word + 8 + strspn(word + 8, " \t"), depth);
		else if (*word == '/')
			add_dir(root, word);
	}
	if (file)
		fclose(file);
}

/* Debian's loader knows its architecture's folder without a configuration: /usr/lib/TRIPLET. */
static void add_triplets(struct root *root, const char *base)
{
	int fd = root_open(root, base);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	char dir[300];

	if (!list && fd >= 0)
		close(fd);
	for (struct dirent *entry; list && (entry = readdir(list));)
		if (strstr(entry->d_name, "-linux-") &&
		    snprintf(dir, sizeof(dir), "%s/%s", base, entry->d_name) < (int)sizeof(dir))
			add_dir(root, dir);
	if (list)
		closedir(list);
}

struct root *root_new(const char *path)
{
	struct root *root = mem_grow(NULL, 1, sizeof(*root));

	memset(root, 0, sizeof(*root));
	root->path = strdup(path);
	root->real = realpath(path, NULL);
	root->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0 || !root->path || !root->real) {
		if (root->fd >= 0)
			close(root->fd);
		free(root->real);
		free(root->path);
		free(root);
		return NULL;
	}
	read_conf(root, "/etc/ld.so.conf", 0);
	add_dir(root, "/lib");
	add_dir(root, "/usr/lib");
	add_dir(root, "/lib64");
	add_dir(root, "/usr/lib64");
	add_triplets(root, "/lib");
	add_triplets(root, "/usr/lib");
	return root;
}

void root_free(struct root *root)
{
	if (!root)
		return;
	for (size_t i = 0; i < root->dir_count; i++)
		free(root->dirs[i]);
	close(root->fd);
	free(root->real);
	free(root->path);
	free(root);
}

/* What is behind the root's own path in a path that begins with it; NULL if it does not. */
static const char *behind_root(const struct root *root, const char *path)
{
	size_t length = strcmp(root->real, "/") ? strlen(root->real) : 0;

	return !strncmp(path, root->real, length) && (!path[length] || path[length] == '/')
		       ? path + length
		       : NULL;
}

char *root_inside(const struct root *root, const char *path)
{
	char *real = realpath(path, NULL);
	const char *inside = real ? behind_root(root, real) : NULL;
	char *copy = strdup(inside ? inside : path);

	free(real);
	return copy;
}

bool root_real_path(const struct root *root, int fd, char *path, size_t size)
{
	char link[40];
	const char *inside;
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, size - 1);
	if (length < 0)
		return false;
	path[length] = 0;
	inside = behind_root(root, path);
	if (inside)
		memmove(path, inside, strlen(inside) + 1);
	return inside != NULL;
}

static bool try_dir(const struct root *root, const char *dir, const char *name,
		    bool (*visit)(void *data, int fd, const char *path), void *data)
{
	char path[4096];
	bool taken;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return false;
	fd = root_open(root, path);
	if (fd < 0)
		return false;
	taken = visit(data, fd, path);
	close(fd);
	return taken;
}

/* Each directory of a colon-separated list, $ORIGIN replaced. */
static bool try_list(const struct root *root, const char *list, const char *origin,
		     const char *name, bool (*visit)(void *data, int fd, const char *path),
		     void *data)
{
	while (list && *list) {
		size_t length = strcspn(list, ":");
		char dir[4096];
		size_t skip = !strncmp(list, "$ORIGIN", 7)     ? 7
			      : !strncmp(list, "${ORIGIN}", 9) ? 9
							       : 0;

		if (skip > length)
			skip = 0;
		if (snprintf(dir, sizeof(dir), "%s%.*s", skip ? origin : "", (int)(length - skip),
			     list + skip) < (int)sizeof(dir) &&
		    *dir && try_dir(root, dir, name, visit, data))
			return true;
		list += length + (list[length] == ':');
	}
	return false;
}

bool root_search(const struct root *root, const char *name, const char *runpath, const char *origin,
		 bool (*visit)(void *data, int fd, const char *path), void *data)
{
	if (*name == '/')
		return try_dir(root, "", name + 1, visit, data);
	if (try_list(root, runpath, origin, name, visit, data))
		return true;
	for (size_t i = 0; i < root->dir_count; i++)
		if (try_dir(root, root->dirs[i], name, visit, data))
			return true;
	return false;
}
