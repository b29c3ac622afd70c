/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_id.c - ids as text: one id, one spelling.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/id.h"

static void an_id_is_its_letter_and_number(void **state)
{
	char text[ID_TEXT];

	(void)state;
	assert_string_equal(id_format('c', 42, text), "c42");
	assert_string_equal(
	    id_format('o', UINT64_MAX, text), "o18446744073709551615");
}

static void both_spellings_are_read(void **state)
{
	uint64_t v = 0;

	(void)state;
	assert_int_equal(id_parse('c', STR("c42"), &v), 0);
	assert_int_equal(v, 42);
	assert_int_equal(id_parse('c', STR("43"), &v), 0);
	assert_int_equal(v, 43);
	assert_int_equal(id_parse('q', STR("q9223372036854775807"), &v), 0);
	assert_true(v == INT64_MAX);
}

static void everything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", "c", "a42", "cc42", "c 42",
		"c42 ", "C42", "c-1", "c0", "0", "c042", "00", "4x",
		"c18446744073709551616", "c9223372036854775808",
		"c18446744073709551615" };
	uint64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++)
		assert_int_equal(
		    id_parse('c', str_of(bad[i]), &v), ERR_INVALID);
	assert_int_equal(id_parse('c', STR_NONE, &v), ERR_INVALID);
	assert_int_equal(v, 7);
}

static void ids_compare_by_number(void **state)
{
	struct contact_id a = { 1 };
	struct contact_id b = { 1 };
	struct contact_id none = { 0 };

	(void)state;
	assert_true(id_same(a, b));
	assert_false(id_same(a, none));
	assert_true(id_is_set(a));
	assert_false(id_is_set(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_its_letter_and_number),
		cmocka_unit_test(both_spellings_are_read),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(ids_compare_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
