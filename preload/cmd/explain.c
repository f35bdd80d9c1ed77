/* SPDX-License-Identifier: MIT */
/*
 * explain.c - `nommu explain [RULE]`: a rule from rules.def with the code before and after from
 * examples/, which the build puts into explain_examples.inc, so that what is shown is what is
 * compiled and tested.
 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/say.h"
#include "rules/rules.h"

struct example {
	const char *rule;   /* its name */
	const char *file;   /* below the top of the source tree */
	const char *before; /* what does not work */
	const char *after;  /* the same, portable */
};

static const struct example examples[] = {
#define EXAMPLE(rule, file, before, after) {rule, file, before, after},
#include "explain_examples.inc"
#undef EXAMPLE
	{NULL, NULL, NULL, NULL},
};

static void print_answers(const struct rule *rule)
{
	for (unsigned p = 0; p < PROFILES; p++) {
		printf("  %-14s", conf_profile_name((enum conf_profile)p));
		if (rule->answer[p] == NO_RULE)
			puts("has no such rule");
		else if (rule->answer[p])
			printf("%s: %s\n", strerrorname_np(rule->answer[p]),
			       strerrordesc_np(rule->answer[p]));
		else
			printf("goes through; reported as %s\n",
			       rule_severity_name((enum rule_severity)rule->severity));
	}
}

static void print_section(const char *title, const char *text)
{
	printf("  %-14s", title);
	cmd_wrap(16, text);
}

static void print_code(const char *title, const char *code)
{
	printf("\n  %s:\n\n", title);
	for (bool starts = true; *code; starts = *code++ == '\n') {
		if (starts && *code != '\n')
			fputs("    ", stdout);
		if (*code == '\t')
			fputs("    ", stdout);
		else
			putchar(*code);
	}
}

static void print_rule(const struct rule *rule)
{
	bool is_kernel = strncmp(rule->source, "uClibc", 6) != 0;

	printf("%s: %s\n\n", rule->name, rule->title);
	print_answers(rule);
	print_section("why", rule->why);
	print_section("instead", rule->hint);
	if (*rule->source)
		printf("  %-14s%s%s\n", "source", rule->source,
		       is_kernel ? " (Linux 6.12); Documentation/admin-guide/mm/nommu-mmap.rst"
				 : "");
	for (const struct example *e = examples; e->rule; e++) {
		if (strcmp(e->rule, rule->name) != 0)
			continue;
		print_code("before", e->before);
		print_code("after", e->after);
		printf("\n  (%s)\n", e->file);
	}
}

static int print_usage(void)
{
	puts("usage: nommu explain [RULE]\n\n"
	     "Without RULE: all rules with what each profile answers (- goes through; nothing: has no "
	     "such rule).");
	return CMD_OK;
}

int cmd_explain(int argc, char **argv)
{
	enum rule_id id;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage();
	if (argc == 1) {
		cmd_help_rules();
		return CMD_OK;
	}
	if (argc > 2) {
		say("explain takes one rule; nommu explain lists them");
		return CMD_FAILED;
	}
	id = rule_find(argv[1]);
	if (id == RULE_NONE) {
		say("unknown rule '%s'; nommu explain lists them", argv[1]);
		return CMD_FAILED;
	}
	print_rule(rule_get(id));
	return CMD_OK;
}
