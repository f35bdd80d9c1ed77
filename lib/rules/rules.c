/* SPDX-License-Identifier: MIT */
/* rules.c - the lists as arrays, with the columns of each profile. */
#include "rules/rules.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"

#define NOTE SEVERITY_NOTE
#define WARNING SEVERITY_WARNING
#define ERROR SEVERITY_ERROR

/* The columns: what a row says of a profile, in the order of enum conf_profile. */
#define EVERYWHERE(strict, linux_6_12, hpux_11_31)                                                 \
	{                                                                                          \
		[PROFILE_STRICT] = (strict), [PROFILE_LINUX_6_12] = (linux_6_12),                  \
		[PROFILE_HPUX_11_31] = (hpux_11_31),                                               \
	}
#define ANSWERS(strict, linux_6_12) EVERYWHERE(strict, linux_6_12, NO_RULE)
#define HPUX(hpux_11_31) EVERYWHERE(NO_RULE, NO_RULE, hpux_11_31)

static const struct rule rules[RULES] = {
	[RULE_NONE] = { "", SEVERITY_NOTE, { 0 }, "", "", "", "" },
#define RULE(id, name, severity, answers, source, title, why, hint)                                \
	[RULE_##id] = { name, severity, answers, source, title, why, hint },
#include "rules/rules.def"
#undef RULE
};

static const struct rule_manual manual[RULES] = {
#define DOCUMENT(key, text)
#define SAYS(id, certainty, keys, says) [RULE_##id] = { certainty, keys, says },
#include "rules/hpux.def"
#undef DOCUMENT
#undef SAYS
};

static const struct {
	const char *key, *text;
} documents[] = {
#define DOCUMENT(key, text) { key, text },
#define SAYS(id, certainty, keys, says)
#include "rules/hpux.def"
#undef DOCUMENT
#undef SAYS
};

const struct rule_manual *rule_manual(enum rule_id id)
{
	return &manual[id < RULES ? id : RULE_NONE];
}

const char *rule_document(const char **keys)
{
	size_t len = strcspn(*keys, " ");
	const char *key = *keys;

	*keys += len + strspn(*keys + len, " ");
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
		if (strlen(documents[i].key) == len && strncmp(documents[i].key, key, len) == 0)
			return documents[i].text;
	return NULL;
}

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
