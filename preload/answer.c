/* SPDX-License-Identifier: MIT */
/* answer.c - from -errno to errno: the one conversion, so that an errno bug has one address. */
#include <errno.h>

#include "guard.h"

#include "base/types.h"

void hook_errno(int value)
{
	errno = value;
}

long hook_answer(long result)
{
	if (!is_err(result))
		return result;
	hook_errno((int)-result);
	return -1;
}
