/* SPDX-License-Identifier: MIT */
/*
 * shm.c - System V shared memory. In run the segments are the machine's own: identifiers, keys
 * and pages live in the ledger, contents in its backing. In audit they are the host's, with
 * the model's account beside.
 */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "base/raw.h"
#include "sys/internal.h"

static uint32_t find_id(int id)
{
	for (uint32_t o = sys.ledger.h->object_first; o; o = mm_object(&sys.mm, o)->next)
		if (mm_object(&sys.mm, o)->kind == OBJECT_SYSV && mm_object(&sys.mm, o)->id == id)
			return o;
	return 0;
}

static uint32_t find_key(int key)
{
	if (key == IPC_PRIVATE)
		return 0;
	for (uint32_t o = sys.ledger.h->object_first; o; o = mm_object(&sys.mm, o)->next)
		if (mm_object(&sys.mm, o)->kind == OBJECT_SYSV &&
		    mm_object(&sys.mm, o)->key == key && !mm_object(&sys.mm, o)->removed)
			return o;
	return 0;
}

/* ipcget(): an existing segment answers for itself (ipc/util.c:380). */
static long existing(uint32_t object, uint64_t size, int flags)
{
	const struct mm_object *o = mm_object(&sys.mm, object);

	if (flags & IPC_CREAT && flags & IPC_EXCL)
		return -EEXIST;
	return o->size < size ? -EINVAL : o->id;
}

/* Whether there is room for a new segment. */
static long decide_segment(uint64_t site, uint64_t size, struct verdict *v)
{
	struct place p = { .kind = NOMMU_KIND_SHARED, .call = NOMMU_CALL_SHMGET, .site = site };
	struct verdict room = { 0 };

	policy_shmget(&sys.mm, size, v);
	if (v->result == -ENOMEM) {
		sys_find_room(&p, v->pages, &room);
		policy_shmget(&sys.mm, size, v);
	}
	if (v->result)
		sys_refused(&p, v);
	return v->result;
}

/* A new segment's record; host_id is the host's identifier where it has the segment, else -1. */
static long make_segment(uint64_t site, int key, uint64_t size, int flags, long host_id,
			 struct verdict *v)
{
	struct mm_object init = { .kind = OBJECT_SYSV,
				  .key = key,
				  .size = size,
				  .mode = (uint32_t)flags & 0777,
				  .creator = sys.pid };

	if (decide_segment(site, size, v))
		return v->result;
	set32(mm_journal(&sys.mm), &sys.ledger.h->shm_serial, sys.ledger.h->shm_serial + 1);
	init.id = host_id >= 0 ? (int)host_id : (int)sys.ledger.h->shm_serial;
	return sys_take_object(&init, site, v) ? init.id : v->result;
}

static long run_shmget(uint64_t site, int key, uint64_t size, int flags, struct verdict *v)
{
	uint32_t object = find_key(key);

	if (object)
		return existing(object, size, flags);
	if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
		return -ENOENT;
	return make_segment(site, key, size, flags, -1, v);
}

/* The host's segment, if the model has room for one that it would make. */
static long hosted_shmget(uint64_t site, int key, uint64_t size, int flags, struct verdict *v)
{
	bool makes = key == IPC_PRIVATE || (flags & IPC_CREAT && !find_key(key));
	long id;

	if (makes && decide_segment(site, size, v))
		return v->result;
	id = raw_call3(SYS_shmget, key, size, flags);
	if (id >= 0 && !find_id((int)id)) {
		v->rules = 0;
		make_segment(site, key, size, flags, id, v);
	}
	return id;
}

static void remove_segment(uint32_t object)
{
	struct mm_object *o = mm_object(&sys.mm, object);

	set32(mm_journal(&sys.mm), &o->removed, 1);
	if (!o->attached)
		sys_drop_object(object);
}

/*
 * In run: a new segment is zero, whoever had its backing before. One that the host has no room or
 * no descriptor for is none: attached later, it would end in SIGBUS or be shared with nobody.
 */
static long clear_segment(uint32_t start, uint32_t pages, long id)
{
	uint32_t object;

	if (content_backing(start, pages, true) >= 0)
		return id;
	if (!sys_enter())
		return -ENOMEM;
	object = find_id((int)id);
	if (object)
		remove_segment(object);
	sys_leave();
	return -ENOMEM;
}

long sys_shmget(uint64_t site, int key, uint64_t size, int flags)
{
	struct event e = { .call = NOMMU_CALL_SHMGET,
			   .site = site,
			   .args = { (uint64_t)key, size, (uint64_t)flags } };
	struct mm_object made = { 0 };
	struct verdict v = { 0 };
	uint32_t object;

	if (sys.audit)
		e.result = raw_call3(SYS_shmget, key, size, flags);
	if (!sys.active || !sys_enter())
		return sys.audit ? e.result : raw_call3(SYS_shmget, key, size, flags);
	if (sys.hosted && !sys.audit) {
		e.result = hosted_shmget(site, key, size, flags, &v);
		sys_leave();
	} else if (!sys.audit) {
		e.result = run_shmget(site, key, size, flags, &v);
		object = e.result >= 0 ? find_id((int)e.result) : 0;
		if (object && v.action == ACT_EXPAND)
			made = *mm_object(&sys.mm, object);
		sys_leave();
		if (made.pages)
			e.result = clear_segment(made.start, made.pages, e.result);
	} else {
		if (e.result >= 0 && !find_id((int)e.result))
			make_segment(site, key, size, flags, e.result, &v);
		sys_leave();
	}
	sys_record(&e, &v);
	return e.result;
}

