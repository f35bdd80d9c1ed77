/* SPDX-License-Identifier: MIT */
/* made.c - see made.h. Everything lies where it lies in the file; one segment holds it all. */
#include "made.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

enum {
	INTERP = 0x180,
	DYNAMIC = 0x1a0,
	STRINGS = 0x280,
	HASH = 0x2c0,
	SYMBOLS = 0x2e0,
	RELOCS = 0x360
};

static const char strings[] = "\0fork\0execve\0_exit\0libmade.so";
static const uint32_t names[] = { 1, 6, 13 };
#define NEEDED 19
#define IMPORTS ARRAY_SIZE(names)

struct maker {
	const struct made *made;
	unsigned char *at;
};

static void put(struct maker *maker, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		maker->at[i] = (unsigned char)(value >> 8 * (maker->made->big ? bytes - 1 - i : i));
	maker->at += bytes;
}

static void word(struct maker *maker, uint64_t value)
{
	put(maker, maker->made->wide ? 8 : 4, value);
}

static void header(struct maker *maker, unsigned segments)
{
	bool wide = maker->made->wide;

	memcpy(maker->at, ELFMAG, SELFMAG);
	maker->at[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	maker->at[EI_DATA] = maker->made->big ? ELFDATA2MSB : ELFDATA2LSB;
	maker->at[EI_VERSION] = EV_CURRENT;
	maker->at += EI_NIDENT;
	put(maker, 2, ET_DYN);
	put(maker, 2, maker->made->machine);
	put(maker, 4, EV_CURRENT);
	word(maker, MADE_CODE); /* entry */
	word(maker, wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	word(maker, 0);
	put(maker, 4, 0);
	put(maker, 2, wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put(maker, 2, wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	put(maker, 2, segments);
	put(maker, 6, 0); /* no sections */
}

static void segment(struct maker *maker, uint32_t type, uint32_t flags, uint64_t offset,
		    uint64_t size)
{
	put(maker, 4, type);
	if (maker->made->wide)
		put(maker, 4, flags);
	word(maker, offset);
	word(maker, offset); /* vaddr */
	word(maker, offset);
	word(maker, size);
	word(maker, size);
	if (!maker->made->wide)
		put(maker, 4, flags);
	word(maker, type == PT_LOAD ? 0x1000 : 1);
}

static void dynamic(struct maker *maker, bool addends, size_t one)
{
	const uint64_t tags[][2] = {
		{ DT_NEEDED, NEEDED },
		{ DT_STRTAB, STRINGS },
		{ DT_STRSZ, sizeof(strings) },
		{ DT_SYMTAB, SYMBOLS },
		{ DT_HASH, HASH },
		{ DT_JMPREL, RELOCS },
		{ DT_PLTRELSZ, IMPORTS * one },
		{ DT_PLTREL, addends ? DT_RELA : DT_REL },
		{ DT_FLAGS_1, DF_1_PIE },
		{ DT_NULL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		word(maker, tags[i][0]);
		word(maker, tags[i][1]);
	}
}

static void symbol(struct maker *maker, uint32_t name)
{
	unsigned char info = name ? ELF32_ST_INFO(STB_GLOBAL, STT_FUNC) : 0;

	put(maker, 4, name);
	if (!maker->made->wide)
		put(maker, 8, 0);
	put(maker, 1, info);
	put(maker, 3, 0);
	if (maker->made->wide)
		put(maker, 8, 0), put(maker, 8, 0);
}

unsigned char *made_elf(const struct made *made, size_t *size)
{
	bool addends = made->wide;
	size_t one = addends ? sizeof(Elf64_Rela) : sizeof(Elf32_Rel);
	unsigned char *data;
	struct maker maker = { made, NULL };

	*size = made->text > MADE_SIZE ? made->text : MADE_SIZE;
	data = calloc(1, *size);
	if (!data)
		abort();
	maker.at = data;
	header(&maker, 3);
	segment(&maker, PT_INTERP, PF_R, INTERP, 7);
	segment(&maker, PT_LOAD, PF_R | PF_W | PF_X, 0, *size);
	segment(&maker, PT_DYNAMIC, PF_R | PF_W, DYNAMIC, 10 * 2 * (made->wide ? 8u : 4u));
	memcpy(data + INTERP, "/ld.so", 7);
	maker.at = data + DYNAMIC;
	dynamic(&maker, addends, one);
	memcpy(data + STRINGS, strings, sizeof(strings));
	maker.at = data + HASH;
	put(&maker, 4, 0); /* buckets: only the number of symbols is asked for */
	put(&maker, 4, IMPORTS + 1);
	maker.at = data + SYMBOLS;
	symbol(&maker, 0);
	for (size_t i = 0; i < IMPORTS; i++)
		symbol(&maker, names[i]);
	maker.at = data + RELOCS;
	for (size_t i = 0; i < IMPORTS; i++) {
		word(&maker, MADE_SLOTS + 8 * i);
		word(&maker, made->wide ? ELF64_R_INFO(i + 1, made->reloc)
					: ELF32_R_INFO(i + 1, made->reloc));
		if (addends)
			word(&maker, 0);
	}
	for (size_t i = 0; i < made->words; i++)
		/* aarch64's own order is ours */
		memcpy(data + MADE_CODE + 4 * i, &made->code[i], 4);
	return data;
}
