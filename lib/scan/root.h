/* SPDX-License-Identifier: MIT */
/*
 * root.h - a root file system: opening paths as seen from
 * inside it, and where its loader looks for libraries.
 */
#ifndef NOMMU_SCAN_ROOT_H
#define NOMMU_SCAN_ROOT_H

#include <stdbool.h>
#include <stddef.h>

struct root;

/* NULL if the folder cannot be opened. */
struct root *root_new(const char *path);
void root_free(struct root *root);

/* A descriptor for reading, or -1 with errno. */
int root_open(const struct root *root, const char *path);

/*
 * The path of a folder as seen from inside the root, links
 * resolved; to be freed. As it is if it is not there.
 */
char *root_inside(const struct root *root, const char *path);

/* The path of an open file as seen from inside the root; false if it is not in there. */
bool root_real_path(const struct root *root, int fd, char *path, size_t size);

/*
 * Offers each file of that name where the loader looks for it (runpath, with $ORIGIN as
 * origin, ld.so.conf, the default folders), in that order, until visit takes one. The
 * descriptor is closed afterwards.
 */
bool root_search(const struct root *root, const char *name, const char *runpath, const char *origin,
		 bool (*visit)(void *data, int fd, const char *path), void *data);

#endif
