/* SPDX-License-Identifier: MIT */
/*
 * object.c - pages of segments and memory-backed files: how they come, and how they go. A file's
 * pages come with an ftruncate of the empty file, all side by side; with a write, one by one,
 * which is only noticed when somebody maps the file; and when a hole is read into a copy. They
 * go back when the file is cut, and when it has no name, no descriptor and no mapping left,
 * which nobody tells us either.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

/*
 * Pages that are adopted at a time: in longer files
 * that were written, most are taken to lie scattered.
 */
enum { MOST_PAGES = 64, MOST_OBJECTS = 256 };

/* ---- coming ---- */

static uint32_t reserve_object(struct mm_object *o, uint64_t site, struct verdict *v)
{
	o->start = NO_PAGE;
	o->pages = v->pages;
	o->serial = sys_next_serial();
	if (!mm_swap_take(&sys.mm, o->pages, NOMMU_KIND_SHARED)) {
		v->result = -ENOMEM;
		return 0;
	}
	v->object = mm_object_new(&sys.mm, o);
	if (v->object)
		sys_record_region(o->serial, 0, o->pages, o->pages, NOMMU_KIND_SHARED, site, 0);
	else
		mm_swap_give(&sys.mm, o->pages, NOMMU_KIND_SHARED);
	return v->object;
}

uint32_t sys_take_object(const struct mm_object *init, uint64_t site, struct verdict *v)
{
	struct mm_object o = *init;
	uint32_t kept, index;

	if (mm_has_mmu(&sys.mm))
		return reserve_object(&o, site, v);
	o.start = mm_take_pages(&sys.mm, v->pages, NOMMU_KIND_SHARED, &kept);
	if (o.start == BUDDY_NONE) {
		v->result = -ENOMEM;
		return 0;
	}
	/*
	 * A file's block is cut to the page, whatever
	 * vm.nr_trim_pages says (fs/ramfs/file-nommu.c:96).
	 */
	if (kept > v->pages)
		mm_give_pages(&sys.mm, o.start + v->pages, kept - v->pages, NOMMU_KIND_SHARED);
	o.pages = v->pages;
	o.serial = sys_next_serial();
	index = mm_object_new(&sys.mm, &o);
	if (!index) {
		mm_give_pages(&sys.mm, o.start, o.pages, NOMMU_KIND_SHARED);
		v->result = -ENOMEM;
		return 0;
	}
	sys_record_region(o.serial, o.start, o.pages, o.pages, NOMMU_KIND_SHARED, site, 0);
	v->object = index;
	return index;
}

/* Pages of a file that are to be taken, and what was got. */
struct adoption {
	uint32_t count;
	uint32_t of[MOST_PAGES]; /* the file's pages */
	uint32_t at[MOST_PAGES]; /* the arena's */
};

/*
 * Adds the file's pages in [from, to) that no object
 * has; without `holes` only those that hold data.
 */
static void gather(struct adoption *a, const struct file_facts *f, int fd, uint64_t from,
		   uint64_t to, bool holes)
{
	while (from < to && a->count < MOST_PAGES) {
		uint64_t end = to;

		if (!holes) {
			long data = raw_call3(SYS_lseek, fd, from << NOMMU_PAGE_SHIFT, SEEK_DATA);
			long hole = data < 0 ? data : raw_call3(SYS_lseek, fd, data, SEEK_HOLE);

			if (hole < 0)
				break;
			from = (uint64_t)data >> NOMMU_PAGE_SHIFT;
			end = min_u64(to, page_align((uint64_t)hole) >> NOMMU_PAGE_SHIFT);
		}
		for (; from < end && a->count < MOST_PAGES; from++)
			if (!mm_object_find(&sys.mm, f->dev, f->ino, from))
				a->of[a->count++] = (uint32_t)from;
	}
}

/* The file's object that the run continues, in the file and in memory, or 0. */
static uint32_t before(const struct file_facts *f, uint32_t of, uint32_t at)
{
	uint32_t object = of ? mm_object_find(&sys.mm, f->dev, f->ino, of - 1) : 0;
	const struct mm_object *o = object ? mm_object(&sys.mm, object) : NULL;

	return o && o->first + o->pages == of && o->start + o->pages == at && o->taken == o->pages
		       ? object
		       : 0;
}

/*
 * A run of adopted pages becomes a part of an object, or
 * one of its own; false if there is no record for it.
 */
