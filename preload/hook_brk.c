/* SPDX-License-Identifier: MIT */
/*
 * hook_brk.c - brk and sbrk. Where the break really moved, libc is told, because its own
 * malloc and its sbrk go on from a break that they remember.
 */
#include <errno.h>
#include <unistd.h>

#include "guard.h"
#include "real.h"

static bool move(uint64_t site, enum nommu_call call, uint64_t addr)
{
	bool refused = false;
	uint64_t now = sys_brk(site, call, addr, &refused);

	if (!refused && now == addr && sys_hosted())
		(void)real.brk((void *)addr);
	return !refused && now == addr;
}

nommu_export int brk(void *addr)
{
	uint64_t site = HOOK_SITE;

	if (!guard_modelled(site, NOMMU_CALL_BRK, "brk"))
		return real.brk(addr);
	return move(site, NOMMU_CALL_BRK, U(addr)) ? 0 : (int)hook_answer(-ENOMEM);
}

nommu_export void *sbrk(intptr_t increment)
{
	uint64_t site = HOOK_SITE;
	bool refused;
	uint64_t old;

	if (!guard_modelled(site, NOMMU_CALL_SBRK, "sbrk"))
		return real.sbrk(increment);
	old = sys_brk(site, NOMMU_CALL_SBRK, 0, &refused);
	if (increment && !move(site, NOMMU_CALL_SBRK, old + U(increment)))
		return (void *)hook_answer(-ENOMEM);
	return (void *)old;
}
HOOK_ALIAS(sbrk, __sbrk);
