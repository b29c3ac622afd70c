/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * token.c - makes items of what the lexer matched, and checks their size.
 *
 * Entered by the lexer's actions only. A token that is wrong in itself (a unit
 * nobody knows, a 31st of June) is noted here and marked bad, so that nobody
 * complains about it a second time.
 */
#include <string.h>

#include "config/parse.h"

#define DIGITS_MAX 9 /* of any number: keeps all arithmetic in 64 bits */

/* Columns are characters, as editors count them. */
static unsigned count_chars(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Tokens never span lines, so only runs of line ends move the line. */
void parse_step(struct parse *p, struct str matched)
{
	unsigned chars = count_chars(matched);

	p->here = (struct spot){ .source = p->source,
		.line = p->line,
		.column = p->column,
		.width = chars,
		.offset = p->offset,
		.bytes = (uint32_t)matched.n };
	p->offset += (uint32_t)matched.n;
	if (matched.p[0] == '\n') {
		p->line += (unsigned)matched.n;
		p->column = 1;
	} else {
		p->column += chars;
	}
}

void parse_at_end(struct parse *p)
{
	p->here = (struct spot){ .source = p->source,
		.line = p->line,
		.column = p->column,
		.width = 1,
		.offset = p->offset };
}

/* Notes what is wrong with a token. */
static void spoil(struct parse *p, struct item *i, const char *text)
{
	note_error(p->notes, &i->spot, "%s", text);
	i->bad = true;
}

struct item *parse_item(struct parse *p, enum item_kind kind)
{
	struct item *i = item_new(p->arena, kind, &p->here);

	i->text = spot_text(&i->spot);
	if (kind == ITEM_WORD && i->text.n > NAME_BYTES)
		spoil(p, i, "a name has at most 64 characters");
	return i;
}

/* Returns the bytes read; an unknown escape is noted and dropped. */
static size_t decode_escape(struct parse *p, struct str s, char *to)
{
	static const char from[] = "nt\"\\";
	static const char into[] = "\n\t\"\\";
	const char *found = s.n > 1 ? strchr(from, s.p[1]) : NULL;

	if (found == NULL || *found == '\0') {
		note_error(p->notes, &p->here,
		    "a backslash here stands before n, t, \" or \\ only");
		return s.n > 1 ? 2 : 1;
	}
	*to = into[found - from];
	return 2;
}

/* Decodes what stands between the quotes; the result is never longer. */
static void decode_string(struct parse *p, struct item *i, struct str inside)
{
	char *to = arena_new(p->arena, inside.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < inside.n;) {
		unsigned char c = (unsigned char)inside.p[at];

		if (c == '\\') {
			at += decode_escape(p, str_from(inside, at), &to[n++]);
			continue;
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			spoil(p, i, "a control character in a text");
			break;
		}
		to[n++] = (char)c;
		at++;
	}
	i->text = (struct str){ to, n };
}

struct item *parse_string(struct parse *p)
{
	struct item *i = item_new(p->arena, ITEM_STRING, &p->here);
	struct str token = spot_text(&p->here);

	if (token.n > TEXT_BYTES + 2) {
		spoil(p, i, "a text has at most 4096 bytes");
		return i;
	}
	decode_string(p, i, str_sub(token, 1, token.n - 2));
	return i;
}

/* Most likely only the quote is missing: what looks like the statement's end
 * is given back to the lexer. */
struct item *parse_open_string(struct parse *p)
{
	struct str token = spot_text(&p->here);
	struct item *i;
	size_t keep = token.n;

	while (keep > 0 && token.p[keep - 1] != ';')
		keep--;
	if (keep > 1) {
		p->offset = p->here.offset;
		p->column = p->here.column;
		parse_step(p, str_sub(token, 0, keep - 1));
	}
	i = item_new(p->arena, ITEM_STRING, &p->here);
	spoil(p, i, "this text does not end on its line");
	note_hint(p->notes, "close it with \", write \\n for a new line");
	return i;
}

/* A name with letters from beyond ASCII. */
struct item *parse_foreign(struct parse *p)
{
	struct item *i = parse_item(p, ITEM_WORD);

	spoil(p, i, "letters beyond a-z stand in texts only");
	note_hint(p->notes, "a text is in quotes: \"%.*s\"", (int)i->text.n,
	    i->text.p);
	return i;
}

/* "/a\/b/i": the slash needs its backslash only to get past the lexer. */
struct item *parse_pattern(struct parse *p)
{
	struct item *i = item_new(p->arena, ITEM_PATTERN, &p->here);
	struct str token = spot_text(&p->here);
	size_t end = token.n - 1;
	char *to = arena_new(p->arena, token.n);
	size_t n = 0;

	while (token.p[end] != '/')
		end--;
	if (end + 1 < token.n) {
		i->number = PATTERN_NOCASE;
		if (!str_is(str_from(token, end + 1), "i"))
			spoil(p, i, "the only flag of a pattern is i");
	}
	for (size_t at = 1; at < end; at++) {
		if (token.p[at] == '\\' && token.p[at + 1] == '/')
			at++;
		else if (token.p[at] == '\\')
			to[n++] = token.p[at++];
		to[n++] = token.p[at];
	}
	i->text = (struct str){ to, n };
	return i;
}

static const struct {
	const char *unit;
	int64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60000 },
	{ "h", 3600000 },
	{ "d", 86400000 },
};

