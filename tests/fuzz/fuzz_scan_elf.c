/* SPDX-License-Identifier: MIT */
/* fuzz_scan_elf.c - any bytes as one file: read, decoded, judged and rendered. */
#include "scan/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scan_options options;
	static FILE *out;
	struct scan_file *file;
	struct scan_result result = { .files = &file, .count = 1 };

	if (!out) {
		out = fopen("/dev/null", "w");
		scan_defaults(&options);
	}
	result.options = options;
	file = scan_memory(&options, "input", data, size);
	scan_text(&result, out, true);
	scan_json(&result, out);
	scan_file_free(file);
	return 0;
}
