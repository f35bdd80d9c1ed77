/* SPDX-License-Identifier: MIT */
/*
 * code_callers.c - who calls a function of the file's own. All that looks like a call of any of
 * them is gathered in one go through the bytes (edges); a search then takes the edges to what it
 * wants and believes those that decoding their function from its start meets.
 */
#include "scan/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "scan/mem.h"

#define BITS_EACH 16 /* of the filter, for each function */

/* A filter in front of the look-up of a target: a bit for each function's address, hashed. */
struct filter {
	struct code *code;
	uint64_t *bits;
	unsigned shift;
};

static uint64_t hash(const struct filter *filter, uint64_t addr)
{
	return addr * 0x9e3779b97f4a7c15 >> filter->shift;
}

static void filter_set(struct filter *filter, uint64_t addr)
{
	uint64_t bit = hash(filter, addr);

	filter->bits[bit / 64] |= (uint64_t)1 << bit % 64;
}

static struct filter filter_new(struct code *code)
{
	struct filter filter = { code, NULL, 63 - 6 };
	size_t count = BITS_EACH * (code->start_count + code->alias_count), words;

	while (filter.shift > 32 && (uint64_t)1 << (64 - filter.shift) < count)
		filter.shift--;
	words = (size_t)1 << (64 - filter.shift - 6);
	filter.bits = mem_grow(NULL, words, sizeof(*filter.bits));
	memset(filter.bits, 0, words * sizeof(*filter.bits));
	for (size_t i = 0; i < code->start_count; i++)
		filter_set(&filter, code->starts[i]);
	for (size_t i = 0; i < code->alias_count; i++)
		filter_set(&filter, code->aliases[i].addr);
	return filter;
}

static void add_edge(const struct filter *filter, uint64_t addr, uint64_t target)
{
	struct code *code = filter->code;
	uint64_t bit = hash(filter, target);
	size_t index;

	if (!(filter->bits[bit / 64] >> bit % 64 & 1))
		return;
	index = code_index(code, code_target(code, target));
	if (index >= code->start_count)
		return;
	if ((code->edge_count & (code->edge_count - 1)) == 0)
		code->edges = mem_grow(code->edges, code->edge_count ? 2 * code->edge_count : 1,
				       sizeof(*code->edges));
	code->edges[code->edge_count++] = (struct code_edge){ addr, (uint32_t)index };
}

/* An edge to where the word at slot points. */
static void add_memory_edge(const struct filter *filter, uint64_t addr, uint64_t slot)
{
	uint64_t target = elf_view_pointer(filter->code->elf, slot);

	if (target)
		add_edge(filter, addr, target);
}

/* The address that a displacement of four bytes, `skip` bytes into the instruction, leads to. */
static uint64_t relative(const uint8_t *at, uint64_t addr, unsigned skip)
{
	int32_t offset;

	memcpy(&offset, at + skip, sizeof(offset));
	return addr + skip + 4 + (uint64_t)(int64_t)offset;
}

static void edge_x86(const struct filter *filter, const uint8_t *at, uint64_t addr)
{
	switch (at[0]) {
	case 0x0f: /* jcc */
		if ((at[1] & 0xf0) == 0x80)
			add_edge(filter, addr, relative(at, addr, 2));
		return;
	case 0xe8:
	case 0xe9:
		add_edge(filter, addr, relative(at, addr, 1));
		return;
	case 0xff:
		if (at[1] == 0x15 || at[1] == 0x25)
			add_memory_edge(filter, addr, relative(at, addr, 2));
		return;
	case 0x8b: /* mov slot(%rip), register */
	case 0x8d: /* lea */
		if ((at[1] & 0xc7) != 0x05)
			return;
		add_edge(filter, addr, relative(at, addr, 2));
		add_memory_edge(filter, addr, relative(at, addr, 2));
		return;
	default: /* The last call of a function can be a short jump, to the function beside it. */
		add_edge(filter, addr, addr + 2 + (uint64_t)(int64_t)(int8_t)at[1]);
	}
}

