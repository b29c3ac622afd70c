/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json.h - the one strict JSON reader and the one writer.
 *
 * Nobody else knows which library does the reading. Refused with a fault:
 * duplicate keys, depth over 32, more than 10,000 values, strings over the
 * given limit, bad UTF-8, lone surrogates, U+0000, integers outside +-2^53,
 * anything behind the value. Depth, count and size are checked before any
 * memory is taken for the tree.
 */
#ifndef USHER_BASE_JSON_H
#define USHER_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define JSON_STRING_MAX (32 * 1024)

struct json; /* a read-only tree; inner nodes live as long as their root */

/* string_max (bytes of a string or key in memory) 0 means JSON_STRING_MAX. The
 * caller frees the root. ERR_TOO_LARGE for what passes a limit, ERR_SYNTAX for
 * everything else that is wrong, ERR_MEMORY. */
int json_parse(struct str text, size_t string_max, struct json **out,
    struct fault *why) must_check;
void json_free(struct json *root);

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};
enum json_type json_type(const struct json *v);

/* Members and elements; NULL when absent or `v` is of another type or NULL. */
const struct json *json_get(const struct json *v, const char *name);
const struct json *json_at(const struct json *v, size_t i);
size_t json_count(const struct json *v); /* elements or members, else 0 */
/* The i-th member of an object in text order; false past the end. */
bool json_member(
    const struct json *v, size_t i, struct str *name, const struct json **out);

/* The value, or the given default when it is absent or of another type. */
struct str json_str(const struct json *v); /* STR_NONE by default */
int64_t json_int(const struct json *v, int64_t fallback);
bool json_bool(const struct json *v, bool fallback);

/*
 * One row per field of a message: json_take() reads an object into a struct by
 * such a table, and refuses an unknown field, a wrong type, a missing
 * required one, a number or length out of range, each by name in the fault.
 * Strings are borrowed from the tree. An absent field keeps what the struct
 * had; nothing is written when anything is refused. null is a wrong type for
 * all but WANT_ANY.
 */
enum json_want { WANT_STR, WANT_INT, WANT_BOOL, WANT_ANY };
struct json_field {
	const char *name;
	enum json_want want;
	bool required;
	size_t offset; /* of struct str, int64_t, bool, const struct json * */
	int64_t min, max; /* of the number or the string's bytes; 0, 0: any */
};
/* clang-format off */
#define JSON_FIELD_END { NULL, WANT_ANY, false, 0, 0, 0 }
/* clang-format on */
int json_take(const struct json *object, const struct json_field *fields,
    void *out, struct fault *why) must_check;

/*
 * Writer: appends one JSON value to a buf. Commas and escapes are its affair;
 * nesting is the caller's. Strings that are not UTF-8 get U+FFFD.
 *
 *   jw_object(&w); jw_key(&w, "id"); jw_u64(&w, 7); jw_end(&w);
 */
struct json_writer {
	struct buf *out;
	unsigned depth;
	bool comma;      /* a value came before at this level */
	uint64_t arrays; /* bit per level: an array is open there */
};
void jw_init(struct json_writer *w, struct buf *out);
void jw_object(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_end(struct json_writer *w);
void jw_key(struct json_writer *w, const char *name);
void jw_str(struct json_writer *w, struct str s);
void jw_text(struct json_writer *w, const char *text); /* NULL: null */
void jw_textf(struct json_writer *w, const char *fmt, ...) printf_like(2, 3);
void jw_int(struct json_writer *w, int64_t v);
void jw_u64(struct json_writer *w, uint64_t v);
void jw_bool(struct json_writer *w, bool v);
void jw_null(struct json_writer *w);
/* Copies a parsed value, or text that is known to be one JSON value. */
void jw_json(struct json_writer *w, const struct json *v);
void jw_raw(struct json_writer *w, struct str json_text);

/* key and value in one call */
void jw_kstr(struct json_writer *w, const char *name, struct str s);
void jw_ktext(struct json_writer *w, const char *name, const char *text);
void jw_kint(struct json_writer *w, const char *name, int64_t v);
void jw_ku64(struct json_writer *w, const char *name, uint64_t v);
void jw_kbool(struct json_writer *w, const char *name, bool v);
/* an id as text: jw_kid(&w, "contact", 'c', 42) writes "contact":"c42";
 * 0 writes null */
void jw_kid(struct json_writer *w, const char *name, char letter, uint64_t v);

#endif
