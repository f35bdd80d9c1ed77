/* SPDX-License-Identifier: MIT */
/* ledger_file.c - making, mapping and removing the ledger's file. */
#include "arena/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/ledger_plan.h"
#include "arena/life.h"
#include "base/raw.h"
#include "base/say.h"

/* Where the arena may be: free under memcheck and ASan; TSan and 39-bit aarch64 need it low. */
static const uint64_t bases[] = {
#ifndef __SANITIZE_THREAD__
	0x200000000000,
	0x300000000000,
#endif
	0x2000000000,
	0x3000000000,
};

/* In another pid or time namespace the ids and times of the ledger mean nothing. */
static uint64_t spaces(void)
{
	struct stat pids = { 0 }, times = { 0 };

	raw_call4(SYS_newfstatat, AT_FDCWD, "/proc/self/ns/pid", &pids, 0);
	raw_call4(SYS_newfstatat, AT_FDCWD, "/proc/self/ns/time", &times, 0);
	return (uint64_t)times.st_ino << 32 ^ pids.st_ino;
}

static void point(struct ledger *l, char *base)
{
	struct ledger_header *h = (struct ledger_header *)base;

	l->base = base;
	l->h = h;
	l->starts = (uint64_t *)(base + h->starts);
	l->owners = (uint32_t *)(base + h->owners);
	l->buddy.b = &h->buddy;
	l->buddy.page = (struct buddy_page *)(base + h->pages);
	l->buddy.block = (struct buddy_block *)(base + h->blocks);
	l->buddy.open = ledger_open_group;
	l->buddy.journal.area = (struct journal_area *)(base + h->journal);
	l->buddy.journal.base = base;
}

