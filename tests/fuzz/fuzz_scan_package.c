/* SPDX-License-Identifier: MIT */
/* fuzz_scan_package.c - any bytes as a .deb; what comes out of it is scanned as the walk would. */
#include "scan/package.h"
#include "scan/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(void *context, const char *path, const void *bytes, size_t length,
		  const char *wrong)
{
	if (bytes)
		scan_file_free(scan_memory(context, path, bytes, length));
	else if (!wrong)
		__builtin_trap(); /* a file without bytes has a reason */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scan_options options;

	if (!options.jobs)
		scan_defaults(&options);
	package_is(data, size);
	package_each(data, size, visit, &options);
	return 0;
}
