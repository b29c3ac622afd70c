/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8.c - people's text.
 *
 * Entered with bytes straight from peers and with keywords of the config. The
 * one file that knows utf8proc. Nothing here may read behind the run, and
 * nothing that is not valid UTF-8 is ever handed to the library.
 */
#include "base/utf8.h"

#include <utf8proc.h>

#include "base/check.h"
#include "base/mem.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* NFKC_Casefold of Unicode: also drops what is invisible (soft hyphen, zero
 * width space), or a keyword could be hidden from a rule. */
#define FOLD                                                                   \
	(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |                \
	    UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)

/* Scripts written without blanks: there each character ends a word. */
static const struct {
	uint32_t first, last;
} unspaced[] = {
	{ 0x0e00, 0x0eff }, /* Thai, Lao */
	{ 0x1000, 0x109f }, /* Myanmar */
	{ 0x1780, 0x17ff }, /* Khmer */
	{ 0x3005, 0x3007 }, /* ideographic marks */
	{ 0x3040, 0x30ff }, /* Hiragana, Katakana */
	{ 0x3400, 0x4dbf }, /* Han */
	{ 0x4e00, 0x9fff },
	{ 0xf900, 0xfaff },
	{ 0x20000, 0x3ffff },
};

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* How long a character is by its first byte, and what its second byte may be
 * (RFC 3629, the table of section 4). 0: no character starts so. */
static size_t lead(unsigned char c, unsigned char *low, unsigned char *high)
{
	*low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	*high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (c < 0x80)
		return 1;
	if (c < 0xc2)
		return 0;
	if (c < 0xe0)
		return 2;
	if (c < 0xf0)
		return 3;
	return c < 0xf5 ? 4 : 0;
}

/* Bytes of the valid character at p, or 0. */
static size_t char_bytes(const unsigned char *p, size_t n)
{
	unsigned char low;
	unsigned char high;
	size_t len = lead(p[0], &low, &high);
	size_t i;

	if (len > n)
		return 0;
	if (len > 1 && (p[1] < low || p[1] > high))
		return 0;
	for (i = 2; i < len; i++)
		if (!is_tail(p[i]))
			return 0;
	return len;
}

/* Most text is ASCII: eight bytes are looked at in one step. */
static size_t ascii_prefix(const char *p, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; i + 8 <= n; i += 8) {
		memcpy(&word, p + i, 8);
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < n && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

size_t utf8_next(struct str s, uint32_t *out)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)s.p;
	size_t len = s.n == 0 ? 0 : char_bytes(p, s.n);
	uint32_t c;
	size_t i;

	if (len == 0)
		return 0;
	c = p[0] & mask[len];
	for (i = 1; i < len; i++)
		c = (c << 6) | (p[i] & 0x3f);
	*out = c;
	return len;
}

size_t utf8_valid_prefix(struct str s)
{
	size_t at = 0;

	while (at < s.n) {
		size_t len = ascii_prefix(s.p + at, s.n - at);

		if (len == 0)
			len = char_bytes(
			    (const unsigned char *)s.p + at, s.n - at);
		if (len == 0)
			break;
		at += len;
	}
	return at;
}

bool utf8_valid(struct str s)
{
	return utf8_valid_prefix(s) == s.n;
}

void utf8_repair(struct str s, struct buf *out)
{
	while (s.n > 0) {
		size_t good = utf8_valid_prefix(s);

		buf_add(out, s.p, good);
		if (good == s.n)
			return;
		buf_add_text(out, REPLACEMENT);
		s = str_from(s, good + 1);
	}
}

static void fold_ascii(struct str s, struct buf *out)
{
	size_t i;

	if (!buf_reserve(out, s.n))
		return;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		out->data[out->len++] =
		    c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	out->data[out->len] = '\0';
}

/* `s` is valid. The library's own wrapper takes memory by itself; so its two
 * halves are called with memory of ours. */
static void fold_valid(struct str s, struct buf *out)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s.p;
	utf8proc_ssize_t len = (utf8proc_ssize_t)s.n;
	utf8proc_ssize_t n = utf8proc_decompose(p, len, NULL, 0, FOLD);
	utf8proc_int32_t *chars;

	check(n >= 0);
	chars = mem_try(((size_t)n + 1) * sizeof(*chars));
	if (chars == NULL) {
		out->failed = true;
		return;
	}
	check(utf8proc_decompose(p, len, chars, n, FOLD) == n);
	n = utf8proc_reencode(chars, n, FOLD);
	check(n >= 0);
	buf_add(out, chars, (size_t)n);
	mem_free(chars);
}

void utf8_fold(struct str s, struct buf *out)
{
	struct buf repaired = { 0 };

	if (ascii_prefix(s.p, s.n) == s.n) {
		fold_ascii(s, out);
		return;
	}
	if (utf8_valid(s)) {
		fold_valid(s, out);
		return;
	}
	utf8_repair(s, &repaired);
	if (repaired.failed)
		out->failed = true;
	else
		fold_valid(buf_str(&repaired), out);
	buf_done(&repaired);
}

static bool is_unspaced(uint32_t c)
{
	size_t i;

	for (i = 0; i < countof(unspaced); i++)
		if (c >= unspaced[i].first && c <= unspaced[i].last)
			return true;
	return false;
}

/* Does the character hold a word together? Marks belong to their letter. */
static bool joins(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return !is_unspaced(c);
	default:
		return false;
	}
}

/* The character that ends at `at`; 0 at the start and in rubbish. */
static uint32_t char_before(struct str s, size_t at)
{
	size_t from = at;
	uint32_t c = 0;

	while (from > 0 && at - from < 4) {
		from--;
		if (!is_tail((unsigned char)s.p[from]))
			break;
	}
	if (utf8_next(str_sub(s, from, at - from), &c) != at - from)
		return 0;
	return c;
}

static bool is_word_edge(struct str s, size_t at)
{
	uint32_t next = 0;

	if (at == 0 || at == s.n)
		return true;
	utf8_next(str_from(s, at), &next);
	return !joins(char_before(s, at)) || !joins(next);
}

bool utf8_has_words(struct str text, struct str needle)
{
	size_t at = 0;

	while (needle.n > 0 && needle.n <= text.n - at) {
		struct str rest = str_from(text, at);
		size_t hit = str_find_str(rest, needle);

		if (hit == rest.n)
			return false;
		at += hit;
		if (is_word_edge(text, at) && is_word_edge(text, at + needle.n))
			return true;
		at++;
	}
	return false;
}

struct str utf8_cut(struct str s, size_t bytes)
{
	size_t at = bytes;

	if (s.n <= bytes)
		return s;
	/* Steps back over the tail of at most one character. */
	while (at > 0 && bytes - at < 3 && is_tail((unsigned char)s.p[at]))
		at--;
	return str_sub(s, 0, at);
}

size_t utf8_width(struct str s)
{
	size_t columns = 0;
	uint32_t c;

	while (s.n > 0) {
		size_t len = utf8_next(s, &c);

		if (len == 0) {
			columns++; /* shown as U+FFFD */
			len = 1;
		} else {
			columns +=
			    (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
		}
		s = str_from(s, len);
	}
	return columns;
}
