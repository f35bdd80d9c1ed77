/* SPDX-License-Identifier: MIT */
/*
 * suppress.c - accepted findings: a file of lines RULE MODULE FUNCTION, because programs that come
 * as binaries cannot be annotated. Lines and addresses change with every build, functions hardly.
 */
#include "report/model.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	size_t len = strcspn(word, " \t");

	*rest = word[len] ? word + len + 1 : word + len;
	word[len] = 0;
	return word;
}

/* Returns false if the line is none. The function is the rest of the line: names in C++ have
 * spaces. */
static bool parse_line(struct report *report, char *line)
{
	struct suppression parsed = { 0 };
	size_t len = strcspn(line, "\r\n");
	char *rest;

	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	line[len] = 0;
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return true;
	parsed.text = pool_string(&report->pool, line);
	rest = pool_string(&report->pool, line);
	parsed.rule = next_word(&rest);
	parsed.module = next_word(&rest);
	parsed.function = rest + strspn(rest, " \t");
	if (!*parsed.module || !*parsed.function)
		return false;
	if (!strpbrk(parsed.rule, "*?[") && rule_find(parsed.rule) == RULE_NONE)
		return false;
	*ARRAY_ADD(report, suppressions) = parsed;
	return true;
}

int report_suppress(struct report *report, const char *path, char *error)
{
	FILE *in = fopen(path, "re");
	unsigned number = 0;
	size_t room = 0;
	char *line = NULL;
	int result = 0;

	if (!in) {
		snprintf(error, REPORT_ERROR_SIZE, "%s: %s", path, strerror(errno));
		return -1;
	}
	while (!result && getline(&line, &room, in) > 0) {
		number++;
		if (parse_line(report, line))
			continue;
		snprintf(error, REPORT_ERROR_SIZE,
			 "%s:%u: not RULE MODULE FUNCTION with a rule that `nommu explain` knows",
			 path, number);
		result = -1;
	}
	if (!result && ferror(in)) {
		snprintf(error, REPORT_ERROR_SIZE, "%s: %s", path, strerror(errno));
		result = -1;
	}
	free(line);
	fclose(in);
	report->finished = false;
	return result;
}

/* What stands for the function in a suppression. */
static const char *function_key(const struct finding *finding, char *buf, size_t size)
{
	if (finding->at.function)
		return finding->at.function;
	snprintf(buf, size, "+0x%llx", (unsigned long long)finding->at.offset);
	return buf;
}

static const char *module_key(const struct finding *finding)
{
	return finding->at.module ? finding->at.module : "?";
}

/* Names may have characters that are special in patterns (operator*, []), so equality counts too.
 */
static bool matches(const char *pattern, const char *text)
{
	return strcmp(pattern, text) == 0 || fnmatch(pattern, text, 0) == 0;
}

void suppress_apply(struct report *report)
{
	char buf[32];

	for (uint32_t s = 0; s < report->suppressions_count; s++)
		report->suppressions[s].matched = 0;
	for (uint32_t i = 0; i < report->findings_count; i++) {
		struct finding *finding = &report->findings[i];

		for (uint32_t s = 0; s < report->suppressions_count; s++) {
			struct suppression *suppression = &report->suppressions[s];

			if (!matches(suppression->rule, finding->rule_name) ||
			    !matches(suppression->module, module_key(finding)) ||
			    !matches(suppression->function,
				     function_key(finding, buf, sizeof(buf))))
				continue;
			suppression->matched++;
			finding->accepted = true;
			finding->suppression = suppression->text;
		}
	}
}

void suppress_write(const struct report *report, FILE *out)
{
	char buf[32];

	fputs("# Findings accepted for nommu: RULE MODULE FUNCTION, see nommu report --suppress\n",
	      out);
	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (!finding_counts(finding))
			continue;
		fprintf(out, "%s %s %s\n", finding->rule_name, module_key(finding),
			function_key(finding, buf, sizeof(buf)));
	}
}
