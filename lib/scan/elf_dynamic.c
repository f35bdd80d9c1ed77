/* SPDX-License-Identifier: MIT */
/*
 * elf_dynamic.c - the dynamic section, its symbols and its relocations are taken as raw chunks at
 * file offsets that the segments give; libelf translates class and byte order.
 */
#include "scan/elf_dynamic.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "scan/mem.h"

#define MOST_SYMBOLS (1u << 22)

/* size bytes at addr as records of a type, or NULL; cut at the end of the segment. */
static Elf_Data *chunk(const struct elf_view *view, uint64_t addr, uint64_t size, Elf_Type type)
{
	size_t length;
	const uint8_t *at = elf_view_at(view, addr, &length);

	if (!at || !size)
		return NULL;
	if (size > length)
		size = length;
	return elf_getdata_rawchunk(view->elf, at - view->data, (size_t)size, type);
}

/* A string of the dynamic string table that ends inside it, or NULL. */
const char *elf_dynamic_string(const struct elf_view *view, uint64_t offset)
{
	if (offset >= view->strings_size ||
	    !memchr(view->strings + offset, 0, view->strings_size - offset))
		return NULL;
	return view->strings + offset;
}

static void read_needed(struct elf_view *view, const Elf_Data *dynamic, int count)
{
	GElf_Dyn dyn;

	for (int i = 0; i < count && gelf_getdyn((Elf_Data *)dynamic, i, &dyn); i++) {
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag != DT_NEEDED)
			continue;
		const char *name = elf_dynamic_string(view, dyn.d_un.d_val);

		if (!name || !*name)
			continue;
		view->needed =
			mem_grow(view->needed, view->needed_count + 1, sizeof(*view->needed));
		view->needed[view->needed_count++] = name;
	}
}

static void read_tags(struct elf_view *view, const Elf_Data *dynamic, int count)
{
	GElf_Dyn dyn;

	for (int i = 0; i < count && gelf_getdyn((Elf_Data *)dynamic, i, &dyn); i++) {
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_TEXTREL ||
		    (dyn.d_tag == DT_FLAGS && (dyn.d_un.d_val & DF_TEXTREL)))
			view->text_relocations = true;
		if (dyn.d_tag == DT_FLAGS_1 && (dyn.d_un.d_val & DF_1_PIE))
			view->pie_flag = true;
		if (dyn.d_tag == DT_GNU_HASH)
			view->gnu_hash = dyn.d_un.d_val;
		if (dyn.d_tag > 0 && dyn.d_tag < 40)
			view->dyn[dyn.d_tag] = dyn.d_un.d_val;
	}
}

static void read_dynamic(struct elf_view *view)
{
	Elf_Data *dynamic = NULL;
	int count = 0;
	size_t length;

	for (size_t i = 0; i < view->phnum && !dynamic; i++) {
		const GElf_Phdr *p = &view->phdr[i];

		if (p->p_type != PT_DYNAMIC || p->p_offset >= view->size || !p->p_filesz)
			continue;
		dynamic = elf_getdata_rawchunk(
			view->elf, (int64_t)p->p_offset,
			(size_t)min_u64(p->p_filesz, view->size - p->p_offset), ELF_T_DYN);
	}
	if (!dynamic)
		return;
	view->has_dynamic = true;
	count = (int)(dynamic->d_size / gelf_fsize(view->elf, ELF_T_DYN, 1, EV_CURRENT));
	read_tags(view, dynamic, count);
	view->strings = (const char *)elf_view_at(view, view->dyn[DT_STRTAB], &length);
	if (view->strings)
		view->strings_size = (size_t)min_u64(view->dyn[DT_STRSZ], length);
	read_needed(view, dynamic, count);
	view->soname = view->dyn[DT_SONAME] ? elf_dynamic_string(view, view->dyn[DT_SONAME]) : NULL;
	view->rpath = view->dyn[DT_RPATH] ? elf_dynamic_string(view, view->dyn[DT_RPATH]) : NULL;
	view->runpath =
		view->dyn[DT_RUNPATH] ? elf_dynamic_string(view, view->dyn[DT_RUNPATH]) : NULL;
}

/* The number of dynamic symbols: from either hash table, else from where the strings begin. */
static uint64_t symbol_count(const struct elf_view *view)
{
	size_t length;
	const uint8_t *at;
	uint64_t last = 0;

	if (view->dyn[DT_HASH] && (at = elf_view_at(view, view->dyn[DT_HASH], &length)) &&
	    length >= 8) {
		Elf_Data *words = chunk(view, view->dyn[DT_HASH], 8, ELF_T_WORD);

		if (words && words->d_size >= 8)
			return ((const uint32_t *)words->d_buf)[1];
	}
	/*
	 * Imports stand before what DT_GNU_HASH indexes; its first index alone would miss exports.
	 */
	if (view->gnu_hash && (at = elf_view_at(view, view->gnu_hash, &length)) && length >= 16) {
		Elf_Data *words = chunk(view, view->gnu_hash, 16, ELF_T_WORD);

		if (words && words->d_size >= 16)
			last = ((const uint32_t *)words->d_buf)[1];
	}
	if (view->dyn[DT_STRTAB] > view->dyn[DT_SYMTAB]) {
		uint64_t one = gelf_fsize(view->elf, ELF_T_SYM, 1, EV_CURRENT);
		uint64_t between = (view->dyn[DT_STRTAB] - view->dyn[DT_SYMTAB]) / one;

		if (between > last)
			return between;
	}
	return last;
}

