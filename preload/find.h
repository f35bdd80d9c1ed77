/* SPDX-License-Identifier: MIT */
/* find.h - a program's file by its name. */
#ifndef NOMMU_PRELOAD_FIND_H
#define NOMMU_PRELOAD_FIND_H

#define FIND_PATH 512

/*
 * The file that PATH leads to; the name itself where it is a path already; NULL if there is none.
 */
const char *find_program(const char *file, char path[FIND_PATH]);

#endif
