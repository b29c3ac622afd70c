/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mem.c - the only file that calls the C library's allocator.
 *
 * Entered from every room and from every thread: the counters are atomic and
 * nothing else is kept. A block carries no header of ours, so a tool such as
 * valgrind or ASan sees exactly what was asked for.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

static atomic_size_t live_blocks;
static atomic_size_t fail_in; /* 0: the test hook is off */

static void count_block(void)
{
	atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
}

/* True when the test hook wants this attempt to fail. */
static bool must_fail(void)
{
	size_t n = atomic_load_explicit(&fail_in, memory_order_relaxed);

	if (n == 0)
		return false;
	atomic_store_explicit(&fail_in, n - 1, memory_order_relaxed);
	return n == 1;
}

/* A block of 0 bytes would make "NULL" and "nothing" look alike. */
static size_t at_least_one(size_t bytes)
{
	return bytes == 0 ? 1 : bytes;
}

static void *zeroed(size_t bytes)
{
	void *p = calloc(1, at_least_one(bytes));

	if (p != NULL)
		count_block();
	return p;
}

static void *resized(void *old, size_t bytes)
{
	void *p = realloc(old, at_least_one(bytes));

	if (p != NULL && old == NULL)
		count_block();
	return p;
}

/* For blocks that are written whole at once: zeroing first would be waste. */
static void *filled(const void *from, size_t bytes, size_t room)
{
	char *p = mem_resize(NULL, room);

	if (bytes > 0)
		memcpy(p, from, bytes);
	return p;
}

void *mem_new(size_t bytes)
{
	void *p = zeroed(bytes);

	if (p == NULL)
		die("out of memory for %zu bytes", bytes);
	return p;
}

void *mem_try(size_t bytes)
{
	return must_fail() ? NULL : zeroed(bytes);
}

void *mem_resize(void *p, size_t bytes)
{
	void *q = resized(p, bytes);

	if (q == NULL)
		die("out of memory for %zu bytes", bytes);
	return q;
}

void *mem_try_resize(void *p, size_t bytes)
{
	return must_fail() ? NULL : resized(p, bytes);
}

void mem_free(void *p)
{
	if (p == NULL)
		return;
	atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
	free(p);
}

char *mem_text(const char *text)
{
	return mem_text_n(text, strlen(text));
}

char *mem_text_n(const char *text, size_t len)
{
	char *p = filled(text, len, len + 1);

	p[len] = '\0';
	return p;
}

void *mem_copy(const void *p, size_t bytes)
{
	return filled(p, bytes, bytes);
}

char *mem_textf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	check(len >= 0);
	p = mem_resize(NULL, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}

size_t mem_live(void)
{
	return atomic_load_explicit(&live_blocks, memory_order_relaxed);
}

void mem_fail_after(size_t n)
{
	atomic_store_explicit(&fail_in, n, memory_order_relaxed);
}

/*
 * `array` is the address of a pointer of any type; it is read and written by
 * memcpy because a `T **` must not be looked at as a `void **`.
 */
void mem_room(void *array, size_t used, size_t *cap, size_t size)
{
	size_t wanted = *cap < 8 ? 8 : *cap * 2;
	void *p;

	if (used < *cap)
		return;
	check(size > 0 && wanted > *cap && wanted <= SIZE_MAX / size);
	memcpy(&p, array, sizeof(p));
	p = mem_resize(p, wanted * size);
	memcpy(array, &p, sizeof(p));
	*cap = wanted;
}