Elf_Data *elf_dynamic_symbols(const struct elf_view *view)
{
	uint64_t count = symbol_count(view);

	if (!view->dyn[DT_SYMTAB] || !count)
		return NULL;
	count = min_u64(count, MOST_SYMBOLS);
	return chunk(view, view->dyn[DT_SYMTAB],
		     count * gelf_fsize(view->elf, ELF_T_SYM, 1, EV_CURRENT), ELF_T_SYM);
}

/*
 * Index i of imports is symbol i of the table, so that
 * relocations find it; names of exports are NULL.
 */
static void read_imports(struct elf_view *view)
{
	Elf_Data *symbols = elf_dynamic_symbols(view);
	size_t one = gelf_fsize(view->elf, ELF_T_SYM, 1, EV_CURRENT);
	GElf_Sym sym;

	if (!symbols)
		return;
	view->import_count = symbols->d_size / one;
	view->imports = mem_grow(NULL, view->import_count, sizeof(*view->imports));
	memset(view->imports, 0, view->import_count * sizeof(*view->imports));
	for (size_t i = 1; i < view->import_count; i++) {
		if (!gelf_getsym(symbols, (int)i, &sym))
			continue;
		if (sym.st_shndx != SHN_UNDEF) {
			if (GELF_ST_TYPE(sym.st_info) != STT_TLS)
				view->imports[i].value = sym.st_value;
			continue;
		}
		const char *name = elf_dynamic_string(view, sym.st_name);

		if (!name || !*name)
			continue;
		view->imports[i].name = name;
		view->imports[i].bind = GELF_ST_BIND(sym.st_info);
	}
}

void elf_dynamic_read(struct elf_view *view)
{
	read_dynamic(view);
	read_imports(view);
}

static void add_pointer(struct elf_view *view, uint64_t addr, uint64_t value)
{
	if ((view->pointer_count & (view->pointer_count - 1)) == 0)
		view->pointers =
			mem_grow(view->pointers, view->pointer_count ? 2 * view->pointer_count : 1,
				 sizeof(*view->pointers));
	view->pointers[view->pointer_count++] = (struct elf_pointer){ addr, value };
}

static void add_relocation(struct elf_view *view, uint64_t addr, uint64_t info, uint64_t addend)
{
	uint64_t symbol = GELF_R_SYM(info);

	if (!symbol) {
		if (addend)
			add_pointer(view, addr, addend);
		return;
	}
	if (symbol >= view->import_count)
		return;
	if (!view->imports[symbol].name) {
		if (view->imports[symbol].value)
			add_pointer(view, addr, view->imports[symbol].value + addend);
		return;
	}
	view->imports[symbol].bound = true;
	if ((view->slot_count & (view->slot_count - 1)) == 0)
		view->slots = mem_grow(view->slots, view->slot_count ? 2 * view->slot_count : 1,
				       sizeof(*view->slots));
	view->slots[view->slot_count++] = (struct elf_slot){ addr, (uint32_t)symbol };
}

static void read_relocations(struct elf_view *view, uint64_t addr, uint64_t size, bool addends)
{
	Elf_Data *data = chunk(view, addr, size, addends ? ELF_T_RELA : ELF_T_REL);
	size_t one = gelf_fsize(view->elf, addends ? ELF_T_RELA : ELF_T_REL, 1, EV_CURRENT);

	if (!addr || !data)
		return;
	for (size_t i = 0; i < data->d_size / one; i++) {
		GElf_Rela rela;
		GElf_Rel rel;

		if (addends && gelf_getrela(data, (int)i, &rela))
			add_relocation(view, rela.r_offset, rela.r_info, (uint64_t)rela.r_addend);
		else if (!addends && gelf_getrel(data, (int)i, &rel))
			add_relocation(view, rel.r_offset, rel.r_info, 0);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct elf_slot *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static int by_pointer(const void *a, const void *b)
{
	const struct elf_pointer *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

void elf_view_bind(struct elf_view *view)
{
	if (view->slots || !view->has_dynamic)
		return;
	read_relocations(view, view->dyn[DT_RELA], view->dyn[DT_RELASZ], true);
	read_relocations(view, view->dyn[DT_REL], view->dyn[DT_RELSZ], false);
	read_relocations(view, view->dyn[DT_JMPREL], view->dyn[DT_PLTRELSZ],
			 view->dyn[DT_PLTREL] == DT_RELA);
	if (view->slot_count)
		qsort(view->slots, view->slot_count, sizeof(*view->slots), by_address);
	if (view->pointer_count)
		qsort(view->pointers, view->pointer_count, sizeof(*view->pointers), by_pointer);
}

uint64_t elf_view_pointer(const struct elf_view *view, uint64_t addr)
{
	struct elf_pointer key = { addr, 0 };
	const struct elf_pointer *found = NULL;

	if (view->pointer_count)
		found = bsearch(&key, view->pointers, view->pointer_count, sizeof(key), by_pointer);
	return found ? found->value : 0;
}

const struct elf_import *elf_view_slot(const struct elf_view *view, uint64_t addr)
{
	struct elf_slot key = { addr, 0 };
	const struct elf_slot *slot = NULL;

	if (view->slot_count && addr >= view->slots[0].addr &&
	    addr <= view->slots[view->slot_count - 1].addr)
		slot = bsearch(&key, view->slots, view->slot_count, sizeof(key), by_address);

	return slot ? &view->imports[slot->import] : NULL;
}
