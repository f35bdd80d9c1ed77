/* SPDX-License-Identifier: MIT */
/*
 * elf.c - the ELF file behind elf.h: its headers, its
 * bytes by address, the functions of its symbol tables.
 */
#include "scan/elf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/types.h"
#include "scan/elf_dynamic.h"
#include "scan/mem.h"

#define OSABI_FDPIC 65 /* ELFOSABI_ARM_FDPIC, ELFOSABI_XTENSA_FDPIC */
#define EM_CYGNUS_FRV 0x5441
#define MOST_SEGMENTS 4096
#define BEHIND ((size_t)4 << 20) /* given back at a time */

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

void elf_view_done(const struct elf_view *view, uint64_t addr, size_t length)
{
	size_t available;
	const uint8_t *at = view->mapped ? elf_view_at(view, addr, &available) : NULL;
	uintptr_t begin, end;

	if (!at)
		return;
	begin = ((uintptr_t)at + NOMMU_PAGE_SIZE - 1) & ~(uintptr_t)NOMMU_PAGE_MASK;
	end = ((uintptr_t)at + min_u64(length, available)) & ~(uintptr_t)NOMMU_PAGE_MASK;
	if (begin < end)
		madvise((void *)begin, end - begin, MADV_DONTNEED);
}

void elf_view_behind(const struct elf_view *view, uint64_t addr, size_t at, size_t *behind)
{
	if (at - *behind < BEHIND)
		return;
	elf_view_done(view, addr + *behind, at - *behind);
	*behind = at;
}

/*
 * What only section headers tell: symbols, and code
 * that was taken out (a file of debug information).
 */
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
		    memchr(view->data + p->p_offset, 0,
			   min_u64(p->p_filesz, view->size - p->p_offset)))
			view->interpreter = (const char *)view->data + p->p_offset;
	}
	return NULL;
}

/*
 * Each architecture has its own mark for FDPIC: a flag
 * of the header, or the field for the system's ABI.
 */
static bool is_fdpic(const GElf_Ehdr *ehdr)
{
	switch (ehdr->e_machine) {
	case EM_ARM:
	case EM_XTENSA:
		return ehdr->e_ident[EI_OSABI] == OSABI_FDPIC;
	case EM_SH:
	case EM_CYGNUS_FRV:
		return ehdr->e_flags & 0x8000;
	case EM_BLACKFIN:
		return ehdr->e_flags & 2;
	default:
		return false;
	}
}

const char *elf_view_open(struct elf_view *view, const struct elf_bytes *bytes)
{
	const char *wrong;

	memset(view, 0, sizeof(*view));
	elf_version(EV_CURRENT);
	view->data = bytes->data;
	view->size = bytes->size;
	view->mapped = bytes->mapped;
	if (view->size < EI_NIDENT ||
	    (view->data[EI_CLASS] != ELFCLASS32 && view->data[EI_CLASS] != ELFCLASS64))
		return "damaged: the ELF header is cut off or of no known class";
	view->elf = elf_memory((char *)bytes->data, bytes->size);
	if (!view->elf || elf_kind(view->elf) != ELF_K_ELF || !gelf_getehdr(view->elf, &view->ehdr))
		return "damaged: the ELF header cannot be read";
	view->big = view->data[EI_DATA] == ELFDATA2MSB;
	view->wide = view->data[EI_CLASS] == ELFCLASS64;
	view->fdpic = is_fdpic(&view->ehdr);
	wrong = read_segments(view);
	if (wrong)
		return wrong;
	read_sections(view);
	elf_dynamic_read(view);
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

static void visit_symtab(const struct elf_view *view,
			 void (*visit)(void *data, const char *name, const GElf_Sym *sym),
			 void *data)
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
			void (*visit)(void *data, const char *name, const GElf_Sym *sym),
			void *data)
{
	Elf_Data *symbols;
	GElf_Sym sym;

	if (!dynamic) {
		visit_symtab(view, visit, data);
		return;
	}
	symbols = elf_dynamic_symbols(view);
	for (size_t i = 1; symbols && i < view->import_count; i++) {
		if (!gelf_getsym(symbols, (int)i, &sym) || sym.st_shndx == SHN_UNDEF ||
		    (GELF_ST_TYPE(sym.st_info) != STT_FUNC &&
		     GELF_ST_TYPE(sym.st_info) != STT_GNU_IFUNC))
			continue;
		const char *name = elf_dynamic_string(view, sym.st_name);

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
		{ EM_X86_64, "x86-64" },
		{ EM_386, "i386" },
		{ EM_AARCH64, "aarch64" },
		{ EM_ARM, "arm" },
		{ EM_RISCV, "riscv" },
		{ EM_MIPS, "mips" },
		{ EM_PPC, "powerpc" },
		{ EM_PPC64, "powerpc64" },
		{ EM_S390, "s390" },
		{ EM_68K, "m68k" },
		{ EM_SH, "sh" },
		{ EM_SPARC, "sparc" },
		{ EM_SPARCV9, "sparc64" },
		{ EM_XTENSA, "xtensa" },
		{ EM_BLACKFIN, "blackfin" },
		{ EM_IA_64, "ia64" },
		{ EM_PARISC, "parisc" },
		{ EM_ALPHA, "alpha" },
		{ EM_MICROBLAZE, "microblaze" },
		{ EM_ALTERA_NIOS2, "nios2" },
		{ EM_OPENRISC, "openrisc" },
		{ EM_BPF, "bpf" },
		{ EM_LOONGARCH, "loongarch" },
		{ EM_ARCV2, "arc" },
		{ EM_CSKY, "csky" },
		{ EM_CYGNUS_FRV, "frv" },
		{ EM_COLDFIRE, "coldfire" },
		{ EM_H8_300, "h8300" },
		{ EM_TI_C6000, "c6x" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "unknown machine";
}
