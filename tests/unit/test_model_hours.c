/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_model_hours.c - opening hours, exact over clock changes.
 *
 * The zone is Paris as of 2026, by hand: an hour is skipped on 29 March at
 * 02:00 and comes twice on 25 October at 03:00. Everything clever is compared
 * with asking every minute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/hours.h"

#define MINUTE ((msec_t)60000)
#define HOUR   ((msec_t)3600000)
#define DAY    ((msec_t)86400000)

static struct zone_change paris_changes[] = {
	{ 0, 3600 }, { 1774746000, 7200 }, /* 2026-03-29 01:00 UTC */
	{ 1792890000, 3600 },              /* 2026-10-25 01:00 UTC */
};

static const struct zone paris = { .changes = paris_changes,
	.change_count = 3 };

/* UTC, by the C library: an independent calendar. */
static msec_t utc(int year, int month, int day, int minute)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_min = minute };

	return (msec_t)timegm(&tm) * 1000;
}

static struct hours_day day_of(
    unsigned from, unsigned to, unsigned from2, unsigned to2)
{
	struct hours_day d = { .span_count = to2 > 0 ? 2 : to > 0 ? 1 : 0 };

	d.spans[0] = (struct hours_span){ (uint16_t)from, (uint16_t)to };
	d.spans[1] = (struct hours_span){ (uint16_t)from2, (uint16_t)to2 };
	return d;
}

/* mon-fri 09:00-12:30, 13:30-18:00 */
static struct hours office(void)
{
	struct hours h = { .zone = paris };

	for (int i = 0; i < 5; i++)
		h.week[i] = day_of(540, 750, 810, 1080);
	return h;
}

static struct hours every_day(struct hours_day d)
{
	struct hours h = { .zone = paris };

	for (int i = 0; i < 7; i++)
		h.week[i] = d;
	return h;
}

static void local_time_follows_the_zone(void **state)
{
	struct local_time l;

	(void)state;
	zone_local(&paris, 1774746000000 - 1, &l);
	assert_int_equal(l.minute, 119);
	assert_int_equal(l.second, 59);
	zone_local(&paris, 1774746000000, &l);
	assert_int_equal(l.minute, 180);
	assert_int_equal(l.year, 2026);
	assert_int_equal(l.month, 3);
	assert_int_equal(l.day, 29);
	assert_int_equal(l.weekday, 6);
	zone_local(&paris, 1792890000000 - 1, &l);
	assert_int_equal(l.minute, 179);
	zone_local(&paris, 1792890000000, &l);
	assert_int_equal(l.minute, 120);
}

static void dates_agree_with_the_c_library(void **state)
{
	const struct zone z = { 0 };
	struct local_time l;
	struct tm tm;

	(void)state;
	/* 160 years in steps that hit all days and many times of day. */
	for (msec_t t = utc(1950, 1, 1, 0); t < utc(2110, 1, 1, 0);
	     t += DAY - 61 * 1000) {
		time_t s = (time_t)(t / 1000);

		gmtime_r(&s, &tm);
		zone_local(&z, t, &l);
		assert_int_equal(l.year, tm.tm_year + 1900);
		assert_int_equal(l.month, tm.tm_mon + 1);
		assert_int_equal(l.day, tm.tm_mday);
		assert_int_equal(l.weekday, (tm.tm_wday + 6) % 7);
		assert_int_equal(l.minute, tm.tm_hour * 60 + tm.tm_min);
		assert_int_equal(l.second, tm.tm_sec);
		assert_int_equal(zone_wall(&z, &l), t);
	}
}

static void wall_time_undoes_local_time(void **state)
{
	struct local_time l;

	(void)state;
	for (msec_t t = utc(2026, 1, 1, 0); t < utc(2027, 1, 1, 0);
	     t += 7 * MINUTE) {
		msec_t back;

		zone_local(&paris, t, &l);
		back = zone_wall(&paris, &l);
		/* In the hour that comes twice the first is meant. */
		assert_true(back == t || back == t - HOUR);
		if (back != t)
			assert_true(
			    t >= 1792890000000 && t < 1792890000000 + HOUR);
	}
}

