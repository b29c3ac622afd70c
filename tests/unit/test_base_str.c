/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_str.c - borrowed text: every helper at its edges.
 *
 * Runs are heap copies without a terminator wherever a helper could be tempted
 * to look behind the end, so that a sanitizer sees it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/str.h"

/* A copy in a block of exactly n bytes. */
static struct str tight(const char *text)
{
	size_t n = strlen(text);

	return (struct str){ mem_copy(text, n), n };
}

static void let_go(struct str s)
{
	mem_free((char *)(uintptr_t)s.p);
}

static void str_of_null_is_empty(void **state)
{
	(void)state;
	assert_int_equal(str_of(NULL).n, 0);
	assert_true(str_eq(str_of(NULL), STR("")));
	assert_true(str_is(STR_NONE, ""));
}

static void str_is_compares_whole_runs(void **state)
{
	struct str s = tight("billing");

	(void)state;
	assert_true(str_is(s, "billing"));
	assert_false(str_is(s, "bill"));
	assert_false(str_is(s, "billing "));
	assert_false(str_is(s, "Billing"));
	assert_true(str_is_nocase(s, "BiLLinG"));
	assert_false(str_is_nocase(s, "billinh"));
	assert_false(str_is_nocase(s, "bill"));
	let_go(s);
}

static void nocase_folds_ascii_letters_only(void **state)
{
	(void)state;
	assert_false(str_is_nocase(STR("["), "{"));
	assert_false(str_is_nocase(STR("@"), "`"));
	assert_false(str_is_nocase(STR("\xc3\x89"), "\xc3\xa9"));
}

static void starts_needs_the_whole_prefix(void **state)
{
	struct str s = tight("abc");

	(void)state;
	assert_true(str_starts(s, ""));
	assert_true(str_starts(s, "ab"));
	assert_true(str_starts(s, "abc"));
	assert_false(str_starts(s, "abcd"));
	assert_false(str_starts(STR_NONE, "a"));
	let_go(s);
}

static void cmp_orders_like_strcmp_and_by_length(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("b"), STR("a")) > 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
	assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
	/* bytes are unsigned */
	assert_true(str_cmp(STR("\x80"), STR("\x7f")) > 0);
}

static void trim_takes_blanks_and_tabs_off_both_ends(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t a b\t ")), "a b"));
	assert_int_equal(str_trim(STR(" \t ")).n, 0);
	assert_int_equal(str_trim(STR_NONE).n, 0);
	assert_true(str_is(str_trim(STR("\na\n")), "\na\n"));
}

static void sub_and_from_never_leave_the_run(void **state)
{
	struct str s = STR("hello");

	(void)state;
	assert_true(str_is(str_from(s, 2), "llo"));
	assert_int_equal(str_from(s, 5).n, 0);
	assert_int_equal(str_from(s, 6).n, 0);
	assert_int_equal(str_from(s, SIZE_MAX).n, 0);
	assert_true(str_is(str_sub(s, 1, 3), "ell"));
	assert_true(str_is(str_sub(s, 1, SIZE_MAX), "ello"));
	assert_int_equal(str_sub(s, SIZE_MAX, SIZE_MAX).n, 0);
	assert_int_equal(str_sub(STR_NONE, 3, 3).n, 0);
}

static void find_gives_the_length_when_absent(void **state)
{
	struct str s = tight("a=b=c");

	(void)state;
	assert_int_equal(str_find(s, '='), 1);
	assert_int_equal(str_find(s, 'x'), 5);
	assert_int_equal(str_find(s, '\0'), 5);
	assert_int_equal(str_find(STR_NONE, 'x'), 0);
	assert_int_equal(str_find_str(s, STR("b=")), 2);
	assert_int_equal(str_find_str(s, STR("c=")), 5);
	assert_int_equal(str_find_str(s, STR("a=b=c=")), 5);
	assert_int_equal(str_find_str(s, STR("")), 0);
	assert_int_equal(str_find_str(STR_NONE, STR("x")), 0);
	let_go(s);
}

