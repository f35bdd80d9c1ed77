/* SPDX-License-Identifier: MIT */
/*
 * made.h - small ELF programs of any class, byte order and
 * machine, made in memory: no compiler for them is needed.
 */
#ifndef NOMMU_TESTS_SCAN_MADE_H
#define NOMMU_TESTS_SCAN_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MADE_CODE 0x400	 /* where the code begins, in the file and in memory */
#define MADE_SLOTS 0x800 /* the word of memory for the first import; 8 bytes each */
#define MADE_SIZE 0x900

struct made {
	uint16_t machine;
	bool wide, big;
	uint32_t reloc;	      /* relocation that binds a function of the PLT */
	const uint32_t *code; /* words of code, little-endian; or NULL */
	size_t words;
	uint64_t text; /* size of the executable segment, if larger than needed */
};

/*
 * A dynamic program that imports fork, execve and _exit, in
 * this order, and needs libmade.so. Freed by the caller.
 */
unsigned char *made_elf(const struct made *made, size_t *size);

#endif
