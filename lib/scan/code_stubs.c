/* SPDX-License-Identifier: MIT */
/*
 * code_stubs.c - where the PLT leads: entries that jump to an import, and entries for functions
 * that the file exports itself. They are found by their instructions, wherever they lie.
 */
#include "scan/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "scan/mem.h"

static int by_address(const void *a, const void *b)
{
	const struct elf_slot *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void add_stub(struct code *code, uint64_t addr, uint32_t import)
{
	if ((code->stub_count & (code->stub_count - 1)) == 0)
		code->stubs = mem_grow(code->stubs, code->stub_count ? 2 * code->stub_count : 1,
				       sizeof(*code->stubs));
	code->stubs[code->stub_count++] = (struct elf_slot){ addr, import };
}

static int by_alias(const void *a, const void *b)
{
	const struct elf_pointer *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void add_alias(struct code *code, uint64_t addr, uint64_t target)
{
	if ((code->alias_count & (code->alias_count - 1)) == 0)
		code->aliases =
			mem_grow(code->aliases, code->alias_count ? 2 * code->alias_count : 1,
				 sizeof(*code->aliases));
	code->aliases[code->alias_count++] = (struct elf_pointer){ addr, target };
}

/*
 * The entry at addr jumps to where the word at slot points:
 * at an import, or at a function that the file exports.
 */
static void add_entry(struct code *code, uint64_t addr, uint64_t slot_addr)
{
	struct elf_slot key = { slot_addr, 0 }, *slot = NULL;
	uint64_t own;

	if (code->elf->slot_count)
		slot = bsearch(&key, code->elf->slots, code->elf->slot_count, sizeof(key),
			       by_address);
	own = slot ? 0 : elf_view_pointer(code->elf, slot_addr);
	if (slot)
		add_stub(code, addr, slot->import);
	else if (own)
		add_alias(code, addr, own);
}

static int32_t word(const uint8_t *at)
{
	int32_t value;

	memcpy(&value, at, sizeof(value)); /* x86-64 and aarch64 files here are little-endian */
	return value;
}

static bool executable(const GElf_Phdr *p)
{
	return p->p_type == PT_LOAD && (p->p_flags & PF_X) && p->p_filesz;
}

/* endbr64? bnd? jmp *slot(%rip): a PLT entry, wherever it lies. */
static void find_stubs_x86(struct code *code, const uint8_t *at, size_t length, uint64_t addr)
{
	size_t behind = 0;

	for (size_t i = 0; i + 6 <= length; i++) {
		size_t piece = (size_t)min_u64(length - i, 1 << 20);
		const uint8_t *jump = memchr(at + i, 0xff, piece);
		uint64_t slot, begin;

		elf_view_behind(code->elf, addr, i, &behind);
		i = jump ? (size_t)(jump - at) : i + piece - 1;
		if (!jump || i + 6 > length || at[i + 1] != 0x25)
			continue;
		slot = addr + i + 6 + (uint64_t)(int64_t)word(at + i + 2);
		begin = i && at[i - 1] == 0xf2 ? i - 1 : i;
		add_entry(code, addr + begin, slot);
		if (begin >= 4 && !memcmp(at + begin - 4, "\xf3\x0f\x1e\xfa", 4))
			add_entry(code, addr + begin - 4, slot);
	}
}

/* adrp x16, page; ldr x17, [x16, #offset]; add x16, ...; br x17; perhaps after bti c. */
static void find_stubs_arm64(struct code *code, const uint8_t *at, size_t length, uint64_t addr)
{
	for (size_t i = 0; i + 16 <= length; i += 4) {
		uint32_t page = (uint32_t)word(at + i), load = (uint32_t)word(at + i + 4);
		uint64_t slot;
		int64_t pages; /* 21 bits, signed */

		if ((page & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
			continue;
		pages = (int64_t)((page >> 5 & 0x7ffff) << 2 | (page >> 29 & 3));
		pages -= pages & 1 << 20 ? 1 << 21 : 0;
		slot = ((addr + i) & ~0xfffUL) + (uint64_t)(pages * 4096) +
		       (load >> 10 & 0xfff) * 8;
		add_entry(code, addr + i, slot);
		if (i >= 4 && (uint32_t)word(at + i - 4) == 0xd503245f)
			add_entry(code, addr + i - 4, slot);
	}
}

void code_stubs(struct code *code)
{
	for (size_t i = 0; i < code->elf->phnum; i++) {
		const GElf_Phdr *p = &code->elf->phdr[i];
		size_t length;
		const uint8_t *at =
			executable(p) ? elf_view_at(code->elf, p->p_vaddr, &length) : NULL;

		if (!at)
			continue;
		if (code->elf->ehdr.e_machine == EM_X86_64)
			find_stubs_x86(code, at, length, p->p_vaddr);
		else
			find_stubs_arm64(code, at, length, p->p_vaddr);
		elf_view_done(code->elf, p->p_vaddr, length);
	}
	if (code->stub_count)
		qsort(code->stubs, code->stub_count, sizeof(*code->stubs), by_address);
	if (code->alias_count)
		qsort(code->aliases, code->alias_count, sizeof(*code->aliases), by_alias);
}

uint64_t code_target(const struct code *code, uint64_t addr)
{
	struct elf_pointer key = { addr, 0 }, *alias = NULL;

	if (code->alias_count && addr >= code->aliases[0].addr &&
	    addr <= code->aliases[code->alias_count - 1].addr)
		alias = bsearch(&key, code->aliases, code->alias_count, sizeof(key), by_alias);
	return alias ? alias->value : addr;
}

const struct elf_import *code_import(struct code *code, const struct step *step)
{
	struct elf_slot key = { step->target, 0 }, *stub;

	if (step->kind != STEP_CALL && step->kind != STEP_JUMP)
		return NULL;
	if (step->slot)
		return elf_view_slot(code->elf, step->slot);
	/* Most targets are far from the PLT. */
	if (!code->stub_count || step->target < code->stubs[0].addr ||
	    step->target > code->stubs[code->stub_count - 1].addr)
		return NULL;
	stub = bsearch(&key, code->stubs, code->stub_count, sizeof(key), by_address);
	return stub ? &code->elf->imports[stub->import] : NULL;
}
