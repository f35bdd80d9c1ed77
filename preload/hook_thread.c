/* SPDX-License-Identifier: MIT */
/*
 * hook_thread.c - threads' stacks. In run a thread runs on a block of the arena as large as
 * the target's libc takes; in audit, and with an MMU, libc's own stack serves, and the
 * account of the same block stands beside. libc never says when it is done with a stack that
 * it was given: a thread's block goes back when it was joined, or when it is detached and
 * the kernel knows it no more.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "guard.h"
#include "heap_hooks.h"
#include "real.h"
#include "thread.h"

#include "base/raw.h"
#include "base/types.h"

/*
 * musl: TLS comes on top, and a guard, which costs memory though nothing can protect it.
 * uClibc-ng: PTHREADS_STACK_DEFAULT_SIZE, the guard is a part of it.
 */
#define MUSL_STACK (128UL << 10)
#define MUSL_GUARD (2 * NOMMU_PAGE_SIZE)
#define MUSL_TLS NOMMU_PAGE_SIZE
#define UCLIBC_STACK (2UL << 20)

/* A thread's block. Spare ones wait for the next thread. */
struct stack {
	struct stack *next;
	uint64_t addr;
	uint64_t len;		/* 0: there is none, or the program's own serves */
	uint64_t top;		/* a frame near the upper end of the stack itself */
	uint64_t site;		/* of the pthread_create */
	void *(*start)(void *); /* the program's function */
	void *arg;
	pthread_t thread; /* valid once tid is not 0, or pthread_create() has returned */
	int tid;	  /* 0: not started yet */
	bool detached;	  /* nobody will join it */
	bool measured;	  /* its depth was */
	bool done;	  /* joined, or never came to be */
};

#define FEW 16 /* so many threads are not worth a sweep */

static struct stack *live, *spare;
static unsigned count; /* of live */
static unsigned enough =
	FEW;	      /* live ones before the next sweep: a share more, so that it stays cheap */
static uint32_t lock; /* of the lists; not held while a thread is made or waited for */
static pthread_key_t key;
static bool watching; /* the key is there */

static void enter(void)
{
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		raw_call0(SYS_sched_yield);
}

