/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_tools_table.c - what usherctl prints: aligned, and harmless.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/ctl.h"
#include "tools/table.h"

static void columns_stand_under_their_heads(void **state)
{
	struct table t;
	struct buf out = { 0 };

	(void)state;
	table_init(&t);
	table_column(&t, "queue", false);
	table_column(&t, "waiting", true);
	table_column(&t, "why", false);
	table_cell(&t, STR("日本"));
	table_cell(&t, STR("7"));
	table_cell(&t, STR("-"));
	table_cell(&t, STR("general"));
	table_cell(&t, STR("12"));
	table_cell(&t, STR("x"));
	table_show(&t, false, &out);
	assert_string_equal(out.data, "queue    waiting  why\n"
	                              "日本           7  -\n"
	                              "general       12  x\n");
	assert_int_equal(table_rows(&t), 2);
	buf_done(&out);
	table_done(&t);
}

static void a_cell_cannot_move_the_cursor(void **state)
{
	struct table t;
	struct buf out = { 0 };

	(void)state;
	table_init(&t);
	table_column(&t, "name", false);
	table_cell(&t, STR("a\033[2Jb\nc\xc2\x9b"
	                   "d\xff"));
	table_show(&t, false, &out);
	assert_string_equal(out.data, "name\na?[2Jb c?d?\n");
	buf_done(&out);
	table_done(&t);
}

static void assert_span(int64_t ms, const char *text)
{
	struct buf out = { 0 };

	ctl_span(ms, &out);
	assert_string_equal(out.data, text);
	buf_done(&out);
}

static void spans_are_read_at_a_glance(void **state)
{
	(void)state;
	assert_span(0, "0s");
	assert_span(59999, "59s");
	assert_span(95000, "1m 35s");
	assert_span(7260000, "2h 1m");
	assert_span(90000000, "1d 1h");
	assert_span(-1, "-");
}

static void plain_text_is_cut_and_stripped(void **state)
{
	struct buf out = { 0 };

	(void)state;
	ctl_plain(STR("abcdef"), 4, &out);
	assert_string_equal(out.data, "abc…");
	buf_clear(&out);
	ctl_plain(STR("a\x1b]0;x\x07\xe2\x80\xae"
	              "b"),
	    0, &out);
	assert_string_equal(out.data, "a ]0;x  b");
	buf_done(&out);
}

static void an_object_reads_as_lines(void **state)
{
	struct json *v = NULL;
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(
	    json_parse(STR("{\"a\":1,\"wait_ms\":95000,\"b\":{\"c\":[1,2]},"
	                   "\"n\":null}"),
	        0, &v, NULL),
	    0);
	ctl_object(v, 0, &out);
	assert_string_equal(out.data, "a                 1\n"
	                              "wait              1m 35s\n"
	                              "b\n"
	                              "  c               1, 2\n"
	                              "n                 -\n");
	buf_done(&out);
	json_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stand_under_their_heads),
		cmocka_unit_test(a_cell_cannot_move_the_cursor),
		cmocka_unit_test(spans_are_read_at_a_glance),
		cmocka_unit_test(plain_text_is_cut_and_stripped),
		cmocka_unit_test(an_object_reads_as_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
