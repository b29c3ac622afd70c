/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_utf8.c - people's text: what is valid, what is equal, what is a
 * word, how wide it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"

static struct str tight(struct str s)
{
	return (struct str){ mem_copy(s.p, s.n), s.n };
}

static void let_go(struct str s)
{
	mem_free((char *)(uintptr_t)s.p);
}

/* Writes c by the plain rule, surrogates and all. */
static struct str spelled(uint32_t c, size_t len, char dst[4])
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = len - 1; i > 0; i--) {
		dst[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	dst[0] = (char)(first[len] | c);
	return (struct str){ dst, len };
}

static size_t natural_len(uint32_t c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static void every_code_point_is_valid_but_surrogates(void **state)
{
	char bytes[4];
	uint32_t c;

	(void)state;
	for (c = 0; c <= 0x10ffff; c++) {
		bool surrogate = c >= 0xd800 && c <= 0xdfff;
		struct str s = spelled(c, natural_len(c), bytes);
		uint32_t back = 0;

		assert_int_equal(utf8_valid(s), !surrogate);
		assert_int_equal(utf8_next(s, &back), surrogate ? 0 : s.n);
		assert_true(surrogate || back == c);
	}
	for (; c <= 0x1fffff; c += 0x111)
		assert_false(utf8_valid(spelled(c, 4, bytes)));
}

static void every_overlong_form_is_invalid(void **state)
{
	char bytes[4];
	uint32_t c;
	size_t len;

	(void)state;
	for (c = 0; c < 0x10000; c++)
		for (len = natural_len(c) + 1; len <= 4; len++)
			if (len > 1)
				assert_false(
				    utf8_valid(spelled(c, len, bytes)));
}

static void every_cut_character_is_invalid(void **state)
{
	static const uint32_t chars[] = { 0xe9, 0x20ac, 0x1f600 };
	char bytes[4];
	size_t i;
	size_t n;

	(void)state;
	for (i = 0; i < countof(chars); i++)
		for (n = 1; n < natural_len(chars[i]); n++) {
			struct str s = tight(str_sub(
			    spelled(chars[i], natural_len(chars[i]), bytes), 0,
			    n));

			assert_false(utf8_valid(s));
			assert_int_equal(utf8_valid_prefix(s), 0);
			let_go(s);
		}
}

static void single_wrong_bytes_are_invalid(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0", "\xc1",
		"\xf5\x80\x80\x80", "\xff", "\xfe", "a\x80", "\xc3\xa9\xa9",
		"\xe2\x82z", "\xf0\x9f\x98z", "\xc3(" };
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++)
		assert_false(utf8_valid(str_of(bad[i])));
	assert_true(utf8_valid(STR_NONE));
	assert_true(utf8_valid(STR("a\0b")));
}

static void the_valid_prefix_stops_at_the_first_fault(void **state)
{
	char text[64];
	size_t at;

	(void)state;
	for (at = 0; at < sizeof(text); at++) {
		memset(text, 'a', sizeof(text));
		text[at] = '\xff';
		assert_int_equal(
		    utf8_valid_prefix((struct str){ text, sizeof(text) }), at);
	}
	assert_int_equal(utf8_valid_prefix(STR("\xc3\xa9\xe2\x82")), 2);
}

static void assert_repaired(struct str s, const char *wanted)
{
	struct buf out = { 0 };

	utf8_repair(s, &out);
	assert_string_equal(out.data == NULL ? "" : out.data, wanted);
	assert_true(utf8_valid(buf_str(&out)));
	buf_done(&out);
}

