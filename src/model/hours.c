/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hours.c - the arithmetic of opening hours, exact over clock changes.
 *
 * Entered by the intake (to make inputs of openings), by `try` and by reports.
 * One truth: a moment is open when the minute its local clock shows lies in a
 * span of that day. Everything else follows from asking that question at the
 * only moments at which the answer can change: the ends of spans and days, and
 * the zone's own transitions. Pure: no clock, no files, no floats.
 */
#include "model/hours.h"

#include "base/mem.h"

#define MS_PER_S      ((msec_t)1000)
#define S_PER_DAY     ((int64_t)86400)
#define SEARCH_DAYS   400
#define MINUTES_A_DAY 1440

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. Years
 * are counted from March, so that the leap day is the last of its year. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static void date_of(int64_t days, struct local_time *out)
{
	int64_t shifted = days + 719468;
	int64_t era = floor_div(shifted, 146097);
	int64_t of_era = shifted - era * 146097;
	int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* 0 = March */

	out->day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
	out->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	out->year = (int)(year + era * 400 + (out->month <= 2));
	/* 1970-01-01 was a Thursday. */
	out->weekday = (unsigned)(((days + 3) % 7 + 7) % 7);
}

/* The change that holds at `at` (UTC seconds). */
static size_t change_at(const struct zone *z, int64_t at)
{
	size_t low = 0;
	size_t high = z->change_count;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (z->changes[mid].at <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static int32_t offset_at(const struct zone *z, int64_t at)
{
	return z->change_count ? z->changes[change_at(z, at)].offset_s : 0;
}

/* A zone without changes is UTC. */
void zone_local(const struct zone *z, msec_t wall, struct local_time *out)
{
	int64_t at = floor_div(wall, MS_PER_S);
	int64_t local = at + offset_at(z, at);
	int64_t day = floor_div(local, S_PER_DAY);
	int64_t second = local - day * S_PER_DAY;

	date_of(day, out);
	out->minute = (unsigned)(second / 60);
	out->second = (unsigned)(second % 60);
}

/*
 * Each stretch between two changes maps UTC to local time by adding, so the
 * first stretch whose end lies behind the wanted local time has it - or begins
 * after it, and then the wanted time was skipped: its beginning is the answer.
 */
msec_t zone_wall(const struct zone *z, const struct local_time *local)
{
	int64_t want =
	    days_of(local->year, local->month, local->day) * S_PER_DAY +
	    (int64_t)local->minute * 60 + local->second;
	size_t i;

	if (z->change_count == 0)
		return want * MS_PER_S;
	/* No offset is as much as two days: start a little before. */
	i = change_at(z, want - 2 * S_PER_DAY);
	for (; i + 1 < z->change_count; i++)
		if (want - z->changes[i].offset_s < z->changes[i + 1].at)
			break;
	want -= z->changes[i].offset_s;
	if (i > 0 && want < z->changes[i].at)
		want = z->changes[i].at;
	return want * MS_PER_S;
}

/* A dated exception wins over a yearly one. */
static const struct hours_exception *find_exception(
    const struct hours *h, const struct local_time *on)
{
	const struct hours_exception *yearly = NULL;

	for (size_t i = 0; i < h->exception_count; i++) {
		const struct hours_exception *e = &h->exceptions[i];

		if (e->month != on->month || e->day != on->day)
			continue;
		if (e->year == 0)
			yearly = e;
		else if (e->year == on->year)
			return e;
	}
	return yearly;
}

static const struct hours_day *day_of(
    const struct hours *h, const struct local_time *on)
{
	const struct hours_exception *e = find_exception(h, on);

	return e != NULL ? &e->hours : &h->week[on->weekday];
}

static bool is_open_at(const struct hours_day *day, unsigned minute)
{
	for (unsigned i = 0; i < day->span_count; i++)
		if (day->spans[i].from <= minute && minute < day->spans[i].to)
			return true;
	return false;
}

bool hours_are_open(const struct hours *h, msec_t wall)
{
	struct local_time on;

	zone_local(&h->zone, wall, &on);
	return is_open_at(day_of(h, &on), on.minute);
}

const char *hours_label(const struct hours *h, msec_t wall)
{
	struct local_time on;
	const struct hours_exception *e;

	zone_local(&h->zone, wall, &on);
	e = find_exception(h, &on);
	return e != NULL ? e->label : NULL;
}

/* The first end of a span of the day behind `minute`, or midnight. */
static unsigned next_edge(const struct hours_day *day, unsigned minute)
{
	unsigned best = MINUTES_A_DAY;

	for (unsigned i = 0; i < day->span_count; i++) {
		unsigned from = day->spans[i].from;
		unsigned to = day->spans[i].to;

		if (from > minute && from < best)
			best = from;
		if (to > minute && to < best)
			best = to;
	}
	return best;
}

/* The next second behind `at` at which the answer may change. */
static int64_t next_moment(const struct hours *h, int64_t at)
{
	const struct zone *z = &h->zone;
	size_t i = z->change_count ? change_at(z, at) : 0;
	struct local_time on;
	unsigned edge;
	int64_t next;

	zone_local(z, at * MS_PER_S, &on);
	edge = next_edge(day_of(h, &on), on.minute);
	next = at + ((int64_t)edge - on.minute) * 60 - on.second;
	if (i + 1 < z->change_count && z->changes[i + 1].at < next)
		next = z->changes[i + 1].at;
	return next;
}

msec_t hours_next_change(const struct hours *h, msec_t wall)
{
	int64_t at = floor_div(wall, MS_PER_S);
	int64_t end = at + SEARCH_DAYS * S_PER_DAY;
	bool before = hours_are_open(h, wall);

	while (at <= end) {
		at = next_moment(h, at);
		if (hours_are_open(h, at * MS_PER_S) != before)
			return at * MS_PER_S;
	}
	return -1;
}

msec_t hours_add_open(const struct hours *h, msec_t wall, msec_t open_ms)
{
	while (open_ms > 0) {
		bool open = hours_are_open(h, wall);
		msec_t next = hours_next_change(h, wall);

		if (open && (next < 0 || next - wall >= open_ms))
			return wall + open_ms;
		if (next < 0)
			return -1;
		if (open)
			open_ms -= next - wall;
		wall = next;
	}
	return wall;
}

void hours_done(struct hours *h)
{
	for (size_t i = 0; i < h->exception_count; i++)
		mem_free(h->exceptions[i].label);
	mem_free(h->exceptions);
	mem_free(h->zone.changes);
	mem_free(h->zone.name);
	mem_free(h->name);
	*h = (struct hours){ 0 };
}
