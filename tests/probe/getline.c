/* SPDX-License-Identifier: MIT */
/* Long lines: whether they can be read is a matter of how libc lets the buffer grow. */
#include "probe.h"

static FILE *text(size_t first, size_t second, int ends)
{
	FILE *f = tmpfile();

	for (size_t i = 0; i < first; i++)
		putc('a' + (int)(i % 26), f);
	putc('\n', f);
	for (size_t i = 0; i < second; i++)
		putc('b', f);
	if (ends)
		putc('\n', f);
	rewind(f);
	return f;
}

/* The answers, and whether the bytes are those that were written. */
static void lines(size_t first, size_t second, int ends)
{
	FILE *f = text(first, second, ends);
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	dprintf(1, "lines of %zu and %zu:", first, second);
	do {
		errno = 0;
		n = getline(&line, &size, f);
		if (n < 0)
			dprintf(1, " %s", errno ? strerrorname_np(errno) : feof(f) ? "end" : "?");
		else
			dprintf(1, " %zd%s%s", n, strlen(line) == (size_t)n ? "" : " (cut)",
				n < 28 || line[26] == line[0] ? "" : " (wrong)");
	} while (n >= 0);
	dprintf(1, " error %d\n", ferror(f) != 0);
	free(line);
	fclose(f);
}

static void pieces(int buffering)
{
	char *line = malloc(4);
	size_t size = 4;
	int pipes[2];
	FILE *f;

	if (!line || pipe(pipes) || write(pipes[1], "one:two::3", 10) != 10)
		return;
	close(pipes[1]);
	f = fdopen(pipes[0], "r");
	setvbuf(f, NULL, buffering, 0);
	dprintf(1, "pieces:");
	while (__getdelim(&line, &size, ':', f) >= 0) /* what headers make of getline */
		dprintf(1, " [%s]", line);
	dprintf(1, " then [%s]",
		ungetc('x', f) == 'x' && getdelim(&line, &size, ':', f) > 0 ? line : "?");
	dprintf(1, " size fits %d\n", size > strlen(line));
	free(line);
	fclose(f);
}

int main(void)
{
	FILE *f = fopen("/dev/null", "r");

	SHOW(getline(NULL, NULL, f));
	fclose(f);
	lines(0, 0, 0);
	lines(10, 3000, 1);
	lines(1023, 1024, 0);
	lines(2 * MIB + MIB / 2, 5, 1);
	lines(4 * MIB - 40, 5, 1);
	lines(4 * MIB + 40, 5, 1);
	pieces(_IOFBF);
	pieces(_IONBF);
	return 0;
}
