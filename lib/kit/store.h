/* SPDX-License-Identifier: MIT */
/*
 * store.h - memory of the offline half: a pool whose contents live as long as the report, arrays
 * that grow, and a table from two numbers to an index. Without memory there is no report: the
 * process says so in one line and ends with 125, so no caller checks.
 */
#ifndef NOMMU_KIT_STORE_H
#define NOMMU_KIT_STORE_H

#include <stddef.h>
#include <stdint.h>

#define NONE UINT32_MAX /* no index */

struct pool {
	struct pool_block *blocks; /* newest first */
	size_t used;		   /* bytes of the newest */
};

void *pool_alloc(struct pool *pool, size_t size); /* zeroed */
char *pool_string(struct pool *pool, const char *text);
char *pool_bytes(struct pool *pool, const char *bytes, size_t len); /* ended by a 0 */
char *pool_format(struct pool *pool, const char *format, ...)
	__attribute__((__format__(__printf__, 2, 3)));
void pool_free(struct pool *pool);
void pool_exhausted(void) __attribute__((noreturn)); /* says so and ends the process */

/* Makes room for one more element; use through ARRAY_ADD. */
void *array_grow(void *items, uint32_t *room, size_t size);

/* An array is three members: NAME, NAME_count, NAME_room. Evaluates to a pointer to a zeroed new
 * element. */
#define ARRAY_ADD(owner, name)                                                                     \
	((owner)->name = (owner)->name##_count < (owner)->name##_room                              \
				 ? (owner)->name                                                   \
				 : array_grow((owner)->name, &(owner)->name##_room,                \
					      sizeof(*(owner)->name)),                             \
	 &(owner)->name[(owner)->name##_count++])

struct table_slot {
	uint64_t a, b;	/* key */
	uint32_t value; /* NONE: free */
};

struct table {
	struct table_slot *slots;
	uint32_t size; /* a power of two, or 0 */
	uint32_t used;
};

/* Where the value of a key is kept; a new one is NONE, and must be set at once. Until the next
 * call. */
uint32_t *table_at(struct table *table, uint64_t a, uint64_t b);
uint32_t table_get(const struct table *table, uint64_t a, uint64_t b);
void table_free(struct table *table);

/* FNV-1a, continued from hash; begin with HASH_START. */
#define HASH_START 0xcbf29ce484222325ULL
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len);
uint64_t hash_string(uint64_t hash, const char *text); /* with its end; NULL is not "" */

#endif
