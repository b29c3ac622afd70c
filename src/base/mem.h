/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mem.h - the only door to the heap.
 *
 * mem_new() and friends are for our own small objects and abort when memory
 * is out. mem_try() is for anything whose size a peer chose: it may return
 * NULL. Memory comes zeroed. mem_live() counts what is not yet given back, so
 * that a test can end with "nothing leaked".
 */
#ifndef USHER_BASE_MEM_H
#define USHER_BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t bytes);
void *mem_try(size_t bytes);
/* Resizes; the new tail is NOT zeroed. Aborts when memory is out. */
void *mem_resize(void *p, size_t bytes);
/* As mem_resize, but NULL when memory is out; `p` is then untouched. */
void *mem_try_resize(void *p, size_t bytes);
void mem_free(void *p);
char *mem_text(const char *text);               /* copy of a C string */
char *mem_text_n(const char *text, size_t len); /* copy, NUL-terminated */
void *mem_copy(const void *p, size_t bytes);
char *mem_textf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
size_t mem_live(void); /* blocks handed out and not freed */

/*
 * Test hook: the n-th mem_try()/mem_try_resize() from now fails (0 = never).
 */
void mem_fail_after(size_t n);

#define new_of(type)       ((type *)mem_new(sizeof(type)))
#define new_array(type, n) ((type *)mem_new(sizeof(type) * (n)))

/*
 * Makes room for one more element: grows `*array` (of `*cap` elements of
 * `size` bytes) when `used` has reached it.
 */
void mem_room(void *array, size_t used, size_t *cap, size_t size);

#endif
