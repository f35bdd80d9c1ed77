/* SPDX-License-Identifier: MIT */
/*
 * sys.c - this process's place in the machine, entering
 * and leaving it, and recording what happened.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

struct sys_state sys;

bool sys_hosted(void)
{
	return sys.hosted;
}

bool sys_active(void)
{
	return sys.active;
}

const struct conf *sys_conf(void)
{
	return &sys.ledger.h->conf;
}

void sys_handlers_exist(void)
{
	sys.handlers = true;
}

bool sys_enter(void)
{
	if (unlikely(sys.alive && !*sys.alive)) {
		sys_fork_noticed();
		if (!sys.active)
			return false;
	}
	if (unlikely(!ledger_enter(&sys.ledger, sys.handlers)))
		return false;
	if (unlikely(sys.mm.views && views_torn(sys.mm.views)))
		mm_views_rebuild(&sys.mm);
	return true;
}

void sys_leave(void)
{
	ledger_leave(&sys.ledger);
}

void sys_bound_operation(void)
{
	const struct journal *j = mm_journal(&sys.mm);

	if (journal_room(j) < JOURNAL_ENTRIES / 2)
		journal_commit(j);
}

/* ---- recording ---- */

/* Fails with the same errno where there is an MMU: the program's own affair. */
static bool common_error(enum rule_id rule)
{
	switch (rule) {
	case RULE_BAD_OFFSET:
	case RULE_BAD_DESCRIPTOR:
	case RULE_MAP_TYPE:
	case RULE_BAD_LENGTH:
	case RULE_BAD_ACCESS:
	case RULE_NOEXEC:
	case RULE_NO_MMAP:
	case RULE_BAD_ADDRESS:
		return true;
	default:
		return false;
	}
}

/* Calls that are advice: programs live with ENOSYS. */
static bool only_advice(enum nommu_call call)
{
	switch (call) {
	case NOMMU_CALL_MSYNC:
	case NOMMU_CALL_MADVISE:
	case NOMMU_CALL_POSIX_MADVISE:
	case NOMMU_CALL_PROCESS_MADVISE:
	case NOMMU_CALL_MLOCK:
	case NOMMU_CALL_MLOCK2:
	case NOMMU_CALL_MLOCKALL:
	case NOMMU_CALL_MUNLOCK:
	case NOMMU_CALL_MUNLOCKALL:
	case NOMMU_CALL_MINCORE:
		return true;
	default:
		return false;
	}
}

static enum rule_severity severity_of(const struct event *e, const struct verdict *v, unsigned i)
{
	enum rule_id rule = v->rule[i];
	bool refused = v->result && i + 1 == v->rules;

	if (e->minor || (refused && common_error(rule)) ||
	    rule_unknown(rule, sys.ledger.h->conf.profile))
		return SEVERITY_NOTE;
	if (refused)
		return only_advice(e->call) ? SEVERITY_WARNING : SEVERITY_ERROR;
	/* The profile refuses it, but kernel or libc let it pass here. */
	if (rule_answer(rule, sys.ledger.h->conf.profile))
		return SEVERITY_NOTE;
	return rule_get(rule)->severity;
}

/*
 * What the calls of this process met so far, whether or not anybody records it:
 * count[] by severity, and the latest of each as one word, so that threads and signal
 * handlers never show half of one.
 */
static struct {
	uint64_t count[SEVERITIES];
	uint64_t latest[SEVERITIES]; /* rule << 32 | call << 16 | errno */
} met;

static void count_finding(const struct event *e, const struct verdict *v,
			  enum rule_severity severity, enum rule_id rule)
{
	uint64_t latest = (uint64_t)rule << 32 | (uint64_t)e->call << 16 | (uint16_t)-v->result;

	__atomic_store_n(&met.latest[severity], latest, __ATOMIC_RELAXED);
	__atomic_add_fetch(&met.count[severity], 1, __ATOMIC_RELAXED);
	if (severity != SEVERITY_ERROR)
		return;
	__atomic_store_n(&sys.ledger.h->last_error, latest, __ATOMIC_RELAXED);
	__atomic_add_fetch(&sys.ledger.h->errors, 1, __ATOMIC_RELAXED);
}

void sys_findings(struct sys_findings *f)
{
	int worst = SEVERITIES - 1;
	uint64_t latest;

	for (int i = 0; i < SEVERITIES; i++)
		f->count[i] = __atomic_load_n(&met.count[i], __ATOMIC_RELAXED);
	while (worst > 0 && !f->count[worst])
		worst--;
	latest = __atomic_load_n(&met.latest[worst], __ATOMIC_RELAXED);
	f->rule = (enum rule_id)(latest >> 32);
	f->call = (enum nommu_call)(latest >> 16 & 0xffff);
	f->error = (int)(latest & 0xffff);
}

/* What the call is about: a name that it has, or the file of a mapping that met a rule. */
static const char *text_of(const struct event *e, const struct verdict *v, char path[CONF_PATH])
{
	if (e->text || e->call != NOMMU_CALL_MMAP || !v->rules || (e->args[3] & MAP_ANONYMOUS) ||
	    !trace_active())
		return e->text;
	return facts_path((int)e->args[4], path, CONF_PATH) ? path : NULL;
}

