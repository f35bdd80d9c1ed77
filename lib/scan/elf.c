/* SPDX-License-Identifier: MIT */
/*
 * elf.c - the ELF file behind elf.h. The dynamic section, its symbols and its relocations are taken as raw
 * chunks at file offsets that the segments give; libelf translates class and byte order.
 */
#include "scan/elf.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "scan/mem.h"

#define MOST_SEGMENTS 4096
#define MOST_SYMBOLS (1u << 22)


const uint8_t *elf_view_at(const struct elf_view *view, uint64_t addr, size_t *length)
{
	for (size_t i = 0; i < view->phnum; i++) {
		const GElf_Phdr *p = &view->phdr[i];

		if (p->p_type != PT_LOAD || addr < p->p_vaddr || addr - p->p_vaddr >= p->p_filesz)
			continue;
		uint64_t skip = addr - p->p_vaddr;

		if (p->p_offset > view->size || skip >= view->size - p->p_offset)
			return NULL;
		*length = (size_t)(p->p_filesz - skip);
		if (*length > view->size - (size_t)(p->p_offset + skip))
			*length = view->size - (size_t)(p->p_offset + skip);
		return view->data + p->p_offset + skip;
	}
	return NULL;
}

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
static const char *dynamic_string(const struct elf_view *view, uint64_t offset)
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
		const char *name = dynamic_string(view, dyn.d_un.d_val);

		if (!name || !*name)
			continue;
		view->needed = mem_grow(view->needed, view->needed_count + 1, sizeof(*view->needed));
		view->needed[view->needed_count++] = name;
	}
}

static void read_tags(struct elf_view *view, const Elf_Data *dynamic, int count)
{
	GElf_Dyn dyn;

	for (int i = 0; i < count && gelf_getdyn((Elf_Data *)dynamic, i, &dyn); i++) {
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_TEXTREL || (dyn.d_tag == DT_FLAGS && (dyn.d_un.d_val & DF_TEXTREL)))
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
		dynamic = elf_getdata_rawchunk(view->elf, (int64_t)p->p_offset,
					       (size_t)min_u64(p->p_filesz, view->size - p->p_offset),
					       ELF_T_DYN);
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
	view->soname = view->dyn[DT_SONAME] ? dynamic_string(view, view->dyn[DT_SONAME]) : NULL;
	view->rpath = view->dyn[DT_RPATH] ? dynamic_string(view, view->dyn[DT_RPATH]) : NULL;
	view->runpath = view->dyn[DT_RUNPATH] ? dynamic_string(view, view->dyn[DT_RUNPATH]) : NULL;
}

/* The number of dynamic symbols: from either hash table, else from where the strings begin. */
static uint64_t symbol_count(const struct elf_view *view)
{
	size_t length;
	const uint8_t *at;
	uint64_t last = 0;

	if (view->dyn[DT_HASH] && (at = elf_view_at(view, view->dyn[DT_HASH], &length)) && length >= 8) {
		Elf_Data *words = chunk(view, view->dyn[DT_HASH], 8, ELF_T_WORD);

		if (words && words->d_size >= 8)
			return ((const uint32_t *)words->d_buf)[1];
	}
	/* Imports stand before what DT_GNU_HASH indexes; its first index alone would miss exports. */
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

static Elf_Data *dynamic_symbols(const struct elf_view *view)
{
	uint64_t count = symbol_count(view);

	if (!view->dyn[DT_SYMTAB] || !count)
		return NULL;
	count = min_u64(count, MOST_SYMBOLS);
	return chunk(view, view->dyn[DT_SYMTAB],
		     count * gelf_fsize(view->elf, ELF_T_SYM, 1, EV_CURRENT), ELF_T_SYM);
}

/* Index i of imports is symbol i of the table, so that relocations find it; names of exports are NULL. */
static void read_imports(struct elf_view *view)
{
	Elf_Data *symbols = dynamic_symbols(view);
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
		const char *name = dynamic_string(view, sym.st_name);

		if (!name || !*name)
			continue;
		view->imports[i].name = name;
		view->imports[i].bind = GELF_ST_BIND(sym.st_info);
	}
}

/* What only section headers tell: symbols, and code that was taken out (a file of debug information). */
static void read_sections(struct elf_view *view)
{
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(view->elf, scn));) {
		if (!gelf_getshdr(scn, &shdr))
			continue;
		if (shdr.sh_type == SHT_SYMTAB)
			view->has_symtab = true;
		if (shdr.sh_type == SHT_NOBITS && (shdr.sh_flags & SHF_EXECINSTR))
			view->debug_only = true;
	}
}

static const char *read_segments(struct elf_view *view)
{
	size_t count = 0;

	if (elf_getphdrnum(view->elf, &count) || (!count && view->ehdr.e_phnum))
		return "damaged: the program headers cannot be read";
	if (count > MOST_SEGMENTS)
		return "damaged: an impossible number of program headers";
	view->phdr = mem_grow(NULL, count, sizeof(*view->phdr));
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(view->elf, (int)i, &view->phdr[i]))
			return "damaged: the program headers cannot be read";
		const GElf_Phdr *p = &view->phdr[i];

		view->phnum = i + 1;
		if (p->p_type == PT_LOAD && p->p_filesz > p->p_memsz)
			return "damaged: a segment is larger in the file than in memory";
		if (p->p_type == PT_LOAD && p->p_filesz &&
		    (p->p_offset > view->size || p->p_filesz > view->size - p->p_offset))
			return "damaged: a segment lies beyond the end of the file (cut off?)";
		if (p->p_type == PT_LOAD && p->p_vaddr + p->p_memsz < p->p_vaddr)
			return "damaged: a segment wraps around the address space";
		if (p->p_type == PT_INTERP && p->p_offset < view->size && p->p_filesz &&
		    memchr(view->data + p->p_offset, 0, min_u64(p->p_filesz, view->size - p->p_offset)))
			view->interpreter = (const char *)view->data + p->p_offset;
	}
	return NULL;
}

