/* SPDX-License-Identifier: MIT */
/* facts.c - what a descriptor is, asked of the host with raw calls. */
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

#define DEV_ZERO makedev(1, 5)
#define DEV_MEM makedev(1, 1)

static bool memory_backed(long magic)
{
	return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC || magic == HUGETLBFS_MAGIC;
}

/* Pseudo file systems: their files have no mmap operation worth the name. */
static bool pseudo(long magic)
{
	return magic == PROC_SUPER_MAGIC || magic == SYSFS_MAGIC || magic == DEBUGFS_MAGIC ||
	       magic == CGROUP2_SUPER_MAGIC || magic == CGROUP_SUPER_MAGIC ||
	       magic == ANON_INODE_FS_MAGIC || magic == TRACEFS_MAGIC;
}

/* The index of the --device window that this file is, or -1. */
static int window_of(const struct stat *st)
{
	const struct conf *conf = &sys.ledger.h->conf;

	for (uint32_t i = 0; i < conf->devices; i++) {
		struct stat file;

		if (S_ISCHR(st->st_mode) && st->st_rdev == DEV_MEM)
			return (int)i;
		if (raw_call4(SYS_newfstatat, AT_FDCWD, conf->device[i].path, &file, 0) == 0 &&
		    file.st_ino == st->st_ino && file.st_dev == st->st_dev)
			return (int)i;
	}
	return -1;
}

bool facts_path(int fd, char *path, size_t size)
{
	char link[40];
	long n;

	say_format(link, sizeof link, "/proc/self/fd/%d", fd);
	n = raw_call4(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
	path[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool below_xip(int fd)
{
	const char *dir = sys.ledger.h->conf.xip;
	char path[CONF_PATH];
	size_t len = strlen(dir);

	if (!len || !facts_path(fd, path, sizeof path))
		return false;
	while (len > 1 && dir[len - 1] == '/')
		len--;
	return strncmp(path, dir, len) == 0 && (path[len] == '/' || len == 1);
}

/*
 * A file that a driver put into /proc can be copied, as one on a disk. What belongs to a process or
 * is a setting has no mmap operation; their names are "/proc/NUMBER/..." and "/proc/sys/...".
 */
static bool drivers_own(int fd)
{
	static const char proc[] = "/proc/";
	char path[CONF_PATH];

	return facts_path(fd, path, sizeof path) && strncmp(path, proc, sizeof proc - 1) == 0 &&
	       strncmp(path, "/proc/sys/", 10) != 0 &&
	       (path[sizeof proc - 1] < '0' || path[sizeof proc - 1] > '9');
}

static uint32_t regular_kind(int fd, const struct stat *st, const struct statfs *fs)
{
	if (window_of(st) >= 0)
		return FILE_WINDOW;
	if (memory_backed(fs->f_type))
		return FILE_MEMORY;
	if (fs->f_type == PROC_SUPER_MAGIC && drivers_own(fd))
		return FILE_DISK;
	if (pseudo(fs->f_type))
		return FILE_OTHER;
	return below_xip(fd) ? FILE_XIP : FILE_DISK;
}

/* Which character devices have an mmap operation at all: the memory devices mostly do not. */
static uint32_t device_kind(const struct stat *st)
{
	if (st->st_rdev == DEV_ZERO)
		return FILE_ZERO;
	if (major(st->st_rdev) == 1 && st->st_rdev != DEV_MEM)
		return FILE_OTHER; /* null, full, random, urandom, kmsg */
	if (major(st->st_rdev) == 4 || major(st->st_rdev) == 5 ||
	    (major(st->st_rdev) >= 136 && major(st->st_rdev) <= 143))
		return FILE_OTHER; /* terminals */
	return FILE_CHAR;
}

/*
 * A file that is removed and made again often gets the same inode number at once, which is another
 * file all the same: the time of birth tells them apart, where the file system keeps one.
 */
static uint64_t birth(int dir, const char *path, int flags)
{
	struct statx sx;

	if (raw_syscall(SYS_statx, dir, (long)path, flags, STATX_BTIME, (long)&sx, 0) < 0 ||
	    !(sx.stx_mask & STATX_BTIME))
		return 0;
	return (uint64_t)sx.stx_btime.tv_sec * 1000000000 + sx.stx_btime.tv_nsec;
}

bool facts_identity(int dir, const char *path, uint64_t *dev, uint64_t *ino)
{
	struct stat st;

	if (raw_call4(SYS_newfstatat, dir, path, &st, 0) < 0)
		return false;
	*dev = st.st_dev ^ birth(dir, path, 0);
	*ino = st.st_ino;
	return true;
}

void facts_of(int fd, struct file_facts *f)
{
	struct stat st;
	struct statfs fs;
	long mode = raw_call3(SYS_fcntl, fd, F_GETFL, 0);

	memset(f, 0, sizeof *f);
	if (mode < 0 || raw_call2(SYS_fstat, fd, &st) < 0 || raw_call2(SYS_fstatfs, fd, &fs) < 0) {
		f->kind = FILE_BAD;
		return;
	}
	f->readable = (mode & O_ACCMODE) != O_WRONLY;
	f->writable = (mode & O_ACCMODE) != O_RDONLY;
	f->noexec = fs.f_flags & ST_NOEXEC || fs.f_type == PROC_SUPER_MAGIC;
	f->dev = S_ISREG(st.st_mode) ? st.st_dev ^ birth(fd, "", AT_EMPTY_PATH) : st.st_dev;
	f->ino = st.st_ino;
	f->size = (uint64_t)st.st_size;
	f->stored = (uint64_t)st.st_blocks * 512 >> NOMMU_PAGE_SHIFT;
	if (S_ISREG(st.st_mode))
		f->kind = regular_kind(fd, &st, &fs);
	else if (S_ISBLK(st.st_mode))
		f->kind = FILE_BLOCK;
	else if (S_ISCHR(st.st_mode))
		f->kind = window_of(&st) >= 0 ? FILE_WINDOW : device_kind(&st);
	else
		f->kind = S_ISSOCK(st.st_mode) ? FILE_SOCKET : FILE_OTHER;
	if (f->kind == FILE_WINDOW)
		f->window = (uint32_t)window_of(&st);
}
