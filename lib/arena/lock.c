/* SPDX-License-Identifier: MIT */
#include "arena/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>

#include "base/raw.h"
#include "base/say.h"

#define LOCK_WAITERS 0x80000000u
#ifndef SPINS
#define SPINS 100 /* about the time of one ledger operation; the tests explore with fewer */
#endif
#define PATIENCE_NS 20000000 /* between two looks whether the holder lives */

static uint32_t number_after(const char *text, const char *key)
{
	const char *p = strstr(text, key);
	uint32_t n = 0;

	if (!p)
		return 0;
	for (p += strlen(key); *p == ' ' || *p == '\t'; p++)
		;
	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint32_t)(*p - '0');
	return n;
}

bool lock_thread_status(uint32_t tid, uint32_t *tgid, uint32_t *ppid)
{
	char path[40], text[1024];
	const char *state;
	long fd, n;

	say_format(path, sizeof path, "/proc/%u/status", tid);
	fd = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	/* Without descriptors or /proc nothing is known: better wait than tear a lock from the living. */
	if (fd < 0) {
		*tgid = *ppid = 0;
		return fd != -ENOENT && fd != -ESRCH;
	}
	n = raw_read((int)fd, text, sizeof text - 1);
	raw_close((int)fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	state = strstr(text, "State:");
	state = state ? state + 6 + strspn(state + 6, " \t") : "";
	if (*state == 'Z' || *state == 'X')
		return false;
	*tgid = number_after(text, "\nTgid:");
	*ppid = number_after(text, "\nPPid:");
	return true;
}

static bool try_take(struct lock *lock, uint32_t tid)
{
	uint32_t expected = 0;

	return __atomic_compare_exchange_n(&lock->word, &expected, tid, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static bool take_over(struct lock *lock, uint32_t seen, uint32_t tid)
{
	/* Others may sleep: keep their mark. */
	if (!__atomic_compare_exchange_n(&lock->word, &seen, tid | LOCK_WAITERS, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	lock->taken++;
	return true;
}

enum lock_answer lock_take(struct lock *lock, uint32_t tid, lock_lives_fn lives, void *context)
{
	const struct timespec patience = { 0, PATIENCE_NS };
	bool slept = false;

	for (unsigned i = 0; i < SPINS; i++) {
		if (try_take(lock, tid))
			return LOCK_TAKEN;
		if ((__atomic_load_n(&lock->word, __ATOMIC_RELAXED) & ~LOCK_WAITERS) == tid)
			return LOCK_REENTERED;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	for (;;) {
		uint32_t seen = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
		long result;

		if (!seen) {
			if (try_take(lock, slept ? tid | LOCK_WAITERS : tid))
				return LOCK_TAKEN;
			continue;
		}
		if (!(seen & LOCK_WAITERS) &&
		    !__atomic_compare_exchange_n(&lock->word, &seen, seen | LOCK_WAITERS, false,
						 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		seen |= LOCK_WAITERS;
		result = raw_futex(&lock->word, FUTEX_WAIT, seen, &patience);
		slept = true;
		if (result != -ETIMEDOUT)
			continue;
		if (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) == seen &&
		    !lives(context, seen & ~LOCK_WAITERS) && take_over(lock, seen, tid))
			return LOCK_INHERITED;
	}
}

void lock_drop(struct lock *lock)
{
	uint32_t word = __atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE);

	if (word & LOCK_WAITERS)
		(void)raw_futex(&lock->word, FUTEX_WAKE, 1, NULL);
}
