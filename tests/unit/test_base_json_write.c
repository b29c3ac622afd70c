/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_json_write.c - the writer: commas, escapes, limits; what it writes
 * is always JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"

static void nested_values_have_their_commas(void **state)
{
	struct buf b = { 0 };
	struct json_writer w;

	(void)state;
	jw_init(&w, &b);
	jw_object(&w);
	jw_kid(&w, "contact", 'c', 42);
	jw_kid(&w, "agent", 'a', 0);
	jw_key(&w, "list");
	jw_array(&w);
	jw_int(&w, -1);
	jw_array(&w);
	jw_end(&w);
	jw_object(&w);
	jw_end(&w);
	jw_object(&w);
	jw_kbool(&w, "yes", true);
	jw_end(&w);
	jw_null(&w);
	jw_end(&w);
	jw_ktext(&w, "text", "a");
	jw_ktext(&w, "none", NULL);
	jw_kstr(&w, "str", STR("b"));
	jw_kint(&w, "int", INT64_MIN);
	jw_ku64(&w, "u64", UINT64_MAX);
	jw_key(&w, "raw");
	jw_raw(&w, STR("{\"x\":[]}"));
	jw_key(&w, "f");
	jw_textf(&w, "%d \"%s\"", 5, "q");
	jw_end(&w);
	assert_string_equal(b.data,
	    "{\"contact\":\"c42\",\"agent\":null,\"list\":[-1,[],{},"
	    "{\"yes\":true},null],\"text\":\"a\",\"none\":null,\"str\":\"b\","
	    "\"int\":-9223372036854775808,\"u64\":18446744073709551615,"
	    "\"raw\":{\"x\":[]},\"f\":\"5 \\\"q\\\"\"}");
	assert_int_equal(w.depth, 0);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

static void values_are_appended_to_what_is_there(void **state)
{
	struct buf b = { 0 };
	struct json_writer w;

	(void)state;
	buf_add_text(&b, "data: ");
	jw_init(&w, &b);
	jw_array(&w);
	jw_bool(&w, false);
	jw_end(&w);
	buf_add_text(&b, "\n");
	assert_string_equal(b.data, "data: [false]\n");
	buf_done(&b);
}

/* Each byte alone and in the middle, written and read again. */
static void every_byte_is_escaped_or_repaired(void **state)
{
	unsigned c;

	(void)state;
	for (c = 1; c < 256; c++) {
		char text[] = { 'a', (char)c, 'z' };
		struct str s = { text, sizeof(text) };
		struct buf b = { 0 };
		struct json_writer w;
		struct json *v = NULL;
		struct str back;

		jw_init(&w, &b);
		jw_str(&w, s);
		assert_int_equal(json_parse(buf_str(&b), 0, &v, NULL), 0);
		back = json_str(v);
		if (c < 0x80)
			assert_true(str_eq(back, s));
		else
			assert_true(str_is(back, "a\xef\xbf\xbdz"));
		json_free(v);
		buf_done(&b);
	}
	assert_int_equal(mem_live(), 0);
}

static void controls_are_escaped_as_json_wants(void **state)
{
	struct buf b = { 0 };
	struct json_writer w;

	(void)state;
	jw_init(&w, &b);
	jw_str(&w, STR("\0\x01\b\t\n\v\f\r\x1f\"\\/\x7f"));
	assert_string_equal(b.data,
	    "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/\x7f\"");
	buf_done(&b);
}

static void keys_are_escaped_too(void **state)
{
	struct buf b = { 0 };
	struct json_writer w;

	(void)state;
	jw_init(&w, &b);
	jw_object(&w);
	jw_kint(&w, "a\"b\n", 1);
	jw_end(&w);
	assert_string_equal(b.data, "{\"a\\\"b\\n\":1}");
	buf_done(&b);
}

static void sixty_four_levels_can_be_open(void **state)
{
	struct buf b = { 0 };
	struct json_writer w;
	int i;

	(void)state;
	jw_init(&w, &b);
	for (i = 0; i < 64; i++)
		jw_array(&w);
	for (i = 0; i < 64; i++)
		jw_end(&w);
	assert_int_equal(b.len, 128);
	assert_int_equal(str_find(buf_str(&b), ']'), 64);
	assert_int_equal(str_find(buf_str(&b), '}'), 128);
	buf_done(&b);
}

static void lack_of_room_is_a_mark_on_the_buf(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kstr(&w, "key", STR("a long value"));
	jw_end(&w);
	assert_true(b.failed);
	assert_true(b.len <= 10);
	buf_done(&b);
	mem_fail_after(1);
	jw_init(&w, &b);
	b.limit = 0;
	jw_str(&w, STR("text"));
	mem_fail_after(0);
	assert_true(b.failed);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_values_have_their_commas),
		cmocka_unit_test(values_are_appended_to_what_is_there),
		cmocka_unit_test(every_byte_is_escaped_or_repaired),
		cmocka_unit_test(controls_are_escaped_as_json_wants),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(sixty_four_levels_can_be_open),
		cmocka_unit_test(lack_of_room_is_a_mark_on_the_buf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