static int64_t unit_ms(struct str unit)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_is(unit, units[i].unit))
			return units[i].ms;
	return 0;
}

/* Numbers, percentages and durations: digits and what stands behind them. */
struct item *parse_quantity(struct parse *p, enum item_kind kind)
{
	struct item *i = parse_item(p, kind);
	size_t digits = 0;
	uint64_t value = 0;
	int64_t factor = 1;

	while (digits < i->text.n && i->text.p[digits] >= '0' &&
	       i->text.p[digits] <= '9')
		digits++;
	if (digits > DIGITS_MAX) {
		spoil(p, i, "a number has at most 9 digits");
		return i;
	}
	if (kind == ITEM_DURATION)
		factor = unit_ms(str_from(i->text, digits));
	if (factor == 0) {
		spoil(p, i, "this is neither a number nor a duration");
		note_hint(p->notes, "units are ms, s, m, h and d, as in 90s");
	}
	if (str_to_u64(str_sub(i->text, 0, digits), &value) == 0)
		i->number = (int64_t)value * factor;
	return i;
}

static const struct {
	const char *text;
	enum compare_mark mark;
} marks[] = {
	{ "=", MARK_EQUAL },
	{ "<", MARK_LESS },
	{ "<=", MARK_LESS_EQUAL },
	{ ">", MARK_MORE },
	{ ">=", MARK_MORE_EQUAL },
};

/* == and != of other languages get an answer of their own. */
struct item *parse_compare(struct parse *p)
{
	struct item *i = parse_item(p, ITEM_COMPARE);

	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
		if (!str_is(i->text, marks[m].text))
			continue;
		i->number = marks[m].mark;
		return i;
	}
	spoil(p, i, "compare with =, <, <=, > or >=");
	if (i->text.p[0] == '!')
		note_hint(p->notes, "the opposite is written: not NAME = ...");
	return i;
}

static unsigned two_digits(struct str s, size_t at)
{
	return (unsigned)(s.p[at] - '0') * 10 + (unsigned)(s.p[at + 1] - '0');
}

struct item *parse_clock(struct parse *p)
{
	struct item *i = parse_item(p, ITEM_CLOCK);
	size_t colon = str_find(i->text, ':');
	unsigned hour = colon == 2 ? two_digits(i->text, 0)
	                           : (unsigned)(i->text.p[0] - '0');
	unsigned minute = two_digits(i->text, colon + 1);

	i->number = hour * 60 + minute;
	if (minute > 59 || i->number > 1440)
		spoil(p, i, "no clock shows this time");
	return i;
}

static unsigned month_days(unsigned month, int64_t year)
{
	static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	if (month < 1 || month > 12)
		return 0;
	/* A yearly 29th of February comes every four years. */
	if (month == 2 && year > 0 &&
	    (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return 28;
	return days[month - 1];
}

/* 2026-12-25, or 12-25 of every year. Years outside 1970-2100 have no zone. */
struct item *parse_date(struct parse *p, enum item_kind kind)
{
	struct item *i = parse_item(p, kind);
	size_t at = kind == ITEM_DATE ? 5 : 0;
	int64_t year = kind == ITEM_DATE ? two_digits(i->text, 0) * 100 +
	                                       two_digits(i->text, 2)
	                                 : 0;
	unsigned month = two_digits(i->text, at);
	unsigned day = two_digits(i->text, at + 3);

	i->number = year * 10000 + month * 100 + day;
	if (day < 1 || day > month_days(month, year) ||
	    (kind == ITEM_DATE && (year < 1970 || year > 2100)))
		spoil(p, i, "there is no such day");
	return i;
}

void parse_stray(struct parse *p)
{
	unsigned char c = (unsigned char)spot_text(&p->here).p[0];

	if (c < 0x20 || c == 0x7f)
		note_error(p->notes, &p->here, "a control character");
	else
		note_error(p->notes, &p->here, "%c means nothing here", c);
}
