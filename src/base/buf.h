/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buf.h - a growing run of bytes.
 *
 * Embedded by value; starts as all zero bytes. `limit` (0 = none; set before
 * the first add) is the most it may hold: an add that would pass it, or runs
 * out of memory, sets `failed` and adds nothing; later adds are then ignored,
 * so a writer checks once at the end. Always NUL-terminated behind `len` once
 * anything was added.
 */
#ifndef USHER_BASE_BUF_H
#define USHER_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t limit;
	bool failed;
};

void buf_init(struct buf *b, size_t limit);
void buf_done(struct buf *b);  /* frees; the buf is empty and usable again */
void buf_clear(struct buf *b); /* empties, keeps the memory */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_text(struct buf *b, const char *text);
void buf_add_str(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap);
/* Makes room for `len` bytes to be written at data + len; false: failed. */
bool buf_reserve(struct buf *b, size_t len);
void buf_drop(struct buf *b, size_t len); /* removes bytes from the front */
void buf_cut(struct buf *b, size_t len);  /* keeps only the first len bytes */
/* The content as a heap string the caller frees; the buf is empty after. */
char *buf_take(struct buf *b);
struct str buf_str(const struct buf *b); /* borrowed view */

#endif