/* The arena's address: the first base where nothing is; it is only looked at, not kept. */
static uint64_t choose_base(uint64_t bytes)
{
	for (unsigned i = 0; i < ARRAY_SIZE(bases); i++) {
		long got = raw_mmap(
			bases[i], bytes, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

		if (is_err(got))
			continue;
		raw_munmap((uint64_t)got, bytes);
		if ((uint64_t)got == bases[i])
			return bases[i];
	}
	return 0;
}

/*
 * A file below /dev/shm that has no name yet: a creator that dies leaves nothing. Where there is no
 * such thing it has its name from the start. -errno or a descriptor.
 */
static long open_file(const char *path, bool *named)
{
	long fd = raw_openat(AT_FDCWD, "/dev/shm", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	*named = fd < 0 || raw_call3(SYS_faccessat, AT_FDCWD, "/proc/self/fd", X_OK) < 0;
	if (!*named)
		return fd;
	if (fd >= 0)
		raw_close((int)fd);
	return raw_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static long name_file(int fd, const char *path)
{
	char now[40];

	say_format(now, sizeof now, "/proc/self/fd/%d", fd);
	return raw_syscall(SYS_linkat, AT_FDCWD, (long)now, AT_FDCWD, (long)path, AT_SYMLINK_FOLLOW,
			   0);
}

static long make_exist(long fd, uint64_t from, uint64_t to)
{
	return from < to ? raw_fallocate((int)fd, 0, (int64_t)from, (int64_t)(to - from)) : 0;
}

static long size_file(long fd, const struct ledger_header *h, bool solid)
{
	long result = raw_above_limit(h->file_bytes)
			      ? -EFBIG
			      : raw_ftruncate((int)fd, (int64_t)h->file_bytes);

	if (result >= 0 && solid)
		result = make_exist(fd, 0, h->pages);
	if (result >= 0 && solid)
		result =
			make_exist(fd, h->pages + h->closed * sizeof(struct buddy_page), h->owners);
	if (result >= 0 && solid)
		result = make_exist(fd, h->owners + h->closed * sizeof(uint32_t),
				    h->pool[POOL_PROC].offset);
	return result;
}

static long make_file(struct ledger *l, const struct ledger_header *head, bool *named)
{
	struct timespec now;
	long fd, result;

	raw_call2(SYS_clock_gettime, CLOCK_REALTIME, &now);
	/*
	 * Programs inherit the name: one of another length
	 * would be another environment, so another run.
	 */
	say_format(l->path, sizeof l->path, "/dev/shm/nommu-%d-%07d-%016lx",
		   (int)raw_call0(SYS_geteuid), raw_getpid(),
		   (unsigned long)now.tv_sec * 1000000000 + (unsigned long)now.tv_nsec);
	fd = open_file(l->path, named);
	if (fd >= 0) {
		result = size_file(fd, head, true);
		if (result >= 0)
			return fd;
		raw_close((int)fd);
		if (*named)
			raw_unlink(l->path);
	}
	/*
	 * No room there, or no such place: a memory file
	 * lives as long as this process keeps it open.
	 */
	*named = true;
	fd = raw_call2(SYS_memfd_create, "nommu-ledger", 1 /* MFD_CLOEXEC */);
	if (fd < 0)
		return fd;
	say_format(l->path, sizeof l->path, "/proc/%d/fd/%d", raw_getpid(), (int)fd);
	result = size_file(fd, head, false);
	if (result >= 0)
		return fd;
	raw_close((int)fd);
	return result;
}

/* It is a memory file of its creator: it has no name to remove, and its descriptor stays. */
static bool in_memory(const struct ledger *l)
{
	return strncmp(l->path, "/proc/", 6) == 0;
}

static void fill_header(struct ledger_header *h, const struct conf *conf)
{
	struct life life = { 0 };

	life_read((uint32_t)raw_getpid(), &life);
	h->version = LEDGER_VERSION;
	h->uid = (uint32_t)raw_call0(SYS_geteuid);
	h->spaces = spaces();
	h->creator_pid = (uint64_t)raw_getpid();
	h->creator_started = life.started;
	h->conf = *conf;
}

/* The whole of it, before it has a name that anybody could find. */
static void fill_file(struct ledger *l, const struct ledger_header *head, char *base)
{
	const struct conf *conf = &head->conf;
	uint32_t group = ledger_group(head);
	uint64_t *opened = (uint64_t *)(base + head->opened);

	memcpy(base, head, sizeof *head);
	point(l, base);
	for (uint32_t page = head->closed; page < head->buddy.pages; page += group)
		opened[page / group / 64] |= 1ULL << (page / group % 64);
	buddy_setup(&l->buddy, ledger_arena_pages(conf),
		    conf->has_buddyinfo && !head->has_mmu ? conf->free : NULL);
	__atomic_store_n(&l->h->magic, LEDGER_MAGIC, __ATOMIC_RELEASE);
}

static long map_file(const struct ledger_header *head, long fd)
{
	return raw_mmap(0, head->meta_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
}

int ledger_create(struct ledger *l, const struct conf *conf, char *error)
{
	struct ledger_header head;
	bool named;
	long fd, base;

	memset(&head, 0, sizeof head);
	memset(l, 0, sizeof *l);
	ledger_plan(&head, conf);
	head.arena_base = choose_base(head.arena_bytes);
	if (!head.arena_base) {
		say_format(error, CONF_ERROR_SIZE, "no address is free for an arena of %luM",
			   (unsigned long)(head.arena_bytes >> 20));
		return -ENOMEM;
	}
	fill_header(&head, conf);
	fd = make_file(l, &head, &named);
	base = fd < 0 ? fd : map_file(&head, fd);
	if (!is_err(base)) {
		fill_file(l, &head, (char *)base);
		if (!named)
			base = name_file((int)fd, l->path);
		if (is_err(base))
			ledger_detach(l);
	}
	if (fd >= 0 && (is_err(base) || !in_memory(l)))
		raw_close((int)fd);
	if (!is_err(base))
		return 0;
	if (fd >= 0 && named)
		ledger_unlink(l);
	say_format(error, CONF_ERROR_SIZE,
		   "cannot make the ledger: neither /dev/shm nor a memory file can hold it: %s",
		   strerrordesc_np((int)-base));
	return (int)base;
}

/* Reads a ledger's header; what is wrong with it, as -errno. */
static int judge(struct ledger_header *h, int fd, const char *path, char *error)
{
	long got = raw_pread(fd, h, sizeof *h, 0);
	struct stat st;

	if (got < (long)sizeof *h || h->magic != LEDGER_MAGIC || h->version != LEDGER_VERSION ||
	    raw_call2(SYS_fstat, fd, &st) < 0 || (uint64_t)st.st_size != h->file_bytes) {
		say_format(error, CONF_ERROR_SIZE, "%s is not a ledger of this version of nommu",
			   path);
		return -EPROTO;
	}
	if (h->uid != (uint32_t)raw_call0(SYS_geteuid)) {
		say_format(error, CONF_ERROR_SIZE, "the ledger %s belongs to user %u", path,
			   h->uid);
		return -EACCES;
	}
	if (h->spaces != spaces()) {
		say_format(error, CONF_ERROR_SIZE,
			   "the ledger %s is of another pid or time namespace", path);
		return -EXDEV;
	}
	return 0;
}

int ledger_attach(struct ledger *l, const char *path, char *error)
{
	struct ledger_header head;
	long fd, base;
	int result;

	memset(l, 0, sizeof *l);
	if (strlen(path) >= sizeof l->path) {
		say_format(error, CONF_ERROR_SIZE, "the ledger's path is longer than %u bytes",
			   (unsigned)sizeof l->path - 1);
		return -ENAMETOOLONG;
	}
	memcpy(l->path, path, strlen(path) + 1);
	fd = raw_openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0) {
		say_format(error, CONF_ERROR_SIZE, "cannot open the ledger %s: %s", path,
			   strerrordesc_np((int)-fd));
		return (int)fd;
	}
	result = judge(&head, (int)fd, path, error);
	if (result == 0) {
		base = map_file(&head, fd);
		if (is_err(base)) {
			say_format(error, CONF_ERROR_SIZE, "cannot map the ledger: %s",
				   strerrordesc_np((int)-base));
			result = (int)base;
		} else {
			point(l, (char *)base);
		}
	}
	raw_close((int)fd);
	return result;
}

bool ledger_is_orphan(const char *path)
{
	char error[CONF_ERROR_SIZE];
	struct ledger_header head;
	long fd = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	bool ours;

	if (fd < 0)
		return false;
	ours = judge(&head, (int)fd, path, error) == 0;
	raw_close((int)fd);
	return ours && !life_of_process((uint32_t)head.creator_pid, head.creator_started);
}

/* The kernel gives a lease for writing only where nobody else has the file open or mapped. */
static bool nobody_uses(int fd)
{
	/* should somebody come now, the signal that says so must not end this process */
	raw_call3(SYS_fcntl, fd, F_SETSIG, SIGURG);
	return raw_call3(SYS_fcntl, fd, F_SETLEASE, F_WRLCK) == 0;
}

bool ledger_is_abandoned(const char *path, uint32_t maker)
{
	char error[CONF_ERROR_SIZE];
	struct ledger_header head;
	long fd = raw_openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0);
	bool abandoned;

	if (fd < 0)
		return false;
	abandoned = judge(&head, (int)fd, path, error) == -EPROTO && !life_of_process(maker, 0) &&
		    nobody_uses((int)fd);
	raw_close((int)fd);
	return abandoned;
}

void ledger_unlink(struct ledger *l)
{
	if (l->path[0] && !in_memory(l))
		raw_unlink(l->path);
	l->path[0] = '\0';
}

void ledger_detach(struct ledger *l)
{
	if (l->base)
		raw_munmap((uint64_t)l->base, l->h->meta_bytes);
	l->base = NULL;
	l->h = NULL;
}
