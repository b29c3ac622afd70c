/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_clock.c - time as text, and clocks that are handed in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/clock.h"

static void a_time_is_written_as_rfc_3339_in_utc(void **state)
{
	static const struct {
		msec_t wall;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -1000, "1969-12-31T23:59:59.000Z" },
		{ INT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
		{ INT64_C(1795315471123), "2026-11-22T02:44:31.123Z" },
		{ INT64_C(4107542400000), "2100-03-01T00:00:00.000Z" },
	};
	char text[CLOCK_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		clock_format(cases[i].wall, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void a_time_beyond_four_digits_is_held_at_the_end(void **state)
{
	char text[CLOCK_TEXT];

	(void)state;
	clock_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	clock_format(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static msec_t fixed(void *arg)
{
	return *(msec_t *)arg;
}

static void a_clock_can_be_handed_in(void **state)
{
	msec_t now = 77;
	struct clock c = { fixed, fixed, &now };

	(void)state;
	assert_int_equal(clock_mono(&c), 77);
	now = 78;
	assert_int_equal(clock_wall(&c), 78);
}

static void the_system_clock_goes_forward(void **state)
{
	const struct clock *c = clock_system();
	msec_t before = clock_mono(c);
	int64_t before_ns = clock_mono_ns();
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_true(clock_mono(c) >= before);
	assert_true(clock_mono_ns() > before_ns);
	/* this test was written after 2026-01-01 */
	assert_true(clock_wall(c) > INT64_C(1767225600000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_as_rfc_3339_in_utc),
		cmocka_unit_test(a_time_beyond_four_digits_is_held_at_the_end),
		cmocka_unit_test(a_clock_can_be_handed_in),
		cmocka_unit_test(the_system_clock_goes_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
