/* SPDX-License-Identifier: MIT */
/* Many threads that enter hooks first, all at once: a constructor before ours starts them. */
#include <pthread.h>

#include "probe.h"

extern long racing_failed;

int main(void)
{
	SHOW_NUMBER(racing_failed);
	return 0;
}
