/* SPDX-License-Identifier: MIT */
/* wordexp, with and without a command to run. */
#include <wordexp.h>

#include "probe.h"

static void expand(const char *words)
{
	wordexp_t result;
	int error = wordexp(words, &result, 0);

	dprintf(1, "wordexp %s: %s\n", words, error ? "failed" : result.we_wordv[0]);
	if (!error)
		wordfree(&result);
}

int main(void)
{
	expand("plain");
	expand("$(echo command)");
	expand("`echo command`");
	return 0;
}
