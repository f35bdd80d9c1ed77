/* SPDX-License-Identifier: MIT */
/* code_search.c - finding call sites and system calls in the executable segments of one file. */
#include "scan/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"

struct finder {
	struct code *code;
	const struct code_search *search;
	uint64_t done; /* below this address every function has been walked */
};

static bool wanted(const struct finder *finder, const struct step *step,
		   const struct elf_import **import)
{
	const struct code_search *search = finder->search;

	*import = NULL;
	switch (step->kind) {
	case STEP_SYSCALL:
		return search->system_calls;
	case STEP_CALL:
	case STEP_JUMP:
		if (step->kind == STEP_JUMP && step->slot && step->addr)
			return false; /* a PLT entry, not a call of one */
		*import = code_import(finder->code, step);
		if (*import)
			return search->import && search->import(search->data, *import);
		return search->own && step->target && search->own(search->data, step->target);
	case STEP_BRANCH: /* into the cold part of a function, or a tail call */
		return search->own && step->target && search->own(search->data, step->target);
	case STEP_CONST: /* lea: the address is taken */
		return step->slot && search->own && search->own(search->data, step->slot);
	default:
		if (!step->slot)
			return false;
		*import = elf_view_slot(finder->code->elf, step->slot);
		if (*import)
			return search->import && search->import(search->data, *import);
		return search->own &&
		       search->own(search->data, elf_view_pointer(finder->code->elf, step->slot));
	}
}

/* Decodes the whole function around a candidate, once, and reports what is really there. */
static void walk_function(struct finder *finder, uint64_t candidate)
{
	uint64_t start, end;
	struct step step;

	if (candidate < finder->done)
		return;
	if (!code_function(finder->code, candidate, &start, &end)) {
		finder->done = candidate + 1;
		return;
	}
	start = max_u64(start, finder->done);
	for (uint64_t addr = start; addr < end; addr = step.next) {
		const struct elf_import *import;

		code_step(finder->code, addr, 0, &step);
		if (finder->code->spent > CODE_BUDGET)
			break;
		if (wanted(finder, &step, &import))
			finder->search->found(finder->search->data, &step, import);
	}
	finder->done = end;
}

/* Does a short jump lead to something wanted? The last call of a function can be one, to the function beside it. */
static bool jumps_to_wanted(const struct finder *finder, uint64_t addr, uint8_t offset)
{
	struct step step = { .kind = STEP_JUMP,
			     .target = addr + 2 + (uint64_t)(int64_t)(int8_t)offset };
	const struct elf_import *import;

	return wanted(finder, &step, &import);
}

/* Does the displacement at i lead to something wanted? Says nothing about where instructions begin. */
static bool leads_to_wanted(const struct finder *finder, uint64_t addr, const uint8_t *at,
			    bool memory)
{
	struct step step = { .kind = STEP_CALL };
	const struct elf_import *import;
	int32_t offset;

	memcpy(&offset, at, sizeof(offset));
	addr += 4 + (uint64_t)(int64_t)offset;
	if (memory)
		step.slot = addr;
	else
		step.target = code_target(finder->code, addr);
	if (wanted(finder, &step, &import))
		return true;
	return memory && finder->search->own &&
	       (finder->search->own(finder->search->data, addr) ||
		finder->search->own(finder->search->data,
				    elf_view_pointer(finder->code->elf, addr)));
}

/* The bytes that what is searched for can begin with: nearly all others are passed over at once. */
static void first_bytes(const struct code_search *search, bool first[256])
{
	memset(first, 0, 256 * sizeof(*first));
	first[0x0f] = search->system_calls || search->own;
	first[0xe8] = first[0xe9] = first[0xff] = first[0x8b] = first[0x8d] =
		search->import || search->own;
	first[0xeb] = search->own != NULL;
	for (unsigned byte = 0x70; byte < 0x80; byte++)
		first[byte] = search->own != NULL;
}

static void search_x86(struct finder *finder, const uint8_t *at, size_t length, uint64_t addr)
{
	bool calls = finder->search->import || finder->search->own, first[256];
	size_t behind = 0; /* below here the bytes were given back */

	first_bytes(finder->search, first);
	for (size_t i = 0; i + 6 <= length; i++) {
		uint8_t byte = at[i];
		bool hit = false;

		if (!first[byte] && i % 4096)
			continue;
		elf_view_behind(finder->code->elf, addr, i, &behind);
		if (addr + i < finder->done) {
			i = (size_t)(finder->done - addr) - 1;
			continue;
		}
		if (byte == 0x0f && at[i + 1] == 0x05)
			hit = finder->search->system_calls;
		else if (byte == 0x0f && (at[i + 1] & 0xf0) == 0x80 && finder->search->own)
			hit = leads_to_wanted(finder, addr + i + 2, at + i + 2, false);
		else if (!calls)
			continue;
		else if ((byte == 0xeb || (byte & 0xf0) == 0x70) && finder->search->own)
			hit = jumps_to_wanted(finder, addr + i, at[i + 1]);
		else if (byte == 0xe8 || byte == 0xe9)
			hit = leads_to_wanted(finder, addr + i + 1, at + i + 1, false);
		else if ((byte == 0xff && (at[i + 1] == 0x15 || at[i + 1] == 0x25)) ||
			 ((byte == 0x8b || byte == 0x8d) && (at[i + 1] & 0xc7) == 0x05))
			hit = leads_to_wanted(finder, addr + i + 2, at + i + 2, true);
		if (hit)
			walk_function(finder, addr + i);
	}
}

static void search_arm64(struct finder *finder, const uint8_t *at, size_t length, uint64_t addr)
{
	for (size_t i = 0; i + 4 <= length; i += 4) {
		struct step step = { .kind = STEP_CALL };
		const struct elf_import *import;
		uint32_t word;
		bool hit = false;

		memcpy(&word, at + i, sizeof(word));
		if ((word & 0xffe0001f) == 0xd4000001) {
			hit = finder->search->system_calls;
		} else if ((word & 0x7c000000) == 0x14000000) {
			step.target = code_target(
				finder->code,
				addr + i + (uint64_t)((int64_t)(int32_t)(word << 6) >> 4));
			hit = wanted(finder, &step, &import);
		}
		if (hit && addr + i >= finder->done)
			walk_function(finder, addr + i);
	}
}

void code_search(struct code *code, const struct code_search *search)
{
	for (size_t i = 0; i < code->elf->phnum; i++) {
		const GElf_Phdr *p = &code->elf->phdr[i];
		struct finder finder = { code, search, 0 };
		size_t length;
		const uint8_t *at;

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		at = elf_view_at(code->elf, p->p_vaddr, &length);
		if (!at)
			continue;
		if (code->elf->ehdr.e_machine == EM_X86_64)
			search_x86(&finder, at, length, p->p_vaddr);
		else
			search_arm64(&finder, at, length, p->p_vaddr);
		elf_view_done(code->elf, p->p_vaddr, length);
	}
}
