/* SPDX-License-Identifier: MIT */
/* make_recording.c - make_recording SHAPE FILE: writes one of the recordings of shapes.h. */
#include <stdio.h>

#include "report/shapes.h"

int main(int argc, char **argv)
{
	struct recording recording;
	int failed;

	if (argc != 3 || shape_make(&recording, argv[1])) {
		fputs("make_recording SHAPE FILE\n", stderr);
		return 2;
	}
	failed = recording_write(&recording, argv[2]);
	recording_free(&recording);
	if (failed)
		perror(argv[2]);
	return failed ? 1 : 0;
}
