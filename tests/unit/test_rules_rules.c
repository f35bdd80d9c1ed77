/* SPDX-License-Identifier: MIT */
/*
 * The list of rules is complete, and its numbers and names are those that recordings already hold.
 */
#include <errno.h>
#include <string.h>

#include "rules/rules.h"
#include "support/suite.h"

/* In the order of their numbers, from 1: append, as to rules.def itself. */
static const char *const names[] = {
	"bad-offset",
	"bad-descriptor",
	"fixed-address",
	"address-hint",
	"map-type",
	"bad-length",
	"contiguous-limit",
	"fragmented",
	"out-of-memory",
	"shared-anonymous",
	"private-copy",
	"shared-file",
	"shared-not-contiguous",
	"mapped-twice",
	"share-mismatch",
	"noexec",
	"bad-access",
	"no-mmap",
	"shared-device",
	"hole",
	"trim-mapping",
	"partial-file-unmap",
	"not-one-mapping",
	"remap-not-exact",
	"remap-grow",
	"remap-fixed",
	"remap-shared",
	"absent-call",
	"no-brk",
	"fork",
	"vfork-child",
	"daemon",
	"forkpty",
	"no-fallocate",
	"truncate-shared",
	"shm-attach",
	"shm-address",
	"shm-limit",
	"memfd",
	"stack-depth",
	"image-too-large",
	"overcommit",
	"uninitialized",
	"spawn-attributes",
	"dlopen",
	"not-covered",
	"internal",
	"atfork",
	"wordexp",
	"raw-syscall",
	"missing-name",
	"not-pie",
	"text-relocations",
	"exec-stack",
	"stack-size",
	"over-aligned",
	"tls-segment",
	"mmu-library",
	"missing-library",
	"not-on-hpux",
	"foreign-flag",
	"prot-combination",
	"bad-address",
	"fixed-replaces",
	"same-address",
	"alias-mapping",
	"overlap-mapping",
	"swap-reserve",
	"swap-unused",
	"noreserve",
	"anonymous-descriptor",
	"beyond-end",
	"unmapped-range",
	"dontneed",
	"dontneed-range",
	"msync-private",
	"lock-privilege",
	"resized-mapped",
	"shm-again",
	"unseen-call",
};

START_TEST(number_and_name_stay_together)
{
	for (unsigned i = 0; i < ARRAY_SIZE(names) && i + 1 < RULES; i++) {
		ck_assert_str_eq(rule_get((enum rule_id)(i + 1))->name, names[i]);
		ck_assert_uint_eq(rule_find(names[i]), i + 1);
	}
}
END_TEST

START_TEST(every_rule_is_in_the_list_of_stable_numbers)
{
	ck_assert_uint_eq(ARRAY_SIZE(names) + 1, RULES);
}
END_TEST

static bool is_sentence(const char *text)
{
	size_t len = strlen(text);

	return len > 2 && text[len - 1] == '.';
}

