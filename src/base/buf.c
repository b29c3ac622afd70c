/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buf.c - growing bytes.
 *
 * Entered by every writer: codec, JSON, HTTP. The size of what is added is
 * often a peer's choice, so memory is asked for by mem_try_resize() and its
 * absence is a mark on the buf, never an abort. Invariants: data is NULL, or
 * len < cap and data[len] is NUL; with a limit, cap is at most limit + 1.
 */
#include "base/buf.h"

#include "base/check.h"
#include "base/mem.h"

#define FIRST_CAP 64

/* The next power-of-two-like size that holds `need`, kept near the limit. */
static size_t grown_cap(const struct buf *b, size_t need)
{
	size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;

	while (cap < need && cap <= SIZE_MAX / 2)
		cap *= 2;
	if (b->limit != 0 && cap > b->limit + 1)
		cap = b->limit + 1;
	return cap < need ? need : cap;
}

static bool may_hold(const struct buf *b, size_t len)
{
	/* No object is larger than PTRDIFF_MAX. */
	if (b->failed || len >= PTRDIFF_MAX - b->len)
		return false;
	return b->limit == 0 || len <= b->limit - b->len;
}

static bool grow(struct buf *b, size_t len)
{
	size_t cap = 0;
	char *p = NULL;

	if (may_hold(b, len)) {
		cap = grown_cap(b, b->len + len + 1);
		p = mem_try_resize(b->data, cap);
	}
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->data = p;
	b->cap = cap;
	return true;
}

void buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit };
}

void buf_done(struct buf *b)
{
	mem_free(b->data);
	buf_init(b, b->limit);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* grow() keeps cap within the limit, so here one comparison says it all. */
bool buf_reserve(struct buf *b, size_t len)
{
	return (len < b->cap - b->len && !b->failed) || grow(b, len);
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!buf_reserve(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_add_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_add_char(struct buf *b, char c)
{
	if (!buf_reserve(b, 1))
		return;
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->failed ? 0 : b->cap - b->len;
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(room == 0 ? NULL : b->data + b->len, room, fmt, ap);
	check(len >= 0);
	if (!buf_reserve(b, (size_t)len)) {
		/* The first try may have scribbled over the terminator. */
		if (b->data != NULL)
			b->data[b->len] = '\0';
		goto out;
	}
	if ((size_t)len >= room)
		vsnprintf(b->data + b->len, (size_t)len + 1, fmt, again);
	b->len += (size_t)len;
out:
	va_end(again);
}

void buf_drop(struct buf *b, size_t len)
{
	check(len <= b->len);
	if (len == 0)
		return;
	b->len -= len;
	memmove(b->data, b->data + len, b->len + 1);
}

void buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

char *buf_take(struct buf *b)
{
	char *text = b->data == NULL ? mem_text("") : b->data;

	buf_init(b, b->limit);
	return text;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->data, b->len };
}
