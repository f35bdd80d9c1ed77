/* SPDX-License-Identifier: MIT */
/*
 * Eight threads that allocate, free what others allocated, and end; and a fork or vfork in between.
 */
#include <pthread.h>

#include "probe.h"

#define BLOCKS 256

static unsigned char *shared[BLOCKS];
static long wrong;

/* A block's first two bytes are its size's, and it is filled with its last byte. */
static void check_and_free(unsigned char *block)
{
	size_t len;

	if (!block)
		return;
	memcpy(&len, block, sizeof len);
	for (size_t i = sizeof len; i < len; i++)
		if (block[i] != (unsigned char)len)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	free(block);
}

static void *work(void *arg)
{
	unsigned seed = (unsigned)(long)arg;

	for (int i = 0; i < 20000; i++) {
		size_t len = sizeof len + (size_t)rand_r(&seed) % 500;
		unsigned char *block = malloc(len);

		memcpy(block, &len, sizeof len);
		memset(block + sizeof len, (int)len, len - sizeof len);
		block = __atomic_exchange_n(&shared[rand_r(&seed) % BLOCKS], block,
					    __ATOMIC_ACQ_REL);
		check_and_free(block);
	}
	return NULL;
}

int main(void)
{
	pthread_t thread[8];
	pid_t pid;

	for (long i = 0; i < 8; i++)
		if (pthread_create(&thread[i], NULL, work, (void *)(i + 1)))
			return 1;
	pid = fork();
	if (pid == 0) {
		free(malloc(1000));
		_exit(0);
	}
	dprintf(1, "fork meanwhile: %s\n",
		pid < 0		 ? strerrorname_np(errno)
		: status_of(pid) ? "hurt"
				 : "ok");
	pid = vfork();
	if (pid == 0)
		_exit(0);
	SHOW_NUMBER(status_of(pid));
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < BLOCKS; i++)
		check_and_free(shared[i]);
	SHOW_NUMBER(wrong);
	return 0;
}
