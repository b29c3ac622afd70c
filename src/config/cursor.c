/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cursor.c - the readers every statement's form is written with.
 *
 * Entered by the check_*.c files. A mismatch gets one note, at the item that
 * does not fit, and one example of the form; never two.
 */
#include "config/cursor.h"

#include <inttypes.h>

#include "base/mem.h"

void cursor_init(struct cursor *c, struct config_notes *notes,
    const struct statement *s, const char *example)
{
	*c = (struct cursor){ .notes = notes,
		.statement = s,
		.at = s->items->next,
		.last = s->items,
		.example = example,
		.failed = s->broken };
}

/* Where the missing item would stand. */
static struct spot gap_behind(const struct item *i)
{
	struct spot p = i->spot;

	p.column += p.width;
	p.offset += p.bytes;
	p.width = 1;
	p.bytes = 0;
	return p;
}

/* The first failure counts: what follows from it is noise. A bad item has been
 * noted by the lexer already. */
void cursor_fail(struct cursor *c, const char *fmt, ...)
{
	char text[200];
	struct buf out = { 0 };
	va_list ap;
	struct spot at = c->at ? c->at->spot : gap_behind(c->last);

	if (c->failed)
		return;
	c->failed = true;
	if (c->at != NULL && c->at->bad)
		return;
	va_start(ap, fmt);
	buf_addv(&out, fmt, ap);
	va_end(ap);
	str_copy(text, sizeof(text), buf_str(&out));
	buf_done(&out);
	note_error(c->notes, &at, "%s", text);
	/* Running on into the next line is nearly always a forgotten end. */
	if (c->at != NULL && c->at->spot.line > c->last->spot.line)
		note_hint(c->notes, "is the ; missing at the end of line %u?",
		    c->last->spot.line);
	else if (c->example != NULL)
		note_hint(c->notes, "as in: %s", c->example);
}

bool cursor_at_end(const struct cursor *c)
{
	return c->failed || c->at == NULL;
}

void cursor_end(struct cursor *c)
{
	struct str extra;

	if (cursor_at_end(c))
		return;
	extra = spot_text(&c->at->spot);
	cursor_fail(c, "%.*s is too much here", (int)extra.n, extra.p);
}

/* Reading a bad item fails the statement in silence. */
static const struct item *step(struct cursor *c)
{
	c->last = c->at;
	c->at = c->at->next;
	if (c->last->bad)
		c->failed = true;
	return c->failed ? NULL : c->last;
}

bool cursor_is(const struct cursor *c, enum item_kind kind)
{
	return !cursor_at_end(c) && c->at->kind == kind;
}

bool cursor_is_word(const struct cursor *c, const char *word)
{
	return cursor_is(c, ITEM_WORD) && str_is(c->at->text, word);
}

bool cursor_skip(struct cursor *c, enum item_kind kind)
{
	return cursor_is(c, kind) && step(c) != NULL;
}

bool cursor_skip_word(struct cursor *c, const char *word)
{
	return cursor_is_word(c, word) && step(c) != NULL;
}

const struct item *cursor_any(struct cursor *c, const char *what)
{
	if (!cursor_at_end(c))
		return step(c);
	cursor_fail(c, "%s is missing", what);
	return NULL;
}

/* "a duration such as 20s is expected here, not soon" */
static void wrong(struct cursor *c, const char *what)
{
	struct str found;

	if (c->at == NULL) {
		cursor_fail(c, "%s is missing", what);
		return;
	}
	found = spot_text(&c->at->spot);
	if (found.n > 40)
		found.n = 40;
	cursor_fail(
	    c, "%s is expected here, not %.*s", what, (int)found.n, found.p);
}

const struct item *cursor_take(
    struct cursor *c, enum item_kind kind, const char *what)
{
	if (cursor_is(c, kind))
		return step(c);
	wrong(c, what);
	return NULL;
}

void cursor_word(struct cursor *c, const char *word)
{
	if (!cursor_skip_word(c, word))
		wrong(c, word);
}

const struct item *cursor_name(struct cursor *c, const char *what)
{
	if (cursor_is(c, ITEM_WORD) || cursor_is(c, ITEM_STRING))
		return step(c);
	wrong(c, what);
	return NULL;
}

/* In the largest unit that divides it: the lexer reads one unit only. */
void duration_show(msec_t ms, struct buf *out)
{
	static const struct {
		msec_t ms;
		const char *unit;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" },
		{ 1000, "s" }, { 1, "ms" } };
	size_t i = 0;

	if (ms == 0) {
		buf_add_text(out, "0s");
		return;
	}
	while (ms % units[i].ms != 0)
		i++;
	buf_addf(out, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
}

void quote_show(struct str s, struct buf *out)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\' || c == '\n' || c == '\t')
			buf_add_char(out, '\\');
		if (c == '\n')
			c = 'n';
		else if (c == '\t')
			c = 't';
		buf_add_char(out, c);
	}
	buf_add_char(out, '"');
}

msec_t cursor_duration(struct cursor *c, msec_t least, msec_t most)
{
	struct buf out = { 0 };
	const struct item *i = c->at;

	if (cursor_take(c, ITEM_DURATION, "a duration such as 20s") == NULL)
		return 0;
	if (i->number >= least && i->number <= most)
		return i->number;
	duration_show(least, &out);
	buf_add_text(&out, " to ");
	duration_show(most, &out);
	c->at = i;
	cursor_fail(c, "this may be %s", out.data);
	buf_done(&out);
	return 0;
}

int64_t cursor_number(struct cursor *c, int64_t least, int64_t most)
{
	const struct item *i = c->at;

	if (cursor_take(c, ITEM_NUMBER, "a number") == NULL)
		return 0;
	if (i->number >= least && i->number <= most)
		return i->number;
	c->at = i;
	cursor_fail(c, "this may be %" PRId64 " to %" PRId64, least, most);
	return 0;
}

bool cursor_yes_no(struct cursor *c)
{
	if (cursor_at_end(c) || cursor_skip_word(c, "yes"))
		return true;
	if (!cursor_skip_word(c, "no"))
		wrong(c, "yes or no");
	return false;
}

char *cursor_text(struct cursor *c, const char *what)
{
	const struct item *i = cursor_take(c, ITEM_STRING, what);

	return i != NULL ? mem_text_n(i->text.p, i->text.n) : NULL;
}

/* ISO 639-1 by its look; whether anybody speaks it is not our affair. */
bool is_language(struct str s)
{
	return s.n == 2 && s.p[0] >= 'a' && s.p[0] <= 'z' && s.p[1] >= 'a' &&
	       s.p[1] <= 'z';
}

char *cursor_language(struct cursor *c)
{
	const struct item *i = c->at;

	if (cursor_name(c, "a language such as fr") == NULL)
		return NULL;
	if (is_language(i->text))
		return mem_text_n(i->text.p, i->text.n);
	c->at = i;
	cursor_fail(c, "a language has two small letters, such as fr");
	return NULL;
}
