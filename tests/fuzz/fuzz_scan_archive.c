/* SPDX-License-Identifier: MIT */
/*
 * fuzz_scan_archive.c - any bytes as the data.tar (plain or packed) of a sound .deb, so that
 * what is changed is never the outer archive. The files that come out are counted, not
 * scanned: fuzz_scan_elf does that.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/package.h"

#define HEADER 60 /* of a member of an ar archive */
#define OUTER (8 + HEADER + 4 + HEADER)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t files;

static void visit(void *context, const char *path, const void *bytes, size_t length,
		  const char *wrong)
{
	(void)context;
	if (!path || (!bytes && !wrong))
		__builtin_trap(); /* a file has a name, and bytes or a reason */
	for (size_t i = 0; bytes && i < length; i += 512)
		files += ((const unsigned char *)bytes)[i] != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *package = malloc(OUTER + size + 1);

	if (!package)
		return 0;
	snprintf(package, OUTER + 1,
		 "!<arch>\n%-16s%-12d%-6d%-6d%-8o%-10d`\n2.0\n%-16s%-12d%-6d%-6d%-8o%-10zu`\n",
		 "debian-binary", 0, 0, 0, 0100644, 4, "data.tar", 0, 0, 0, 0100644, size);
	memcpy(package + OUTER, data, size);
	package_each(package, OUTER + size, visit, NULL);
	free(package);
	return 0;
}
