/* SPDX-License-Identifier: MIT */
/* The malloc family: aligned, kept through realloc, refused above the largest block, with errno. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* mallinfo */
#include <malloc.h>
#include <stdint.h>

#include "probe.h"

static int aligned(const void *block, size_t to)
{
	return block && (uintptr_t)block % to == 0;
}

#define SHOW_BLOCK(call)                                                                           \
	do {                                                                                       \
		errno = 0;                                                                         \
		void *block_ = (call);                                                             \
		show(#call, block_ ? 0 : -1, errno);                                               \
		free(block_);                                                                      \
	} while (0)

struct mallinfo __libc_mallinfo(void);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t align, size_t size);
void *__libc_valloc(size_t size);
void *__libc_pvalloc(size_t size);
void __libc_free(void *block);
int __libc_mallopt(int name, int value);

/* The reserved names are the same heap: one's block is the other's to change and to free. */
static int mixed(void)
{
	char *a = realloc(__libc_malloc(10), 1000), *b = __libc_realloc(malloc(10), 1000);
	char *c = __libc_calloc(10, 10);
	int right = a && b && c && c[99] == 0 && __libc_mallopt(M_MMAP_THRESHOLD, 65536) == 1;

	free(__libc_memalign(64, 100));
	free(__libc_valloc(1));
	free(__libc_pvalloc(1));
	__libc_free(a);
	free(b);
	__libc_free(c);
	return right;
}

int main(void)
{
	char *a = malloc(100);
	void *b;
	size_t volatile huge = SIZE_MAX / 2 + 2;

	SHOW_NUMBER(aligned(a, 16));
	SHOW_NUMBER(malloc_usable_size(a) >= 100);
	strcpy(a, "kept");
	a = realloc(a, 200000);
	SHOW_NUMBER(strcmp(a, "kept"));
	a = realloc(a, 10);
	SHOW_NUMBER(strcmp(a, "kept"));
	free(a);
	a = calloc(1000, 10);
	SHOW_NUMBER(a[0] + a[9999]);
	a = reallocarray(a, 2000, 10);
	free(a);
	SHOW_BLOCK(reallocarray(NULL, huge, 2));
	SHOW_BLOCK(calloc(huge, 2));
	SHOW_BLOCK(malloc(huge));
	SHOW_BLOCK(malloc(MIB));
	SHOW_BLOCK(malloc(4 * MIB));
	SHOW_NUMBER(aligned(b = aligned_alloc(256, 1000), 256));
	free(b);
	SHOW_NUMBER(aligned(b = memalign(4096, 10), 4096));
	free(b);
	SHOW_NUMBER(aligned(b = valloc(10), 4096));
	free(b);
	SHOW_NUMBER(aligned(b = pvalloc(5000), 4096));
	free(b);
	SHOW_ERROR(posix_memalign(&b, 64, 100));
	SHOW_NUMBER(aligned(b, 64));
	free(b);
	SHOW_ERROR(posix_memalign(&b, 3, 100));
	free(NULL);
	SHOW_NUMBER(mallopt(M_MMAP_THRESHOLD, 65536));
	malloc_trim(0);
	SHOW_NUMBER(mallinfo2().uordblks <= mallinfo2().arena + mallinfo2().hblkhd);
	SHOW_NUMBER((size_t)__libc_mallinfo().arena == mallinfo2().arena && mallinfo().arena >= 0);
	SHOW_NUMBER(mixed());
	errno = ERANGE;
	free(malloc(5 * MIB / 4));
	SHOW_NUMBER(errno == ERANGE);
	return 0;
}
