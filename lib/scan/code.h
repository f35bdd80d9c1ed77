/* SPDX-License-Identifier: MIT */
/*
 * code.h - the instructions of one file: where functions begin, which import a call reaches, and
 * each instruction boiled down to what following a value through a function needs. x86-64 and
 * aarch64 are decoded (capstone); of other machines only imports are known.
 */
#ifndef NOMMU_SCAN_CODE_H
#define NOMMU_SCAN_CODE_H

#include <capstone/capstone.h>

#include "scan/elf.h"

/*
 * A place that can hold a value: a register, a word of the
 * frame, or a word of memory. 0: none that is followed.
 */
typedef uint64_t place;

#define PLACE_REGISTER(n)                                                                          \
	(1 + (place)(n)) /* n < 32, in the order of the machine's call convention numbers */
#define PLACE_FRAME ((place)1 << 56)  /* + offset from the stack pointer at the start, biased */
#define PLACE_BASE ((place)2 << 56)   /* + offset from the frame pointer, biased */
#define PLACE_MEMORY ((place)3 << 56) /* + address */
#define PLACE_BIAS ((place)1 << 40)

enum step_kind {
	STEP_OTHER,   /* nothing that is followed, or an unknown value for dst */
	STEP_MOVE,    /* dst = src */
	STEP_CONST,   /* dst = imm */
	STEP_ADD,     /* dst = src + imm, where dst is src */
	STEP_LOAD,    /* dst = word at src + imm, where dst is src */
	STEP_COMPARE, /* flags = src ? imm */
	STEP_TEST,    /* flags = src & src */
	STEP_SET,     /* dst = condition */
	STEP_STACK,   /* stack pointer += imm; dst and src as of a MOVE, for push and pop */
	STEP_CALL,
	STEP_JUMP,
	STEP_BRANCH, /* if condition, or if (src ? imm) condition where src is set */
	STEP_RETURN,
	STEP_SYSCALL,
	STEP_STOP, /* hlt, ud2, or what cannot be decoded */
};

enum step_condition {
	IF_EQ,
	IF_NE,
	IF_LT,
	IF_LE,
	IF_GT,
	IF_GE,
	IF_BELOW,
	IF_BELOW_EQ,
	IF_ABOVE,
	IF_ABOVE_EQ,
	IF_NEG,
	IF_POS,
	IF_UNKNOWN
};

struct step {
	uint64_t addr, next;
	uint64_t target; /* of CALL, JUMP, BRANCH; 0: computed */
	uint64_t slot;	 /* word of memory that holds the target, or 0 */
	place dst, src;
	int64_t imm;
	uint8_t kind;	   /* enum step_kind */
	uint8_t condition; /* enum step_condition */
};

struct code_name {
	uint64_t addr, size;
	const char *name;
};

/* A place that looks like a call, a jump or the address of a function of the file's own. */
struct code_edge {
	uint64_t addr;
	uint32_t target; /* index into starts */
};

#define CODE_ARGUMENTS 6

/* What is constant where a call is made. */
struct code_constants {
	int64_t value[CODE_ARGUMENTS]; /* of arguments */
	int64_t number;		       /* of a system call */
	unsigned known;		       /* bit n: argument n; bit CODE_ARGUMENTS: the number */
};

struct code {
	const struct elf_view *elf;
	csh cs;
	cs_insn *insn;
	uint64_t *starts; /* of functions, sorted, each once */
	size_t start_count;
	struct elf_slot *stubs; /* address of a PLT entry -> import */
	size_t stub_count;
	struct elf_pointer *aliases; /* address of a PLT entry -> function of the file itself */
	size_t alias_count;
	struct code_name *names;
	size_t name_count;
	struct code_edge *edges; /* by segment and address */
	size_t edge_count;
	uint64_t main;	/* 0: not found */
	unsigned spent; /* instructions decoded so far, to bound the work on one file */
	bool names_read, edges_read;
};

#define CODE_BUDGET 3000000 /* instructions of one file */

/* False: a machine that is not decoded. code_close() is to be called in both cases. */
bool code_open(struct code *code, const struct elf_view *elf);
void code_close(struct code *code);

/* Fills stubs and aliases; for code_open(). */
void code_stubs(struct code *code);

/* Decodes the instruction at addr; sp is the frame offset of the stack pointer there. */
void code_step(struct code *code, uint64_t addr, int64_t sp, struct step *step);
void code_step_x86(struct code *code, uint64_t addr, int64_t sp, struct step *step);
void code_step_arm64(struct code *code, uint64_t addr, int64_t sp, struct step *step);

/*
 * Where a call of addr ends up: through the PLT entry
 * for a function of the file itself, if it is one.
 */
uint64_t code_target(const struct code *code, uint64_t addr);

/*
 * The import that a call or jump reaches, through the
 * PLT or a slot; NULL: the file's own, or unknown.
 */
const struct elf_import *code_import(struct code *code, const struct step *step);

/* The index in starts of the function that begins at addr, or start_count. */
size_t code_index(const struct code *code, uint64_t addr);
/* The bounds of the function that addr is in; false where nothing says where it begins. */
bool code_function(struct code *code, uint64_t addr, uint64_t *start, uint64_t *end);
/* The symbol that begins at start and reaches to addr, or NULL. */
const char *code_function_name(struct code *code, uint64_t start, uint64_t addr);

enum code_interest {
	CODE_NONE,
	CODE_CALLS, /* every call of it */
	CODE_LARGE, /* calls with a large number among the constants before it */
};

/*
 * Calls found for each instruction that is a call or jump (or takes the address) of an import that
 * is of interest, and for each system call. Candidates are found by their bytes and then confirmed
 * by decoding their function from its start.
 */
struct code_search {
	enum code_interest (*import)(void *data, const struct elf_import *import);
	void (*found)(void *data, const struct step *step, const struct elf_import *import,
		      const struct code_constants *constants);
	void *data;
	bool system_calls;
};
void code_search(struct code *code, const struct code_search *search);

/*
 * The same for functions of the file's own. What looks like a call of any of them is looked for
 * once, so that going up from callers to callers costs little.
 */
struct code_callers {
	bool (*own)(void *data, uint64_t target);
	void (*found)(void *data, const struct step *step);
	void *data;
};
void code_callers(struct code *code, const struct code_callers *callers);

/* Fills code->edges once; for code_callers(). */
void code_edges(struct code *code);

/* Registers: of a result, and of argument n (0..5). */
place code_result(const struct code *code);
place code_argument(const struct code *code, unsigned n);
place code_syscall_number(const struct code *code);
bool code_caller_saved(const struct code *code, place reg);

#endif
