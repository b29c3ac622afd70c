/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_err.c - the table of errors and the faults that carry sentences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"

#define CODE(symbol, value, name, http, retry, text) ERR_##symbol,
static const int codes[] = { ERR_TABLE(CODE) };
#undef CODE

static void every_code_is_negative_and_its_own(void **state)
{
	size_t i;
	size_t j;

	(void)state;
	for (i = 0; i < countof(codes); i++) {
		assert_true(codes[i] < 0);
		for (j = 0; j < i; j++) {
			assert_int_not_equal(codes[i], codes[j]);
			assert_string_not_equal(
			    err_name(codes[i]), err_name(codes[j]));
		}
	}
}

static void every_code_has_name_text_and_status(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(codes); i++) {
		assert_string_not_equal(err_name(codes[i]), "internal");
		assert_true(strlen(err_text(codes[i])) > 0);
		assert_in_range(err_http(codes[i]), 400, 599);
	}
}

static void zero_is_success(void **state)
{
	(void)state;
	assert_string_equal(err_name(0), "ok");
	assert_int_equal(err_http(0), 200);
	assert_false(err_retryable(0));
}

static void rows_say_what_the_header_says(void **state)
{
	(void)state;
	assert_string_equal(err_name(ERR_NOT_FOUND), "not-found");
	assert_int_equal(err_http(ERR_NOT_FOUND), 404);
	assert_false(err_retryable(ERR_NOT_FOUND));
	assert_true(err_retryable(ERR_BUSY));
	assert_int_equal(err_http(ERR_TOO_MANY), 429);
}

static void a_number_out_of_the_table_is_an_internal_error(void **state)
{
	static const int strangers[] = { 1, -20, -1000, INT32_MAX, INT32_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < countof(strangers); i++) {
		assert_string_equal(err_name(strangers[i]), "internal");
		assert_int_equal(err_http(strangers[i]), 500);
		assert_false(err_retryable(strangers[i]));
	}
}

static void fault_set_returns_its_code(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(
	    fault_set(&f, ERR_STALE, "offer %d is settled", 7), ERR_STALE);
	assert_int_equal(f.code, ERR_STALE);
	assert_string_equal(f.text, "offer 7 is settled");
	assert_int_equal(fault_set(NULL, ERR_IO, "x"), ERR_IO);
}

static void a_fault_is_one_line(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(
	    fault_set(&f, ERR_INVALID, "a\r\nb\tc\x1b\x7f"), ERR_INVALID);
	assert_string_equal(f.text, "a  b c  ");
}

static void a_long_fault_is_cut_between_characters(void **state)
{
	char text[600];
	struct fault f;
	size_t shift;
	size_t i;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (i = shift; i + 5 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 5);
		assert_int_equal(fault_set(&f, ERR_IO, "%s", text), ERR_IO);
		assert_true(utf8_valid(str_of(f.text)));
		assert_in_range(strlen(f.text), 240, sizeof(f.text) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_negative_and_its_own),
		cmocka_unit_test(every_code_has_name_text_and_status),
		cmocka_unit_test(zero_is_success),
		cmocka_unit_test(rows_say_what_the_header_says),
		cmocka_unit_test(
		    a_number_out_of_the_table_is_an_internal_error),
		cmocka_unit_test(fault_set_returns_its_code),
		cmocka_unit_test(a_fault_is_one_line),
		cmocka_unit_test(a_long_fault_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
