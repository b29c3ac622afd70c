/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_model_expr.c - conditions: programs, leaves, and the limits of patterns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/expr.h"
#include "model/rules.h"

/* ---- programs ---------------------------------------------------------- */

static int64_t ask(const void *world, enum expr_op op, uint32_t arg)
{
	const int64_t *answers = world;

	return answers[op] + (int64_t)arg;
}

static bool run(const struct expr_step *steps, size_t n, const char *bits)
{
	static const int64_t world[] = { [EXPR_OPEN] = 0,
		[EXPR_QUEUE_WAITING] = 20,
		[EXPR_QUEUE_LONGEST] = 120000,
		[EXPR_QUEUE_READY] = 0 };
	struct expr e = { (struct expr_step *)steps, n };

	return expr_is_true(&e, str_of(bits), ask, world);
}

#define V(n)                                                                   \
	{                                                                      \
		.op = EXPR_VERDICT, .arg = n                                   \
	}
#define OP(o)                                                                  \
	{                                                                      \
		.op = EXPR_##o                                                 \
	}

static void an_empty_program_is_true(void **state)
{
	(void)state;
	assert_true(run(NULL, 0, ""));
}

static void verdicts_are_bits_and_missing_ones_are_false(void **state)
{
	(void)state;
	assert_true(verdict_is_set(STR("\x05"), 0));
	assert_false(verdict_is_set(STR("\x05"), 1));
	assert_true(verdict_is_set(STR("\x05"), 2));
	assert_false(verdict_is_set(STR("\x05"), 8));
	assert_false(verdict_is_set(STR_NONE, 0));
	assert_true(verdict_is_set(STR("\x01\x80"), 15));
	assert_false(verdict_is_set(STR("\x01\x80"), UINT32_MAX));
}

static void and_or_not_have_their_truth_tables(void **state)
{
	const struct expr_step both[] = { V(0), V(1), OP(AND) };
	const struct expr_step any[] = { V(0), V(1), OP(OR) };
	const struct expr_step none[] = { V(0), V(1), OP(OR), OP(NOT) };

	(void)state;
	for (int bits = 0; bits < 4; bits++) {
		char verdicts[2] = { (char)(bits | 4), 0 };
		bool a = bits & 1;
		bool b = bits & 2;

		assert_int_equal(run(both, 3, verdicts), a && b);
		assert_int_equal(run(any, 3, verdicts), a || b);
		assert_int_equal(run(none, 4, verdicts), !(a || b));
	}
}

static void the_world_is_asked_and_compared(void **state)
{
	struct expr_step step = { .op = EXPR_OPEN };

	(void)state;
	assert_false(run(&step, 1, ""));
	step.arg = 1;
	assert_true(run(&step, 1, ""));
	step = (struct expr_step){ EXPR_QUEUE_WAITING, COMPARE_MORE, 0, 20 };
	assert_false(run(&step, 1, ""));
	step.compare = COMPARE_MORE_EQUAL;
	assert_true(run(&step, 1, ""));
	step.compare = COMPARE_EQUAL;
	assert_true(run(&step, 1, ""));
	step.compare = COMPARE_LESS_EQUAL;
	assert_true(run(&step, 1, ""));
	step.compare = COMPARE_LESS;
	assert_false(run(&step, 1, ""));
	step =
	    (struct expr_step){ EXPR_QUEUE_LONGEST, COMPARE_MORE, 0, 119999 };
	assert_true(run(&step, 1, ""));
	step = (struct expr_step){ EXPR_QUEUE_READY, COMPARE_LESS, 0, 1 };
	assert_true(run(&step, 1, ""));
}

static void the_deepest_program_fits(void **state)
{
	struct expr_step steps[2 * EXPR_STACK - 1];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < EXPR_STACK; i++)
		steps[n++] = (struct expr_step){ .op = EXPR_TRUE };
	for (int i = 1; i < EXPR_STACK; i++)
		steps[n++] = (struct expr_step){ .op = EXPR_AND };
	assert_true(run(steps, n, ""));
}

/* ---- leaves ------------------------------------------------------------ */

static struct leaf make_leaf(
    enum leaf_kind kind, enum leaf_compare compare, const char *value)
{
	struct leaf l = { .kind = kind, .compare = compare };

	if (value == NULL)
		return l;
	l.values = new_array(char *, 1);
	l.values[0] = mem_text(value);
	l.value_count = 1;
	return l;
}

static bool test_once(struct leaf l, struct leaf_facts facts)
{
	bool result = leaf_test(&l, &facts);

	leaf_done(&l);
	return result;
}

