/* SPDX-License-Identifier: MIT */
/*
 * code_search.c - finding calls of imports, and system
 * calls, in the executable segments of one file.
 */
#include "scan/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"

#define LARGE                                                                                      \
	2048 /* of two factors, one is at least the root of the smallest product that matters */
#define BEFORE 128 /* bytes before a call in which its constants are looked for */

struct finder {
	struct code *code;
	const struct code_search *search;
	uint64_t done; /* below this address every function has been walked */
};

static enum code_interest wanted(const struct finder *finder, const struct step *step,
				 const struct elf_import **import)
{
	const struct code_search *search = finder->search;

	*import = NULL;
	switch (step->kind) {
	case STEP_SYSCALL:
		return search->system_calls ? CODE_CALLS : CODE_NONE;
	case STEP_CALL:
	case STEP_JUMP:
		if (step->kind == STEP_JUMP && step->slot && step->addr)
			return CODE_NONE; /* a PLT entry, not a call of one */
		*import = code_import(finder->code, step);
		break;
	case STEP_CONST:
	case STEP_BRANCH:
		return CODE_NONE;
	default:
		*import = step->slot ? elf_view_slot(finder->code->elf, step->slot) : NULL;
	}
	return *import ? search->import(search->data, *import) : CODE_NONE;
}

/* Keeps up with what the arguments hold while a function is gone through. */
static void keep_constants(const struct code *code, const struct step *step,
			   struct code_constants *constants)
{
	if (step->kind == STEP_CALL || step->kind == STEP_STOP || step->kind == STEP_RETURN ||
	    step->kind == STEP_JUMP)
		constants->known = 0;
	for (unsigned i = 0; step->dst && i <= CODE_ARGUMENTS; i++) {
		if (step->dst !=
		    (i < CODE_ARGUMENTS ? code_argument(code, i) : code_syscall_number(code)))
			continue;
		constants->known &= ~(1u << i);
		if (step->kind != STEP_CONST)
			continue;
		constants->known |= 1u << i;
		*(i < CODE_ARGUMENTS ? &constants->value[i] : &constants->number) = step->imm;
	}
}

/* Decodes the whole function around a candidate, once, and reports what is really there. */
static void walk_function(struct finder *finder, uint64_t candidate)
{
	struct code_constants constants = { 0 };
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
			finder->search->found(finder->search->data, &step, import, &constants);
		keep_constants(finder->code, &step, &constants);
	}
	finder->done = end;
}

/* Is a large number moved into the first or second argument somewhere before at? */
static bool large_before_x86(const uint8_t *at, size_t before)
{
	for (const uint8_t *p = at - (before < BEFORE ? before : BEFORE); p + 5 <= at; p++) {
		uint32_t value;

		if (*p != 0xbe && *p != 0xbf && *p != 0xc6 && *p != 0xc7)
			continue;
		memcpy(&value, p + 1, sizeof(value));
		if (value >= LARGE && (*p < 0xc0 || (p + 6 <= at && p[-1] == 0xc7)))
			return true;
	}
	return false;
}

/*
 * Does the displacement at `at` lead to something
 * wanted? Says nothing about where instructions begin.
 */
static enum code_interest leads_to_wanted(const struct finder *finder, uint64_t addr,
					  const uint8_t *at, bool memory)
{
	struct step step = { .kind = STEP_CALL };
	const struct elf_import *import;
	int32_t offset;

	memcpy(&offset, at, sizeof(offset));
	addr += 4 + (uint64_t)(int64_t)offset;
	if (memory)
		step.slot = addr;
	else
		step.target = addr;
	return wanted(finder, &step, &import);
}

static enum code_interest candidate_x86(const struct finder *finder, const uint8_t *at,
					uint64_t addr)
{
	switch (at[0]) {
	case 0x0f:
		return at[1] == 0x05 && finder->search->system_calls ? CODE_CALLS : CODE_NONE;
	case 0xe8:
	case 0xe9:
		return leads_to_wanted(finder, addr + 1, at + 1, false);
	case 0xff:
		if (at[1] != 0x15 && at[1] != 0x25)
			return CODE_NONE;
		return leads_to_wanted(finder, addr + 2, at + 2, true);
	default: /* mov slot(%rip), register */
		if ((at[1] & 0xc7) != 0x05)
			return CODE_NONE;
		return leads_to_wanted(finder, addr + 2, at + 2, true);
	}
}

static void search_x86(struct finder *finder, const uint8_t *at, size_t length, uint64_t addr)
{
	static const bool first[256] = {
		[0x0f] = true, [0x8b] = true, [0xe8] = true, [0xe9] = true, [0xff] = true,
	};
	size_t behind = 0; /* below here the bytes were given back */

	for (size_t i = 0; i + 6 <= length; i++) {
		enum code_interest interest;

		/* Nearly all bytes are passed over at once. */
		if (!first[at[i]] && i % 4096)
			continue;
		elf_view_behind(finder->code->elf, addr, i, &behind);
		if (addr + i < finder->done) {
			i = (size_t)(finder->done - addr) - 1;
			continue;
		}
		interest = first[at[i]] ? candidate_x86(finder, at + i, addr + i) : CODE_NONE;
		if (interest == CODE_CALLS ||
		    (interest == CODE_LARGE && large_before_x86(at + i, i)))
			walk_function(finder, addr + i);
	}
}

/* movz or movk of bits 16 to 31 of the first or second argument. */
static bool large_before_arm64(const uint8_t *at, size_t before)
{
	for (size_t back = 4; back <= BEFORE && back <= before; back += 4) {
		uint32_t word;

		memcpy(&word, at - back, sizeof(word));
		if ((word & 0x5fe0001e) == 0x52a00000)
			return true;
	}
	return false;
}

static void search_arm64(struct finder *finder, const uint8_t *at, size_t length, uint64_t addr)
{
	for (size_t i = 0; i + 4 <= length; i += 4) {
		enum code_interest interest = CODE_NONE;
		struct step step = { .kind = STEP_CALL };
		const struct elf_import *import;
		uint32_t word;

		memcpy(&word, at + i, sizeof(word));
		if ((word & 0xffe0001f) == 0xd4000001) {
			interest = finder->search->system_calls ? CODE_CALLS : CODE_NONE;
		} else if ((word & 0x7c000000) == 0x14000000) {
			step.target = addr + i + (uint64_t)((int64_t)(int32_t)(word << 6) >> 4);
			interest = wanted(finder, &step, &import);
		}
		if (addr + i >= finder->done &&
		    (interest == CODE_CALLS ||
		     (interest == CODE_LARGE && large_before_arm64(at + i, i))))
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
