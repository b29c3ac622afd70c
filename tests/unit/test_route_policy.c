/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_route_policy.c - the two policies by themselves, against doc/policy.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "route/policy.h"

#define MINUTE ((msec_t)60 * 1000)

static msec_t offset(msec_t answer, unsigned value, msec_t head_start)
{
	return policy_deadline.offset(answer, value, head_start);
}

/* ---- which contact --------------------------------------------------------- */

static void offset_is_the_time_to_answer(void **state)
{
	(void)state;
	assert_int_equal(offset(20000, 1, 0), 20000);
	assert_int_equal(offset(4 * 60 * MINUTE, 1, 0), 4 * 60 * MINUTE);
	assert_int_equal(offset(0, 1, 0), 0);
}

static void value_divides_it(void **state)
{
	(void)state;
	assert_int_equal(offset(MINUTE, 2, 0), 30000);
	assert_int_equal(offset(MINUTE, 3, 0), 20000);
	assert_int_equal(offset(MINUTE, 4, 0), 15000);
	assert_int_equal(offset(10, 3, 0), 3); /* whole milliseconds */
}

static void value_out_of_range_counts_as_one(void **state)
{
	(void)state;
	assert_int_equal(offset(MINUTE, 0, 0), MINUTE);
	assert_int_equal(offset(MINUTE, VALUE_MAX + 1, 0), MINUTE);
	assert_int_equal(offset(MINUTE, 1000000, 0), MINUTE);
}

static void head_start_is_taken_off_after_the_value(void **state)
{
	(void)state;
	assert_int_equal(offset(MINUTE, 1, 20000), 40000);
	assert_int_equal(offset(MINUTE, 2, 20000), 10000);
}

static void head_start_makes_up_for_the_promise_at_most(void **state)
{
	(void)state;
	assert_int_equal(offset(MINUTE, 1, MINUTE), 0);
	assert_int_equal(offset(MINUTE, 1, MINUTE + 1), 0);
	assert_int_equal(offset(0, 1, 1), 0);
}

static void head_start_is_an_hour_at_most(void **state)
{
	(void)state;
	assert_int_equal(
	    offset(4 * 60 * MINUTE, 1, 60 * MINUTE), 3 * 60 * MINUTE);
	assert_int_equal(
	    offset(4 * 60 * MINUTE, 1, 60 * MINUTE + 1), 3 * 60 * MINUTE);
	assert_int_equal(
	    offset(4 * 60 * MINUTE, 1, INT64_MAX), 3 * 60 * MINUTE);
}

/* ---- which agent ----------------------------------------------------------- */

/* Two candidates alike in all but what a case changes; b has the lower id, so
 * that a wins by nothing but that. */
struct pair {
	struct agent x, y;
	struct candidate a, b;
};

static void pair_init(struct pair *p)
{
	*p = (struct pair){ 0 };
	p->x.id.v = 2;
	p->y.id.v = 1;
	p->x.idle_since = p->y.idle_since = 1000;
	p->a.agent = &p->x;
	p->b.agent = &p->y;
	p->a.place = p->b.place = 1;
	p->a.ring = p->b.ring = 1;
	p->a.demand = p->b.demand = 2;
	p->x.load[CHANNEL_CHAT] = p->y.load[CHANNEL_CHAT] = 1;
}

static void assert_a_wins(
    const struct pair *p, enum channel channel, enum rank_step by)
{
	enum rank_step step = RANK_STEPS;

	assert_true(
	    policy_specialist.compare(&p->a, &p->b, channel, &step) < 0);
	assert_int_equal(step, by);
	step = RANK_STEPS;
	assert_true(
	    policy_specialist.compare(&p->b, &p->a, channel, &step) > 0);
	assert_int_equal(step, by);
}

/* What makes a better; in the order in which it counts. */
static void make_own(struct pair *p)
{
	p->a.own = true;
}
static void make_earlier_place(struct pair *p)
{
	p->a.place = 0;
}
static void make_better_ring(struct pair *p)
{
	p->a.ring = 0;
}
static void make_less_wanted(struct pair *p)
{
	p->a.demand = 1;
}
static void make_fewer_chats(struct pair *p)
{
	p->x.load[CHANNEL_CHAT] = 0;
}
static void make_longer_idle(struct pair *p)
{
	p->x.idle_since = 999;
}
static void make_lower_id(struct pair *p)
{
	p->x.id.v = 1;
	p->y.id.v = 2;
}

static const struct advantage {
	void (*give)(struct pair *p);
	enum rank_step step;
} advantages[] = {
	{ make_own, STEP_OWN },
	{ make_earlier_place, STEP_PLACE },
	{ make_better_ring, STEP_RING },
	{ make_less_wanted, STEP_DEMAND },
	{ make_fewer_chats, STEP_CHATS },
	{ make_longer_idle, STEP_IDLE },
	{ make_lower_id, STEP_ID },
};

static void each_criterion_decides_when_the_rest_is_equal(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(advantages); i++) {
		struct pair p;

		pair_init(&p);
		advantages[i].give(&p);
		assert_a_wins(&p, CHANNEL_CHAT, advantages[i].step);
	}
}

/* a becomes b and b becomes a. */
static void swap(struct pair *p)
{
	struct candidate c = p->a;
	struct agent x = p->x;

	p->a = p->b;
	p->b = c;
	p->x = p->y;
	p->y = x;
	p->a.agent = &p->x;
	p->b.agent = &p->y;
}

/* Every criterion against all that come after it together. */
static void an_earlier_criterion_outweighs_all_later_ones(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i + 1 < countof(advantages); i++) {
		struct pair p;

		pair_init(&p);
		for (k = i + 1; k < countof(advantages); k++)
			advantages[k].give(&p);
		assert_a_wins(&p, CHANNEL_CHAT, advantages[i + 1].step);
		swap(&p);
		advantages[i].give(&p);
		assert_a_wins(&p, CHANNEL_CHAT, advantages[i].step);
	}
}

static void open_chats_count_for_chats_only(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p);
	p.x.load[CHANNEL_CHAT] = 2;
	p.x.idle_since = 999;
	assert_a_wins(&p, CHANNEL_PHONE, STEP_IDLE);
	assert_a_wins(&p, CHANNEL_MAIL, STEP_IDLE);
	swap(&p);
	assert_a_wins(&p, CHANNEL_CHAT, STEP_CHATS);
}

static void two_agents_are_never_the_same(void **state)
{
	struct pair p;
	enum rank_step step;

	(void)state;
	pair_init(&p);
	assert_int_not_equal(
	    policy_specialist.compare(&p.a, &p.b, CHANNEL_CHAT, &step), 0);
	assert_int_equal(step, STEP_ID);
}

static void names_are_what_the_book_says(void **state)
{
	(void)state;
	assert_string_equal(policy_deadline.name, "deadline");
	assert_string_equal(policy_specialist.name, "specialist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offset_is_the_time_to_answer),
		cmocka_unit_test(value_divides_it),
		cmocka_unit_test(value_out_of_range_counts_as_one),
		cmocka_unit_test(head_start_is_taken_off_after_the_value),
		cmocka_unit_test(head_start_makes_up_for_the_promise_at_most),
		cmocka_unit_test(head_start_is_an_hour_at_most),
		cmocka_unit_test(each_criterion_decides_when_the_rest_is_equal),
		cmocka_unit_test(an_earlier_criterion_outweighs_all_later_ones),
		cmocka_unit_test(open_chats_count_for_chats_only),
		cmocka_unit_test(two_agents_are_never_the_same),
		cmocka_unit_test(names_are_what_the_book_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
