/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * err.c - the table of err.h, by code.
 *
 * Read-only: nothing here keeps state, logs or allocates, so any room may ask
 * at any time, also while memory is out.
 */
#include "base/err.h"

#include <stdint.h>

#include "base/check.h"
#include "base/utf8.h"

struct row {
	const char *name;
	const char *text;
	int http;
	bool retry;
};

/* Index is the negated code; row 0 is success. */
#define ROW(symbol, value, name, http, retry, text)                            \
	[-(value)] = { name, text, http, retry },
static const struct row rows[] = { [0] = { "ok", "done", 200, false },
	ERR_TABLE(ROW) };
#undef ROW

/* For a number that is in no table: a bug of ours, told as such to the peer. */
static const struct row stranger = { "internal", "internal error", 500, false };

static const struct row *row_of(int code)
{
	if (code > 0 || code <= -(int)countof(rows))
		return &stranger;
	return rows[-code].name == NULL ? &stranger : &rows[-code];
}

const char *err_name(int code)
{
	return row_of(code)->name;
}

const char *err_text(int code)
{
	return row_of(code)->text;
}

int err_http(int code)
{
	return row_of(code)->http;
}

bool err_retryable(int code)
{
	return row_of(code)->retry;
}

int fault_setv(struct fault *f, int code, const char *fmt, va_list ap)
{
	char *p;
	int len;

	if (f == NULL)
		return code;
	f->code = code;
	len = vsnprintf(f->text, sizeof(f->text), fmt, ap);
	check(len >= 0);
	/* A cut must not leave half a character; controls would break lines. */
	if ((size_t)len >= sizeof(f->text)) {
		struct str whole = { f->text, sizeof(f->text) - 1 };
		f->text[utf8_cut(whole, whole.n - 3).n] = '\0';
	}
	for (p = f->text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return code;
}

int fault_set(struct fault *f, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_setv(f, code, fmt, ap);
	va_end(ap);
	return code;
}