static void a_skipped_time_is_the_moment_after_the_gap(void **state)
{
	struct local_time l = { 2026, 3, 29, 0, 150, 0 };

	(void)state;
	assert_int_equal(zone_wall(&paris, &l), 1774746000000);
	l.minute = 119;
	assert_int_equal(zone_wall(&paris, &l), 1774746000000 - MINUTE);
	l.minute = 180;
	assert_int_equal(zone_wall(&paris, &l), 1774746000000);
}

static void a_repeated_time_is_the_first(void **state)
{
	struct local_time l = { 2026, 10, 25, 0, 150, 0 };

	(void)state;
	assert_int_equal(zone_wall(&paris, &l), 1792890000000 - 30 * MINUTE);
	l.minute = 180;
	assert_int_equal(zone_wall(&paris, &l), 1792890000000 + HOUR);
}

static void a_span_is_open_from_its_first_minute_to_its_last(void **state)
{
	struct hours h = office();
	msec_t monday = utc(2026, 11, 23, 0) - HOUR; /* midnight in Paris */

	(void)state;
	assert_false(hours_are_open(&h, monday + 540 * MINUTE - 1));
	assert_true(hours_are_open(&h, monday + 540 * MINUTE));
	assert_true(hours_are_open(&h, monday + 750 * MINUTE - 1));
	assert_false(hours_are_open(&h, monday + 750 * MINUTE));
	assert_true(hours_are_open(&h, monday + 810 * MINUTE));
	assert_false(hours_are_open(&h, monday + 1080 * MINUTE));
	assert_false(hours_are_open(&h, monday - DAY + 600 * MINUTE));
}

static void a_dated_day_wins_over_a_yearly_one(void **state)
{
	struct hours_exception days[] = {
		{ .month = 12, .day = 24, .label = (char *)"half a day" },
		{ .year = 2026,
		    .month = 12,
		    .day = 24,
		    .hours = day_of(600, 720, 0, 0),
		    .label = (char *)"party" },
	};
	struct hours h = office();

	(void)state;
	h.exceptions = days;
	h.exception_count = 2;
	assert_false(hours_are_open(&h, utc(2026, 12, 24, 9 * 60 - 1)));
	assert_true(hours_are_open(&h, utc(2026, 12, 24, 9 * 60)));
	assert_false(hours_are_open(&h, utc(2026, 12, 24, 14 * 60)));
	assert_string_equal(
	    hours_label(&h, utc(2026, 12, 24, 12 * 60)), "party");
	assert_string_equal(
	    hours_label(&h, utc(2027, 12, 24, 12 * 60)), "half a day");
	assert_false(hours_are_open(&h, utc(2027, 12, 24, 9 * 60)));
	assert_null(hours_label(&h, utc(2026, 12, 23, 12 * 60)));
	/* 23:30 UTC is the next day in Paris. */
	assert_string_equal(
	    hours_label(&h, utc(2026, 12, 23, 23 * 60 + 30)), "party");
}

static void the_next_change_is_found_over_lunch_and_weekends(void **state)
{
	struct hours h = office();
	msec_t friday = utc(2026, 11, 20, 0) - HOUR;

	(void)state;
	assert_int_equal(hours_next_change(&h, friday), friday + 540 * MINUTE);
	assert_int_equal(hours_next_change(&h, friday + 540 * MINUTE),
	    friday + 750 * MINUTE);
	assert_int_equal(hours_next_change(&h, friday + 750 * MINUTE),
	    friday + 810 * MINUTE);
	assert_int_equal(hours_next_change(&h, friday + 1080 * MINUTE),
	    friday + 3 * DAY + 540 * MINUTE);
	/* Over the clock change the local hour stays, the UTC hour moves. */
	assert_int_equal(hours_next_change(&h, utc(2026, 3, 28, 0)),
	    utc(2026, 3, 30, 7 * 60));
	assert_int_equal(hours_next_change(&h, utc(2026, 10, 24, 0)),
	    utc(2026, 10, 26, 8 * 60));
}

