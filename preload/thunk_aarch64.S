/* SPDX-License-Identifier: MIT */
/*
 * thunk_aarch64.S - vfork(), syscall() and dlopen() for aarch64; see thunk_x86_64.S. The
 * return address lives in x30, which the system call preserves, so only what C calls save has
 * to be off the stack before it.
 */
#include <asm/unistd.h>

#define CLONE_VM_BIT 8		/* of CLONE_VM, 0x100 */
#define VFORK_FLAGS 0x4111	/* CLONE_VFORK | CLONE_VM | SIGCHLD */

	.text

	.globl	vfork
	.type	vfork, %function
	.globl	__vfork
	.set	__vfork, vfork
	.p2align 4
vfork:
	.cfi_startproc
	hint	#34			/* bti c */
	stp	x29, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	mov	x0, x30
	add	x1, sp, #16
	bl	vfork_begin
	ldp	x29, x30, [sp], #16
	.cfi_adjust_cfa_offset -16
	.cfi_restore x29
	.cfi_restore x30
	mov	x0, #VFORK_FLAGS
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	mov	x4, #0
	mov	x8, #__NR_clone
	svc	#0
	stp	x29, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	cbz	x0, 1f
	bl	vfork_parent
	ldp	x29, x30, [sp], #16
	ret
1:	bl	vfork_child
	mov	x0, #0
	ldp	x29, x30, [sp], #16
	.cfi_adjust_cfa_offset -16
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	vfork, .-vfork

	.globl	syscall
	.type	syscall, %function
	.p2align 4
syscall:
	.cfi_startproc
	hint	#34
	cmp	x0, #__NR_clone
	b.eq	1f
	cmp	x0, #__NR_clone3
	b.ne	hook_syscall
	cbz	x1, 3f
	ldr	x9, [x1]		/* clone_args.flags */
	b	2f
1:	mov	x9, x1
2:	tbz	x9, #CLONE_VM_BIT, 3f
	mov	x8, x0			/* a thread, or a child on a stack of its own: as it is */
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	mov	x4, x5
	mov	x5, x6
	svc	#0
	cmn	x0, #4095
	b.cs	hook_answer
	ret
3:	b	hook_syscall
	.cfi_endproc
	.size	syscall, .-syscall

	.globl	dlopen
	.type	dlopen, %function
	.p2align 4
dlopen:
	.cfi_startproc
	hint	#34
	stp	x29, x30, [sp, #-32]!
	.cfi_adjust_cfa_offset 32
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	stp	x0, x1, [sp, #16]
	mov	w2, w1
	mov	x1, x0
	mov	x0, x30
	bl	load_begin
	mov	x16, x0
	ldr	x0, [sp, #16]
	ldp	x29, x30, [sp], #32
	.cfi_adjust_cfa_offset -32
	.cfi_restore x29
	.cfi_restore x30
	br	x16			/* the loader looks at who called it */
	.cfi_endproc
	.size	dlopen, .-dlopen

	.section .note.GNU-stack,"",%progbits
