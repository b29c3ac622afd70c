/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_map.c - both kinds of tables against a naive model, step by step,
 * with the invariant of linear probing checked from outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rng.h"

#define KEYS  512
#define STEPS 60000

/* Values of the model are addresses in this array. */
static char things[KEYS * 2];

static void an_empty_map_finds_nothing(void **state)
{
	struct map m = { 0 };

	(void)state;
	assert_null(map_find(&m, 0));
	assert_null(map_find_text(&m, STR("x")));
	assert_null(map_remove(&m, 7));
	assert_null(map_remove_text(&m, STR("x")));
	assert_null(map_next(&m, NULL));
	map_done(&m);
}

static void put_returns_what_it_replaces(void **state)
{
	struct map m = { 0 };

	(void)state;
	assert_null(map_put(&m, 0, &things[0]));
	assert_null(map_put(&m, UINT64_MAX, &things[1]));
	assert_ptr_equal(map_put(&m, 0, &things[2]), &things[0]);
	assert_ptr_equal(map_find(&m, 0), &things[2]);
	assert_ptr_equal(map_find(&m, UINT64_MAX), &things[1]);
	assert_int_equal(m.used, 2);
	assert_ptr_equal(map_remove(&m, 0), &things[2]);
	assert_null(map_find(&m, 0));
	assert_int_equal(m.used, 1);
	map_done(&m);
	assert_int_equal(mem_live(), 0);
}

static void text_keys_are_copied_and_compared_whole(void **state)
{
	struct map m = { 0 };
	char name[] = "maria";

	(void)state;
	assert_null(map_put_text(&m, str_of(name), &things[0]));
	name[0] = 'k';
	assert_ptr_equal(map_find_text(&m, STR("maria")), &things[0]);
	assert_null(map_find_text(&m, STR("karia")));
	assert_null(map_find_text(&m, STR("mari")));
	assert_null(map_find_text(&m, STR("maria ")));
	assert_ptr_equal(
	    map_put_text(&m, STR("maria"), &things[1]), &things[0]);
	assert_int_equal(m.used, 1);
	map_done(&m);
	assert_int_equal(mem_live(), 0);
}

static void empty_texts_and_texts_with_nul_are_keys_too(void **state)
{
	struct map m = { 0 };

	(void)state;
	assert_null(map_put_text(&m, STR_NONE, &things[0]));
	assert_null(map_put_text(&m, STR("a"), &things[1]));
	assert_null(map_put_text(&m, STR("a\0b"), &things[2]));
	assert_null(map_put_text(&m, STR("a\0c"), &things[3]));
	assert_null(map_put_text(&m, STR("a\0"), &things[4]));
	assert_ptr_equal(map_find_text(&m, STR("")), &things[0]);
	assert_ptr_equal(map_find_text(&m, STR("a")), &things[1]);
	assert_ptr_equal(map_find_text(&m, STR("a\0b")), &things[2]);
	assert_ptr_equal(map_remove_text(&m, STR("a\0c")), &things[3]);
	assert_ptr_equal(map_find_text(&m, STR("a\0")), &things[4]);
	map_done(&m);
	assert_int_equal(mem_live(), 0);
}

static void keys_of_every_length_are_told_apart(void **state)
{
	char text[64];
	struct map m = { 0 };
	size_t n;

	(void)state;
	memset(text, 'k', sizeof(text));
	for (n = 0; n < sizeof(text); n++)
		assert_null(
		    map_put_text(&m, (struct str){ text, n }, &things[n]));
	for (n = 0; n < sizeof(text); n++)
		assert_ptr_equal(
		    map_find_text(&m, (struct str){ text, n }), &things[n]);
	map_done(&m);
}

static void a_walk_meets_each_entry_once(void **state)
{
	unsigned char seen[100] = { 0 };
	struct map_slot *slot;
	struct map m = { 0 };
	size_t n = 0;
	size_t i;

	(void)state;
	for (i = 0; i < countof(seen); i++)
		map_put(&m, i * 1000003, &things[i]);
	map_each(slot, &m) {
		size_t which = (size_t)((char *)slot->value - things);

		assert_int_equal(slot->key, which * 1000003);
		assert_int_equal(seen[which]++, 0);
		n++;
	}
	assert_int_equal(n, countof(seen));
	map_done(&m);
}

