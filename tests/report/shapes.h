/* SPDX-License-Identifier: MIT */
/* shapes.h - the recordings that the tests read, by name. */
#ifndef NOMMU_TESTS_SHAPES_H
#define NOMMU_TESTS_SHAPES_H

#include "report/recording.h"

/*
 * "empty", "typical", "worse" (typical with one finding more and one less), "board" (typical with
 * --buddyinfo), and with any number: "findings-10000", "events-1000000", "steps-1000000" (memory
 * only). Returns -1 if there is no such shape.
 */
int shape_make(struct recording *recording, const char *name);

#endif
