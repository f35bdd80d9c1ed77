/* SPDX-License-Identifier: MIT */
/*
 * mem.c - bump allocation in small chunks, because most files of a root file system have a dozen
 * strings and a hundred thousand of them must fit in little memory.
 */
#include "scan/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 1000 /* first chunk; malloc's header keeps it below 1 KiB */

struct chunk {
	struct chunk *next;
	size_t used, size; /* bytes of data[] */
	_Alignas(16) unsigned char data[];
};

struct scan_pool {
	struct chunk *chunk; /* the one that is being filled */
};

void *mem_grow(void *old, size_t count, size_t size)
{
	void *mem = reallocarray(old, count ? count : 1, size);

	if (!mem) {
		fputs("nommu: out of memory\n", stderr);
		exit(125);
	}
	return mem;
}

static struct chunk *chunk_new(struct chunk *next, size_t size)
{
	struct chunk *chunk = mem_grow(NULL, 1, sizeof(*chunk) + size);

	chunk->next = next;
	chunk->used = 0;
	chunk->size = size;
	return chunk;
}

struct scan_pool *mem_new(void)
{
	struct scan_pool *pool = mem_grow(NULL, 1, sizeof(*pool));

	pool->chunk = chunk_new(NULL, CHUNK);
	return pool;
}

void mem_free(struct scan_pool *pool)
{
	struct chunk *next;

	if (!pool)
		return;
	for (struct chunk *chunk = pool->chunk; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(pool);
}

void *mem_alloc(struct scan_pool *pool, size_t size)
{
	struct chunk *chunk = pool->chunk;
	void *mem;

	size = (size + 15) & ~(size_t)15;
	if (chunk->size - chunk->used < size)
		chunk = pool->chunk = chunk_new(chunk, size > CHUNK ? size : CHUNK);
	mem = chunk->data + chunk->used;
	chunk->used += size;
	return memset(mem, 0, size);
}

char *mem_copy(struct scan_pool *pool, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(mem_alloc(pool, size), text, size);
}

char *mem_format(struct scan_pool *pool, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = mem_alloc(pool, (size_t)(length < 0 ? 0 : length) + 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