static void a_channel_is_one_of_a_set(void **state)
{
	struct leaf l = { .kind = LEAF_CHANNEL,
		.channels = 1u << CHANNEL_CHAT | 1u << CHANNEL_MAIL };
	struct leaf_facts facts = { .channel = CHANNEL_MAIL };

	(void)state;
	assert_true(leaf_test(&l, &facts));
	facts.channel = CHANNEL_PHONE;
	assert_false(leaf_test(&l, &facts));
}

static void a_number_dialled_is_equal_or_starts_so(void **state)
{
	struct leaf_facts facts = { .dialled = STR("+33155501010") };

	(void)state;
	assert_true(test_once(
	    make_leaf(LEAF_DIALLED, COMPARE_EQUAL, "+33155501010"), facts));
	assert_false(test_once(
	    make_leaf(LEAF_DIALLED, COMPARE_EQUAL, "+3315550101"), facts));
	assert_true(
	    test_once(make_leaf(LEAF_DIALLED, COMPARE_STARTS, "+33"), facts));
	assert_false(
	    test_once(make_leaf(LEAF_DIALLED, COMPARE_STARTS, "+34"), facts));
	facts.dialled = STR("Help@Acme.Example");
	assert_true(test_once(
	    make_leaf(LEAF_DIALLED, COMPARE_EQUAL, "help@acme.example"),
	    facts));
	facts.dialled = STR_NONE;
	assert_false(
	    test_once(make_leaf(LEAF_DIALLED, COMPARE_STARTS, "+33"), facts));
}

static void a_language_ignores_the_country(void **state)
{
	struct leaf_facts facts = { .language = STR("FR-ca") };

	(void)state;
	assert_true(
	    test_once(make_leaf(LEAF_LANGUAGE, COMPARE_EQUAL, "fr"), facts));
	facts.language = STR("frr");
	assert_true(
	    test_once(make_leaf(LEAF_LANGUAGE, COMPARE_EQUAL, "fr"), facts));
	facts.language = STR("f");
	assert_false(
	    test_once(make_leaf(LEAF_LANGUAGE, COMPARE_EQUAL, "fr"), facts));
}

static bool attribute_is(
    enum leaf_compare how, const char *bound, const char *value)
{
	struct attribute a[] = { { STR("other"), STR("gold") },
		{ STR("tier"), str_of(value) } };
	struct leaf_facts facts = { .attributes = a,
		.attribute_count = value != NULL ? 2 : 1 };
	struct leaf l = make_leaf(LEAF_ATTRIBUTE, how, bound);

	l.name = mem_text("tier");
	return test_once(l, facts);
}

static void attributes_are_compared_as_text_or_number(void **state)
{
	(void)state;
	assert_true(attribute_is(COMPARE_EQUAL, "gold", "Gold"));
	assert_false(attribute_is(COMPARE_EQUAL, "gold", "golden"));
	assert_true(attribute_is(COMPARE_STARTS, "go", "gold"));
	assert_true(attribute_is(COMPARE_MORE, "9", "10"));
	assert_false(attribute_is(COMPARE_MORE, "10", "10"));
	assert_true(attribute_is(COMPARE_MORE_EQUAL, "10", "10.0"));
	assert_true(attribute_is(COMPARE_LESS, "2.5", "2.49"));
	assert_false(attribute_is(COMPARE_LESS, "2.5", "2.500001"));
	assert_true(attribute_is(COMPARE_LESS, "0", "-0.5"));
	assert_true(attribute_is(COMPARE_LESS_EQUAL, "-1", "-1"));
	assert_true(attribute_is(COMPARE_PRESENT, NULL, "x"));
}

static void what_is_missing_or_no_number_is_never_true(void **state)
{
	(void)state;
	assert_false(attribute_is(COMPARE_EQUAL, "gold", NULL));
	assert_false(attribute_is(COMPARE_PRESENT, NULL, NULL));
	assert_false(attribute_is(COMPARE_PRESENT, NULL, ""));
	assert_false(attribute_is(COMPARE_MORE, "1", "many"));
	assert_false(attribute_is(COMPARE_MORE, "1", "2x"));
	assert_false(attribute_is(COMPARE_MORE, "1", "2."));
	assert_false(attribute_is(COMPARE_MORE, "1", ".5"));
	assert_false(attribute_is(COMPARE_MORE, "1", ""));
	assert_false(attribute_is(COMPARE_MORE, "1", "99999999999999"));
	assert_false(attribute_is(COMPARE_LESS, "1", "0.1234567"));
}