static uint32_t attach_model(uint64_t site, uint64_t view, struct verdict *v)
{
	struct place p = { .kind = NOMMU_KIND_SHARED,
			   .site = site,
			   .view = view,
			   .flags = VMA_FILE | VMA_SHARED };

	v->at = 0;
	return v->region ? sys_share(&p, v) : sys_direct(&p, v);
}

/* The host's segment, at the one address that it has in the machine. */
static long hosted_shmat(uint64_t site, int id, int flags, struct verdict *v)
{
	long got = raw_call3(SYS_shmat, id, v->addr, flags | SHM_REMAP);

	if (!is_err(got))
		attach_model(site, (uint64_t)got, v);
	return got;
}

/* In run: the segment's pages at its place; without them nothing would be shared. */
static long show_segment(const struct mm_object *o, uint32_t vma)
{
	if (content_backing(o->start, o->pages, false) >= 0)
		return (long)page_address(o->start);
	if (sys_enter()) {
		sys_erase(vma);
		sys_leave();
	}
	return -ENOMEM;
}

long sys_shmat(uint64_t site, int id, uint64_t addr, int flags)
{
	struct event e = { .call = NOMMU_CALL_SHMAT,
			   .site = site,
			   .args = { (uint64_t)id, addr, (uint64_t)flags } };
	struct mm_object copy = { 0 };
	uint32_t object, vma = 0;
	struct verdict v;

	if (sys.audit)
		e.result = raw_call3(SYS_shmat, id, addr, flags);
	if (!sys.active || !sys_enter())
		return sys.audit ? e.result : raw_call3(SYS_shmat, id, addr, flags);
	object = find_id(id);
	policy_shmat(&sys.mm, object, addr, flags, &v);
	if (sys.audit) {
		if (!is_err(e.result) && !v.result)
			attach_model(site, (uint64_t)e.result, &v);
		else if (!is_err(e.result) && object)
			audit_ghost((uint64_t)e.result, mm_object(&sys.mm, object)->size);
	} else if (sys.hosted) {
		e.result = v.result ? v.result : hosted_shmat(site, id, flags, &v);
	} else {
		vma = v.result ? 0 : attach_model(site, 0, &v);
		e.result = v.result;
		if (vma)
			copy = *mm_object(&sys.mm, object);
	}
	sys_leave();
	if (vma)
		e.result = show_segment(&copy, vma);
	sys_record(&e, &v);
	return e.result;
}

long sys_shmdt(uint64_t site, uint64_t addr)
{
	struct event e = { .call = NOMMU_CALL_SHMDT, .site = site, .args = { addr } };
	struct verdict v;

	if (!sys.active)
		return raw_call1(SYS_shmdt, addr);
	if (!sys_enter())
		return raw_call1(SYS_shmdt, addr);
	policy_shmdt(&sys.mm, addr, &v);
	e.result = v.result;
	if (sys.audit || (sys.hosted && !v.result)) {
		const struct view *view = views_first(sys.mm.views, addr, addr + 1);
		uint64_t end = view ? view->end : addr;

		e.result = raw_call1(SYS_shmdt, addr);
		if (!e.result) {
			audit_forget(addr, end);
			v.rules = 0;
		}
		if (!sys.audit)
			hosted_keep_space(addr, end);
	} else if (!v.result) {
		sys_erase(v.vma);
	}
	sys_leave();
	sys_record(&e, &v);
	return e.result;
}

static void fill_status(const struct mm_object *o, struct shmid_ds *ds)
{
	memset(ds, 0, sizeof *ds);
	ds->shm_perm.__key = o->key;
	ds->shm_perm.mode = (unsigned short)(o->mode | (o->removed ? 01000 : 0));
	ds->shm_perm.uid = ds->shm_perm.cuid = sys.ledger.h->uid;
	ds->shm_segsz = o->size;
	ds->shm_cpid = (pid_t)o->creator;
	ds->shm_nattch = o->attached;
}

/* What the program passes is read and written outside: it may be no memory. */
static long run_shmctl(uint32_t object, int command, struct shmid_ds *status)
{
	struct mm_object *o = mm_object(&sys.mm, object);

	if (!object)
		return -EINVAL;
	if (!status && (command == IPC_STAT || command == IPC_SET))
		return -EFAULT;
	switch (command) {
	case IPC_RMID:
		remove_segment(object);
		return 0;
	case IPC_STAT:
		fill_status(o, status);
		return 0;
	case IPC_SET:
		set32(mm_journal(&sys.mm), &o->mode, status->shm_perm.mode & 0777);
		return 0;
	case SHM_LOCK:
	case SHM_UNLOCK:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_shmctl(uint64_t site, int id, int command, void *buf)
{
	struct event e = { .call = NOMMU_CALL_SHMCTL,
			   .site = site,
			   .args = { (uint64_t)id, (uint64_t)command, (uint64_t)buf } };
	struct shmid_ds status = { 0 };
	struct verdict v = { 0 };
	uint32_t object;

	command &= ~0x100; /* IPC_64: what glibc's wrapper adds for the kernel */
	if (sys.hosted)
		e.result = raw_call3(SYS_shmctl, id, command, buf);
	else if (sys.active && buf && command == IPC_SET)
		status = *(const struct shmid_ds *)buf;
	if (!sys.active || !sys_enter())
		return sys.hosted ? e.result : raw_call3(SYS_shmctl, id, command, buf);
	object = find_id(id);
	if (!sys.hosted)
		e.result = run_shmctl(object, command, buf ? &status : NULL);
	else if (command == IPC_RMID && !e.result && object)
		remove_segment(object);
	sys_leave();
	if (!sys.hosted && command == IPC_STAT && !e.result)
		*(struct shmid_ds *)buf = status;
	sys_record(&e, &v);
	return e.result;
}
