/* SPDX-License-Identifier: MIT */
/*
 * code_arm64.c - one aarch64 instruction as a step.
 * Registers are x0-x30 as 0-30, the stack pointer is 31.
 */
#include "scan/code.h"

static place register_place(unsigned reg)
{
	if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28)
		return PLACE_REGISTER(reg - ARM64_REG_X0);
	if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30)
		return PLACE_REGISTER(reg - ARM64_REG_W0);
	if (reg == ARM64_REG_X29 || reg == ARM64_REG_X30)
		return PLACE_REGISTER(reg == ARM64_REG_X29 ? 29 : 30);
	return 0;
}

static place memory_place(const cs_arm64_op *op, int64_t sp)
{
	if (op->type != ARM64_OP_MEM || op->mem.index != ARM64_REG_INVALID)
		return 0;
	if (op->mem.base == ARM64_REG_SP)
		return PLACE_FRAME + PLACE_BIAS + (place)(sp + op->mem.disp);
	if (op->mem.base == ARM64_REG_X29)
		return PLACE_BASE + PLACE_BIAS + (place)(int64_t)op->mem.disp;
	return 0;
}

static uint8_t condition(arm64_cc cc)
{
	switch (cc) {
	case ARM64_CC_EQ:
		return IF_EQ;
	case ARM64_CC_NE:
		return IF_NE;
	case ARM64_CC_LT:
		return IF_LT;
	case ARM64_CC_LE:
		return IF_LE;
	case ARM64_CC_GT:
		return IF_GT;
	case ARM64_CC_GE:
		return IF_GE;
	case ARM64_CC_LO:
		return IF_BELOW;
	case ARM64_CC_LS:
		return IF_BELOW_EQ;
	case ARM64_CC_HI:
		return IF_ABOVE;
	case ARM64_CC_HS:
		return IF_ABOVE_EQ;
	case ARM64_CC_MI:
		return IF_NEG;
	case ARM64_CC_PL:
		return IF_POS;
	default:
		return IF_UNKNOWN;
	}
}

static void branch(const cs_insn *insn, struct step *step)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	unsigned count = insn->detail->arm64.op_count;

	step->kind = STEP_BRANCH;
	step->condition = IF_UNKNOWN;
	if (count && op[count - 1].type == ARM64_OP_IMM)
		step->target = (uint64_t)op[count - 1].imm;
	if (insn->id == ARM64_INS_CBZ || insn->id == ARM64_INS_CBNZ) {
		step->src = register_place(op[0].reg);
		step->condition = insn->id == ARM64_INS_CBZ ? IF_EQ : IF_NE;
	} else if ((insn->id == ARM64_INS_TBZ || insn->id == ARM64_INS_TBNZ) && op[1].imm == 31) {
		step->src = register_place(op[0].reg);
		step->condition = insn->id == ARM64_INS_TBZ ? IF_POS : IF_NEG;
	} else if (insn->id == ARM64_INS_B) {
		step->condition = condition(insn->detail->arm64.cc);
		if (insn->detail->arm64.cc == ARM64_CC_INVALID ||
		    insn->detail->arm64.cc == ARM64_CC_AL)
			step->kind = STEP_JUMP;
	}
}

static void load_store(const cs_insn *insn, int64_t sp, struct step *step)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;

	if (insn->id == ARM64_INS_LDR) {
		step->dst = register_place(op[0].reg);
		step->src = memory_place(&op[1], sp);
	} else {
		step->dst = memory_place(&op[1], sp);
		step->src = register_place(op[0].reg);
	}
	step->kind = step->src ? STEP_MOVE : STEP_OTHER;
}

static void stack_pointer(const cs_insn *insn, struct step *step)
{
	const cs_arm64 *detail = &insn->detail->arm64;
	const cs_arm64_op *op = detail->operands;

	if ((insn->id == ARM64_INS_ADD || insn->id == ARM64_INS_SUB) && detail->op_count == 3 &&
	    op[0].reg == ARM64_REG_SP && op[2].type == ARM64_OP_IMM) {
		step->kind = STEP_STACK;
		step->imm = insn->id == ARM64_INS_ADD ? op[2].imm : -op[2].imm;
	} else if (detail->writeback && detail->op_count &&
		   op[detail->op_count - 1].type == ARM64_OP_MEM &&
		   op[detail->op_count - 1].mem.base == ARM64_REG_SP) {
		step->kind = STEP_STACK;
		step->imm = op[detail->op_count - 1].mem.disp;
	}
}