static void words_are_whole_and_folded(void **state)
{
	struct buf folded = { 0 };
	struct leaf_facts facts = { 0 };

	(void)state;
	utf8_fold(STR("Your INVOICE, nr. 7: Crédit  Note\nRückgeld"), &folded);
	facts.folded_text = buf_str(&folded);
	assert_true(test_once(
	    make_leaf(LEAF_HAS_WORDS, COMPARE_EQUAL, "invoice"), facts));
	assert_false(test_once(
	    make_leaf(LEAF_HAS_WORDS, COMPARE_EQUAL, "voice"), facts));
	assert_true(test_once(
	    make_leaf(LEAF_HAS_WORDS, COMPARE_EQUAL, "crédit"), facts));
	assert_false(
	    test_once(make_leaf(LEAF_HAS_WORDS, COMPARE_EQUAL, "rück"), facts));
	facts.folded_text = STR_NONE;
	assert_false(test_once(
	    make_leaf(LEAF_HAS_WORDS, COMPARE_EQUAL, "invoice"), facts));
	buf_done(&folded);
}

/* ---- patterns ---------------------------------------------------------- */

static struct leaf make_pattern(const char *pattern, bool nocase)
{
	struct leaf l = make_leaf(LEAF_MATCHES, COMPARE_EQUAL, pattern);
	struct fault why = { 0 };

	if (nocase)
		l.name = mem_text("i");
	assert_int_equal(leaf_compile(&l, &why), 0);
	return l;
}

static bool matches(const char *pattern, bool nocase, const char *text)
{
	struct leaf_facts facts = { .text = str_of(text) };

	return test_once(make_pattern(pattern, nocase), facts);
}

static void a_pattern_matches_anywhere_in_the_text(void **state)
{
	(void)state;
	assert_true(matches("ref(u|o)nd", false, "I want a refund."));
	assert_false(matches("refund", false, "REFUND"));
	assert_true(matches("refund", true, "REFUND"));
	assert_true(matches("é", true, "É"));
	assert_true(matches("^\\w+$", false, "crédit"));
	assert_true(matches("\\d{4}", false, "order 4711"));
	assert_true(matches("", false, ""));
	assert_true(matches("a", false, "\xff\xfe a"));
}

