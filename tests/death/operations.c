/* SPDX-License-Identifier: MIT */
#include "death/operations.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "support/child.h"
#include "support/machine.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

/* What prepare() left for act(); a process does one operation in its life. */
static uint64_t at, other;
static int fd;
static int id;

static uint64_t map(unsigned pages, int flags, int file)
{
	long got =
		sys_mmap(SITE, 0, pages * PAGE,
			 flags & MAP_PRIVATE ? PROT_READ : PROT_READ | PROT_WRITE, flags, file, 0);

	EXPECT(!is_err(got));
	return (uint64_t)got;
}

static void have_pages(void)
{
	other = map(2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	at = map(7, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void have_two_more(void)
{
	have_pages();
	map(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map(5, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void have_memory_file(void)
{
	have_pages();
	fd = memfd_create("death", MFD_CLOEXEC);
	EXPECT(fd >= 0);
}

static void have_sized_file(void)
{
	have_memory_file();
	EXPECT_EQ(sys_ftruncate(SITE, fd, 7 * PAGE), 0);
}

static void have_shared_mapping(void)
{
	have_sized_file();
	at = map(7, MAP_SHARED, fd);
}

static void have_disk_file(void)
{
	char path[] = "death-XXXXXX", page[PAGE] = "text";

	have_pages();
	fd = mkstemp(path);
	EXPECT(fd >= 0);
	unlink(path);
	for (unsigned i = 0; i < 5; i++)
		EXPECT_EQ(write(fd, page, sizeof page), sizeof page);
}

static void have_shared_copy(void)
{
	have_disk_file();
	at = map(5, MAP_PRIVATE, fd);
}

static void have_segment(void)
{
	have_pages();
	id = (int)sys_shmget(SITE, IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600);
	EXPECT(id >= 0);
}

static void have_attached_segment(void)
{
	have_segment();
	at = (uint64_t)sys_shmat(SITE, id, 0, 0);
	EXPECT(!is_err((long)at));
}

static void have_host_pages(void)
{
	at = map(7, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	other = map(3, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* Another process of the machine ends without a word. */
static void have_dead_child(void)
{
	char path[CONF_PATH], error[CONF_ERROR_SIZE];
	pid_t pid;

	have_pages();
	pid = fork();
	if (pid == 0) {
		memcpy(path, sys.ledger.path, sizeof path);
		sys_stop();
		EXPECT_EQ(sys_start(path, error), 0);
		have_sized_file();
		map(7, MAP_SHARED, fd);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void act_map(void)
{
	map(5, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void act_map_single(void)
{
	map(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void act_map_file(void)
{
	map(5, MAP_PRIVATE, fd);
}

static void act_map_shared(void)
{
	at = map(7, MAP_SHARED, fd);
}

static void act_map_inside(void)
{
	EXPECT(!is_err(sys_mmap(SITE, 0, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE)));
}

static void act_unmap(void)
{
	EXPECT_EQ(sys_munmap(SITE, at, 7 * PAGE), 0);
}

static void act_unmap_copy(void)
{
	EXPECT_EQ(sys_munmap(SITE, at, 5 * PAGE), 0);
}

static void act_hole(void)
{
	EXPECT_EQ(sys_munmap(SITE, at + 2 * PAGE, 3 * PAGE), 0);
}

static void act_trim_head(void)
{
	EXPECT_EQ(sys_munmap(SITE, at, 3 * PAGE), 0);
}

static void act_trim_tail(void)
{
	EXPECT_EQ(sys_munmap(SITE, at + 4 * PAGE, 3 * PAGE), 0);
}

static void act_remap(void)
{
	EXPECT_EQ(sys_mremap(SITE, at, 7 * PAGE, 3 * PAGE, 0, 0), at);
}

static void act_truncate_up(void)
{
	EXPECT_EQ(sys_ftruncate(SITE, fd, 11 * PAGE), 0);
}

static void act_truncate_down(void)
{
	EXPECT_EQ(sys_ftruncate(SITE, fd, 3 * PAGE), 0);
}

static void act_truncate_empty(void)
{
	EXPECT_EQ(sys_ftruncate(SITE, fd, 0), 0);
}

static void act_shmget(void)
{
	EXPECT(sys_shmget(SITE, IPC_PRIVATE, 5 * PAGE, IPC_CREAT | 0600) >= 0);
}

static void act_shmat(void)
{
	EXPECT(!is_err(sys_shmat(SITE, id, 0, 0)));
}

static void act_shmdt(void)
{
	EXPECT_EQ(sys_shmdt(SITE, at), 0);
}

static void act_shmrm(void)
{
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_RMID, NULL), 0);
}

static void act_reap(void)
{
	EXPECT_EQ(sys_reap(), 1);
}

static void act_exit(void)
{
	sys_exit(0);
}

static void act_exec(void)
{
	sys_exec(SITE, NOMMU_CALL_EXEC, "/bin/true", 0, NOMMU_LOST_UNKNOWN);
}

static void act_vfork(void)
{
	sys_vfork_begin(SITE, 0);
}

static void act_fork_copy(void)
{
	sys_fork_prepare();
}

static void act_replace(void)
{
	EXPECT_EQ(sys_mmap(SITE, at, 7 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			   -1, 0),
		  at);
}

static void act_unmap_host(void)
{
	EXPECT_EQ(sys_munmap(SITE, at + 2 * PAGE, 3 * PAGE), 0);
}

static void act_grow_host(void)
{
	EXPECT(!is_err(sys_mremap(SITE, at, 7 * PAGE, 12 * PAGE, MREMAP_MAYMOVE, 0)));
}

#define STRICT MODE_RUN, PROFILE_STRICT
#define LINUX MODE_RUN, PROFILE_LINUX_6_12
#define AUDIT MODE_AUDIT, PROFILE_STRICT

const struct operation operations[] = {
	{ "map", LINUX, have_pages, act_map, false },
	{ "map-one-page", LINUX, have_pages, act_map_single, false },
	{ "map-file-copy", LINUX, have_disk_file, act_map_file, true },
	{ "map-file-copy-again", STRICT, have_shared_copy, act_map_file, true },
	{ "unmap-file-copy", LINUX, have_shared_copy, act_unmap_copy, false },
	{ "map-shared", LINUX, have_sized_file, act_map_shared, false },
	{ "map-shared-twice", LINUX, have_shared_mapping, act_map_shared, false },
	{ "map-shared-inside", LINUX, have_shared_mapping, act_map_inside, false },
	{ "map-shared-inside-strict", STRICT, have_shared_mapping, act_map_inside, false },
	{ "unmap-shared", LINUX, have_shared_mapping, act_unmap, false },
	{ "unmap-whole", LINUX, have_two_more, act_unmap, false },
	{ "hole", LINUX, have_two_more, act_hole, false },
	{ "trim-head", STRICT, have_two_more, act_trim_head, false },
	{ "trim-tail", STRICT, have_two_more, act_trim_tail, false },
	{ "remap", STRICT, have_two_more, act_remap, false },
	{ "truncate-up", STRICT, have_memory_file, act_truncate_up, false },
	{ "truncate-down", STRICT, have_sized_file, act_truncate_down, false },
	{ "truncate-to-nothing", STRICT, have_sized_file, act_truncate_empty, false },
	{ "shmget", STRICT, have_pages, act_shmget, false },
	{ "shmat", STRICT, have_segment, act_shmat, false },
	{ "shmdt", STRICT, have_attached_segment, act_shmdt, false },
	{ "shm-remove", STRICT, have_segment, act_shmrm, false },
	{ "shm-remove-attached", STRICT, have_attached_segment, act_shmrm, false },
	{ "reap", LINUX, have_dead_child, act_reap, true },
	{ "join", STRICT, NULL, NULL, false },
	{ "exit", STRICT, have_pages, act_exit, false },
	{ "exec", STRICT, have_pages, act_exec, false },
	{ "vfork", STRICT, have_pages, act_vfork, false },
	{ "fork-copy", AUDIT, have_host_pages, act_fork_copy, true },
	{ "audit-map", AUDIT, have_host_pages, act_map, false },
	{ "audit-replace", AUDIT, have_host_pages, act_replace, false },
	{ "audit-hole", AUDIT, have_host_pages, act_unmap_host, false },
	{ "audit-unmap", AUDIT, have_host_pages, act_unmap, false },
	{ "audit-grow", AUDIT, have_host_pages, act_grow_host, false },
};
const unsigned operation_count = ARRAY_SIZE(operations);

struct conf operation_conf(const struct operation *o)
{
	struct conf conf = machine_conf(1 << 20, o->profile);

	conf.mode = (uint8_t)o->mode;
	conf.max_order = 5;
	conf.image = IMAGE_NONE;
	return conf;
}
