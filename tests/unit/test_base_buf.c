/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_buf.c - growing bytes: limits, failure that sticks, NUL at the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"

static void an_empty_buf_is_usable_as_it_is(void **state)
{
	struct buf b = { 0 };
	char *text;

	(void)state;
	assert_int_equal(buf_str(&b).n, 0);
	buf_clear(&b);
	buf_cut(&b, 0);
	buf_drop(&b, 0);
	text = buf_take(&b);
	assert_string_equal(text, "");
	mem_free(text);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

static void adds_of_all_kinds_are_terminated(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, "ab\0c", 4);
	assert_int_equal(b.len, 4);
	assert_int_equal(b.data[4], '\0');
	buf_clear(&b);
	buf_add_text(&b, "one");
	buf_add_char(&b, '-');
	buf_add_str(&b, STR("two"));
	buf_addf(&b, "-%d-%s", 3, "x");
	buf_add(&b, NULL, 0);
	buf_add_str(&b, STR_NONE);
	assert_string_equal(b.data, "one-two-3-x");
	assert_int_equal(b.len, strlen(b.data));
	assert_false(b.failed);
	buf_done(&b);
	assert_null(b.data);
}

static void printf_grows_across_its_first_try(void **state)
{
	struct buf b = { 0 };
	char long_text[500];
	size_t n;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	for (n = 0; n < sizeof(long_text); n++) {
		buf_done(&b);
		buf_add_text(&b, "ab");
		buf_addf(&b, "%.*s", (int)n, long_text);
		assert_int_equal(b.len, n + 2);
		assert_int_equal(strlen(b.data), n + 2);
	}
	buf_done(&b);
}

static void an_add_past_the_limit_adds_nothing_and_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_add(&b, "123456789", 9); /* limit - 1 */
	assert_false(b.failed);
	buf_add_char(&b, '0'); /* limit */
	assert_false(b.failed);
	assert_int_equal(b.len, 10);
	buf_add_char(&b, 'x'); /* limit + 1 */
	assert_true(b.failed);
	assert_string_equal(b.data, "1234567890");
	buf_cut(&b, 1);
	buf_add_char(&b, 'y'); /* would fit, but it failed before */
	assert_string_equal(b.data, "1");
	buf_clear(&b);
	assert_false(b.failed);
	buf_addf(&b, "%s", "abcdefghijk");
	assert_true(b.failed);
	assert_string_equal(b.data, "");
	buf_done(&b);
	assert_int_equal(b.limit, 10);
}

static void the_limit_holds_for_one_big_add(void **state)
{
	char big[1001] = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add(&b, big, 999);
	assert_false(b.failed);
	buf_done(&b);
	buf_add(&b, big, 1000);
	assert_false(b.failed);
	buf_done(&b);
	buf_add(&b, big, 1001);
	assert_true(b.failed);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void out_of_memory_is_a_mark(void **state)
{
	struct buf b = { 0 };
	char big[4096] = { 0 };

	(void)state;
	buf_add_text(&b, "kept");
	mem_fail_after(1);
	buf_add(&b, big, sizeof(big));
	mem_fail_after(0);
	assert_true(b.failed);
	assert_string_equal(b.data, "kept");
	buf_done(&b);
	mem_fail_after(1);
	buf_addf(&b, "%d", 5);
	mem_fail_after(0);
	assert_true(b.failed);
	assert_null(b.data);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

static void absurd_sizes_fail_without_a_crash(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add_text(&b, "x");
	assert_false(buf_reserve(&b, SIZE_MAX));
	buf_clear(&b);
	assert_false(buf_reserve(&b, SIZE_MAX - 1));
	buf_clear(&b);
	b.limit = 100;
	assert_false(buf_reserve(&b, SIZE_MAX - 1));
	buf_done(&b);
}

static void reserve_makes_room_for_direct_writes(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_true(buf_reserve(&b, 100));
	assert_true(b.cap - b.len > 100);
	memset(b.data, 'z', 100);
	b.len += 100;
	b.data[b.len] = '\0';
	buf_add_char(&b, '!');
	assert_int_equal(b.len, 101);
	buf_done(&b);
}

static void drop_and_cut_keep_the_right_bytes(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add_text(&b, "0123456789");
	buf_drop(&b, 3);
	assert_string_equal(b.data, "3456789");
	buf_cut(&b, 4);
	assert_string_equal(b.data, "3456");
	buf_cut(&b, 9);
	assert_string_equal(b.data, "3456");
	buf_drop(&b, 4);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void take_hands_over_and_starts_anew(void **state)
{
	struct buf b = { 0 };
	char *text;

	(void)state;
	buf_add_text(&b, "mine");
	text = buf_take(&b);
	assert_string_equal(text, "mine");
	assert_null(b.data);
	buf_add_text(&b, "next");
	assert_string_equal(b.data, "next");
	mem_free(text);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

/* The same random adds and cuts to a buf and to a plain array. */
static void random_adds_equal_a_plain_array(void **state)
{
	static char model[70000];
	size_t len = 0;
	struct buf b = { 0 };
	struct rng r;
	int i;

	(void)state;
	rng_seed(&r, 20261122);
	for (i = 0; i < 4000; i++) {
		char piece[100];
		size_t n = rng_below(&r, sizeof(piece));

		memset(piece, (int)('a' + rng_below(&r, 26)), n);
		if (rng_below(&r, 10) == 0) {
			n = rng_below(&r, len + 1);
			memmove(model, model + n, len - n);
			len -= n;
			buf_drop(&b, n);
		} else if (len + n < sizeof(model)) {
			memcpy(model + len, piece, n);
			len += n;
			buf_add(&b, piece, n);
		}
		assert_int_equal(b.len, len);
		assert_true(b.data == NULL || b.data[len] == '\0');
	}
	assert_memory_equal(b.data, model, len);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buf_is_usable_as_it_is),
		cmocka_unit_test(adds_of_all_kinds_are_terminated),
		cmocka_unit_test(printf_grows_across_its_first_try),
		cmocka_unit_test(an_add_past_the_limit_adds_nothing_and_sticks),
		cmocka_unit_test(the_limit_holds_for_one_big_add),
		cmocka_unit_test(out_of_memory_is_a_mark),
		cmocka_unit_test(absurd_sizes_fail_without_a_crash),
		cmocka_unit_test(reserve_makes_room_for_direct_writes),
		cmocka_unit_test(drop_and_cut_keep_the_right_bytes),
		cmocka_unit_test(take_hands_over_and_starts_anew),
		cmocka_unit_test(random_adds_equal_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