static bool attach(const struct file_facts *f, int fd, uint32_t of, uint32_t at, uint32_t pages,
		   uint64_t site)
{
	struct mm_object init = { .kind = OBJECT_FILE,
				  .dev = f->dev,
				  .ino = f->ino,
				  .first = of,
				  .start = at,
				  .pages = pages,
				  .size = f->size,
				  .creator = sys.pid };
	uint32_t object = before(f, of, at);
	uint64_t serial = sys_next_serial();

	if (object) {
		struct mm_object *o = mm_object(&sys.mm, object);

		/* In the recording a block never grows: the old one goes and a longer one comes. */
		sys_record_release(o->serial, o->start, o->taken);
		mm_object_extend(&sys.mm, object, pages);
		set64(mm_journal(&sys.mm), &o->serial, serial);
		sys_record_region(serial, o->start, o->pages, o->pages, NOMMU_KIND_SHARED, site, 0);
		return true;
	}
	init.serial = serial;
	facts_path(fd, init.path, sizeof init.path);
	if (!mm_object_new(&sys.mm, &init))
		return false;
	sys_record_region(serial, at, pages, pages, NOMMU_KIND_SHARED, site, 0);
	return true;
}

/* What the file has in [from, to), by its own account of holes. */
static void gather_stored(struct adoption *a, const struct file_facts *f, int fd, uint64_t from,
			  uint64_t to)
{
	char link[40];
	long position = 0, own;

	/*
	 * The descriptor has a position, which looking for data would move: another one, if it may.
	 */
	if (content_locked(fd)) {
		own = fd;
		position = raw_call3(SYS_lseek, fd, 0, SEEK_CUR);
	} else {
		say_format(link, sizeof link, "/proc/self/fd/%d", fd);
		own = raw_openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
	}
	if (own < 0)
		return;
	gather(a, f, (int)own, from, to, false);
	if (own != fd)
		raw_close((int)own);
	else
		raw_call3(SYS_lseek, fd, position, SEEK_SET);
}

static uint32_t count_objects(const struct file_facts *f)
{
	uint32_t count = 0;

	for (uint32_t o = 0; (o = mm_object_next(&sys.mm, o, f->dev, f->ino));)
		count++;
	return count;
}

void sys_adopt(const struct mmap_request *r, int fd, bool holes, uint64_t site)
{
	const struct file_facts *f = &r->file;
	uint64_t size = page_align(f->size) >> NOMMU_PAGE_SHIFT;
	uint64_t from = (uint64_t)r->off >> NOMMU_PAGE_SHIFT;
	uint64_t to = min_u64(size, from + (page_align(r->len) >> NOMMU_PAGE_SHIFT));
	bool whole = !holes && f->stored <= MOST_PAGES;
	struct adoption a = { 0 };
	uint32_t kept, taken = 0, run;

	if (count_objects(f) >= MOST_OBJECTS)
		return;
	if (holes)
		gather(&a, f, fd, from, to, true);
	else
		gather_stored(&a, f, fd, whole ? 0 : from, whole ? size : to);
	while (taken < a.count &&
	       (a.at[taken] = mm_take_pages(&sys.mm, 1, NOMMU_KIND_SHARED, &kept)) != BUDDY_NONE)
		taken++;
	for (uint32_t i = 0; i < taken; i += run) {
		for (run = 1; i + run < taken && a.of[i + run] == a.of[i] + run &&
			      a.at[i + run] == a.at[i] + run;)
			run++;
		if (!attach(f, fd, a.of[i], a.at[i], run, site))
			mm_give_pages(&sys.mm, a.at[i], run, NOMMU_KIND_SHARED);
	}
}

/* ---- going ---- */

void sys_drop_object(uint32_t object)
{
	const struct mm_object *o = mm_object(&sys.mm, object);

	if (o->taken)
		sys_record_release(o->serial, o->start, o->taken);
	if (o->kind == OBJECT_SYSV && o->taken && o->start != NO_PAGE)
		sys_punch_backing(o->start, o->taken);
	mm_object_drop(&sys.mm, object);
}

void sys_settle_object(uint32_t object)
{
	const struct mm_object *o = mm_object(&sys.mm, object);

	if (o->kind == OBJECT_SYSV) {
		if (!o->attached && o->removed)
			sys_drop_object(object);
	} else if (!o->users && !o->pages) {
		sys_drop_object(object);
	} else if (!o->users && o->pages < o->taken) {
		sys_record_release(o->serial, o->start + o->pages, o->taken - o->pages);
		mm_object_trim(&sys.mm, object);
	}
}