/* A search ends at the first empty slot: so each entry must be found, and the
 * table must never be full. */
static void assert_sound(const struct map *m)
{
	struct map_slot *slot;
	size_t n = 0;

	map_each(slot, m) {
		n++;
		if (slot->text == NULL)
			assert_ptr_equal(map_find(m, slot->key), slot->value);
		else
			assert_ptr_equal(
			    map_find_text(m, str_of(slot->text)), slot->value);
	}
	assert_int_equal(n, m->used);
	assert_true(m->cap == 0 || m->used < m->cap);
	assert_int_equal(m->cap & (m->cap - 1), 0);
}

static void random_steps_by_number_equal_the_model(void **state)
{
	char *model[KEYS] = { NULL };
	struct map m = { 0 };
	struct rng r;
	int i;

	(void)state;
	rng_seed(&r, 1);
	for (i = 0; i < STEPS; i++) {
		uint64_t k = rng_below(&r, KEYS);
		/* neighbours and far apart: low and high bits differ */
		uint64_t key = k % 2 == 0 ? k : k << 50;
		char *value = &things[rng_below(&r, sizeof(things))];

		switch (rng_below(&r, 3)) {
		case 0:
			assert_ptr_equal(map_put(&m, key, value), model[k]);
			model[k] = value;
			break;
		case 1:
			assert_ptr_equal(map_remove(&m, key), model[k]);
			model[k] = NULL;
			break;
		default:
			assert_ptr_equal(map_find(&m, key), model[k]);
		}
		if (i % 1000 == 0)
			assert_sound(&m);
	}
	assert_sound(&m);
	map_done(&m);
}

static struct str text_of(uint64_t k, char dst[64])
{
	int n = snprintf(dst, 64, "%s-%llu-agent@example.org",
	    k % 3 == 0 ? "a" : "customer", (unsigned long long)k);

	return (struct str){ dst, (size_t)n };
}

static void random_steps_by_text_equal_the_model(void **state)
{
	char *model[KEYS] = { NULL };
	struct map m = { 0 };
	char text[64];
	struct rng r;
	int i;

	(void)state;
	rng_seed(&r, 2);
	for (i = 0; i < STEPS; i++) {
		uint64_t k = rng_below(&r, KEYS);
		struct str key = text_of(k, text);
		char *value = &things[rng_below(&r, sizeof(things))];

		switch (rng_below(&r, 3)) {
		case 0:
			assert_ptr_equal(
			    map_put_text(&m, key, value), model[k]);
			model[k] = value;
			break;
		case 1:
			assert_ptr_equal(map_remove_text(&m, key), model[k]);
			model[k] = NULL;
			break;
		default:
			assert_ptr_equal(map_find_text(&m, key), model[k]);
		}
		if (i % 1000 == 0)
			assert_sound(&m);
	}
	assert_sound(&m);
	assert_int_equal(mem_live(), m.used + 1);
	map_done(&m);
	assert_int_equal(mem_live(), 0);
}

static void emptying_and_filling_does_not_grow_the_table(void **state)
{
	struct map m = { 0 };
	size_t cap;
	uint64_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		map_put(&m, i, &things[0]);
	cap = m.cap;
	for (i = 0; i < 100000; i++) {
		assert_non_null(map_remove(&m, i));
		assert_null(map_put(&m, i + 100, &things[0]));
	}
	assert_int_equal(m.cap, cap);
	map_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_finds_nothing),
		cmocka_unit_test(put_returns_what_it_replaces),
		cmocka_unit_test(text_keys_are_copied_and_compared_whole),
		cmocka_unit_test(empty_texts_and_texts_with_nul_are_keys_too),
		cmocka_unit_test(keys_of_every_length_are_told_apart),
		cmocka_unit_test(a_walk_meets_each_entry_once),
		cmocka_unit_test(random_steps_by_number_equal_the_model),
		cmocka_unit_test(random_steps_by_text_equal_the_model),
		cmocka_unit_test(emptying_and_filling_does_not_grow_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