static void leave(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

/* In a signal handler, or while another thread hangs, the lock may never come. */
static bool try_enter(void)
{
	for (int i = 0; i < 1000; i++) {
		if (!__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
			return true;
		raw_call0(SYS_sched_yield);
	}
	return false;
}

/* Whoever held the lock is not here, and of the threads only this one. */
void thread_forked(void)
{
	leave();
	for (struct stack *s = live; s; s = s->next)
		if (!s->tid || !pthread_equal(s->thread, pthread_self()))
			s->detached = true;
}

static uint64_t default_size(void)
{
	return sys_conf()->libc == LIBC_MUSL ? MUSL_STACK : UCLIBC_STACK;
}

/* What the target's libc takes from the kernel for a thread of this attribute. */
static uint64_t block_of(size_t wanted, size_t guard)
{
	if (guard == NOMMU_PAGE_SIZE) /* the host's own default */
		guard = MUSL_GUARD;
	wanted = wanted ? wanted : default_size();
	if (sys_conf()->libc == LIBC_MUSL)
		return page_align(wanted + MUSL_TLS) + page_align(guard);
	return page_align(wanted);
}

static struct stack *take_record(void)
{
	const size_t size = 4 * NOMMU_PAGE_SIZE;
	struct stack *s;
	long memory;

	if (!spare) {
		memory = raw_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				  0);
		if (is_err(memory))
			return NULL;
		for (size_t i = 0; i < size / sizeof *s; i++) {
			s = (struct stack *)memory + i;
			s->next = spare;
			spare = s;
		}
	}
	s = spare;
	spare = s->next;
	*s = (struct stack){ .next = live };
	live = s;
	count++;
	return s;
}

static bool gone(const struct stack *s)
{
	int tid = __atomic_load_n(&s->tid, __ATOMIC_ACQUIRE);

	return s->done || (s->detached && tid && raw_tgkill(raw_getpid(), tid, 0) == -ESRCH);
}

static void give_back(struct stack **at)
{
	struct stack *s = *at;

	if (s->len)
		sys_pages_unmap(s->site, NOMMU_KIND_STACK, s->addr, s->len);
	*at = s->next;
	s->next = spare;
	spare = s;
	count--;
}

static void sweep(void)
{
	for (struct stack **at = &live; *at;) {
		if (gone(*at))
			give_back(at);
		else
			at = &(*at)->next;
	}
	enough = count + count / 4 + FEW;
}

/* Where the list has the thread of this handle, or its end. */
static struct stack **find(pthread_t thread)
{
	struct stack **at = &live;

	while (*at && (!pthread_equal((*at)->thread, thread) || (*at)->done))
		at = &(*at)->next;
	return at;
}

/* Once for each thread, at its end or the image's. */
static void measure(struct stack *s)
{
	if (!s->len || s->measured || !guard_active() ||
	    (sys_hosted() && sys_conf()->mode != MODE_AUDIT))
		return;
	s->measured = true;
	sys_thread_stack(s->site, s->len,
			 sys_hosted() ? sys_stack_resident(s->top)
				      : sys_stack_written(s->addr, s->len));
}

/* A key's destructor: runs however the thread ends, on its own stack, near its upper end. */
static void end(void *arg)
{
	heap_hooks_thread_exit();
	measure(arg);
}

void thread_measure(void)
{
	if (guard_thread.vfork_depth || !live || !try_enter())
		return;
	for (struct stack *s = live; s; s = s->next)
		if (__atomic_load_n(&s->tid, __ATOMIC_ACQUIRE) && !s->done)
			measure(s);
	leave();
}

void thread_image_ends(int status)
{
	thread_measure();
	sys_exit(status);
}

void thread_watch(void)
{
	watching = pthread_key_create(&key, end) == 0;
}

static void *begin(void *arg)
{
	struct stack *s = arg;

	s->thread = pthread_self();
	s->top = U(__builtin_frame_address(0));
	__atomic_store_n(&s->tid, raw_gettid(), __ATOMIC_RELEASE);
	if (watching)
		pthread_setspecific(key, s);
	return s->start(s->arg);
}

/*
 * A record for a thread of this attribute, or NULL: there is no room. Its own stack is no block of
 * ours.
 */
static struct stack *prepare(uint64_t site, const pthread_attr_t *attr)
{
	int detached = PTHREAD_CREATE_JOINABLE;
	size_t size = 0, guard = NOMMU_PAGE_SIZE;
	void *low = NULL;
	struct stack *s;
	bool own;

	if (attr) {
		pthread_attr_getstack(attr, &low, &size);
		pthread_attr_getguardsize(attr, &guard);
		pthread_attr_getdetachstate(attr, &detached);
	}
	own = low && U(low) + size; /* unset, it counts down from 0 */
	enter();
	if (count >= enough)
		sweep();
	s = take_record();
	leave();
	if (!s)
		return NULL;
	s->site = site;
	s->len = own ? 0 : block_of(size, guard);
	s->detached = detached == PTHREAD_CREATE_DETACHED;
	return s;
}

/* Where libc's own stack serves the block is for the account alone, and nobody writes it. */
static bool take_block(struct stack *s)
{
	bool hosted = sys_hosted();
	uint64_t len = s->len;
	long addr = sys_pages_map(s->site, NOMMU_KIND_STACK, len, hosted);

	if (addr == -ENOMEM) { /* detached threads that ended may hold some */
		enter();
		s->len = 0;
		sweep();
		leave();
		addr = sys_pages_map(s->site, NOMMU_KIND_STACK, len, hosted);
	}
	s->addr = U(addr);
	s->len = is_err(addr) ? 0 : len;
	return s->len;
}

static int run(pthread_t *thread, const pthread_attr_t *attr, struct stack *s)
{
	pthread_attr_t own;
	int error;

	if (sys_hosted() || !s->len)
		return real.pthread_create(thread, attr, begin, s);
	/* A copy: what it points to stays the program's, so it is never destroyed. */
	if (attr)
		own = *attr;
	else
		pthread_attr_init(&own);
	error = pthread_attr_setstack(&own, (void *)s->addr, s->len);
	return error ? error : real.pthread_create(thread, &own, begin, s);
}

static int create(uint64_t site, pthread_t *thread, const pthread_attr_t *attr,
		  void *(*start)(void *), void *arg)
{
	struct stack *s = prepare(site, attr);
	int error = EAGAIN;

	if (!s)
		return real.pthread_create(thread, attr, start, arg);
	s->start = start;
	s->arg = arg;
	if (!s->len || take_block(s))
		error = run(thread, attr, s);
	if (error)
		s->done = true;
	else if (!s->detached) /* a detached one may be gone, and its record another's */
		s->thread = *thread;
	return error;
}

int thread_create(uint64_t site, pthread_t *thread, const pthread_attr_t *attr,
		  void *(*start)(void *), void *arg)
{
	if (!guard_modelled(site, NOMMU_CALL_PTHREAD_CREATE, "pthread_create") ||
	    sys_conf()->libc == LIBC_HOST)
		return real.pthread_create(thread, attr, start, arg);
	return create(site, thread, attr, start, arg);
}

nommu_export int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
				void *(*start)(void *), void *arg)
{
	return thread_create(HOOK_SITE, thread, attr, start, arg);
}

/* Programs take the default as what they enlarge: the target's, not the host's 8 MiB. */
nommu_export int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *size)
{
	int error = real.pthread_attr_getstacksize(attr, size);
	size_t set = 0;
	void *low;

	if (error || !guard_active() || sys_conf()->libc == LIBC_HOST)
		return error;
	pthread_attr_getstack(attr, &low, &set); /* its size is 0 where none was set */
	if (!set)
		*size = default_size();
	return 0;
}

static int joined(pthread_t thread, int error)
{
	struct stack **at;

	if (error || !live)
		return error;
	enter();
	at = find(thread);
	if (*at)
		give_back(at);
	leave();
	return 0;
}

nommu_export int pthread_join(pthread_t thread, void **result)
{
	return joined(thread, real.pthread_join(thread, result));
}

nommu_export int pthread_tryjoin_np(pthread_t thread, void **result)
{
	return joined(thread, real.pthread_tryjoin_np(thread, result));
}

nommu_export int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *until)
{
	return joined(thread, real.pthread_timedjoin_np(thread, result, until));
}

nommu_export int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock,
				      const struct timespec *until)
{
	return joined(thread, real.pthread_clockjoin_np(thread, result, clock, until));
}

nommu_export int pthread_detach(pthread_t thread)
{
	struct stack *s;

	if (live) {
		enter();
		s = *find(thread);
		if (s)
			s->detached = true;
		leave();
	}
	return real.pthread_detach(thread);
}