static void next_cuts_field_by_field(void **state)
{
	struct str rest = STR("a,,b");

	(void)state;
	assert_true(str_is(str_next(&rest, ','), "a"));
	assert_true(str_is(str_next(&rest, ','), ""));
	assert_true(str_is(str_next(&rest, ','), "b"));
	assert_int_equal(rest.n, 0);
	assert_true(str_is(str_next(&rest, ','), ""));
}

static void copy_always_terminates_and_tells_of_a_cut(void **state)
{
	char dst[4] = "xxx";

	(void)state;
	assert_true(str_copy(dst, sizeof(dst), STR("abc")));
	assert_string_equal(dst, "abc");
	assert_false(str_copy(dst, sizeof(dst), STR("defg")));
	assert_string_equal(dst, "def");
	assert_true(str_copy(dst, sizeof(dst), STR_NONE));
	assert_string_equal(dst, "");
	assert_false(str_copy(dst, 0, STR("a")));
}

static void to_u64_takes_digits_only_up_to_the_last_number(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x1",
		"1a", "18446744073709551616", "99999999999999999999",
		"184467440737095516150" };
	uint64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++) {
		assert_int_equal(str_to_u64(str_of(bad[i]), &v), ERR_INVALID);
		assert_int_equal(v, 7); /* untouched on failure */
	}
	assert_int_equal(str_to_u64(STR("18446744073709551615"), &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_to_u64(STR("007"), &v), 0);
	assert_int_equal(v, 7);
}

static void to_i64_reaches_both_ends(void **state)
{
	static const char *const bad[] = { "", "-", "--1", "+1", "- 1",
		"9223372036854775808", "-9223372036854775809" };
	int64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++)
		assert_int_equal(str_to_i64(str_of(bad[i]), &v), ERR_INVALID);
	assert_int_equal(v, 7);
	assert_int_equal(str_to_i64(STR("9223372036854775807"), &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(str_to_i64(STR("-9223372036854775808"), &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(str_to_i64(STR("-0"), &v), 0);
	assert_int_equal(v, 0);
}

static void put_u64_is_read_back(void **state)
{
	static const uint64_t cases[] = { 0, 9, 10, 99, 100, 12345,
		UINT64_C(9999999999), UINT64_MAX };
	char text[STR_U64];
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct str s = { text, str_put_u64(text, cases[i]) };

		assert_int_equal(str_to_u64(s, &v), 0);
		assert_true(v == cases[i]);
	}
	assert_int_equal(str_put_u64(text, UINT64_MAX), 20);
	assert_int_equal(str_put_u64(text, 0), 1);
}

static void distance_counts_edits_up_to_the_cap(void **state)
{
	(void)state;
	assert_int_equal(str_distance(STR("agent"), STR("agent"), 2), 0);
	assert_int_equal(str_distance(STR("agnet"), STR("agent"), 2), 2);
	assert_int_equal(str_distance(STR("agen"), STR("agent"), 2), 1);
	assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 5), 3);
	assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 3), 3);
	assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 2), 3);
	assert_int_equal(str_distance(STR("abcd"), STR("wxyz"), 1), 2);
	assert_int_equal(str_distance(STR(""), STR("ab"), 5), 2);
	assert_int_equal(str_distance(STR(""), STR("abcdef"), 2), 3);
	assert_int_equal(str_distance(STR_NONE, STR_NONE, 0), 0);
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str_of_null_is_empty),
		cmocka_unit_test(str_is_compares_whole_runs),
		cmocka_unit_test(nocase_folds_ascii_letters_only),
		cmocka_unit_test(starts_needs_the_whole_prefix),
		cmocka_unit_test(cmp_orders_like_strcmp_and_by_length),
		cmocka_unit_test(trim_takes_blanks_and_tabs_off_both_ends),
		cmocka_unit_test(sub_and_from_never_leave_the_run),
		cmocka_unit_test(find_gives_the_length_when_absent),
		cmocka_unit_test(next_cuts_field_by_field),
		cmocka_unit_test(copy_always_terminates_and_tells_of_a_cut),
		cmocka_unit_test(
		    to_u64_takes_digits_only_up_to_the_last_number),
		cmocka_unit_test(to_i64_reaches_both_ends),
		cmocka_unit_test(put_u64_is_read_back),
		cmocka_unit_test(distance_counts_edits_up_to_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
