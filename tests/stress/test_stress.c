/* SPDX-License-Identifier: MIT */
/*
 * Much of everything in one machine, by programs with the library in front of them:
 * STRESS_PROCESSES at once, 64 threads in one of them, STRESS_MAPPINGS live mappings; STRESS_SERIAL
 * threads one after the other; STRESS_KILLS kills of programs that map and unmap. Whenever it is
 * quiet everything is consistent, and at the end nothing is taken, locked or left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define THREADS 64
#define MOST_PROCESSES 512
#define CHURNERS 8

struct row {
	const char *name;
	enum conf_mode mode;
	enum conf_profile profile;
};

static const struct row rows[] = {
	{ "run linux-6.12", MODE_RUN, PROFILE_LINUX_6_12 },
	{ "audit strict", MODE_AUDIT, PROFILE_STRICT },
};

static char path[CONF_PATH], error[CONF_ERROR_SIZE];

static unsigned number(const char *name)
{
	const char *text = getenv(name);

	EXPECT(text);
	return (unsigned)strtoul(text, NULL, 10);
}

static void make_machine(const struct row *row)
{
	struct conf conf = machine_conf((uint64_t)number("STRESS_MIB") << 20, row->profile);

	conf.mode = (uint8_t)row->mode;
	conf.image = IMAGE_NONE;
	conf.libc = LIBC_MUSL;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
}

static pid_t start(char *const argv[])
{
	char preload[CONF_PATH + 16], ledger[CONF_PATH + 16];
	char *environment[] = { preload, ledger, NULL };
	pid_t pid;

	snprintf(preload, sizeof preload, "LD_PRELOAD=%s", getenv("STRESS_LIBRARY"));
	snprintf(ledger, sizeof ledger, "NOMMU_LEDGER=%s", path);
	EXPECT_EQ(posix_spawn(&pid, getenv("STRESS_WORKER"), NULL, NULL, argv, environment), 0);
	return pid;
}

static void look(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
}

static void expect_empty(void)
{
	const struct ledger_header *h = sys.ledger.h;

	sys_reap();
	look();
	EXPECT_EQ(h->stats.live, 0);
	EXPECT_EQ(h->stats.taken, 0);
	for (unsigned i = 0; i < POOLS; i++)
		EXPECT_EQ(h->pool[i].live, 0);
	EXPECT_EQ(buddy_blocks(&sys.ledger.buddy, h->buddy.max_order),
		  h->buddy.pages >> h->buddy.max_order);
	EXPECT_EQ(h->lock.word, 0);
}

/* ---- all at once ---- */

static pid_t start_holder(unsigned mappings, unsigned threads, const int ready[2], const int go[2])
{
	char text[4][16];
	char *argv[] = { "worker", "hold", text[0], text[1], text[2], text[3], NULL };

	snprintf(text[0], sizeof text[0], "%u", mappings);
	snprintf(text[1], sizeof text[1], "%u", threads);
	snprintf(text[2], sizeof text[2], "%d", ready[1]);
	snprintf(text[3], sizeof text[3], "%d", go[0]);
	return start(argv);
}

static void all_at_once(void)
{
	unsigned processes = number("STRESS_PROCESSES"), mappings = number("STRESS_MAPPINGS");
	pid_t pid[MOST_PROCESSES];
	int ready[2], go[2];
	char byte;

	EXPECT(processes <= MOST_PROCESSES);
	EXPECT_EQ(pipe(ready) | pipe(go), 0);
	EXPECT_EQ(fcntl(go[1], F_SETFD, FD_CLOEXEC) | fcntl(ready[0], F_SETFD, FD_CLOEXEC), 0);
	for (unsigned i = 0; i < processes; i++)
		pid[i] = start_holder(mappings / processes, i ? 1 : THREADS, ready, go);
	close(ready[1]);
	close(go[0]);
	for (unsigned i = 0; i < processes; i++)
		EXPECT_EQ(read(ready[0], &byte, 1), 1);
	look();
	EXPECT_EQ(sys.ledger.h->stats.live, processes);
	EXPECT(sys.ledger.h->pool[POOL_VMA].live >= mappings / processes * processes);
	fprintf(stderr, "%u processes, %u mappings\n", processes,
		sys.ledger.h->pool[POOL_VMA].live);
	close(go[1]);
	for (unsigned i = 0; i < processes; i++)
		EXPECT_EQ(child_wait(pid[i]), 0);
	close(ready[0]);
	expect_empty();
}

/* ---- threads, kills ---- */

static void threads_one_after_the_other(void)
{
	char count[16];
	char *argv[] = { "worker", "threads", count, NULL };

	snprintf(count, sizeof count, "%u", number("STRESS_SERIAL"));
	EXPECT_EQ(child_wait(start(argv)), 0);
	expect_empty();
}

static void kills(void)
{
	char *argv[] = { "worker", "churn", NULL };
	unsigned most = number("STRESS_KILLS");
	pid_t pid[CHURNERS] = { 0 };
	int status;

	srand(12345);
	for (unsigned killed = 0; killed < most + CHURNERS; killed++) {
		pid_t *victim = &pid[killed < most ? (unsigned)rand() % CHURNERS : killed - most];

		for (unsigned i = 0; i < CHURNERS && killed < most; i++)
			if (!pid[i])
				pid[i] = start(argv);
		usleep((useconds_t)(rand() % 8000));
		if (!*victim)
			continue;
		kill(*victim, SIGKILL);
		status = child_wait(*victim);
		EXPECT_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status), SIGKILL);
		*victim = 0;
		if (killed % 100 == 0)
			look();
	}
	expect_empty();
	fprintf(stderr, "%u kills, %u of them inside the ledger, %u images joined\n", most,
		sys.ledger.h->lock.taken, sys.ledger.h->stats.attached);
}

static void stress(void *row)
{
	make_machine(row);
	all_at_once();
	threads_one_after_the_other();
	kills();
	sys_destroy();
	EXPECT(access(path, F_OK) != 0 && errno == ENOENT);
}

START_TEST(nothing_is_wrong_or_left_behind)
{
	ck_assert_int_eq(child_status(stress, (void *)&rows[_i]), 0);
}
END_TEST

int main(void)
{
	const struct suite_entry entry[] = {
		LOOP(nothing_is_wrong_or_left_behind, ARRAY_SIZE(rows)),
	};

	return suite_run("stress", entry, ARRAY_SIZE(entry));
}