static void repair_replaces_each_invalid_byte(void **state)
{
	(void)state;
	assert_repaired(STR_NONE, "");
	assert_repaired(STR("caf\xc3\xa9"), "caf\xc3\xa9");
	assert_repaired(STR("a\xff z"), "a\xef\xbf\xbd z");
	assert_repaired(STR("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
	assert_repaired(
	    STR("\xff\xffok\xff"), "\xef\xbf\xbd\xef\xbf\xbdok\xef\xbf\xbd");
}

static void assert_folded(struct str s, const char *wanted)
{
	struct buf out = { 0 };
	struct str copy = tight(s);

	utf8_fold(copy, &out);
	assert_false(out.failed);
	assert_string_equal(out.data, wanted);
	buf_done(&out);
	let_go(copy);
}

static void folding_makes_what_people_mean_equal(void **state)
{
	(void)state;
	assert_folded(STR("Refund 42!"), "refund 42!");
	assert_folded(STR("CAF\xc3\x89"), "caf\xc3\xa9");
	assert_folded(STR("CAFE\xcc\x81"), "caf\xc3\xa9"); /* composed */
	assert_folded(STR("Stra\xc3\x9f"
	                  "e"),
	    "strasse");
	assert_folded(STR("\xef\xbc\xa1\xef\xbc\xa2"), "ab"); /* fullwidth */
	assert_folded(STR("\xef\xac\x81n"), "fin");           /* ligature */
	assert_folded(STR("\xce\xa3"), "\xcf\x83");           /* Sigma */
	assert_folded(STR("\xcf\x82"), "\xcf\x83");           /* final sigma */
	assert_folded(STR("re\xc2\xad"
	                  "fund"),
	    "refund"); /* soft hyphen */
	assert_folded(STR("re\xe2\x80\x8b"
	                  "fund"),
	    "refund"); /* zero width space */
	assert_folded(STR("\xef\xb7\xba"),
	    "\xd8\xb5\xd9\x84\xd9\x89 \xd8\xa7\xd9\x84\xd9\x84\xd9\x87 "
	    "\xd8\xb9\xd9\x84\xd9\x8a\xd9\x87 "
	    "\xd9\x88\xd8\xb3\xd9\x84\xd9\x85");
	assert_folded(STR("A\xff\xc3\x89"), "a\xef\xbf\xbd\xc3\xa9");
}

static void folding_keeps_marks(void **state)
{
	(void)state;
	assert_folded(STR("ma\xc3\xb1"
	                  "ana"),
	    "ma\xc3\xb1"
	    "ana");
}

static void folding_appends_and_reports_lack_of_memory(void **state)
{
	struct buf out = { 0 };

	(void)state;
	buf_add_text(&out, "a:");
	utf8_fold(STR("B"), &out);
	utf8_fold(STR("\xc3\x89"), &out);
	assert_string_equal(out.data, "a:b\xc3\xa9");
	mem_fail_after(1);
	utf8_fold(STR("\xc3\x89"), &out);
	mem_fail_after(0);
	assert_true(out.failed);
	buf_done(&out);
	assert_int_equal(mem_live(), 0);
}

static void folding_twice_is_folding_once(void **state)
{
	struct rng r;
	int round;

	(void)state;
	rng_seed(&r, 9);
	for (round = 0; round < 3000; round++) {
		struct buf raw = { 0 };
		struct buf once = { 0 };
		struct buf twice = { 0 };
		char bytes[4];
		int i;

		for (i = 0; i < 8; i++) {
			uint32_t c = (uint32_t)rng_below(&r, 0x3000) + 1;

			buf_add_str(&raw, spelled(c, natural_len(c), bytes));
		}
		utf8_fold(buf_str(&raw), &once);
		utf8_fold(buf_str(&once), &twice);
		assert_true(utf8_valid(buf_str(&once)));
		assert_true(str_eq(buf_str(&once), buf_str(&twice)));
		buf_done(&raw);
		buf_done(&once);
		buf_done(&twice);
	}
}

static void words_are_found_whole(void **state)
{
	struct str text = STR("please refund my order, caf\xc3\xa9 no. 42b");

	(void)state;
	assert_true(utf8_has_words(text, STR("refund")));
	assert_true(utf8_has_words(text, STR("please")));
	assert_true(utf8_has_words(text, STR("42b")));
	assert_true(utf8_has_words(text, STR("refund my order")));
	assert_true(utf8_has_words(text, STR("caf\xc3\xa9")));
	assert_true(utf8_has_words(text, STR("order,")));
	assert_false(utf8_has_words(text, STR("fund")));
	assert_false(utf8_has_words(text, STR("refun")));
	assert_false(utf8_has_words(text, STR("42")));
	assert_false(utf8_has_words(text, STR("caf")));
	assert_false(utf8_has_words(text, STR("")));
	assert_false(utf8_has_words(STR(""), STR("a")));
	assert_false(utf8_has_words(STR("a"), STR("aa")));
	assert_true(utf8_has_words(STR("aa a"), STR("a")));
	assert_true(utf8_has_words(STR("c++"), STR("c++")));
}

static void a_mark_belongs_to_its_letter(void **state)
{
	(void)state;
	/* e + dot below + macron does not hold the word "e" */
	assert_false(utf8_has_words(STR("e\xcc\xa3\xcc\x84"), STR("e")));
	/* Hindi "hindi" does not hold its first letter as a word */
	assert_false(utf8_has_words(
	    STR("\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8"), STR("\xe0\xa4\xb9")));
}

static void scripts_without_blanks_find_words_inside(void **state)
{
	(void)state;
	/* "I want a refund" in Chinese holds "refund" */
	assert_true(utf8_has_words(STR("\xe6\x88\x91\xe8\xa6\x81\xe9\x80\x80"
	                               "\xe6\xac\xbe"),
	    STR("\xe9\x80\x80\xe6\xac\xbe")));
	/* and Latin letters beside Han characters are words of their own */
	assert_true(utf8_has_words(
	    STR("\xe9\x80\x80iphone\xe6\xac\xbe"), STR("iphone")));
	/* Korean has blanks */
	assert_false(utf8_has_words(
	    STR("\xed\x99\x98\xeb\xb6\x88"), STR("\xed\x99\x98")));
}

static void words_in_rubbish_do_no_harm(void **state)
{
	struct rng r;
	int round;

	(void)state;
	rng_seed(&r, 10);
	for (round = 0; round < 20000; round++) {
		char text[12];
		char needle[2];
		struct str t = { text, rng_below(&r, sizeof(text)) };
		struct str n = { needle, rng_below(&r, 3) };
		size_t i;

		for (i = 0; i < sizeof(text); i++)
			text[i] = (char)(0x7e + rng_below(&r, 5) * 0x20);
		for (i = 0; i < sizeof(needle); i++)
			needle[i] = text[rng_below(&r, sizeof(text))];
		t = tight(t);
		n = tight(n);
		utf8_has_words(t, n);
		assert_true(utf8_width(t) <= t.n);
		let_go(t);
		let_go(n);
	}
}

static void a_cut_never_splits_a_character(void **state)
{
	struct str s = STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t wanted[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11,
		11 };
	size_t n;

	(void)state;
	for (n = 0; n < countof(wanted); n++) {
		assert_int_equal(utf8_cut(s, n).n, wanted[n]);
		assert_true(utf8_valid(utf8_cut(s, n)));
	}
	assert_int_equal(utf8_cut(STR_NONE, 0).n, 0);
}

static void width_counts_terminal_columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_width(STR_NONE), 0);
	assert_int_equal(utf8_width(STR("abc")), 3);
	assert_int_equal(utf8_width(STR("caf\xc3\xa9")), 4);
	assert_int_equal(utf8_width(STR("cafe\xcc\x81")), 4);
	assert_int_equal(utf8_width(STR("\xe9\x80\x80\xe6\xac\xbe")), 4);
	assert_int_equal(utf8_width(STR("\xf0\x9f\x98\x80")), 2);
	assert_int_equal(utf8_width(STR("a\xff")), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_is_valid_but_surrogates),
		cmocka_unit_test(every_overlong_form_is_invalid),
		cmocka_unit_test(every_cut_character_is_invalid),
		cmocka_unit_test(single_wrong_bytes_are_invalid),
		cmocka_unit_test(the_valid_prefix_stops_at_the_first_fault),
		cmocka_unit_test(repair_replaces_each_invalid_byte),
		cmocka_unit_test(folding_makes_what_people_mean_equal),
		cmocka_unit_test(folding_keeps_marks),
		cmocka_unit_test(folding_appends_and_reports_lack_of_memory),
		cmocka_unit_test(folding_twice_is_folding_once),
		cmocka_unit_test(words_are_found_whole),
		cmocka_unit_test(a_mark_belongs_to_its_letter),
		cmocka_unit_test(scripts_without_blanks_find_words_inside),
		cmocka_unit_test(words_in_rubbish_do_no_harm),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(width_counts_terminal_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