/* A register becomes a constant or another register. */
static void move(const cs_arm64_op *op, struct step *step)
{
	step->dst = register_place(op[0].reg);
	if (op[1].type == ARM64_OP_IMM) {
		step->kind = STEP_CONST;
		step->imm = (int64_t)((uint64_t)op[1].imm << (op[1].shift.value & 63));
	} else if (register_place(op[1].reg)) {
		step->kind = STEP_MOVE;
		step->src = register_place(op[1].reg);
	} else if (op[1].reg == ARM64_REG_WZR || op[1].reg == ARM64_REG_XZR) {
		step->kind = STEP_CONST;
	}
}

/* A load over its own base is a step of its own kind; others by their place in the frame. */
static void memory(const cs_insn *insn, int64_t sp, struct step *step)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	unsigned count = insn->detail->arm64.op_count;

	stack_pointer(insn, step);
	if (insn->id == ARM64_INS_LDR && count == 2 && op[1].type == ARM64_OP_MEM &&
	    op[1].mem.base == op[0].reg) {
		step->kind = STEP_LOAD;
		step->dst = step->src = register_place(op[0].reg);
		step->imm = op[1].mem.disp;
	} else if (step->kind == STEP_OTHER && count == 2) {
		load_store(insn, sp, step);
	}
}

/* What writes a register in a way that nobody follows, but for an addition to itself. */
static void other(const cs_insn *insn, struct step *step)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	unsigned count = insn->detail->arm64.op_count;

	stack_pointer(insn, step);
	if (step->kind == STEP_OTHER && count && op[0].type == ARM64_OP_REG)
		step->dst = register_place(op[0].reg);
	if (insn->id == ARM64_INS_ADD && count == 3 && op[0].reg == op[1].reg &&
	    op[2].type == ARM64_OP_IMM && step->kind == STEP_OTHER) {
		step->kind = STEP_ADD;
		step->src = step->dst;
		step->imm = op[2].imm;
	}
}

static void translate(const cs_insn *insn, int64_t sp, struct step *step)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	unsigned count = insn->detail->arm64.op_count;

	switch (insn->id) {
	case ARM64_INS_BL:
		step->kind = STEP_CALL;
		step->target = (uint64_t)op[0].imm;
		return;
	case ARM64_INS_BLR:
		step->kind = STEP_CALL;
		return;
	case ARM64_INS_BR:
		step->kind = STEP_JUMP;
		return;
	case ARM64_INS_RET:
		step->kind = STEP_RETURN;
		return;
	case ARM64_INS_SVC:
		step->kind = STEP_SYSCALL;
		return;
	case ARM64_INS_BRK:
	case ARM64_INS_HLT:
		step->kind = STEP_STOP;
		return;
	case ARM64_INS_B:
	case ARM64_INS_CBZ:
	case ARM64_INS_CBNZ:
	case ARM64_INS_TBZ:
	case ARM64_INS_TBNZ:
		branch(insn, step);
		return;
	case ARM64_INS_ADRP:
		step->kind = STEP_CONST;
		step->dst = register_place(op[0].reg);
		step->imm = op[1].imm;
		return;
	case ARM64_INS_LDR:
	case ARM64_INS_STR:
		memory(insn, sp, step);
		return;
	case ARM64_INS_CMP:
	case ARM64_INS_CMN:
		step->kind = STEP_COMPARE;
		if (count == 2 && op[1].type == ARM64_OP_IMM) {
			step->src = register_place(op[0].reg);
			step->imm = insn->id == ARM64_INS_CMP ? op[1].imm : -op[1].imm;
		}
		return;
	case ARM64_INS_MOV:
	case ARM64_INS_MOVZ:
		move(op, step);
		return;
	case ARM64_INS_CSET:
		step->kind = STEP_SET;
		step->dst = register_place(op[0].reg);
		step->condition = condition(insn->detail->arm64.cc);
		return;
	default:
		other(insn, step);
	}
}

void code_step_arm64(struct code *code, uint64_t addr, int64_t sp, struct step *step)
{
	size_t length = 0;
	const uint8_t *bytes = elf_view_at(code->elf, addr, &length);
	uint64_t at = addr;

	step->addr = addr;
	step->next = addr + 4;
	if (!bytes || !cs_disasm_iter(code->cs, &bytes, &length, &at, code->insn)) {
		step->kind = STEP_STOP;
		return;
	}
	translate(code->insn, sp, step);
}
