/* SPDX-License-Identifier: MIT */
/* file.c - sizes of memory-backed files: ftruncate takes and gives back their pages. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

static void act(const struct file_facts *f, int fd, uint64_t site, int64_t len, struct verdict *v)
{
	struct mm_object init = { .kind = OBJECT_FILE,
				  .dev = f->dev,
				  .ino = f->ino,
				  .size = (uint64_t)len,
				  .creator = sys.pid };

	if (v->action == ACT_CUT)
		sys_cut_file(f, v->pages);
	if (v->action != ACT_EXPAND)
		return;
	/* The file was emptied behind our back: its old pages went then. */
	sys_cut_file(f, 0);
	facts_path(fd, init.path, sizeof init.path);
	sys_take_object(&init, site, v);
}

static bool wants_room(const struct verdict *v)
{
	return v->result == -ENOMEM;
}

/* Decides and acts for a file of these facts; the verdict's result is the answer so far. */
static void truncate_model(const struct file_facts *f, int fd, uint64_t site, int64_t len,
			   struct verdict *v)
{
	struct verdict room = { 0 };
	struct place p = { .kind = NOMMU_KIND_SHARED, .call = NOMMU_CALL_FTRUNCATE, .site = site };

	policy_truncate(&sys.mm, f, len, v);
	if (wants_room(v)) {
		sys_find_room(&p, v->pages, &room);
		policy_truncate(&sys.mm, f, len, v);
	}
	if (v->result)
		sys_refused(&p, v);
	else
		act(f, fd, site, len, v);
}

/* The host's own answer. */
static long host_truncate(const struct event *e, int64_t len)
{
	return e->text ? raw_call2(SYS_truncate, e->text, len)
		       : raw_ftruncate((int)e->args[0], len);
}

/* A file of these facts gets another size, by its path (the event's text) or by its descriptor. */
static long resize(struct event *e, const struct file_facts *f, int fd, int64_t len)
{
	struct verdict v;

	if (f->kind != FILE_MEMORY && !mm_has_mmu(&sys.mm))
		return host_truncate(e, len);
	/*
	 * Outside the ledger: others may be changing both,
	 * and an old figure only sweeps early or late.
	 */
	if (__atomic_load_n(&sys.ledger.h->pool[POOL_OBJECT].live, __ATOMIC_RELAXED) >=
	    __atomic_load_n(&sys.sweep_at, __ATOMIC_RELAXED))
		sys_sweep_files();
	if (!sys_enter())
		return host_truncate(e, len);
	truncate_model(f, fd, e->site, len, &v);
	sys_leave();
	e->result = sys.audit ? 0 : v.result;
	/* The kernel sets the size before it looks for pages (fs/ramfs/file-nommu.c:80). */
	if (!e->result || e->result == -ENOMEM) {
		long host = host_truncate(e, len);

		e->result = e->result ? e->result : host;
	}
	sys_record(e, &v);
	return e->result;
}

long sys_ftruncate(uint64_t site, int fd, int64_t len)
{
	struct event e = { .call = NOMMU_CALL_FTRUNCATE,
			   .site = site,
			   .args = { (uint64_t)fd, (uint64_t)len } };
	struct file_facts f;

	if (!sys.active)
		return raw_ftruncate(fd, len);
	facts_of(fd, &f);
	return resize(&e, &f, fd, len);
}

/*
 * What a path that may be written leads to: a descriptor that is good for looking only, or -errno.
 * Closing any other would drop the record locks that the process holds on the file.
 */
static long look_at(int dir, const char *path, struct file_facts *f)
{
	long fd = raw_call3(SYS_faccessat, dir, path, W_OK);

	if (!fd)
		fd = raw_openat(dir, path, O_PATH | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	facts_of((int)fd, f);
	f->writable = true;
	return fd;
}

long sys_truncate(uint64_t site, const char *path, int64_t len)
{
	struct event e = { .call = NOMMU_CALL_TRUNCATE,
			   .site = site,
			   .args = { (uint64_t)path, (uint64_t)len },
			   .text = path };
	struct file_facts f;
	long fd, result;

	if (!sys.active)
		return raw_call2(SYS_truncate, path, len);
	fd = look_at(AT_FDCWD, path, &f);
	if (fd < 0) /* the kernel says why */
		return raw_call2(SYS_truncate, path, len);
	result = resize(&e, &f, (int)fd, len);
	raw_close((int)fd);
	return result;
}

long sys_fallocate(uint64_t site, enum nommu_call call, int fd, int mode, int64_t off, int64_t len)
{
	struct event e = { .call = call,
			   .site = site,
			   .args = { (uint64_t)fd, (uint64_t)mode, (uint64_t)off, (uint64_t)len } };
	struct file_facts f;
	struct verdict v;

	if (!sys.active)
		return raw_fallocate(fd, mode, off, len);
	facts_of(fd, &f);
	policy_fallocate(&sys.mm, call, &f, &v);
	if (v.action == ACT_PASS)
		return raw_fallocate(fd, mode, off, len);
	e.result = sys.audit ? raw_fallocate(fd, mode, off, len) : v.result;
	sys_record(&e, &v);
	return e.result;
}

long sys_open_truncating(uint64_t site, int dir, const char *path)
{
	struct event e = {
		.call = NOMMU_CALL_TRUNCATE, .site = site, .args = { 0, 0 }, .text = path
	};
	struct file_facts f;
	struct verdict v;
	struct stat st;
	long fd;

	if (!sys.active || !sys.ledger.h->object_first ||
	    raw_call4(SYS_newfstatat, dir, path, &st, 0) < 0 || !S_ISREG(st.st_mode) || !st.st_size)
		return 0;
	fd = look_at(dir, path, &f);
	if (fd < 0)
		return 0;
	raw_close((int)fd);
	if (f.kind != FILE_MEMORY || !sys_enter())
		return 0;
	truncate_model(&f, -1, site, 0, &v);
	sys_leave();
	if (!v.result)
		return 0;
	e.result = sys.audit ? 0 : v.result;
	sys_record(&e, &v);
	return e.result;
}

long sys_memfd_create(uint64_t site, const char *name, unsigned flags)
{
	struct event e = { .call = NOMMU_CALL_MEMFD_CREATE,
			   .site = site,
			   .args = { (uint64_t)name, flags },
			   .text = name };
	struct verdict v;

	if (!sys.active)
		return raw_call2(SYS_memfd_create, name, flags);
	policy_call(&sys.mm, NOMMU_CALL_MEMFD_CREATE, RULE_MEMFD, &v);
	e.result = sys.audit || !v.result ? raw_call2(SYS_memfd_create, name, flags) : v.result;
	sys_record(&e, &v);
	return e.result;
}
