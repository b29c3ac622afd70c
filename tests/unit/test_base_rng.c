/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_rng.c - chance: the seeded one never changes its numbers, since a
 * replay depends on them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/rng.h"

/* splitmix64 from seed 0 is published: 0xe220a8397b1dcdaf, ... */
static void seeding_is_splitmix64(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 0);
	assert_true(r.s[0] == UINT64_C(0xe220a8397b1dcdaf));
	assert_true(r.s[1] == UINT64_C(0x6e789e6aa1b965f4));
	assert_true(r.s[2] == UINT64_C(0x06c45d188009454f));
	assert_true(r.s[3] == UINT64_C(0xf88bb8a8724c81ec));
}

/* The reference program with state 1, 2, 3, 4. */
static void numbers_are_those_of_xoshiro256starstar(void **state)
{
	static const uint64_t wanted[] = { 11520, 0, 1509978240,
		UINT64_C(1215971899390074240), UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600), UINT64_C(16172922978634559625),
		UINT64_C(8476171486693032832), UINT64_C(10595114339597558777),
		UINT64_C(2904607092377533576) };
	struct rng r = { { 1, 2, 3, 4 } };
	size_t i;

	(void)state;
	for (i = 0; i < countof(wanted); i++)
		assert_true(rng_next(&r) == wanted[i]);
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
	struct rng a;
	struct rng b;
	int i;

	(void)state;
	rng_seed(&a, 42);
	rng_seed(&b, 42);
	for (i = 0; i < 1000; i++)
		assert_true(rng_next(&a) == rng_next(&b));
	rng_seed(&b, 43);
	assert_true(rng_next(&a) != rng_next(&b));
}

static void below_stays_below_and_reaches_all(void **state)
{
	unsigned seen[7] = { 0 };
	struct rng r;
	size_t i;

	(void)state;
	rng_seed(&r, 1);
	for (i = 0; i < 7000; i++) {
		uint64_t v = rng_below(&r, 7);

		assert_true(v < 7);
		seen[v]++;
	}
	for (i = 0; i < 7; i++)
		assert_in_range(seen[i], 850, 1150);
	assert_true(rng_below(&r, 1) == 0);
	assert_true(rng_below(&r, UINT64_MAX) < UINT64_MAX);
}

/* Without the second throw, the lower third would come twice as often. */
static void below_is_fair_where_modulo_is_not(void **state)
{
	uint64_t n = UINT64_C(3) << 62;
	unsigned low = 0;
	struct rng r;
	int i;

	(void)state;
	rng_seed(&r, 2);
	for (i = 0; i < 9000; i++)
		low += rng_below(&r, n) < n / 3;
	assert_in_range(low, 2800, 3200);
}

static void kernel_bytes_differ_each_time(void **state)
{
	unsigned char a[600] = { 0 };
	unsigned char b[600] = { 0 };

	(void)state;
	rng_bytes(a, sizeof(a));
	rng_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	rng_bytes(a, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seeding_is_splitmix64),
		cmocka_unit_test(numbers_are_those_of_xoshiro256starstar),
		cmocka_unit_test(the_same_seed_gives_the_same_numbers),
		cmocka_unit_test(below_stays_below_and_reaches_all),
		cmocka_unit_test(below_is_fair_where_modulo_is_not),
		cmocka_unit_test(kernel_bytes_differ_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