static void check_complete(const struct rule *rule)
{
	ck_assert_msg(rule->name[0] && !strpbrk(rule->name, " _ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "'%s'",
		      rule->name);
	ck_assert_msg(rule->title[0] && rule->title[strlen(rule->title) - 1] != '.', "%s: title",
		      rule->name);
	ck_assert_msg(is_sentence(rule->why), "%s: why", rule->name);
	ck_assert_msg(is_sentence(rule->hint), "%s: hint", rule->name);
	ck_assert_msg(rule->severity <= SEVERITY_ERROR, "%s: severity", rule->name);
	for (unsigned profile = 0; profile < PROFILES; profile++)
		ck_assert_msg(rule->answer[profile] >= NO_RULE && rule->answer[profile] < 4096,
			      "%s: answers are positive errno values", rule->name);
}

START_TEST(every_rule_is_complete)
{
	for (unsigned id = 1; id < RULES; id++)
		check_complete(rule_get((enum rule_id)id));
}
END_TEST

START_TEST(rule_that_a_kernel_refuses_names_its_source)
{
	for (unsigned id = 1; id < RULES; id++) {
		const struct rule *rule = rule_get((enum rule_id)id);

		ck_assert_msg(!rule_applies(id, PROFILE_HPUX_11_31) == !rule_manual(id)->says, "%s",
			      rule->name);
		if (rule_refuses(id, PROFILE_STRICT) || rule_refuses(id, PROFILE_LINUX_6_12))
			ck_assert_msg(strpbrk(rule->source, ":."), "%s", rule->name);
	}
}
END_TEST

START_TEST(names_are_unique)
{
	for (unsigned a = 1; a < RULES; a++)
		for (unsigned b = a + 1; b < RULES; b++)
			ck_assert_str_ne(rule_get((enum rule_id)a)->name,
					 rule_get((enum rule_id)b)->name);
}
END_TEST

START_TEST(unknown_is_none)
{
	ck_assert_int_eq(rule_find("no-such-rule"), RULE_NONE);
	ck_assert_int_eq(rule_find(""), RULE_NONE);
	ck_assert_str_eq(rule_get(RULES)->name, "");
	ck_assert_str_eq(rule_get((enum rule_id)60000)->name, "");
	ck_assert_str_eq(rule_severity_name((enum rule_severity)7), "unknown");
	ck_assert_int_eq(rule_answer(RULE_NONE, PROFILE_STRICT), 0);
}
END_TEST

/* A few answers of DESIGN section 4, so that a slip in the table's columns shows here. */
START_TEST(answers_are_those_of_the_contract)
{
	ck_assert_int_eq(rule_answer(RULE_FORK, PROFILE_STRICT), -ENOSYS);
	ck_assert_int_eq(rule_answer(RULE_FORK, PROFILE_LINUX_6_12), -EINVAL);
	ck_assert_int_eq(rule_answer(RULE_HOLE, PROFILE_STRICT), -EINVAL);
	ck_assert_int_eq(rule_answer(RULE_HOLE, PROFILE_LINUX_6_12), 0);
	ck_assert_int_eq(rule_answer(RULE_ADDRESS_HINT, PROFILE_STRICT), -EINVAL);
	ck_assert_int_eq(rule_answer(RULE_ADDRESS_HINT, PROFILE_LINUX_6_12), 0);
	ck_assert_int_eq(rule_answer(RULE_MEMFD, PROFILE_STRICT), 0);
	ck_assert_int_eq(rule_answer(RULE_MEMFD, PROFILE_LINUX_6_12), -EFBIG);
	ck_assert_int_eq(rule_answer(RULE_SHM_ATTACH, PROFILE_STRICT), 0);
	ck_assert_int_eq(rule_answer(RULE_SHM_ATTACH, PROFILE_LINUX_6_12), -ENODEV);
}
END_TEST

/* A rule of one system is none of the other's; the profiles of one system share their rules. */
START_TEST(rules_belong_to_systems)
{
	for (unsigned id = 1; id < RULES; id++) {
		ck_assert_msg(rule_applies(id, PROFILE_STRICT) ==
				      rule_applies(id, PROFILE_LINUX_6_12),
			      "%s", rule_get((enum rule_id)id)->name);
		ck_assert_msg(rule_applies(id, PROFILE_STRICT) ||
				      rule_applies(id, PROFILE_HPUX_11_31),
			      "%s", rule_get((enum rule_id)id)->name);
	}
	ck_assert(!rule_applies(RULE_FORK, PROFILE_HPUX_11_31));
	ck_assert(!rule_refuses(RULE_FORK, PROFILE_HPUX_11_31));
	ck_assert_int_eq(rule_answer(RULE_FORK, PROFILE_HPUX_11_31), 0);
	ck_assert(rule_applies(RULE_ADDRESS_HINT, PROFILE_HPUX_11_31));
	ck_assert_int_eq(rule_answer(RULE_BAD_ACCESS, PROFILE_HPUX_11_31), -EACCES);
}
END_TEST

/*
 * What the manual says of each rule stands in whole
 * sentences, and every key that it gives is a document's.
 */
START_TEST(every_answer_of_hpux_names_what_was_read)
{
	for (unsigned id = 1; id < RULES; id++) {
		const struct rule_manual *m = rule_manual((enum rule_id)id);
		const char *keys = m->keys;

		if (!m->says)
			continue;
		ck_assert_msg(is_sentence(m->says), "%s", rule_get((enum rule_id)id)->name);
		ck_assert(m->certainty <= UNKNOWN);
		while (*keys)
			ck_assert_msg(rule_document(&keys), "%s: a key",
				      rule_get((enum rule_id)id)->name);
	}
	ck_assert(rule_unknown(RULE_DONTNEED, PROFILE_HPUX_11_31));
	ck_assert(!rule_unknown(RULE_DONTNEED, PROFILE_STRICT));
	ck_assert(!rule_unknown(RULE_NORESERVE, PROFILE_HPUX_11_31));
	ck_assert(!rule_manual(RULE_FORK)->says);
}
END_TEST

SUITE("rules", ONE(number_and_name_stay_together), ONE(every_rule_is_in_the_list_of_stable_numbers),
      ONE(every_rule_is_complete), ONE(rule_that_a_kernel_refuses_names_its_source),
      ONE(names_are_unique), ONE(unknown_is_none), ONE(rules_belong_to_systems),
      ONE(every_answer_of_hpux_names_what_was_read), ONE(answers_are_those_of_the_contract))
