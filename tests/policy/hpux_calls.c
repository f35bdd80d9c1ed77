/* SPDX-License-Identifier: MIT */
/* hpux_calls.c - what HP-UX has and has not, its swap, and its segments. */
#include <sys/shm.h>

#include "hpux.h"

static void range(struct scene *s, struct verdict *v, enum nommu_call call, uint64_t from,
		  uint64_t len, uint64_t third)
{
	policy_absent(&s->m.mm, call, (const uint64_t[6]){ HERE + from, len, third }, v);
}

static void ask_residence(struct scene *s, struct verdict *v)
{
	range(s, v, NOMMU_CALL_MINCORE, 0, P, 0);
}

static void remap(struct scene *s, struct verdict *v)
{
	policy_mremap(&s->m.mm, HERE, 8 * P, 4 * P, 0, 0, v);
}

static void fork_it(struct scene *s, struct verdict *v)
{
	policy_fork(&s->m.mm, NOMMU_CALL_FORK, v);
}

static void fork_barely(struct scene *s, struct verdict *v)
{
	policy_fork(&s->m.mm, NOMMU_CALL__FORK, v);
}

static void clone_it(struct scene *s, struct verdict *v)
{
	policy_fork(&s->m.mm, NOMMU_CALL_CLONE, v);
}

static void become_daemon(struct scene *s, struct verdict *v)
{
	policy_call(&s->m.mm, NOMMU_CALL_DAEMON, RULE_DAEMON, v);
}

static void expand_words(struct scene *s, struct verdict *v)
{
	policy_call(&s->m.mm, NOMMU_CALL_WORDEXP, RULE_FORK, v);
}

static void conduct(struct scene *s, struct verdict *v)
{
	policy_call(&s->m.mm, NOMMU_CALL_EXEC, RULE_VFORK_CHILD, v);
}

static void break_up(struct scene *s, struct verdict *v)
{
	policy_brk(&s->m.mm, HERE + 1, HERE + 3 * P, v);
}

static void break_down(struct scene *s, struct verdict *v)
{
	policy_brk(&s->m.mm, HERE + 3 * P, HERE, v);
}

static void break_within_a_page(struct scene *s, struct verdict *v)
{
	policy_brk(&s->m.mm, HERE + 1, HERE + 100, v);
}

static void allocate(struct scene *s, struct verdict *v)
{
	struct file_facts f = { .kind = FILE_DISK };

	policy_fallocate(&s->m.mm, NOMMU_CALL_POSIX_FALLOCATE, &f, v);
}

static void truncate_to(struct scene *s, struct verdict *v, int64_t len)
{
	struct file_facts f = {
		.kind = FILE_DISK, .writable = true, .dev = DEV, .ino = INO, .size = 8 * P
	};

	policy_truncate(&s->m.mm, &f, len, v);
}

static void truncate_mapped(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 4 * P);
}

static void truncate_behind(struct scene *s, struct verdict *v)
{
	truncate_to(s, v, 6 * P);
}

static void get_segment(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 5 * P + 1, v);
}

static void get_segment_of_nothing(struct scene *s, struct verdict *v)
{
	policy_shmget(&s->m.mm, 0, v);
}

static void attach(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, 0, 0, v);
	if (!v->result)
		ck_assert_uint_eq(v->addr, s->m.ledger.h->arena_base);
}

static void attach_where_it_is(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, s->m.ledger.h->arena_base, 0, v);
	ck_assert_uint_ne(v->region, 0);
}

static void attach_elsewhere(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, HERE, 0, v);
}

static void attach_remap(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, s->object, 0, SHM_REMAP, v);
}

static void attach_unknown(struct scene *s, struct verdict *v)
{
	policy_shmat(&s->m.mm, 0, 0, 0, v);
}

static void detach(struct scene *s, struct verdict *v)
{
	policy_shmdt(&s->m.mm, s->m.ledger.h->arena_base, v);
}

static void detach_inside(struct scene *s, struct verdict *v)
{
	policy_shmdt(&s->m.mm, s->m.ledger.h->arena_base + P, v);
}

static const struct row rows[] = {
	/* what there is and what not */
	{ "mincore", .setup = mapping, .judge = ask_residence, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "mremap", .setup = mapping, .judge = remap, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "posix_fallocate", .judge = allocate, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "daemon", .judge = become_daemon, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "wordexp", .judge = expand_words, IS(0, ACT_PASS) },
	{ "vfork's child", .judge = conduct, IS(0, ACT_PASS, RULE_VFORK_CHILD) },
	/* fork and brk */
	{ "fork", .setup = two_neighbours, .judge = fork_it, DONE(16) },
	{ "fork with pages written without reserve", .setup = written, .judge = fork_it, DONE(13) },
	{ "fork without the swap", .setup = half_empty, .judge = fork_it,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = POOL / 2 + 1 },
	{ "_Fork", .judge = fork_barely, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "clone", .judge = clone_it, REFUSED(-ENOSYS, RULE_NOT_ON_HPUX) },
	{ "brk up", .judge = break_up, DONE(2) },
	{ "brk within its page", .judge = break_within_a_page, IS(0, ACT_PASS) },
	{ "brk down", .judge = break_down, IS(0, ACT_PASS) },
	{ "brk without swap", .setup = empty, .judge = break_up,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = 2 },
	/* sizes of files */
	{ "ftruncate of a mapped part", .setup = shared_by_another, .judge = truncate_mapped,
	  IS(0, ACT_PASS, RULE_RESIZED_MAPPED) },
	{ "ftruncate of a part mapped privately", .setup = private_file, .judge = truncate_mapped,
	  IS(0, ACT_PASS, RULE_RESIZED_MAPPED) },
	{ "ftruncate behind what is mapped", .setup = shared_file, .judge = truncate_behind,
	  IS(0, ACT_PASS) },
	/* segments */
	{ "shmget", .judge = get_segment, IS(0, ACT_EXPAND), .swap = 6 },
	{ "shmget of nothing", .judge = get_segment_of_nothing, REFUSED(-EINVAL, RULE_BAD_LENGTH) },
	{ "shmget without swap", .setup = empty, .judge = get_segment,
	  REFUSED(-ENOMEM, RULE_SWAP_RESERVE), .swap = 6 },
	{ "shmat", .setup = segment, .judge = attach, DONE(0) },
	{ "shmat where another has it", .setup = attached_by_another, .judge = attach, DONE(0) },
	{ "shmat at the address that it has", .setup = attached_by_another,
	  .judge = attach_where_it_is, DONE(0) },
	{ "shmat elsewhere", .setup = attached_by_another, .judge = attach_elsewhere,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmat at an address of one's choice", .setup = segment, .judge = attach_elsewhere,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmat again", .setup = attached, .judge = attach, REFUSED(-EINVAL, RULE_SHM_AGAIN) },
	{ "shmat that replaces", .setup = segment, .judge = attach_remap,
	  REFUSED(-EINVAL, RULE_FOREIGN_FLAG) },
	{ "shmat of an unknown segment", .judge = attach_unknown, REFUSED(-EINVAL, 0) },
	{ "shmdt", .setup = attached, .judge = detach, IS(0, ACT_ERASE) },
	{ "shmdt inside a segment", .setup = attached, .judge = detach_inside,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
	{ "shmdt of a file mapping", .setup = shared_file, .judge = detach,
	  REFUSED(-EINVAL, RULE_SHM_ADDRESS) },
};

const struct row_table hpux_call_rows = { rows, ARRAY_SIZE(rows) };
