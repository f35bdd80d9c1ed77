/* SPDX-License-Identifier: MIT */
/*
 * code.c - where functions begin (the table in .eh_frame_hdr, symbols), their names, and
 * where main is. A whole library is never decoded: a byte filter proposes places
 * (code_search.c, code_callers.c), and each is believed only if decoding its function from
 * the start arrives exactly there.
 */
#include "scan/code.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "scan/mem.h"

#define LONGEST_FUNCTION 0x40000

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int by_name_address(const void *a, const void *b)
{
	const struct code_name *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void add_start(struct code *code, uint64_t addr)
{
	if ((code->start_count & (code->start_count - 1)) == 0)
		code->starts = mem_grow(code->starts, code->start_count ? 2 * code->start_count : 1,
					sizeof(*code->starts));
	code->starts[code->start_count++] = addr;
}

static int32_t word(const uint8_t *at)
{
	int32_t value;

	memcpy(&value, at, sizeof(value)); /* x86-64 and aarch64 files here are little-endian */
	return value;
}

/*
 * .eh_frame_hdr: version, encodings, .eh_frame, count,
 * then pairs sorted by where a function begins.
 */
static void read_unwind_table(struct code *code)
{
	for (size_t i = 0; i < code->elf->phnum; i++) {
		const GElf_Phdr *p = &code->elf->phdr[i];
		size_t length;
		const uint8_t *at;
		uint64_t count;

		if (p->p_type != PT_GNU_EH_FRAME)
			continue;
		at = elf_view_at(code->elf, p->p_vaddr, &length);
		if (!at || length < 12 || at[0] != 1 || at[2] != DW_EH_PE_udata4 ||
		    at[3] != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
			return;
		count = min_u64((uint32_t)word(at + 8), (length - 12) / 8);
		for (uint64_t k = 0; k < count; k++)
			add_start(code, p->p_vaddr + (uint64_t)(int64_t)word(at + 12 + 8 * k));
		return;
	}
}

static void add_symbol(void *data, const char *name, const GElf_Sym *sym)
{
	(void)name;
	if (sym->st_value)
		add_start(data, sym->st_value);
}

static void read_starts(struct code *code)
{
	size_t kept = 0;

	read_unwind_table(code);
	elf_view_functions(code->elf, true, add_symbol, code);
	elf_view_functions(code->elf, false, add_symbol, code);
	if (code->elf->ehdr.e_entry)
		add_start(code, code->elf->ehdr.e_entry);
	if (code->start_count)
		qsort(code->starts, code->start_count, sizeof(*code->starts), by_value);
	for (size_t i = 0; i < code->start_count; i++)
		if (!kept || code->starts[kept - 1] != code->starts[i])
			code->starts[kept++] = code->starts[i];
	code->start_count = kept;
}

/*
 * The entry code, or one function of the file's own that
 * it calls, passes main as the first argument to libc.
 */
static void find_main(struct code *code)
{
	uint64_t addr = code->elf->ehdr.e_entry, value = 0;
	unsigned inner = 0;
	struct step step;

	if (!addr || !code->elf->interpreter)
		return;
	for (unsigned i = 0; i < 48; i++, addr = step.next) {
		code_step(code, addr, 0, &step);
		if (step.kind == STEP_STOP || step.kind == STEP_RETURN)
			return;
		if (step.kind == STEP_CALL || step.kind == STEP_JUMP) {
			if (!step.target || code_import(code, &step) || inner++)
				break;
			step.next = step.target;
			value = 0;
			continue;
		}
		if (step.dst != code_argument(code, 0))
			continue;
		if (step.kind == STEP_CONST)
			value = (uint64_t)step.imm;
		else if (step.kind == STEP_ADD)
			value += (uint64_t)step.imm;
		else if (step.kind == STEP_LOAD)
			value = elf_view_pointer(code->elf, value + (uint64_t)step.imm);
		else
			value = step.slot ? elf_view_pointer(code->elf, step.slot) : 0;
	}
	code->main = elf_view_at(code->elf, value, &(size_t){ 0 }) ? value : 0;
}

bool code_open(struct code *code, const struct elf_view *elf)
{
	bool x86 = elf->ehdr.e_machine == EM_X86_64, arm64 = elf->ehdr.e_machine == EM_AARCH64;

	memset(code, 0, sizeof(*code));
	code->elf = elf;
	if ((!x86 && !arm64) || elf->big || !elf->wide ||
	    cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_ARM, &code->cs))
		return false;
	cs_option(code->cs, CS_OPT_DETAIL, CS_OPT_ON);
	code->insn = cs_malloc(code->cs);
	if (!code->insn)
		return false;
	read_starts(code);
	code_stubs(code);
	find_main(code);
	return true;
}

void code_close(struct code *code)
{
	if (code->insn)
		cs_free(code->insn, 1);
	if (code->cs)
		cs_close(&code->cs);
	free(code->starts);
	free(code->stubs);
	free(code->aliases);
	free(code->names);
	free(code->edges);
	memset(code, 0, sizeof(*code));
}

void code_step(struct code *code, uint64_t addr, int64_t sp, struct step *step)
{
	memset(step, 0, sizeof(*step));
	step->condition = IF_UNKNOWN;
	if (++code->spent > CODE_BUDGET) {
		step->addr = addr;
		step->next = addr + 1;
		step->kind = STEP_STOP;
	} else if (code->elf->ehdr.e_machine == EM_X86_64) {
		code_step_x86(code, addr, sp, step);
	} else {
		code_step_arm64(code, addr, sp, step);
	}
	if (step->kind == STEP_CALL || step->kind == STEP_JUMP || step->kind == STEP_BRANCH)
		step->target = step->slot ? elf_view_pointer(code->elf, step->slot)
					  : code_target(code, step->target);
}

size_t code_index(const struct code *code, uint64_t addr)
{
	size_t low = 0, high = code->start_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code->starts[middle] < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < code->start_count && code->starts[low] == addr ? low : code->start_count;
}

bool code_function(struct code *code, uint64_t addr, uint64_t *start, uint64_t *end)
{
	size_t low = 0, high = code->start_count, length;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code->starts[middle] <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !elf_view_at(code->elf, code->starts[low - 1], &length))
		return false;
	*start = code->starts[low - 1];
	*end = *start + min_u64(length, LONGEST_FUNCTION);
	if (low < code->start_count)
		*end = min_u64(*end, code->starts[low]);
	return addr < *end;
}