static void a_span_in_the_skipped_hour_never_opens(void **state)
{
	struct hours h = every_day(day_of(135, 165, 0, 0));
	msec_t gap = 1774746000000;

	(void)state;
	assert_int_equal(
	    hours_next_change(&h, gap - HOUR), gap + 23 * HOUR + 15 * MINUTE);
	assert_false(hours_are_open(&h, gap - 1));
	assert_false(hours_are_open(&h, gap));
}

static void a_span_that_begins_in_the_gap_opens_behind_it(void **state)
{
	struct hours h = every_day(day_of(150, 300, 0, 0));
	msec_t gap = 1774746000000;

	(void)state;
	assert_int_equal(hours_next_change(&h, gap - HOUR), gap);
	assert_int_equal(hours_next_change(&h, gap), gap + 2 * HOUR);
}

static void a_span_in_the_repeated_hour_opens_twice(void **state)
{
	struct hours h = every_day(day_of(135, 165, 0, 0));
	msec_t fold = 1792890000000;

	(void)state;
	assert_int_equal(
	    hours_next_change(&h, fold - HOUR), fold - HOUR + 15 * MINUTE);
	assert_int_equal(
	    hours_next_change(&h, fold - 30 * MINUTE), fold - 15 * MINUTE);
	assert_int_equal(
	    hours_next_change(&h, fold - 15 * MINUTE), fold + 15 * MINUTE);
	assert_int_equal(
	    hours_next_change(&h, fold + 15 * MINUTE), fold + 45 * MINUTE);
}

static void a_span_over_the_fold_is_cut_by_it(void **state)
{
	struct hours h = every_day(day_of(60, 150, 0, 0)); /* 01:00-02:30 */
	msec_t fold = 1792890000000;

	(void)state;
	assert_int_equal(
	    hours_next_change(&h, fold - 90 * MINUTE), fold - 30 * MINUTE);
	assert_int_equal(hours_next_change(&h, fold - 30 * MINUTE), fold);
	assert_int_equal(hours_next_change(&h, fold), fold + 30 * MINUTE);
}

static void midnight_changes_nothing_when_both_days_are_open(void **state)
{
	struct hours h = office();

	(void)state;
	h.week[0] = day_of(1200, 1440, 0, 0); /* Monday night ... */
	h.week[1] = day_of(0, 360, 0, 0);     /* ... to Tuesday morning */
	assert_int_equal(hours_next_change(&h, utc(2026, 11, 23, 20 * 60)),
	    utc(2026, 11, 24, 5 * 60));
}

static void what_never_changes_says_so(void **state)
{
	struct hours closed = { .zone = paris };
	struct hours open = every_day(day_of(0, 1440, 0, 0));
	msec_t t = utc(2026, 11, 23, 0);

	(void)state;
	assert_int_equal(hours_next_change(&closed, t), -1);
	assert_int_equal(hours_next_change(&open, t), -1);
	assert_int_equal(hours_add_open(&closed, t, 1), -1);
	assert_int_equal(hours_add_open(&open, t, 7 * DAY), t + 7 * DAY);
}

static void open_time_is_counted_over_closed_days(void **state)
{
	struct hours_exception christmas = {
		.year = 2026, .month = 12, .day = 25
	};
	struct hours h = office();

	(void)state;
	h.exceptions = &christmas;
	h.exception_count = 1;
	/* Thursday 17:00: an hour is left; Friday is Christmas; Monday. */
	assert_int_equal(
	    hours_add_open(&h, utc(2026, 12, 24, 16 * 60), 4 * HOUR),
	    utc(2026, 12, 28, 11 * 60));
	/* Exactly to the end of a span, not to the next opening. */
	assert_int_equal(hours_add_open(&h, utc(2026, 12, 24, 16 * 60), HOUR),
	    utc(2026, 12, 24, 17 * 60));
	assert_int_equal(hours_add_open(&h, utc(2026, 12, 25, 600), 0),
	    utc(2026, 12, 25, 600));
	assert_int_equal(hours_add_open(&h, utc(2026, 12, 25, 600), 1),
	    utc(2026, 12, 28, 8 * 60) + 1);
}

static struct hours_day any_day(struct rng *rng)
{
	unsigned cut[4];

