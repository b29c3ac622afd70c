/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * str.c - looking at borrowed text.
 *
 * Entered from everywhere, with bytes of any origin: nothing here trusts a
 * terminator, reads behind the run or takes memory (but for str_distance()).
 */
#include "base/str.h"

#include "base/mem.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* memcmp() must not be given NULL, not even with length 0. */
static bool same_bytes(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

struct str str_of(const char *text)
{
	if (text == NULL)
		return STR_NONE;
	return (struct str){ text, strlen(text) };
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && same_bytes(a.p, b.p, a.n);
}

bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

bool str_is_nocase(struct str a, const char *text)
{
	size_t i;

	if (a.n != str_of(text).n)
		return false;
	for (i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(text[i]))
			return false;
	return true;
}

bool str_starts(struct str a, const char *prefix)
{
	struct str p = str_of(prefix);

	return a.n >= p.n && same_bytes(a.p, p.p, p.n);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = smaller(a.n, b.n);
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

struct str str_trim(struct str a)
{
	while (a.n > 0 && is_blank(a.p[0]))
		a = str_from(a, 1);
	while (a.n > 0 && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

struct str str_from(struct str a, size_t at)
{
	at = smaller(at, a.n);
	/* NULL + 0 is undefined in C, and an empty run may be NULL. */
	if (at == 0)
		return a;
	return (struct str){ a.p + at, a.n - at };
}

struct str str_sub(struct str a, size_t at, size_t n)
{
	a = str_from(a, at);
	a.n = smaller(a.n, n);
	return a;
}

size_t str_find(struct str a, char c)
{
	const char *hit = a.n == 0 ? NULL : memchr(a.p, c, a.n);

	return hit == NULL ? a.n : (size_t)(hit - a.p);
}

size_t str_find_str(struct str a, struct str needle)
{
	const char *hit;

	if (needle.n == 0)
		return 0;
	if (needle.n > a.n)
		return a.n;
	hit = memmem(a.p, a.n, needle.p, needle.n);
	return hit == NULL ? a.n : (size_t)(hit - a.p);
}

struct str str_next(struct str *rest, char c)
{
	size_t at = str_find(*rest, c);
	struct str head = str_sub(*rest, 0, at);

	*rest = str_from(*rest, at + 1);
	return head;
}

bool str_copy(char *dst, size_t size, struct str s)
{
	size_t n;

	if (size == 0)
		return false;
	n = smaller(s.n, size - 1);
	if (n > 0)
		memcpy(dst, s.p, n);
	dst[n] = '\0';
	return n == s.n;
}

int str_to_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (s.n == 0)
		return ERR_INVALID;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return ERR_INVALID;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (unsigned)(s.p[i] - '0'), &v))
			return ERR_INVALID;
	}
	*out = v;
	return 0;
}

int str_to_i64(struct str s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v;
	int err = str_to_u64(str_from(s, minus), &v);

	if (err != 0)
		return err;
	if (v > (uint64_t)INT64_MAX + minus)
		return ERR_INVALID;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

size_t str_put_u64(char dst[STR_U64], uint64_t v)
{
	char back[STR_U64];
	size_t n = 0;
	size_t i;

	do {
		back[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	for (i = 0; i < n; i++)
		dst[i] = back[n - 1 - i];
	return n;
}

/* One row of the classic table; returns the smallest number in it. */
static unsigned distance_row(unsigned *row, char c, struct str b)
{
	unsigned diagonal = row[0];
	unsigned least = ++row[0];
	size_t j;

	for (j = 0; j < b.n; j++) {
		unsigned here = diagonal + (c != b.p[j]);

		diagonal = row[j + 1];
		if (row[j] + 1 < here)
			here = row[j] + 1;
		if (diagonal + 1 < here)
			here = diagonal + 1;
		row[j + 1] = here;
		least = here < least ? here : least;
	}
	return least;
}

unsigned str_distance(struct str a, struct str b, unsigned most)
{
	size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;
	unsigned result = most + 1;
	unsigned *row;
	size_t i;

	if (gap > most)
		return result;
	row = new_array(unsigned, b.n + 1);
	for (i = 0; i <= b.n; i++)
		row[i] = (unsigned)i;
	for (i = 0; i < a.n; i++)
		if (distance_row(row, a.p[i], b) > most)
			goto out;
	if (row[b.n] <= most)
		result = row[b.n];
out:
	mem_free(row);
	return result;
}
