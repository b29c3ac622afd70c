/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_hours.c - reads `hours` blocks: a zone, a week, and exceptions.
 *
 * Part of the check. Spans of a day never overlap and come out sorted, so that
 * the same week always has the same canonical text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"
#include "config/tzfile.h"

#define EXCEPTIONS_MAX 1000

/* What a block is read into, and what is needed only meanwhile. */
struct reading {
	struct hours *hours;
	size_t exception_cap;
	bool has_week;
};

/* zone "Europe/Paris"; its changes are read here and now, so that nobody has
 * to open a file later. */
static void take_zone(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;
	const struct item *name =
	    cursor_take(c, ITEM_STRING, "the name of a zone");
	struct fault why;

	if (name == NULL || tzfile_load(name->text, &r->hours->zone, &why) == 0)
		return;
	c->at = name;
	c->example = NULL;
	cursor_fail(c, "%s", why.text);
	tzfile_suggest(k->notes, name->text);
}

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun" };

int weekday_of(struct str s)
{
	for (int i = 0; i < 7; i++)
		if (str_is(s, weekdays[i]))
			return i;
	return -1;
}

/* "mon", "mon-fri", "fri-mon" (over Sunday) or "daily", as a bit per day. */
static unsigned read_days(struct cursor *c)
{
	const struct item *i = c->at;
	struct str to;
	struct str from;
	unsigned days = 0;
	int first;
	int last;

	if (cursor_take(c, ITEM_WORD, "a day such as mon or mon-fri") == NULL)
		return 0;
	if (str_is(i->text, "daily"))
		return 0x7f;
	to = i->text;
	from = str_next(&to, '-');
	first = weekday_of(from);
	last = from.n < i->text.n ? weekday_of(to) : first;
	if (first < 0 || last < 0) {
		c->at = i;
		cursor_fail(c, "days are mon tue wed thu fri sat sun, "
		               "mon-fri or daily");
		return 0;
	}
	for (int day = first;; day = (day + 1) % 7) {
		days |= 1u << day;
		if (day == last)
			return days;
	}
}

/* Keeps the day's spans sorted; false: it overlaps, or the day is full. */
static bool add_span(struct hours_day *day, struct hours_span span)
{
	unsigned at = 0;

	if (day->span_count == HOURS_SPANS)
		return false;
	while (at < day->span_count && day->spans[at].from < span.from)
		at++;
	if ((at > 0 && day->spans[at - 1].to > span.from) ||
	    (at < day->span_count && day->spans[at].from < span.to))
		return false;
	memmove(&day->spans[at + 1], &day->spans[at],
	    (day->span_count - at) * sizeof(span));
	day->spans[at] = span;
	day->span_count++;
	return true;
}

/* 09:00-12:30 */
static bool read_span(struct cursor *c, struct hours_span *out)
{
	const struct item *from = cursor_take(c, ITEM_CLOCK, "a time");
	const struct item *to;

	if (from == NULL)
		return false;
	if (!cursor_skip(c, ITEM_DASH)) {
		cursor_fail(c, "- and a time are expected here");
		return false;
	}
	to = cursor_take(c, ITEM_CLOCK, "a time");
	if (to == NULL)
		return false;
	*out =
	    (struct hours_span){ (uint16_t)from->number, (uint16_t)to->number };
	if (from->number < to->number)
		return true;
	c->at = to;
	c->example = "open fri 22:00-24:00; open sat 00:00-06:00;";
	cursor_fail(c, "this ends before it begins");
	return false;
}

/* The days of one statement share its spans: they are read once for each. */
static void read_spans(struct cursor *c, struct hours_day *day)
{
	const struct item *at;
	struct hours_span span;

	do {
		at = c->at;
		if (!read_span(c, &span))
			return;
		if (add_span(day, span))
			continue;
		c->at = at;
		cursor_fail(c, day->span_count == HOURS_SPANS
		                   ? "a day has at most 8 spans"
		                   : "this overlaps another span of the day");
		return;
	} while (cursor_skip(c, ITEM_COMMA));
}

