/* SPDX-License-Identifier: MIT */
/*
 * thunk_x86_64.S - vfork(), syscall() and dlopen() for x86-64. A child that shares its parent's
 * stack returns from here first and overwrites what lies below the caller's frame; so the
 * return address is kept in a register across the system call, and the frame of a C function
 * must not be live. syscall() is here because it may be told to vfork or to clone with shared
 * memory; everything else it hands to C. dlopen() is here because the loader wants to see the
 * program's return address.
 */
#include <asm/unistd.h>

#define CLONE_VM_BIT 0x100

	.text

	.globl	vfork
	.type	vfork, @function
	.globl	__vfork
	.set	__vfork, vfork
	.p2align 4
vfork:
	.cfi_startproc
	endbr64
	movq	(%rsp), %rdi		/* the program's call */
	leaq	8(%rsp), %rsi		/* its stack pointer after the return */
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	vfork_begin
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%rdi			/* survives the system call, which the stack does not */
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$__NR_vfork, %eax
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rip, 0
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	testq	%rax, %rax
	jz	1f
	movq	%rax, %rdi
	call	vfork_parent
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_adjust_cfa_offset 8
1:	call	vfork_child
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	/* A shadow stack is the parent's too: leave its entry for the parent's return. */
	xorl	%ecx, %ecx
	rdsspq	%rcx
	testq	%rcx, %rcx
	jnz	2f
	xorl	%eax, %eax
	ret
2:	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	xorl	%eax, %eax
	notrack jmp *%rdi
	.cfi_endproc
	.size	vfork, .-vfork
	.size	__vfork, .-vfork

	.globl	syscall
	.type	syscall, @function
	.p2align 4
syscall:
	.cfi_startproc
	endbr64
	cmpq	$__NR_vfork, %rdi
	je	vfork
	cmpq	$__NR_clone, %rdi
	je	1f
	cmpq	$__NR_clone3, %rdi
	jne	hook_syscall
	testq	%rsi, %rsi
	jz	hook_syscall
	testq	$CLONE_VM_BIT, (%rsi)	/* clone_args.flags */
	jz	hook_syscall
	jmp	2f
1:	testq	$CLONE_VM_BIT, %rsi
	jz	hook_syscall
2:	movq	%rdi, %rax		/* a thread, or a child on a stack of its own: as it is */
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	cmpq	$-4095, %rax
	jae	3f
	ret
3:	movq	%rax, %rdi
	jmp	hook_answer
	.cfi_endproc
	.size	syscall, .-syscall

	.globl	dlopen
	.type	dlopen, @function
	.p2align 4
dlopen:
	.cfi_startproc
	endbr64
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	pushq	%rsi
	.cfi_adjust_cfa_offset 8
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	movl	%esi, %edx
	movq	%rdi, %rsi
	movq	24(%rsp), %rdi
	call	load_begin
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	movl	%edx, %esi
	jmp	*%rax			/* the loader looks at who called it */
	.cfi_endproc
	.size	dlopen, .-dlopen

	.section .note.GNU-stack,"",@progbits