static void a_bad_pattern_says_where(void **state)
{
	struct leaf l = make_leaf(LEAF_MATCHES, COMPARE_EQUAL, "inv(oice");
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(leaf_compile(&l, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "8: missing closing parenthesis");
	leaf_done(&l);
	l = make_leaf(LEAF_MATCHES, COMPARE_EQUAL, "a\\Cb");
	assert_int_equal(leaf_compile(&l, &why), ERR_SYNTAX);
	leaf_done(&l);
	l = make_leaf(LEAF_MATCHES, COMPARE_EQUAL,
	    "((((((((((((((((((a))))))))))))))))))");
	assert_int_equal(leaf_compile(&l, &why), ERR_SYNTAX);
	leaf_done(&l);
	l = make_leaf(
	    LEAF_MATCHES, COMPARE_EQUAL, "((a{1,1000}){1,1000}){1,1000}");
	assert_int_equal(leaf_compile(&l, &why), ERR_SYNTAX);
	leaf_done(&l);
}

/* Patterns that take exponential or quadratic time elsewhere. */
static void no_pattern_takes_long_on_any_text(void **state)
{
	static const char *const patterns[] = {
		"(a+)+$",
		"(a|aa)+$",
		"(.*)*x",
		"a*a*a*a*a*a*b",
		"(?:a(?:a(?:a)*)*)*b",
		"^(a?){30}a{30}b",
		"([ab]+)+d",
		"(?=.*x)(?=.*y)a",
		"(a+)(a+)(a+)(a+)z",
	};
	char *text = mem_new(65536);

	(void)state;
	memset(text, 'a', 65535);
	text[32767] = 'c'; /* the last that is looked at */
	for (size_t i = 0; i < countof(patterns); i++) {
		int64_t began = clock_mono_ns();

		assert_false(matches(patterns[i], false, text));
		/* Milliseconds; a busy machine under sanitizers gets more. */
		assert_true(clock_mono_ns() - began < 1000000000);
	}
	mem_free(text);
}

static void a_long_text_is_searched_in_its_beginning(void **state)
{
	char *text = mem_new(40001);

	(void)state;
	memset(text, 'a', 40000);
	memcpy(text + 30000, "refund", 6);
	assert_true(matches("refund", false, text));
	memset(text, 'a', 40000);
	memcpy(text + 35000, "refund", 6);
	assert_false(matches("refund", false, text));
	mem_free(text);
}

static void a_match_without_memory_is_no_match(void **state)
{
	struct leaf l = make_pattern("refund", false);
	struct leaf_facts facts = { .text = STR("refund") };

	(void)state;
	for (size_t n = 1; n <= 3; n++) {
		mem_fail_after(n);
		(void)leaf_test(&l, &facts);
	}
	mem_fail_after(1);
	assert_false(leaf_test(&l, &facts));
	mem_fail_after(0);
	assert_true(leaf_test(&l, &facts));
	leaf_done(&l);
}

static void a_pattern_gives_back_its_memory(void **state)
{
	size_t live = mem_live();

	(void)state;
	assert_true(matches("(a)(b)?", true, "AB"));
	assert_int_equal(mem_live(), live);
}

/* ---- rules ------------------------------------------------------------- */

static void verdicts_have_a_bit_per_leaf(void **state)
{
	struct rules *r = rules_new();
	struct leaf_facts facts = { .dialled = STR("+331") };
	uint8_t bits[VERDICT_BYTES];

	(void)state;
	memset(bits, 0xff, sizeof(bits));
	r->leaves = new_array(struct leaf, 10);
	r->leaf_count = 10;
	for (size_t i = 0; i < 10; i++)
		r->leaves[i] = make_leaf(
		    LEAF_DIALLED, COMPARE_EQUAL, i % 3 == 0 ? "+331" : "+332");
	rules_verdicts(r, &facts, bits);
	assert_int_equal(bits[0], 0x49);
	assert_int_equal(bits[1], 0x02);
	for (size_t i = 2; i < VERDICT_BYTES; i++)
		assert_int_equal(bits[i], 0);
	rules_unref(r);
}

static void the_skill_of_a_language_is_found(void **state)
{
	struct rules *r = rules_new();

	(void)state;
	r->skills = new_array(struct rule_skill, 2);
	r->skill_count = 2;
	r->skills[0].name = mem_text("billing");
	r->skills[1].name = mem_text("lang.fr");
	assert_int_equal(rules_language_skill(r, STR("fr")), 1);
	assert_int_equal(rules_language_skill(r, STR("fr-CA")), 1);
	assert_int_equal(rules_language_skill(r, STR("en")), RULE_NONE);
	assert_int_equal(rules_language_skill(r, STR("")), RULE_NONE);
	assert_int_equal(rules_find_skill(r, STR("bill")), RULE_NONE);
	assert_int_equal(rules_find_skill(r, STR("billing")), 0);
	rules_unref(r);
}

static void words_of_kinds_are_read_back(void **state)
{
	enum closed_action action;
	enum channel channel;

	(void)state;
	for (unsigned i = 0; i < CHANNELS; i++) {
		assert_true(channel_parse(str_of(channel_word(i)), &channel));
		assert_int_equal(channel, i);
	}
	assert_string_equal(channel_word(CHANNELS), "?");
	assert_true(closed_action_parse(STR("mail-form"), &action));
	assert_int_equal(action, CLOSED_MAIL_FORM);
	assert_false(closed_action_parse(STR("mail"), &action));
	assert_string_equal(agent_state_word(AGENT_WRAP_UP), "wrap-up");
	assert_string_equal(agent_state_word(99), "?");
	assert_false(channel_kind(CHANNEL_PHONE)->text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_program_is_true),
		cmocka_unit_test(verdicts_are_bits_and_missing_ones_are_false),
		cmocka_unit_test(and_or_not_have_their_truth_tables),
		cmocka_unit_test(the_world_is_asked_and_compared),
		cmocka_unit_test(the_deepest_program_fits),
		cmocka_unit_test(a_channel_is_one_of_a_set),
		cmocka_unit_test(a_number_dialled_is_equal_or_starts_so),
		cmocka_unit_test(a_language_ignores_the_country),
		cmocka_unit_test(attributes_are_compared_as_text_or_number),
		cmocka_unit_test(what_is_missing_or_no_number_is_never_true),
		cmocka_unit_test(words_are_whole_and_folded),
		cmocka_unit_test(a_pattern_matches_anywhere_in_the_text),
		cmocka_unit_test(a_bad_pattern_says_where),
		cmocka_unit_test(no_pattern_takes_long_on_any_text),
		cmocka_unit_test(a_long_text_is_searched_in_its_beginning),
		cmocka_unit_test(a_match_without_memory_is_no_match),
		cmocka_unit_test(a_pattern_gives_back_its_memory),
		cmocka_unit_test(verdicts_have_a_bit_per_leaf),
		cmocka_unit_test(the_skill_of_a_language_is_found),
		cmocka_unit_test(words_of_kinds_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
