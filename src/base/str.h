/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * str.h - a borrowed run of characters, not NUL-terminated.
 *
 * Passed by value, never owns. Parsing helpers take the whole run: trailing
 * rubbish is an error. Case helpers are ASCII only (see utf8.h for people's
 * text).
 */
#ifndef USHER_BASE_STR_H
#define USHER_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ literal, sizeof(literal) - 1 })
#define STR_NONE     ((struct str){ NULL, 0 })

struct str str_of(const char *text); /* NULL reads as empty */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *text);
bool str_is_nocase(struct str a, const char *text);
bool str_starts(struct str a, const char *prefix);
int str_cmp(struct str a, struct str b);      /* bytewise, like strcmp */
struct str str_trim(struct str a);            /* blanks and tabs at both ends */
struct str str_from(struct str a, size_t at); /* the rest behind `at` */
struct str str_sub(struct str a, size_t at, size_t n);
/* Index of the first `c`, or a.n when there is none. */
size_t str_find(struct str a, char c);
size_t str_find_str(struct str a, struct str needle);
/* Cuts `*rest` at the first `c` and returns what stood before it. */
struct str str_next(struct str *rest, char c);
/* Copies into dst of `size` bytes, always terminated; false when cut. */
bool str_copy(char *dst, size_t size, struct str s);
int str_to_u64(struct str s, uint64_t *out) must_check; /* digits only */
int str_to_i64(struct str s, int64_t *out) must_check;
/* Writes the digits of v, unterminated; returns how many (1..20). */
#define STR_U64 20
size_t str_put_u64(char dst[STR_U64], uint64_t v);
/* Levenshtein distance, capped at `most` + 1: for did-you-mean. */
unsigned str_distance(struct str a, struct str b, unsigned most);

#endif
