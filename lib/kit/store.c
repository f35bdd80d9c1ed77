/* SPDX-License-Identifier: MIT */
#include "kit/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 << 10)
#define EXIT_FAILED 125 /* "nommu itself failed" */

struct pool_block {
	struct pool_block *next;
	size_t size;
	_Alignas(16) char bytes[];
};

void pool_exhausted(void)
{
	fputs("nommu: not enough memory to make the report\n", stderr);
	_Exit(EXIT_FAILED);
}

void *pool_alloc(struct pool *pool, size_t size)
{
	struct pool_block *block = pool->blocks;
	void *found;

	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - pool->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = calloc(1, sizeof(*block) + room);
		if (!block)
			pool_exhausted();
		block->size = room;
		block->next = pool->blocks;
		pool->blocks = block;
		pool->used = 0;
	}
	found = block->bytes + pool->used;
	pool->used += size;
	return found;
}

char *pool_bytes(struct pool *pool, const char *bytes, size_t len)
{
	char *copy = pool_alloc(pool, len + 1);

	memcpy(copy, bytes, len);
	return copy;
}

char *pool_string(struct pool *pool, const char *text)
{
	return text ? pool_bytes(pool, text, strlen(text)) : NULL;
}

char *pool_format(struct pool *pool, const char *format, ...)
{
	va_list args;
	char *text, *copy;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		pool_exhausted();
	copy = pool_bytes(pool, text, (size_t)len);
	free(text);
	return copy;
}

void pool_free(struct pool *pool)
{
	while (pool->blocks) {
		struct pool_block *next = pool->blocks->next;

		free(pool->blocks);
		pool->blocks = next;
	}
}

void *array_grow(void *items, uint32_t *room, size_t size)
{
	uint32_t more = *room ? *room + *room / 2 : 16;

	if (more < *room || more == NONE)
		pool_exhausted();
	items = reallocarray(items, more, size);
	if (!items)
		pool_exhausted();
	memset((char *)items + *room * size, 0, (more - *room) * size);
	*room = more;
	return items;
}

static uint32_t table_start(const struct table *table, uint64_t a, uint64_t b)
{
	uint64_t hash = (a + 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL;

	hash = (hash ^ hash >> 29 ^ b) * 0x94d049bb133111ebULL;
	return (uint32_t)(hash >> 32) & (table->size - 1);
}

static struct table_slot *table_slot(const struct table *table, uint64_t a, uint64_t b)
{
	uint32_t i = table_start(table, a, b);

	while (table->slots[i].value != NONE && (table->slots[i].a != a || table->slots[i].b != b))
		i = (i + 1) & (table->size - 1);
	return &table->slots[i];
}

static void table_grow(struct table *table)
{
	struct table old = *table;

	table->size = old.size ? old.size * 2 : 64;
	table->slots = table->size ? calloc(table->size, sizeof(*table->slots)) : NULL;
	if (!table->slots)
		pool_exhausted();
	for (uint32_t i = 0; i < table->size; i++)
		table->slots[i].value = NONE;
	for (uint32_t i = 0; i < old.size; i++)
		if (old.slots[i].value != NONE)
			*table_slot(table, old.slots[i].a, old.slots[i].b) = old.slots[i];
	free(old.slots);
}

uint32_t *table_at(struct table *table, uint64_t a, uint64_t b)
{
	struct table_slot *slot;

	if (table->used >= table->size / 2)
		table_grow(table);
	slot = table_slot(table, a, b);
	if (slot->value == NONE) {
		slot->a = a;
		slot->b = b;
		table->used++;
	}
	return &slot->value;
}

uint32_t table_get(const struct table *table, uint64_t a, uint64_t b)
{
	return table->size ? table_slot(table, a, b)->value : NONE;
}

void table_free(struct table *table)
{
	free(table->slots);
	memset(table, 0, sizeof(*table));
}

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3ULL;
	return hash;
}

uint64_t hash_string(uint64_t hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text) + 1) : hash_bytes(hash, "\1", 1);
}
