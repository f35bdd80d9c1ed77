/* SPDX-License-Identifier: MIT */
/* code_x86.c - one x86-64 instruction as a step. */
#include "scan/code.h"

#include <string.h>

/* rax rcx rdx rbx rsp rbp rsi rdi r8-r15, whatever the width. 16: none. */
static unsigned reg_number(unsigned reg)
{
	static const uint8_t of[][4] = {
		{ X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL },
		{ X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL },
		{ X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL },
		{ X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL },
		{ X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL },
		{ X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL },
		{ X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL },
		{ X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL },
		{ X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B },
		{ X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B },
		{ X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B },
		{ X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B },
		{ X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B },
		{ X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B },
		{ X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B },
		{ X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B },
	};

	for (unsigned i = 0; i < 16; i++)
		for (unsigned j = 0; j < 4; j++)
			if (of[i][j] == reg)
				return i;
	return 16;
}

static place operand_place(const cs_x86_op *op, uint64_t next, int64_t sp)
{
	if (op->type == X86_OP_REG) {
		unsigned n = reg_number(op->reg);

		return n < 16 ? PLACE_REGISTER(n) : 0;
	}
	if (op->type != X86_OP_MEM || op->mem.index != X86_REG_INVALID ||
	    op->mem.segment != X86_REG_INVALID)
		return 0;
	if (op->mem.base == X86_REG_RSP)
		return PLACE_FRAME + PLACE_BIAS + (place)(sp + op->mem.disp);
	if (op->mem.base == X86_REG_RBP)
		return PLACE_BASE + PLACE_BIAS + (place)op->mem.disp;
	if (op->mem.base == X86_REG_RIP)
		return PLACE_MEMORY + next + (place)op->mem.disp;
	return 0;
}

static uint64_t memory_slot(const cs_x86_op *op, uint64_t next)
{
	if (op->type == X86_OP_MEM && op->mem.base == X86_REG_RIP &&
	    op->mem.index == X86_REG_INVALID)
		return next + (uint64_t)op->mem.disp;
	return 0;
}

static uint8_t condition(unsigned id)
{
	switch (id) {
	case X86_INS_JE:
	case X86_INS_SETE:
		return IF_EQ;
	case X86_INS_JNE:
	case X86_INS_SETNE:
		return IF_NE;
	case X86_INS_JL:
	case X86_INS_SETL:
		return IF_LT;
	case X86_INS_JLE:
	case X86_INS_SETLE:
		return IF_LE;
	case X86_INS_JG:
	case X86_INS_SETG:
		return IF_GT;
	case X86_INS_JGE:
	case X86_INS_SETGE:
		return IF_GE;
	case X86_INS_JB:
	case X86_INS_SETB:
		return IF_BELOW;
	case X86_INS_JBE:
	case X86_INS_SETBE:
		return IF_BELOW_EQ;
	case X86_INS_JA:
	case X86_INS_SETA:
		return IF_ABOVE;
	case X86_INS_JAE:
	case X86_INS_SETAE:
		return IF_ABOVE_EQ;
	case X86_INS_JS:
	case X86_INS_SETS:
		return IF_NEG;
	case X86_INS_JNS:
	case X86_INS_SETNS:
		return IF_POS;
	default:
		return IF_UNKNOWN;
	}
}

static bool is_jump(const cs_insn *insn)
{
	for (unsigned i = 0; i < insn->detail->groups_count; i++)
		if (insn->detail->groups[i] == CS_GRP_JUMP)
			return true;
	return false;
}

static void transfer(const cs_insn *insn, const cs_x86_op *op, struct step *step)
{
	if (insn->detail->x86.op_count != 1)
		return;
	if (op->type == X86_OP_IMM)
		step->target = (uint64_t)op->imm;
	else
		step->slot = memory_slot(op, step->next);
}

static void move(const cs_x86_op *op, int64_t sp, struct step *step)
{
	step->dst = operand_place(&op[0], step->next, sp);
	if (op[1].type == X86_OP_IMM) {
		step->kind = STEP_CONST;
		step->imm = op[1].imm;
	} else {
		step->src = operand_place(&op[1], step->next, sp);
		step->slot = memory_slot(&op[1], step->next);
		step->kind = step->src ? STEP_MOVE : STEP_OTHER;
	}
}

