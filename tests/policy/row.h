/* SPDX-License-Identifier: MIT */
/*
 * row.h - a decision as a row: a state, a request, and by profile what is answered, which rules are
 * met and what is to be done. A row fails by its own name.
 */
#ifndef NOMMU_TESTS_POLICY_ROW_H
#define NOMMU_TESTS_POLICY_ROW_H

#include "policy/policy.h"
#include "support/machine.h"
#include "support/suite.h"

#define P NOMMU_PAGE_SIZE
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define NOREPLACE_FLAG 0x100000 /* MAP_FIXED_NOREPLACE, which old headers do not have */

#define MOST 3 /* rules in a row */

/* The file that most requests are of. */
enum { DEV = 1, INO = 77, FILE_PAGES = 8 };

struct scene {
	struct machine m;
	struct mmap_request r; /* the row's; setup may change it */
	uint32_t vma;	       /* the mapping that the request is about */
	uint32_t object;       /* or the object */
};

struct row {
	const char *name;
	void (*setup)(struct scene *);			 /* NULL: a process that has nothing */
	void (*judge)(struct scene *, struct verdict *); /* NULL: mmap of the request */
	struct mmap_request r;
	long result[PROFILES]; /* 0 or -errno */
	uint16_t rules[PROFILES][MOST];
	uint32_t action[PROFILES];
	uint32_t swap; /* pages that are to be reserved, where there is an MMU */
};

struct row_table {
	const struct row *row;
	size_t count;
};

/* The row's decision on a machine of this conf, which it must not change. */
void row_check(const struct row *row, const struct conf *conf);

/* Row number i of all tables, one after the other. */
const struct row *row_at(const struct row_table *const *tables, size_t n, size_t i);
size_t rows_count(const struct row_table *const *tables, size_t n);
/* Whether some row meets the rule in this profile. */
bool rows_meet(const struct row_table *const *tables, size_t n, enum rule_id rule,
	       unsigned profile);

#endif
