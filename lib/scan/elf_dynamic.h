/* SPDX-License-Identifier: MIT */
/* elf_dynamic.h - what elf.c takes from the part that reads the dynamic section. */
#ifndef NOMMU_SCAN_ELF_DYNAMIC_H
#define NOMMU_SCAN_ELF_DYNAMIC_H

#include "scan/elf.h"

/* Reads tags, needed libraries and imports into the view, as far as they can be read. */
void elf_dynamic_read(struct elf_view *view);

/* The dynamic symbols, or NULL. */
Elf_Data *elf_dynamic_symbols(const struct elf_view *view);

/* A string of the dynamic string table that ends inside it, or NULL. */
const char *elf_dynamic_string(const struct elf_view *view, uint64_t offset);

#endif
