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
#define EXAMPLE(rule, file, before, after) { rule, file, before, after },
#include "explain_examples.inc"
#undef EXAMPLE
	{ NULL, NULL, NULL, NULL },
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

/* Where it is not as old as Linux without an MMU. */
static const struct {
	enum rule_id rule;
	const char *since;
} newer[] = {
	{ RULE_HOLE,
	  "Linux 2.6.29 makes holes; before, a mapping was unmapped whole or not at all" },
	{ RULE_TRIM_MAPPING, "Linux 2.6.29; before, a mapping was unmapped whole or not at all" },
	{ RULE_PARTIAL_FILE_UNMAP, "Linux 2.6.29" },
	{ RULE_SHARE_MISMATCH, "Linux 2.6.29, which shares regions" },
	{ RULE_MAPPED_TWICE, "Linux 6.1, whose tree of mappings has one entry for an address" },
	{ RULE_MEMFD, "Linux 3.17, which has the call" },
	{ RULE_NO_FALLOCATE, "Linux 2.6.23, which has the call" },
	{ RULE_UNINITIALIZED, "Linux 2.6.33, which has MAP_UNINITIALIZED" },
};

/* Rules of the C library and of the program's file have no date in the kernel. */
static const char *since_when(const struct rule *rule)
{
	enum rule_id id = rule_find(rule->name);

	for (unsigned i = 0; i < ARRAY_SIZE(newer); i++)
		if (newer[i].rule == id)
			return newer[i].since;
	if (strncmp(rule->source, "mm/", 3) == 0 || strncmp(rule->source, "kernel/", 7) == 0)
		return "ever since Linux runs without an MMU (2.6); seen on 6.12";
	return NULL;
}

/*
 * "mm/nommu.c:692" is a line of the kernel that was
 * measured; the C libraries have pages of their own.
 */
static void print_source(const char *source)
{
	size_t file = strcspn(source, ":");
	bool is_kernel =
		source[file] == ':' && memchr(source, '/', file) && !memchr(source, ' ', file);

	if (!*source)
		return;
	printf("  %-14s%s%s\n", "source", source, is_kernel ? " (Linux 6.12)" : "");
	if (is_kernel)
		printf("  %-14s%s\n  "
		       "%-14shttps://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/"
		       "tree/%.*s?h=v6.12.117#n%s\n",
		       "read", "https://docs.kernel.org/admin-guide/mm/nommu-mmap.html", "",
		       (int)file, source, source + file + 1);
	else if (strstr(source, "uClibc"))
		printf("  %-14shttps://uclibc-ng.org\n", "read");
	else if (strstr(source, "musl"))
		printf("  %-14shttps://musl.libc.org\n", "read");
}

/* Where an answer is by a manual: what it says, how sure that is, and what was read. */
static void print_manual(enum rule_id id)
{
	static const char *const sure[] = { "HP's manual", "inferred", "not said" };
	const struct rule_manual *manual = rule_manual(id);
	const char *keys = manual->keys, *key = keys, *document;
	char line[256];

	if (!manual->says)
		return;
	if (manual->certainty == UNKNOWN)
		print_section("hpux-11.31",
			      "HP's manual does not say; what nommu answers is a guess.");
	print_section(sure[manual->certainty], manual->says);
	for (; *keys && (document = rule_document(&keys)); key = keys) {
		snprintf(line, sizeof line, "[%.*s] %s", (int)strcspn(key, " "), key, document);
		print_section("", line);
	}
}

static void print_rule(enum rule_id id)
{
	const struct rule *rule = rule_get(id);
	const char *since = since_when(rule);

	printf("%s: %s\n\n", rule->name, rule->title);
	print_answers(rule);
	print_section("why", rule->why);
	print_section("instead", rule->hint);
	print_manual(id);
	if (since)
		print_section("since", since);
	if (rule_applies(id, PROFILE_STRICT)) /* those of HP-UX are named above */
		print_source(rule->source);
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
	     "Without RULE: all rules with what each profile answers (- goes through; nothing: has "
	     "no "
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
	print_rule(id);
	return CMD_OK;
}
