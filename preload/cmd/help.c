/* SPDX-License-Identifier: MIT */
/* help.c - the tables of options, boards and rules as text for a terminal. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "rules/rules.h"

#define COLUMNS 80

void cmd_wrap(unsigned indent, const char *text)
{
	size_t column = indent;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > indent && column + 1 + word > COLUMNS) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)word, text);
		column += word;
		text += word + strspn(text + word, " ");
	}
	putchar('\n');
}

void cmd_help_options(void)
{
	puts("Options of nommu run and nommu audit. Each is also an environment variable, which "
	     "the\n"
	     "library reads too where it is preloaded without the launcher.\n");
	for (unsigned i = 0; i < CONF_OPTIONS; i++) {
		const struct conf_option_info *o = &conf_options[i];
		const char *argument = o->argument ? o->argument : "";

		printf("  --%s%s%s  (%s)\n      ", o->name, *argument ? " " : "", argument, o->env);
		cmd_wrap(6, o->help);
		printf("      default: %s\n", o->fallback);
	}
	puts("  --help\n      these lines");
	puts("\nBoards:\n");
	for (const struct conf_board *b = conf_boards; b->name; b++) {
		printf("  %-20s --ram %s --max-order %s", b->name, b->ram, b->max_order);
		if (b->stack)
			printf(" --stack %s", b->stack);
		printf(" --image %s --libc %s\n      ", b->image, b->libc);
		cmd_wrap(6, b->source);
	}
}

static const char *answer_name(int answer)
{
	return answer == NO_RULE ? "" : answer ? strerrorname_np(answer) : "-";
}

void cmd_help_rules(void)
{
	printf("%-22s %-8s ", "rule", "severity");
	for (unsigned p = 0; p < PROFILES; p++)
		printf("%-11s ", conf_profile_name((enum conf_profile)p));
	puts("what");
	for (unsigned id = RULE_NONE + 1; id < RULES; id++) {
		const struct rule *rule = rule_get((enum rule_id)id);

		printf("%-22s %-8s ", rule->name,
		       rule_severity_name((enum rule_severity)rule->severity));
		for (unsigned p = 0; p < PROFILES; p++)
			printf("%-11s ", answer_name(rule->answer[p]));
		puts(rule->title);
	}
}
