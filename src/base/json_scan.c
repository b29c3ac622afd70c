/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_scan.c - is this JSON, and within our limits?
 *
 * Entered by json.c only, with bytes straight from peers. One pass, a fixed
 * amount of memory, no recursion: a bit per open level is all it keeps. What
 * it lets through, any correct parser reads in the same way.
 */
#include "base/json_scan.h"

#include "base/utf8.h"

#define DEPTH_MAX  32
#define VALUES_MAX 10000
#define INT_MAX_53 (UINT64_C(1) << 53) /* a double holds it exactly */

/*
 * The scanner. `arrays` has a bit per open level, the lowest for the innermost
 * (1: an array). Each step eats one token and says what may come next.
 */
enum next {
	NEXT_VALUE,
	NEXT_VALUE_OR_END, /* behind [ */
	NEXT_KEY,
	NEXT_KEY_OR_END, /* behind { */
	NEXT_COMMA_OR_END,
	NEXT_NOTHING, /* the value is complete */
	NEXT_FAILED,
};

struct scan {
	const char *start;
	const char *p;
	const char *end;
	size_t string_max;
	size_t values;
	unsigned depth;
	uint64_t arrays;
	struct fault *why;
	int err;
};

static enum next refuse(struct scan *s, int err, const char *what)
{
	s->err = fault_set(s->why, err, "JSON: %s at byte %zu", what,
	    (size_t)(s->p - s->start));
	return NEXT_FAILED;
}

static enum next bad_syntax(struct scan *s, const char *what)
{
	return refuse(s, ERR_SYNTAX, what);
}

static void skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
	                            *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

/* The next byte, or NUL at the end: NUL is nowhere allowed, so it fits. */
static char peek(const struct scan *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads the four digits behind \u; -1 when they are none. */
static int scan_hex4(struct scan *s)
{
	int v = 0;
	int i;

	for (i = 0; i < 4; i++) {
		int digit = hex_digit(peek(s));

		if (digit < 0)
			return -1;
		v = v * 16 + digit;
		s->p++;
	}
	return v;
}

/* Behind \u; adds to *size the bytes the character will take. */
static bool scan_unicode(struct scan *s, size_t *size)
{
	int c = scan_hex4(s);

	if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff))
		return false;
	if (c < 0xd800 || c > 0xdbff) {
		*size += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
		return true;
	}
	if (s->end - s->p < 2 || s->p[0] != '\\' || s->p[1] != 'u')
		return false;
	s->p += 2;
	c = scan_hex4(s);
	*size += 4;
	return c >= 0xdc00 && c <= 0xdfff;
}

static bool scan_escape(struct scan *s, size_t *size)
{
	char c = peek(s);

	if (c == 'u') {
		s->p++;
		return scan_unicode(s, size);
	}
	if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
		return false;
	s->p++;
	*size += 1;
	return true;
}

/* Eats a string whose quote is next; false: refused. The limit is on bytes as
 * the string will be in memory, not as it was written. */
static bool scan_string(struct scan *s)
{
	size_t size = 0;

	for (s->p++; peek(s) != '"';) {
		if ((unsigned char)peek(s) < 0x20) {
			bad_syntax(s, s->p < s->end
			                  ? "control character in a string"
			                  : "unfinished string");
			return false;
		}
		if (*s->p++ != '\\') {
			size++;
		} else if (!scan_escape(s, &size)) {
			bad_syntax(s, "bad escape");
			return false;
		}
		if (size > s->string_max) {
			refuse(s, ERR_TOO_LARGE, "string too long");
			return false;
		}
	}
	s->p++;
	return true;
}

static bool scan_digits(struct scan *s)
{
	if (!is_digit(peek(s)))
		return false;
	while (is_digit(peek(s)))
		s->p++;
	return true;
}

static bool scan_fraction(struct scan *s)
{
	if (peek(s) == '.') {
		s->p++;
		if (!scan_digits(s))
			return false;
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->p++;
		if (peek(s) == '+' || peek(s) == '-')
			s->p++;
		if (!scan_digits(s))
			return false;
	}
	return true;
}

