/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8.h - people's text: validity, folding, words.
 */
#ifndef USHER_BASE_UTF8_H
#define USHER_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Decodes the first character: its bytes (1..4), 0 when s is empty or does
 * not start with a whole valid character. */
size_t utf8_next(struct str s, uint32_t *out);
/* RFC 3629: no overlong forms, no surrogates, nothing over U+10FFFF. */
bool utf8_valid(struct str s);
/* Bytes of the longest valid prefix (for checking a text that comes in parts:
 * at most 3 bytes of an unfinished character may stand behind it). */
size_t utf8_valid_prefix(struct str s);
/* Appends s with every invalid byte replaced by U+FFFD. */
void utf8_repair(struct str s, struct buf *out);
/* Appends the form for comparing: NFKC, case-folded, marks kept. */
void utf8_fold(struct str s, struct buf *out);
/* Does folded `text` hold folded `needle` as whole words? Both already
 * folded. A word ends where letters and digits end; in scripts written without
 * blanks (Chinese, Japanese, Thai ...) behind each character. */
bool utf8_has_words(struct str text, struct str needle);
/* Cuts s to at most `bytes` without splitting a character. */
struct str utf8_cut(struct str s, size_t bytes);
/* Columns a terminal needs for s (East Asian wide = 2, marks = 0). */
size_t utf8_width(struct str s);

#endif