/* `every 12-24` or `2026-12-24`; its hours are to be filled. */
static struct hours_exception *read_date(struct cursor *c, struct reading *r)
{
	struct hours *h = r->hours;
	bool every = cursor_skip_word(c, "every");
	const struct item *date = cursor_take(c, every ? ITEM_DAY : ITEM_DATE,
	    every ? "a day of the year such as 12-25"
	          : "a date such as 2026-12-25");
	struct hours_exception e = { 0 };

	if (date == NULL)
		return NULL;
	e.year = (uint16_t)(date->number / 10000);
	e.month = (uint8_t)(date->number / 100 % 100);
	e.day = (uint8_t)(date->number % 100);
	for (size_t i = 0; i < h->exception_count; i++) {
		const struct hours_exception *x = &h->exceptions[i];

		if (x->year != e.year || x->month != e.month || x->day != e.day)
			continue;
		c->at = date;
		cursor_fail(c, "this day is named a second time");
		return NULL;
	}
	if (h->exception_count == EXCEPTIONS_MAX) {
		cursor_fail(c, "at most %d days are named", EXCEPTIONS_MAX);
		return NULL;
	}
	mem_room(
	    &h->exceptions, h->exception_count, &r->exception_cap, sizeof(e));
	h->exceptions[h->exception_count] = e;
	return &h->exceptions[h->exception_count++];
}

static void read_label(struct cursor *c, struct hours_exception *e)
{
	if (cursor_is(c, ITEM_STRING))
		e->label = cursor_text(c, "a label");
}

/* open mon-fri, sun 09:00-12:30, 13:30-18:00; */
static void read_week(struct cursor *c, struct reading *r)
{
	unsigned days = 0;
	const struct item *spans;

	r->has_week = true;
	do
		days |= read_days(c);
	while (cursor_skip(c, ITEM_COMMA));
	spans = c->at;
	for (int day = 0; day < 7; day++) {
		if (!(days >> day & 1) || c->failed)
			continue;
		c->at = spans;
		read_spans(c, &r->hours->week[day]);
	}
}

/* A date or `every` begins an exception, anything else is about the week. */
static void take_open(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;
	struct hours_exception *e;

	(void)k;
	if (!cursor_is(c, ITEM_DATE) && !cursor_is_word(c, "every")) {
		read_week(c, r);
		return;
	}
	e = read_date(c, r);
	if (e == NULL)
		return;
	read_spans(c, &e->hours);
	read_label(c, e);
}

static void take_closed(struct check *k, struct cursor *c, void *object)
{
	struct hours_exception *e = read_date(c, object);

	(void)k;
	if (e != NULL)
		read_label(c, e);
}

static const struct row rows[] = {
	{ "zone", ROW_ONCE, take_zone, "zone \"Europe/Paris\";" },
	{ "open", ROW_REPEAT, take_open,
	    "open mon-fri 09:00-12:30, 13:30-18:00;" },
	{ "closed", ROW_REPEAT, take_closed,
	    "closed 2026-12-25 \"Christmas\";" },
};

/* Yearly days (year 0) come first; each day is there once. */
static int by_date(const void *a, const void *b)
{
	const struct hours_exception *x = a;
	const struct hours_exception *y = b;
	int p = x->year * 10000 + x->month * 100 + x->day;
	int q = y->year * 10000 + y->month * 100 + y->day;

	return p < q ? -1 : p > q;
}

void check_hours(struct check *k, const struct def *d, struct hours *h)
{
	struct reading r = { .hours = h };
	size_t errors = k->notes->errors;

	check_block(k, d->statement, BLOCK("hours", rows), &r);
	if (h->exception_count > 0)
		qsort(h->exceptions, h->exception_count, sizeof(*h->exceptions),
		    by_date);
	if (d->statement->broken)
		return;
	if (h->zone.name == NULL && k->notes->errors == errors) {
		note_error(
		    k->notes, &d->name->spot, "these hours name no zone");
		note_hint(k->notes, "as in: zone \"Europe/Paris\";");
	}
	if (!r.has_week && h->exception_count == 0 &&
	    k->notes->errors == errors)
		note_warning(
		    k->notes, &d->name->spot, "these hours are never open");
}