static void edges_x86(const struct filter *filter, const uint8_t *at, size_t length, uint64_t addr)
{
	bool first[256] = {
		[0x0f] = true, [0x8b] = true, [0x8d] = true, [0xe8] = true,
		[0xe9] = true, [0xeb] = true, [0xff] = true,
	};
	size_t behind = 0;

	memset(first + 0x70, true, 16);
	for (size_t i = 0; i + 6 <= length; i++) {
		if (i % 4096 == 0)
			elf_view_behind(filter->code->elf, addr, i, &behind);
		if (first[at[i]])
			edge_x86(filter, at + i, addr + i);
	}
}

static void edges_arm64(const struct filter *filter, const uint8_t *at, size_t length,
			uint64_t addr)
{
	for (size_t i = 0; i + 4 <= length; i += 4) {
		uint32_t word;

		memcpy(&word, at + i, sizeof(word));
		if ((word & 0x7c000000) == 0x14000000)
			add_edge(filter, addr + i,
				 addr + i + (uint64_t)((int64_t)(int32_t)(word << 6) >> 4));
	}
}

void code_edges(struct code *code)
{
	struct filter filter;

	if (code->edges_read)
		return;
	code->edges_read = true;
	filter = filter_new(code);
	for (size_t i = 0; i < code->elf->phnum; i++) {
		const GElf_Phdr *p = &code->elf->phdr[i];
		size_t length;
		const uint8_t *at = p->p_type == PT_LOAD && (p->p_flags & PF_X)
					    ? elf_view_at(code->elf, p->p_vaddr, &length)
					    : NULL;

		if (!at)
			continue;
		if (code->elf->ehdr.e_machine == EM_X86_64)
			edges_x86(&filter, at, length, p->p_vaddr);
		else
			edges_arm64(&filter, at, length, p->p_vaddr);
		elf_view_done(code->elf, p->p_vaddr, length);
	}
	free(filter.bits);
}

static bool wanted(const struct code *code, const struct code_callers *callers,
		   const struct step *step)
{
	switch (step->kind) {
	case STEP_CALL:
	case STEP_JUMP:
		if (step->kind == STEP_JUMP && step->slot)
			return false; /* a PLT entry, not a call of one */
		return step->target && callers->own(callers->data, step->target);
	case STEP_BRANCH: /* into the cold part of a function, or a tail call */
		return step->target && callers->own(callers->data, step->target);
	case STEP_CONST: /* lea: the address is taken */
		return step->slot && callers->own(callers->data, step->slot);
	default:
		return step->slot && !elf_view_slot(code->elf, step->slot) &&
		       callers->own(callers->data, elf_view_pointer(code->elf, step->slot));
	}
}

/* Decodes the function around a candidate, reports what is really there, returns where it ended. */
static uint64_t walk_function(struct code *code, const struct code_callers *callers, uint64_t addr,
			      uint64_t done)
{
	uint64_t start, end;
	struct step step;

	if (!code_function(code, addr, &start, &end))
		return addr + 1;
	for (addr = max_u64(start, done); addr < end; addr = step.next) {
		code_step(code, addr, 0, &step);
		if (code->spent > CODE_BUDGET)
			break;
		if (wanted(code, callers, &step))
			callers->found(callers->data, &step);
	}
	return end;
}

void code_callers(struct code *code, const struct code_callers *callers)
{
	uint64_t done = 0;

	code_edges(code);
	for (size_t i = 0; i < code->edge_count; i++) {
		const struct code_edge *edge = &code->edges[i];

		/* The next segment may begin at a lower address. */
		if (i && edge->addr < edge[-1].addr)
			done = 0;
		if (edge->addr >= done && callers->own(callers->data, code->starts[edge->target]))
			done = walk_function(code, callers, edge->addr, done);
	}
}
