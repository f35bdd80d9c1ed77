/* SPDX-License-Identifier: MIT */
#include "rules/rules.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"

#define NOTE SEVERITY_NOTE
#define WARNING SEVERITY_WARNING
#define ERROR SEVERITY_ERROR
#define ANSWERS(...) { __VA_ARGS__ }

static const struct rule rules[RULES] = {
	[RULE_NONE] = { "", SEVERITY_NOTE, { 0 }, "", "", "", "" },
#define RULE(id, name, severity, answers, source, title, why, hint)                                \
	[RULE_##id] = { name, severity, answers, source, title, why, hint },
#include "rules/rules.def"
#undef RULE
};

const struct rule *rule_get(enum rule_id id)
{
	return &rules[id < RULES ? id : RULE_NONE];
}

enum rule_id rule_find(const char *name)
{
	for (unsigned id = RULE_NONE + 1; id < RULES; id++)
		if (strcmp(rules[id].name, name) == 0)
			return (enum rule_id)id;
	return RULE_NONE;
}

const char *rule_severity_name(enum rule_severity severity)
{
	static const char *const names[] = { "note", "warning", "error" };

	return (size_t)severity < ARRAY_SIZE(names) ? names[severity] : "unknown";
}
