/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what every part of nommu knows about a rule. The list is rules.def.
 */
#ifndef NOMMU_RULES_RULES_H
#define NOMMU_RULES_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h" /* enum conf_profile: the columns of the answers */

enum rule_severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITIES };

enum rule_id {
	RULE_NONE, /* nothing to report */
#define RULE(id, name, severity, answers, source, title, why, hint) RULE_##id,
#include "rules/rules.def"
#undef RULE
	RULES
};

#define NO_RULE (-1) /* an answer: the profile never meets the rule */

struct rule {
	const char *name; /* "shared-file": stable, as users write it */
	uint8_t severity; /* of a finding where the profile does not refuse */
	/* errno per profile, 0: the call goes through, NO_RULE: has no such rule */
	int answer[PROFILES];
	const char *source; /* file:line in Linux 6.12.117, or the document */
	const char *title;  /* one line: what the program did */
	const char *why;    /* one sentence: why a machine without an MMU refuses it */
	const char *hint;   /* one sentence: how to write it portably */
};

/* The record of a rule; id must be below RULES. Never NULL; RULE_NONE has an empty name. */
const struct rule *rule_get(enum rule_id id);

/* The id of a name, or RULE_NONE. */
enum rule_id rule_find(const char *name);

/* Whether the profile has the rule at all. */
static inline bool rule_applies(enum rule_id id, enum conf_profile profile)
{
	return rule_get(id)->answer[profile] != NO_RULE;
}

/* Whether the profile refuses what meets the rule. */
static inline bool rule_refuses(enum rule_id id, enum conf_profile profile)
{
	return rule_get(id)->answer[profile] > 0;
}

/* The negative errno that the profile answers, or 0. */
static inline int rule_answer(enum rule_id id, enum conf_profile profile)
{
	return rule_refuses(id, profile) ? -rule_get(id)->answer[profile] : 0;
}

/* ---- answers by a manual: hpux.def ---- */

enum rule_certainty { SAID, INFERRED, UNKNOWN };

struct rule_manual {
	uint8_t certainty; /* enum rule_certainty */
	const char *keys;  /* of the documents, with a space between */
	const char *says;  /* one sentence or two; NULL: HP-UX has no such rule */
};

/* Of any id; without a row of hpux.def its `says` is NULL. Never NULL. */
const struct rule_manual *rule_manual(enum rule_id id);
/* What the key at the start of keys stands for, or NULL; *keys moves on to the next. */
const char *rule_document(const char **keys);

/* Whether the profile's answer is a guess, because its manual does not say. */
static inline bool rule_unknown(enum rule_id id, enum conf_profile profile)
{
	return conf_profile_system(profile) == SYSTEM_HPUX && rule_manual(id)->certainty == UNKNOWN;
}

/* "note", "warning", "error"; "unknown" for what is none. */
const char *rule_severity_name(enum rule_severity severity);

#endif