void sys_record(const struct event *e, const struct verdict *v)
{
	char path[CONF_PATH];
	const char *about = text_of(e, v, path);
	size_t text = about ? strlen(about) + 1 : 0;
	enum rule_severity severity[VERDICT_RULES];
	struct nommu_record_call *r;
	unsigned worst = 0;

	for (unsigned i = 0; i < v->rules; i++) {
		severity[i] = severity_of(e, v, i);
		worst = severity[i] > severity[worst] ? i : worst;
	}
	if (v->rules)
		count_finding(e, v, severity[worst], v->rule[worst]);
	if (!trace_active())
		return;
	text = text > 512 ? 512 : text;
	r = trace_claim(sizeof *r + text, sys.pid);
	if (!r)
		return;
	r->tid = ledger_tid();
	r->call = (uint16_t)e->call;
	r->flags = sys_in_vfork_child() ? 1 : 0;
	r->site = e->site;
	r->result = e->result;
	r->model = v->result ? v->result : is_err(e->result) ? 0 : e->result;
	memcpy(r->args, e->args, sizeof r->args);
	for (unsigned i = 0; i < v->rules; i++) {
		r->rules[i] = v->rule[i];
		r->severity[i] = (uint8_t)severity[i];
	}
	r->order = v->order;
	memcpy(r->figure, v->figure, sizeof r->figure);
	if (text) {
		memcpy(r->text, about, text);
		r->text[text - 1] = '\0';
	}
	trace_done(r, NOMMU_RECORD_CALL);
	if (v->rules && severity[worst] > SEVERITY_NOTE && trace_first_time(e->site, v->rule[0]))
		trace_stack(sys.pid, ledger_tid(), e->site);
}

long sys_refuse(uint64_t site, enum nommu_call call, const uint64_t args[6], enum rule_id rule,
		const char *text, long answer)
{
	struct event e = { .call = call, .site = site, .text = text };
	struct verdict v = { 0 };

	if (!sys.active)
		return 0;
	if (rule != RULE_NONE)
		v.result = meet_as(&sys.mm, &v, rule, answer);
	memcpy(e.args, args, sizeof e.args);
	e.result = sys.audit ? 0 : v.result;
	sys_record(&e, &v);
	return e.result;
}

long sys_judge(uint64_t site, enum nommu_call call, const uint64_t args[6], enum rule_id rule,
	       const char *text)
{
	struct event e = { .call = call, .site = site, .text = text };
	struct verdict v;

	if (!sys.active)
		return 0;
	memcpy(e.args, args, sizeof e.args);
	policy_call(&sys.mm, call, rule, &v);
	e.result = sys.audit ? 0 : v.result;
	sys_record(&e, &v);
	return e.result;
}

/* ---- calls that do not exist ---- */

long sys_absent(uint64_t site, enum nommu_call call, long number, const uint64_t args[6])
{
	struct event e = { .call = call, .site = site };
	struct verdict v;
	bool inside;

	memcpy(e.args, args, sizeof e.args);
	if (!sys.active)
		return raw_syscall(number, (long)args[0], (long)args[1], (long)args[2],
				   (long)args[3], (long)args[4], (long)args[5]);
	/*
	 * With an MMU the range is looked at; without, a
	 * handler that interrupted us is answered too.
	 */
	inside = sys_enter();
	if (inside || !mm_has_mmu(&sys.mm))
		policy_absent(&sys.mm, call, args, &v);
	else
		v = (struct verdict){ .action = ACT_PASS };
	if (inside)
		sys_leave();
	e.result = v.result;
	if (sys.audit || v.action == ACT_PASS)
		e.result = raw_syscall(number, (long)args[0], (long)args[1], (long)args[2],
				       (long)args[3], (long)args[4], (long)args[5]);
	/* Pages that are not needed need no swap either. */
	if (inside && call == NOMMU_CALL_MADVISE && args[2] == MADV_DONTNEED && sys_enter()) {
		hosted_observe(args[0], args[0] + args[1]);
		sys_leave();
	}
	sys_record(&e, &v);
	return e.result;
}

/* The account of the break where it is memory like any other. */
static void move_break(uint64_t site, uint64_t old, uint64_t now, struct verdict *v)
{
	struct place p = { .kind = NOMMU_KIND_HEAP, .site = site, .view = page_align(old) };

	if (page_align(now) < page_align(old)) {
		audit_forget(page_align(now), page_align(old));
	} else if (v->action == ACT_VIRTUAL) {
		v->flags = REGION_COPY;
		sys_take(&p, v);
	}
}

uint64_t sys_brk(uint64_t site, enum nommu_call call, uint64_t addr, bool *refused)
{
	uint64_t now = (uint64_t)raw_call1(SYS_brk, 0);
	struct event e = { .call = call, .site = site, .args = { addr } };
	struct verdict v = { 0 };
	bool inside;

	*refused = false;
	if (!addr || addr == now)
		return now;
	inside = sys.active && sys_enter();
	if (sys.active)
		policy_brk(&sys.mm, now, addr, &v);
	*refused = v.result && !sys.audit;
	if (!*refused) {
		uint64_t old = now;

		now = (uint64_t)raw_call1(SYS_brk, addr);
		*refused = now != addr;
		if (inside && !*refused && mm_has_mmu(&sys.mm))
			move_break(site, old, addr, &v);
	}
	if (inside)
		sys_leave();
	e.result = *refused ? -ENOMEM : 0;
	if (sys.active)
		sys_record(&e, &v);
	return now;
}
