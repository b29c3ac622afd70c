/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tzrule.c - "CET-1CEST,M3.5.0,M10.5.0/3" to changes, year by year.
 *
 * Entered by tzfile.c with the footer of a file. POSIX TZ strings with the
 * extensions of RFC 9636 (hours of -167 to 167). Note POSIX's sign: hours
 * west of Greenwich are positive there.
 */
#include "config/tzrule.h"

#define S_PER_DAY  ((int64_t)86400)
#define FIRST_YEAR 1970
#define LAST_YEAR  2100

enum day_form { DAY_JULIAN, DAY_ZERO, DAY_MONTH };

struct day_rule {
	enum day_form form;
	unsigned day;                  /* Jn: 1-365; n: 0-365 */
	unsigned month, week, weekday; /* Mm.w.d; 0 = Sunday */
	int32_t time_s;
};

struct tzrule {
	int32_t std_s, dst_s; /* east of Greenwich */
	bool has_dst;
	struct day_rule start, end;
};

/* Reads from the front of `s`; fails once and stays failed. */
struct scan {
	struct str s;
	bool failed;
};

static bool skip_char(struct scan *in, char c)
{
	if (in->failed || in->s.n == 0 || in->s.p[0] != c)
		return false;
	in->s = str_from(in->s, 1);
	return true;
}

static void need_char(struct scan *in, char c)
{
	if (!skip_char(in, c))
		in->failed = true;
}

static int32_t read_int(struct scan *in, int32_t least, int32_t most)
{
	int32_t v = 0;
	size_t n = 0;

	while (n < in->s.n && n < 4 && in->s.p[n] >= '0' && in->s.p[n] <= '9')
		v = v * 10 + (in->s.p[n++] - '0');
	if (n == 0 || v < least || v > most)
		in->failed = true;
	in->s = str_from(in->s, n);
	return in->failed ? 0 : v;
}

/* CET, or <+0330> */
static void skip_name(struct scan *in)
{
	bool quoted = skip_char(in, '<');
	size_t n = 0;

	while (n < in->s.n) {
		char c = in->s.p[n];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';

		if (!letter && !(quoted && (c == '+' || c == '-' ||
		                               (c >= '0' && c <= '9'))))
			break;
		n++;
	}
	if (n < 3)
		in->failed = true;
	in->s = str_from(in->s, n);
	if (quoted)
		need_char(in, '>');
}

/* [+-]h[h[h]][:mm[:ss]] in seconds, as written. */
static int32_t read_time(struct scan *in, int32_t most_hours)
{
	bool negative = skip_char(in, '-');
	int32_t v;

	if (!negative)
		skip_char(in, '+');
	v = read_int(in, 0, most_hours) * 3600;
	if (skip_char(in, ':'))
		v += read_int(in, 0, 59) * 60;
	if (skip_char(in, ':'))
		v += read_int(in, 0, 59);
	return negative ? -v : v;
}

static void read_day(struct scan *in, struct day_rule *out)
{
	*out = (struct day_rule){ .form = DAY_ZERO, .time_s = 7200 };
	need_char(in, ',');
	if (skip_char(in, 'M')) {
		out->form = DAY_MONTH;
		out->month = (unsigned)read_int(in, 1, 12);
		need_char(in, '.');
		out->week = (unsigned)read_int(in, 1, 5);
		need_char(in, '.');
		out->weekday = (unsigned)read_int(in, 0, 6);
	} else if (skip_char(in, 'J')) {
		out->form = DAY_JULIAN;
		out->day = (unsigned)read_int(in, 1, 365);
	} else {
		out->day = (unsigned)read_int(in, 0, 365);
	}
	if (skip_char(in, '/'))
		out->time_s = read_time(in, 167);
}

static int read_rule(struct str text, struct tzrule *out)
{
	struct scan in = { .s = text };

	skip_name(&in);
	out->std_s = -read_time(&in, 24);
	out->has_dst = !in.failed && in.s.n > 0;
	if (!out->has_dst)
		return in.failed ? ERR_CORRUPT : 0;
	skip_name(&in);
	out->dst_s = out->std_s + 3600;
	if (in.s.n > 0 && in.s.p[0] != ',')
		out->dst_s = -read_time(&in, 24);
	read_day(&in, &out->start);
	read_day(&in, &out->end);
	return in.failed || in.s.n > 0 ? ERR_CORRUPT : 0;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970-01-01 of the 1st of January; only 1970 and later. */
static int64_t year_start(int year)
{
	int64_t y = year - 1;

	return (int64_t)(year - 1970) * 365 + (y / 4 - 1969 / 4) -
	       (y / 100 - 1969 / 100) + (y / 400 - 1969 / 400);
}

/* Day of the year of the n-th weekday of a month; week 5 means the last. */
static unsigned month_rule_day(const struct day_rule *r, int year)
{
	static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	unsigned first = 0;
	unsigned length = lengths[r->month - 1];
	unsigned weekday;
	unsigned day;

	for (unsigned m = 1; m < r->month; m++)
		first += lengths[m - 1] + (m == 2 && is_leap(year));
	length += r->month == 2 && is_leap(year);
	/* 1970-01-01 was a Thursday: 4. */
	weekday = (unsigned)((year_start(year) + first + 4) % 7);
	day = (r->weekday + 7 - weekday) % 7 + (r->week - 1) * 7;
	while (day >= length)
		day -= 7;
	return first + day;
}

static int64_t rule_at(const struct day_rule *r, int year, int32_t offset_s)
{
	int64_t day = r->day;

	if (r->form == DAY_MONTH)
		day = month_rule_day(r, year);
	else if (r->form == DAY_JULIAN) /* no 29th of February in Jn */
		day = r->day - 1 + (is_leap(year) && r->day >= 60);
	return (year_start(year) + day) * S_PER_DAY + r->time_s - offset_s;
}

static void add_after(
    struct zone *z, size_t *cap, int64_t last, struct zone_change change)
{
	if (change.at > last && change.at <= ZONE_LAST)
		zone_add_change(z, cap, change.at, change.offset_s);
}

/* Years overlap at their ends (a rule may reach into the next), so changes
 * are made in order of time, and an earlier one than the last is dropped. */
int tzrule_extend(struct str text, int64_t last, struct zone *z, size_t *cap)
{
	struct tzrule r = { 0 };

	if (read_rule(text, &r) != 0)
		return ERR_CORRUPT;
	if (!r.has_dst)
		return 0;
	for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
		struct zone_change start = { rule_at(&r.start, year, r.std_s),
			r.dst_s };
		struct zone_change end = { rule_at(&r.end, year, r.dst_s),
			r.std_s };
		bool start_first = start.at < end.at;

		add_after(z, cap, last, start_first ? start : end);
		add_after(z, cap, last, start_first ? end : start);
	}
	return 0;
}
