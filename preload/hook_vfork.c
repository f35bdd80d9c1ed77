/* SPDX-License-Identifier: MIT */
/*
 * hook_vfork.c - the C half of vfork. The child runs on the parent's thread: whatever it writes,
 * here too, the parent finds written when it goes on. That is why a depth is kept, and not a flag.
 */
#include "vfork.h"

#include "guard.h"
#include "heap_hooks.h"

#include "base/raw.h"

static nommu_tls struct {
	uint64_t stack_pointer; /* of the caller of the innermost vfork */
	uint64_t addr;		/* what the child left to be unmapped, 0: nothing */
	uint64_t len;
} vforked;

void vfork_begin(uint64_t site, uint64_t stack_pointer)
{
	if (guard_modelled(site, NOMMU_CALL_VFORK, "vfork"))
		sys_vfork_begin(site, stack_pointer);
	if (!guard_thread.vfork_depth)
		vforked.stack_pointer = stack_pointer;
}

void vfork_child(void)
{
	guard_thread.vfork_depth++;
	if (guard_active())
		sys_vfork_child();
}

long vfork_parent(long child)
{
	if (child > 0 &&
	    guard_thread.vfork_depth > 0) /* killed at once, a child has not counted itself */
		guard_thread.vfork_depth--;
	if (guard_active())
		sys_vfork_parent(child);
	if (vforked.addr)
		raw_munmap(vforked.addr, vforked.len);
	vforked.addr = 0;
	heap_hooks_vfork_parent();
	return hook_answer(child);
}

void vfork_leave(uint64_t site, uint64_t stack_pointer)
{
	if (stack_pointer > vforked.stack_pointer)
		sys_note(site, NOMMU_CALL_VFORK, ARGS(0), RULE_VFORK_CHILD,
			 "returned from the function that called vfork");
}

void vfork_give_back(uint64_t addr, uint64_t len)
{
	vforked.addr = addr;
	vforked.len = len;
}
