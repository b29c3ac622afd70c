/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_tools_line_edit.c - typing, as a terminal delivers it: byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "tools/line_edit.h"

static enum line_key type(struct line_edit *e, const char *bytes)
{
	enum line_key key = LINE_NOTHING;

	for (; *bytes != '\0'; bytes++)
		key = line_feed(e, *bytes);
	return key;
}

static void assert_line(const struct line_edit *e, const char *text)
{
	assert_string_equal(e->text.data == NULL ? "" : e->text.data, text);
}

static void a_character_in_pieces_is_whole_or_not_there(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	assert_int_equal(line_feed(&e, '\xc3'), LINE_NOTHING);
	assert_line(&e, "");
	assert_int_equal(line_feed(&e, '\xbc'), LINE_NOTHING);
	assert_line(&e, "ü");
	line_done(&e);
}

static void erasing_takes_a_whole_character(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	type(&e, "a日\x7f");
	assert_line(&e, "a");
	type(&e, "\x7f\x7f");
	assert_line(&e, "");
	line_done(&e);
}

static void the_cursor_steps_over_characters(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	type(&e, "日本\033[D!");
	assert_line(&e, "日!本");
	type(&e, "\x01>\x05<");
	assert_line(&e, ">日!本<");
	line_done(&e);
}

static void a_broken_character_leaves_no_trace(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	type(&e, "\xe6\x97x\xff\xfe\xfd\xfcy");
	assert_true(utf8_valid(buf_str(&e.text)));
	assert_non_null(strstr(e.text.data, "x"));
	line_done(&e);
}

static void old_lines_come_back_and_go(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	assert_int_equal(type(&e, "one\r"), LINE_DONE);
	line_clear(&e);
	assert_int_equal(type(&e, "two\r"), LINE_DONE);
	line_clear(&e);
	type(&e, "\033[A\033[A\033[A");
	assert_line(&e, "one");
	type(&e, "\033[B");
	assert_line(&e, "two");
	type(&e, "\033[B");
	assert_line(&e, "");
	line_done(&e);
}

static void words_and_ends_are_cut(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	type(&e, "please call back\x17");
	assert_line(&e, "please call ");
	type(&e, "\x01\x0b");
	assert_line(&e, "");
	line_done(&e);
}

static void only_an_empty_line_ends_the_shift(void **state)
{
	struct line_edit e;

	(void)state;
	line_init(&e);
	type(&e, "a\x01");
	assert_int_equal(line_feed(&e, 4), LINE_NOTHING);
	assert_line(&e, "");
	assert_int_equal(line_feed(&e, 4), LINE_END);
	line_done(&e);
}

static void the_view_always_holds_the_cursor(void **state)
{
	struct line_edit e;
	size_t cursor;
	struct str view;

	(void)state;
	line_init(&e);
	type(&e, "0123456789日本");
	view = line_view(&e, 8, &cursor);
	assert_true(cursor < 8);
	assert_true(utf8_width(view) <= 7);
	type(&e, "\x01");
	view = line_view(&e, 8, &cursor);
	assert_int_equal(cursor, 0);
	assert_true(str_is(view, "0123456"));
	line_done(&e);
}

static void a_line_has_an_end(void **state)
{
	struct line_edit e;
	size_t i;

	(void)state;
	line_init(&e);
	for (i = 0; i < LINE_MAX_BYTES + 50; i++)
		line_feed(&e, 'x');
	assert_int_equal(e.text.len, LINE_MAX_BYTES);
	line_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_in_pieces_is_whole_or_not_there),
		cmocka_unit_test(erasing_takes_a_whole_character),
		cmocka_unit_test(the_cursor_steps_over_characters),
		cmocka_unit_test(a_broken_character_leaves_no_trace),
		cmocka_unit_test(old_lines_come_back_and_go),
		cmocka_unit_test(words_and_ends_are_cut),
		cmocka_unit_test(only_an_empty_line_ends_the_shift),
		cmocka_unit_test(the_view_always_holds_the_cursor),
		cmocka_unit_test(a_line_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
