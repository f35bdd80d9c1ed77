/* SPDX-License-Identifier: MIT */
/*
 * package.h - the programs inside a Debian package, read without unpacking it to disk (libarchive).
 */
#ifndef NOMMU_SCAN_PACKAGE_H
#define NOMMU_SCAN_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Is this the beginning of a .deb? */
bool package_is(const void *data, size_t size);

/*
 * Calls visit for each regular file of the package: its path inside, its bytes (valid during the
 * call only), or NULL bytes and why they could not be had. Returns NULL, or one line that says what
 * is wrong with the package.
 */
const char *package_each(const void *data, size_t size,
			 void (*visit)(void *context, const char *path, const void *bytes,
				       size_t length, const char *wrong),
			 void *context);

#endif