void sys_cut_file(const struct file_facts *f, uint32_t pages)
{
	uint32_t next;

	mm_file_cut(&sys.mm, f->dev, f->ino, pages);
	for (uint32_t i = mm_object_next(&sys.mm, 0, f->dev, f->ino); i; i = next) {
		const struct mm_object *o = mm_object(&sys.mm, i);

		sys_bound_operation();
		next = mm_object_next(&sys.mm, i, f->dev, f->ino);
		if (o->first + o->pages <= pages)
			continue;
		mm_object_cut(&sys.mm, i, pages > o->first ? pages - o->first : 0);
		sys_settle_object(i);
	}
}

/* ---- files that nobody can reach any more ---- */

static bool is_file(int dir, const char *name, const struct mm_object *o)
{
	uint64_t dev, ino;

	return facts_identity(dir, name, &dev, &ino) && dev == o->dev && ino == o->ino;
}

/*
 * Whether the folder has an entry that is the file;
 * `names`: entries are names, with the inode's number.
 */
static bool in_folder(const char *folder, const struct mm_object *o, bool names)
{
	const struct raw_entry *e;
	_Alignas(struct raw_entry) char buf[2048];
	bool found = false;
	int dir = (int)raw_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long len;

	if (dir < 0)
		return dir != -ENOENT; /* what we may not see may be there */
	while (!found && (len = raw_call3(SYS_getdents64, dir, buf, sizeof buf)) > 0) {
		for (long at = 0; at < len && !found; at += e->size) {
			e = (const struct raw_entry *)(buf + at);
			found = (!names || e->ino == o->ino) && is_file(dir, e->name, o);
		}
	}
	raw_close(dir);
	return found;
}

static bool has_name(const struct mm_object *o)
{
	char folder[OBJECT_PATH];
	char *slash;

	/* A path that was cut short says nothing. */
	if (!o->path[0] || strlen(o->path) == sizeof o->path - 1 || is_file(AT_FDCWD, o->path, o))
		return true;
	memcpy(folder, o->path, sizeof folder);
	slash = strrchr(folder, '/');
	if (!slash)
		return true;
	slash[slash == folder] = '\0';
	return in_folder(folder, o, true); /* it has another name now */
}

static bool is_open(const struct mm_object *o)
{
	enum { MOST_PROCESSES = 256 };
	uint32_t pid[MOST_PROCESSES], count = 0;
	char folder[40];

	if (!sys_enter())
		return true;
	for (uint32_t p = sys.ledger.h->proc_first; p; p = mm_proc(&sys.mm, p)->next) {
		if (count == MOST_PROCESSES) {
			sys_leave();
			return true;
		}
		pid[count++] = mm_proc(&sys.mm, p)->pid;
	}
	sys_leave();
	while (count--) {
		say_format(folder, sizeof folder, "/proc/%u/fd", pid[count]);
		if (in_folder(folder, o, false))
			return true;
	}
	return false;
}

/* The unmapped object with the largest serial below `serial`; false behind the last. */
static bool next_unmapped(uint64_t serial, struct mm_object *found)
{
	found->serial = 0;
	if (!sys_enter())
		return false;
	for (uint32_t i = sys.ledger.h->object_first; i; i = mm_object(&sys.mm, i)->next) {
		const struct mm_object *o = mm_object(&sys.mm, i);

		if (o->kind == OBJECT_FILE && !o->users && o->serial < serial &&
		    o->serial > found->serial)
			*found = *o;
	}
	sys_leave();
	return found->serial;
}

static void drop_serial(uint64_t serial)
{
	if (!sys_enter())
		return;
	for (uint32_t i = sys.ledger.h->object_first; i; i = mm_object(&sys.mm, i)->next) {
		const struct mm_object *o = mm_object(&sys.mm, i);

		if (o->serial == serial && o->kind == OBJECT_FILE && !o->users) {
			sys_drop_object(i);
			break;
		}
	}
	sys_leave();
}

void sys_sweep_files(void)
{
	uint64_t serial = UINT64_MAX;
	struct mm_object o;
	uint32_t kept = 0;

	while (next_unmapped(serial, &o)) {
		serial = o.serial;
		if (has_name(&o) || is_open(&o))
			kept++;
		else
			drop_serial(serial);
	}
	__atomic_store_n(&sys.sweep_at, 2 * kept + 1, __ATOMIC_RELAXED);
}