static void arithmetic(unsigned id, const cs_x86_op *op, int64_t sp, struct step *step)
{
	place a = operand_place(&op[0], step->next, sp), b = operand_place(&op[1], step->next, sp);

	if (id == X86_INS_CMP && op[1].type == X86_OP_IMM) {
		step->kind = STEP_COMPARE;
		step->src = a;
		step->imm = op[1].imm;
	} else if (id == X86_INS_TEST && a && a == b) {
		step->kind = STEP_TEST;
		step->src = a;
	} else if (id == X86_INS_CMP || id == X86_INS_TEST) {
		step->kind = STEP_COMPARE;
	} else if (id == X86_INS_XOR && a && a == b) {
		step->kind = STEP_CONST;
		step->dst = a;
	} else if (a == PLACE_REGISTER(4) && op[1].type == X86_OP_IMM &&
		   (id == X86_INS_SUB || id == X86_INS_ADD)) {
		step->kind = STEP_STACK;
		step->imm = id == X86_INS_ADD ? op[1].imm : -op[1].imm;
	} else {
		step->dst = a;
	}
}

static void push_pop(unsigned id, const cs_x86_op *op, int64_t sp, struct step *step)
{
	step->kind = STEP_STACK;
	if (id == X86_INS_PUSH) {
		step->imm = -8;
		step->dst = PLACE_FRAME + PLACE_BIAS + (place)(sp - 8);
		step->src = op->type == X86_OP_REG ? operand_place(op, step->next, sp) : 0;
	} else {
		step->imm = 8;
		step->src = PLACE_FRAME + PLACE_BIAS + (place)sp;
		step->dst = operand_place(op, step->next, sp);
	}
}

static void translate(const cs_insn *insn, int64_t sp, struct step *step)
{
	const cs_x86_op *op = insn->detail->x86.operands;
	unsigned count = insn->detail->x86.op_count;

	switch (insn->id) {
	case X86_INS_CALL:
		step->kind = STEP_CALL;
		transfer(insn, op, step);
		return;
	case X86_INS_JMP:
		step->kind = STEP_JUMP;
		transfer(insn, op, step);
		return;
	case X86_INS_RET:
		step->kind = STEP_RETURN;
		return;
	case X86_INS_SYSCALL:
		step->kind = STEP_SYSCALL;
		return;
	case X86_INS_HLT:
	case X86_INS_UD2:
	case X86_INS_INT3:
		step->kind = STEP_STOP;
		return;
	case X86_INS_PUSH:
	case X86_INS_POP:
		push_pop(insn->id, op, sp, step);
		return;
	case X86_INS_MOV:
	case X86_INS_MOVSXD:
	case X86_INS_MOVABS:
		if (count == 2)
			move(op, sp, step);
		return;
	case X86_INS_CDQE:
		return;
	case X86_INS_LEA:
		step->dst = operand_place(&op[0], step->next, sp);
		step->slot = memory_slot(&op[1], step->next);
		if (step->slot) {
			step->kind = STEP_CONST;
			step->imm = (int64_t)step->slot;
		}
		return;
	default:
		break;
	}
	if (is_jump(insn) && count == 1 && op[0].type == X86_OP_IMM) {
		step->kind = STEP_BRANCH;
		step->target = (uint64_t)op[0].imm;
		step->condition = condition(insn->id);
	} else if (condition(insn->id) != IF_UNKNOWN && count == 1) {
		step->kind = STEP_SET;
		step->dst = operand_place(&op[0], step->next, sp);
		step->condition = condition(insn->id);
	} else if (count == 2) {
		arithmetic(insn->id, op, sp, step);
	} else if (count >= 1 && (op[0].access & CS_AC_WRITE)) {
		step->dst = operand_place(&op[0], step->next, sp);
	}
}

void code_step_x86(struct code *code, uint64_t addr, int64_t sp, struct step *step)
{
	size_t length = 0;
	const uint8_t *bytes = elf_view_at(code->elf, addr, &length);
	uint64_t at = addr;

	step->addr = addr;
	step->next = addr + 1;
	if (!bytes || !cs_disasm_iter(code->cs, &bytes, &length, &at, code->insn)) {
		step->kind = STEP_STOP;
		return;
	}
	step->next = at;
	translate(code->insn, sp, step);
}