	for (int i = 0; i < 4; i++) {
		/* Many ends within the hours that are skipped or repeated. */
		cut[i] = (unsigned)rng_below(rng, 2) == 0
		             ? 100 + (unsigned)rng_below(rng, 100)
		             : (unsigned)rng_below(rng, 1441);
		for (int j = i; j > 0 && cut[j] < cut[j - 1]; j--) {
			unsigned t = cut[j];

			cut[j] = cut[j - 1];
			cut[j - 1] = t;
		}
	}
	if (cut[0] == cut[1] || cut[2] == cut[3])
		return day_of(0, 0, 0, 0);
	return day_of(cut[0], cut[1], cut[2], cut[3]);
}

static msec_t scan_change(const struct hours *h, msec_t from, msec_t end)
{
	bool before = hours_are_open(h, from);

	for (msec_t t = from; t < end; t += MINUTE)
		if (hours_are_open(h, t) != before)
			return t;
	return -1;
}

static void the_next_change_agrees_with_asking_every_minute(void **state)
{
	static const msec_t around[] = { 1774746000000, 1792890000000 };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 20261122);
	for (int round = 0; round < 200; round++) {
		struct hours h = { .zone = paris };
		msec_t t = around[round % 2] - DAY;
		msec_t end = t + 3 * DAY;

		for (int i = 0; i < 7; i++)
			h.week[i] = any_day(&rng);
		while (t < end) {
			msec_t scanned = scan_change(&h, t, end);
			msec_t found = hours_next_change(&h, t);

			if (scanned < 0) {
				assert_true(found < 0 || found >= end);
				break;
			}
			assert_int_equal(found, scanned);
			t = found;
		}
	}
}

static void open_time_agrees_with_counting_every_minute(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7);
	for (int round = 0; round < 100; round++) {
		struct hours h = { .zone = paris };
		msec_t t = (round % 2 ? 1774746000000 : 1792890000000) - DAY;
		msec_t want = (1 + (msec_t)rng_below(&rng, 2000)) * MINUTE;
		msec_t at = t;
		msec_t left = want;

		for (int i = 0; i < 7; i++)
			h.week[i] = any_day(&rng);
		while (left > 0 && at < t + 30 * DAY) {
			left -= hours_are_open(&h, at) ? MINUTE : 0;
			at += MINUTE;
		}
		if (left == 0)
			assert_int_equal(hours_add_open(&h, t, want), at);
	}
}

static void hours_give_back_their_memory(void **state)
{
	size_t live = mem_live();
	struct hours h = { .name = mem_text("office") };

	(void)state;
	h.zone.name = mem_text("UTC");
	h.zone.changes = new_array(struct zone_change, 2);
	h.exceptions = new_array(struct hours_exception, 1);
	h.exception_count = 1;
	h.exceptions[0].label = mem_text("day");
	hours_done(&h);
	assert_int_equal(mem_live(), live);
	assert_null(h.exceptions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_time_follows_the_zone),
		cmocka_unit_test(dates_agree_with_the_c_library),
		cmocka_unit_test(wall_time_undoes_local_time),
		cmocka_unit_test(a_skipped_time_is_the_moment_after_the_gap),
		cmocka_unit_test(a_repeated_time_is_the_first),
		cmocka_unit_test(
		    a_span_is_open_from_its_first_minute_to_its_last),
		cmocka_unit_test(a_dated_day_wins_over_a_yearly_one),
		cmocka_unit_test(
		    the_next_change_is_found_over_lunch_and_weekends),
		cmocka_unit_test(a_span_in_the_skipped_hour_never_opens),
		cmocka_unit_test(a_span_that_begins_in_the_gap_opens_behind_it),
		cmocka_unit_test(a_span_in_the_repeated_hour_opens_twice),
		cmocka_unit_test(a_span_over_the_fold_is_cut_by_it),
		cmocka_unit_test(
		    midnight_changes_nothing_when_both_days_are_open),
		cmocka_unit_test(what_never_changes_says_so),
		cmocka_unit_test(open_time_is_counted_over_closed_days),
		cmocka_unit_test(
		    the_next_change_agrees_with_asking_every_minute),
		cmocka_unit_test(open_time_agrees_with_counting_every_minute),
		cmocka_unit_test(hours_give_back_their_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
