/* SPDX-License-Identifier: MIT */
/*
 * elf.h - one ELF file, read through libelf: headers, segments, the dynamic section, imported names
 * and where they are bound. Works from the program headers, so a file without section headers reads
 * the same. Nothing in the file is believed: every offset is checked against its size.
 */
#ifndef NOMMU_SCAN_ELF_H
#define NOMMU_SCAN_ELF_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_import {
	const char *name; /* or NULL: the file defines this symbol itself */
	uint64_t value;	  /* where, then */
	uint8_t bind;
	bool bound; /* a relocation refers to it: not only listed for the sake of a library */
};

/* A word of memory that the loader fills with the address of an import. */
struct elf_slot {
	uint64_t addr;
	uint32_t import; /* index into imports */
};

/* A word of memory that the loader fills with an address of the file's own. */
struct elf_pointer {
	uint64_t addr, value;
};

/* A file's bytes. */
struct elf_bytes {
	const void *data;
	size_t size;
	bool mapped; /* a mapping of the file: its pages can be given back, and come again */
};

struct elf_view {
	Elf *elf;
	const uint8_t *data;
	size_t size;
	bool mapped;
	GElf_Ehdr ehdr;
	GElf_Phdr *phdr;
	size_t phnum;
	bool big;   /* big endian */
	bool wide;  /* 64 bits */
	bool fdpic; /* segments can lie anywhere: made for a target without an MMU */
	bool has_dynamic, has_symtab, debug_only, text_relocations, pie_flag;
	uint64_t dyn[40]; /* value of each DT_ tag below 40 */
	uint64_t gnu_hash;
	const char *soname, *rpath, *runpath, *interpreter;
	const char **needed;
	size_t needed_count;
	const char *strings; /* the dynamic string table, inside data */
	size_t strings_size;
	struct elf_import *imports;
	size_t import_count;
	struct elf_slot *slots; /* by address */
	size_t slot_count;
	struct elf_pointer *pointers; /* by address */
	size_t pointer_count;
};

/*
 * Opens bytes that the caller keeps. Returns NULL, or one line that says what is wrong; then
 * elf_view_close() is still to be called.
 */
const char *elf_view_open(struct elf_view *view, const struct elf_bytes *bytes);
void elf_view_close(struct elf_view *view);

/* Reads relocations into slots and pointers; only files whose code is looked at need it. */
void elf_view_bind(struct elf_view *view);

/* The bytes that are loaded at addr: at least one, available in *length; or NULL. */
const uint8_t *elf_view_at(const struct elf_view *view, uint64_t addr, size_t *length);

/*
 * The bytes at addr are not needed for now: a large file must not stay in memory because it was
 * looked at. The second is for who goes through them: at is how far, *behind (0 at first) how
 * far they were given back.
 */
void elf_view_done(const struct elf_view *view, uint64_t addr, size_t length);
void elf_view_behind(const struct elf_view *view, uint64_t addr, size_t at, size_t *behind);

/* The address of the file's own that a relocation stores at addr, or 0. */
uint64_t elf_view_pointer(const struct elf_view *view, uint64_t addr);

/* The import that is bound at the slot, or NULL. */
const struct elf_import *elf_view_slot(const struct elf_view *view, uint64_t addr);

/* Calls visit for each defined function of the symbol table (.symtab, else .dynsym). */
void elf_view_functions(const struct elf_view *view, bool dynamic,
			void (*visit)(void *data, const char *name, const GElf_Sym *sym),
			void *data);

const char *elf_machine_name(unsigned machine);

#endif
