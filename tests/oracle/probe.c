/* SPDX-License-Identifier: MIT */
/*
 * The interpreter of scenarios: one operation a line, and after " -> " what the machine answered.
 *
 * It owns no memory but a few fixed buffers, because what it takes is missing from the machine
 * that is measured: scenarios are read in small pieces, and the blocks of exhaust and swiss are
 * chained through their first word. The operations are in ops.c; here are lines, words,
 * variables and expressions.
 */
#include "probe.h"

#include <fcntl.h>

enum { MAX_VARIABLES = 256, MAX_NAME = 16, READ_SIZE = 4096 };

static struct {
	char name[MAX_NAME];
	word value;
} variables[MAX_VARIABLES];
static int variable_count;

static int same_text(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static int find_variable(const char *name)
{
	for (int i = 0; i < variable_count; i++)
		if (same_text(variables[i].name, name))
			return i;
	return -1;
}

void set_variable(const char *name, word value)
{
	int i = find_variable(name);

	if (i < 0) {
		if (variable_count == MAX_VARIABLES)
			return;
		i = variable_count++;
		for (int k = 0; k < MAX_NAME - 1 && name[k] != '\0'; k++)
			variables[i].name[k] = name[k];
	}
	variables[i].value = value;
}

void show(const char *text)
{
	size_t size = 0;

	while (text[size] != '\0')
		size++;
	call_print(text, size);
}

void say_number(word value)
{
	char digits[24], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	show(p);
}

void say_hex(word value)
{
	char digits[24], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do {
		*--p = "0123456789abcdef"[value % 16];
		value /= 16;
	} while (value != 0);
	show(p);
}

static int digit_of(char c, word base)
{
	int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;

	return value < (int)base ? value : -1;
}

static int in_name(char c)
{
	return c != '\0' && c != '+' && c != '-' && c != ' ';
}

/* A number with its unit, or a variable; what is not known is 0, as a failed call leaves it. */
static word term(const char **text)
{
	const char *p = *text;
	word value = 0, base = 10;

	if (digit_of(*p, 10) < 0) {
		char name[MAX_NAME] = { 0 };

		for (int k = 0; in_name(*p); p++)
			if (k < MAX_NAME - 1)
				name[k++] = *p;
		*text = p;
		int i = find_variable(name);
		return i < 0 ? 0 : variables[i].value;
	}
	if (p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	for (; digit_of(*p, base) >= 0; p++)
		value = value * base + (word)digit_of(*p, base);
	static const char units[] = "k\012p\014m\024g\036";
	for (int k = 0; units[k] != '\0'; k += 2) {
		if (*p == units[k]) {
			value <<= units[k + 1];
			p++;
			break;
		}
	}
	*text = p;
	return value;
}

word expression(const char *text)
{
	word sum = 0;
	int minus = 0;

	while (*text != '\0') {
		if (*text == '+' || *text == '-') {
			minus = *text++ == '-';
			continue;
		}
		word value = term(&text);
		sum = minus ? sum - value : sum + value;
		if (*text != '+' && *text != '-')
			break;
	}
	return sum;
}

int has_flag(const char *list, const char *flag)
{
	while (*list != '\0') {
		const char *p = flag;

		while (*p != '\0' && *list == *p) {
			list++;
			p++;
		}
		if (*p == '\0' && (*list == ',' || *list == '\0'))
			return 1;
		while (*list != '\0' && *list != ',')
			list++;
		if (*list == ',')
			list++;
	}
	return 0;
}

static void run_line(char *line)
{
	struct request request = { .count = 0 };

	show(line);
	show(" -> ");
	for (char *p = line; *p != '\0' && request.count < MAX_WORDS;) {
		while (*p == ' ')
			*p++ = '\0';
		if (*p == '\0')
			break;
		request.words[request.count++] = p;
		while (*p != '\0' && *p != ' ')
			p++;
	}
	for (int i = request.count; i < MAX_WORDS; i++)
		request.words[i] = "";
	for (const struct operation *op = operations; op->name != NULL; op++) {
		if (same_text(op->name, request.words[0])) {
			op->run(&request);
			show("\n");
			return;
		}
	}
	show("?\n");
}

static void finish_line(char *line, size_t length)
{
	while (length > 0 && line[length - 1] == ' ')
		length--;
	line[length] = '\0';
	if (length > 0 && line[0] != '#')
		run_line(line);
}

static int run_scenario(const char *path)
{
	static char buffer[READ_SIZE];
	char line[MAX_LINE];
	size_t length = 0;
	word offset = 0;
	long fd = call_open(path, O_RDONLY | O_CLOEXEC), got;

	if (fd < 0) {
		show("cannot open ");
		show(path);
		show("\n");
		return 1;
	}
	show("== ");
	show(path);
	show("\n");
	while ((got = call_pread((int)fd, buffer, sizeof(buffer), offset)) > 0) {
		for (long i = 0; i < got; i++) {
			if (buffer[i] == '\n') {
				finish_line(line, length);
				length = 0;
			} else if (length < sizeof(line) - 1) {
				line[length++] = buffer[i];
			}
		}
		offset += (word)got;
	}
	finish_line(line, length);
	call_close((int)fd);
	return 0;
}

/* NAME=VALUE sets a variable, anything else is a scenario to run. */
static int preset(const char *argument)
{
	char name[MAX_NAME] = { 0 };

	for (int k = 0; *argument != '\0' && *argument != '='; argument++)
		if (k < MAX_NAME - 1)
			name[k++] = *argument;
	if (*argument != '=')
		return 0;
	set_variable(name, expression(argument + 1));
	return 1;
}

int probe_run(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		preset(argv[i]);
	for (int i = 1; i < argc; i++)
		if (!preset(argv[i]))
			failed |= run_scenario(argv[i]);
	return failed;
}