static void add_name(void *data, const char *name, const GElf_Sym *sym)
{
	struct code *code = data;

	if ((code->name_count & (code->name_count - 1)) == 0)
		code->names = mem_grow(code->names, code->name_count ? 2 * code->name_count : 1,
				       sizeof(*code->names));
	code->names[code->name_count++] = (struct code_name){ sym->st_value, sym->st_size, name };
}

const char *code_function_name(struct code *code, uint64_t start, uint64_t addr)
{
	struct code_name key = { start, 0, NULL }, *found = NULL;

	if (!code->names_read) {
		elf_view_functions(code->elf, !code->elf->has_symtab, add_name, code);
		if (code->name_count)
			qsort(code->names, code->name_count, sizeof(*code->names), by_name_address);
		code->names_read = true;
	}
	if (code->name_count)
		found = bsearch(&key, code->names, code->name_count, sizeof(key), by_name_address);
	if (found && (!found->size || addr - start < found->size))
		return found->name;
	return code->main && start == code->main ? "main" : NULL;
}

place code_result(const struct code *code)
{
	(void)code; /* rax and x0 */
	return PLACE_REGISTER(0);
}

place code_argument(const struct code *code, unsigned n)
{
	static const uint8_t x86[] = { 7, 6, 2, 1, 8, 9 };

	if (n >= ARRAY_SIZE(x86))
		return 0;
	return PLACE_REGISTER(code->elf->ehdr.e_machine == EM_X86_64 ? x86[n] : n);
}

place code_syscall_number(const struct code *code)
{
	return PLACE_REGISTER(code->elf->ehdr.e_machine == EM_X86_64 ? 0 : 8);
}

bool code_caller_saved(const struct code *code, place reg)
{
	uint64_t n = reg - 1;

	if (reg == 0 || reg > 32)
		return false;
	if (code->elf->ehdr.e_machine == EM_X86_64)
		return !(n == 3 || n == 4 || n == 5 || n >= 12);
	return n <= 18 || n == 30;
}