const char *elf_view_open(struct elf_view *view, const void *data, size_t size)
{
	const char *wrong;

	memset(view, 0, sizeof(*view));
	elf_version(EV_CURRENT);
	view->data = data;
	view->size = size;
	if (size < EI_NIDENT || (view->data[EI_CLASS] != ELFCLASS32 && view->data[EI_CLASS] != ELFCLASS64))
		return "damaged: the ELF header is cut off or of no known class";
	view->elf = elf_memory((char *)data, size);
	if (!view->elf || elf_kind(view->elf) != ELF_K_ELF || !gelf_getehdr(view->elf, &view->ehdr))
		return "damaged: the ELF header cannot be read";
	view->big = view->data[EI_DATA] == ELFDATA2MSB;
	view->wide = view->data[EI_CLASS] == ELFCLASS64;
	wrong = read_segments(view);
	if (wrong)
		return wrong;
	read_sections(view);
	read_dynamic(view);
	read_imports(view);
	return NULL;
}

void elf_view_close(struct elf_view *view)
{
	free(view->phdr);
	free(view->needed);
	free(view->imports);
	free(view->slots);
	free(view->pointers);
	elf_end(view->elf);
	memset(view, 0, sizeof(*view));
}

static void add_pointer(struct elf_view *view, uint64_t addr, uint64_t value)
{
	if ((view->pointer_count & (view->pointer_count - 1)) == 0)
		view->pointers = mem_grow(view->pointers, view->pointer_count ? 2 * view->pointer_count : 1,
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
	const struct elf_slot *slot =
		view->slot_count ?
			bsearch(&key, view->slots, view->slot_count, sizeof(key), by_address) :
			NULL;

	return slot ? &view->imports[slot->import] : NULL;
}

static void visit_symtab(const struct elf_view *view,
			 void (*visit)(void *data, const char *name, const GElf_Sym *sym), void *data)
{
	GElf_Shdr shdr;
	GElf_Sym sym;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(view->elf, scn));) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_SYMTAB)
			continue;
		Elf_Data *symbols = elf_getdata(scn, NULL);
		size_t one = gelf_fsize(view->elf, ELF_T_SYM, 1, EV_CURRENT);

		for (size_t i = 1; symbols && i < symbols->d_size / one; i++) {
			if (!gelf_getsym(symbols, (int)i, &sym) || sym.st_shndx == SHN_UNDEF ||
			    GELF_ST_TYPE(sym.st_info) != STT_FUNC)
				continue;
			const char *name = elf_strptr(view->elf, shdr.sh_link, sym.st_name);

			if (name && *name)
				visit(data, name, &sym);
		}
	}
}

void elf_view_functions(const struct elf_view *view, bool dynamic,
			void (*visit)(void *data, const char *name, const GElf_Sym *sym), void *data)
{
	Elf_Data *symbols;
	GElf_Sym sym;

	if (!dynamic) {
		visit_symtab(view, visit, data);
		return;
	}
	symbols = dynamic_symbols(view);
	for (size_t i = 1; symbols && i < view->import_count; i++) {
		if (!gelf_getsym(symbols, (int)i, &sym) || sym.st_shndx == SHN_UNDEF ||
		    (GELF_ST_TYPE(sym.st_info) != STT_FUNC &&
		     GELF_ST_TYPE(sym.st_info) != STT_GNU_IFUNC))
			continue;
		const char *name = dynamic_string(view, sym.st_name);

		if (name && *name)
			visit(data, name, &sym);
	}
}

const char *elf_machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
		{ EM_X86_64, "x86-64" }, { EM_386, "i386" },	  { EM_AARCH64, "aarch64" },
		{ EM_ARM, "arm" },	 { EM_RISCV, "riscv" },	  { EM_MIPS, "mips" },
		{ EM_PPC, "powerpc" },	 { EM_PPC64, "powerpc64" }, { EM_S390, "s390" },
		{ EM_68K, "m68k" },	 { EM_SH, "sh" },	  { EM_SPARC, "sparc" },
		{ EM_SPARCV9, "sparc64" }, { EM_XTENSA, "xtensa" }, { EM_BLACKFIN, "blackfin" },
		{ EM_IA_64, "ia64" },	 { EM_PARISC, "parisc" }, { EM_ALPHA, "alpha" },
		{ EM_MICROBLAZE, "microblaze" }, { EM_ALTERA_NIOS2, "nios2" }, { EM_OPENRISC, "openrisc" },
		{ EM_BPF, "bpf" },	 { EM_LOONGARCH, "loongarch" }, { EM_ARCV2, "arc" },
		{ EM_CSKY, "csky" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "unknown machine";
}