static enum next after_value(const struct scan *s)
{
	return s->depth == 0 ? NEXT_NOTHING : NEXT_COMMA_OR_END;
}

static enum next scan_number(struct scan *s)
{
	struct str digits;
	const char *whole;
	uint64_t v;

	if (peek(s) == '-')
		s->p++;
	digits.p = s->p;
	if (!scan_digits(s))
		return bad_syntax(s, "bad number");
	digits.n = (size_t)(s->p - digits.p);
	if (digits.n > 1 && digits.p[0] == '0')
		return bad_syntax(s, "leading zero");
	whole = s->p;
	if (!scan_fraction(s))
		return bad_syntax(s, "bad number");
	if (s->p == whole && (str_to_u64(digits, &v) != 0 || v > INT_MAX_53))
		return refuse(s, ERR_SYNTAX, "integer outside +-2^53");
	return after_value(s);
}

static enum next scan_word(struct scan *s, const char *word)
{
	struct str rest = { s->p, (size_t)(s->end - s->p) };

	if (!str_starts(rest, word))
		return bad_syntax(s, "unknown word");
	s->p += strlen(word);
	return after_value(s);
}

static enum next open_level(struct scan *s, bool array)
{
	if (s->depth == DEPTH_MAX)
		return refuse(s, ERR_TOO_LARGE, "nested too deeply");
	s->depth++;
	s->arrays = (s->arrays << 1) | array;
	s->p++;
	return array ? NEXT_VALUE_OR_END : NEXT_KEY_OR_END;
}

static enum next close_level(struct scan *s)
{
	s->depth--;
	s->arrays >>= 1;
	s->p++;
	return after_value(s);
}

static enum next scan_value(struct scan *s)
{
	if (++s->values > VALUES_MAX)
		return refuse(s, ERR_TOO_LARGE, "too many values");
	switch (peek(s)) {
	case '{':
		return open_level(s, false);
	case '[':
		return open_level(s, true);
	case '"':
		return scan_string(s) ? after_value(s) : NEXT_FAILED;
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

static enum next scan_key(struct scan *s)
{
	if (peek(s) != '"')
		return bad_syntax(s, "a key must be a string");
	if (!scan_string(s))
		return NEXT_FAILED;
	skip_blanks(s);
	if (peek(s) != ':')
		return bad_syntax(s, "':' is missing");
	s->p++;
	return NEXT_VALUE;
}

static enum next scan_comma_or_end(struct scan *s)
{
	bool array = (s->arrays & 1) != 0;

	if (peek(s) == (array ? ']' : '}'))
		return close_level(s);
	if (peek(s) != ',')
		return bad_syntax(s, "',' or the end is missing");
	s->p++;
	return array ? NEXT_VALUE : NEXT_KEY;
}

static enum next scan_step(struct scan *s, enum next next)
{
	skip_blanks(s);
	switch (next) {
	case NEXT_VALUE_OR_END:
		return peek(s) == ']' ? close_level(s) : scan_value(s);
	case NEXT_VALUE:
		return scan_value(s);
	case NEXT_KEY_OR_END:
		return peek(s) == '}' ? close_level(s) : scan_key(s);
	case NEXT_KEY:
		return scan_key(s);
	default:
		return scan_comma_or_end(s);
	}
}

int json_scan(
    struct str text, size_t string_max, size_t *out_values, struct fault *why)
{
	size_t good = utf8_valid_prefix(text);
	struct scan s = { .start = text.p,
		.p = text.p,
		.end = text.n == 0 ? text.p : text.p + text.n,
		.string_max = string_max,
		.why = why };
	enum next next = NEXT_VALUE;

	if (good != text.n)
		return fault_set(
		    why, ERR_SYNTAX, "JSON: not UTF-8 at byte %zu", good);
	while (next != NEXT_NOTHING && next != NEXT_FAILED)
		next = scan_step(&s, next);
	if (next == NEXT_NOTHING) {
		skip_blanks(&s);
		if (s.p != s.end)
			bad_syntax(&s, "more than one value");
	}
	*out_values = s.values;
	return s.err;
}
