/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * err.h - the one table of error codes.
 *
 * A function that can fail returns 0 or one of these negative codes. The name
 * is what peers see on the wire ("error":"stale"), so a row is never renamed
 * or reused. "Retry" tells a client that the same request may succeed later.
 */
#ifndef USHER_BASE_ERR_H
#define USHER_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define must_check              __attribute__((warn_unused_result))
#define printf_like(fmt, first) __attribute__((format(printf, fmt, first)))

/*   symbol       value  wire name       HTTP  retry  text */
#define ERR_TABLE(X)                                                           \
	X(INVALID, -1, "invalid", 400, false, "the input is not valid")        \
	X(SYNTAX, -2, "syntax", 400, false, "the input cannot be read")        \
	X(UNKNOWN, -3, "unknown-field", 400, false, "a field is not known")    \
	X(AUTH, -4, "auth", 401, false, "sign in first")                       \
	X(DENIED, -5, "denied", 403, false, "not allowed for this role")       \
	X(NOT_FOUND, -6, "not-found", 404, false, "no such thing")             \
	X(CONFLICT, -7, "conflict", 409, false,                                \
	    "the same key came with other content")                            \
	X(STALE, -8, "stale", 409, false, "settled already")                   \
	X(STATE, -9, "state", 409, false, "not possible in this state")        \
	X(TOO_LARGE, -10, "too-large", 413, false, "larger than the limit")    \
	X(TOO_MANY, -11, "too-many", 429, true, "too many, slow down")         \
	X(BUSY, -12, "busy", 503, true, "not now, try again")                  \
	X(CLOSED, -13, "closed", 409, false, "closed")                         \
	X(TIMEOUT, -14, "timeout", 504, true, "took too long")                 \
	X(IO, -15, "io", 500, true, "input or output failed")                  \
	X(CORRUPT, -16, "corrupt", 500, false, "stored data is damaged")       \
	X(VERSION, -17, "version", 500, false, "made by another version")      \
	X(MEMORY, -18, "memory", 503, true, "out of memory")                   \
	X(UNSUPPORTED, -19, "unsupported", 501, false, "not supported")

#define ERR_ENUM(symbol, value, name, http, retry, text) ERR_##symbol = value,
enum err { ERR_TABLE(ERR_ENUM) };
#undef ERR_ENUM

/* Wire name, HTTP status, sentence and retry hint; 0 reads as "ok", a number
 * that is in no row as "internal", 500. */
const char *err_name(int code);
const char *err_text(int code);
int err_http(int code);
bool err_retryable(int code);

/*
 * A fault is an error with its own sentence, filled by whoever knows the
 * details and carried up to whoever tells the peer. `text` is one line, never
 * holds secrets or customer text, and is cut to fit.
 */
struct fault {
	int code;
	char text[256];
};

/* Fills `f` (may be NULL) and returns `code`, so that it can be returned. */
int fault_set(struct fault *f, int code, const char *fmt, ...)
    printf_like(3, 4);
int fault_setv(struct fault *f, int code, const char *fmt, va_list ap);

#endif
