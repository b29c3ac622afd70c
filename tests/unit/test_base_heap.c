/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_heap.c - the heap against a naive model: after every step the
 * smallest is the smallest, and every node knows its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/rng.h"

#define NODES 300
#define STEPS 30000

struct item {
	uint64_t key;
	unsigned id;
	struct heap_node node;
};

static struct item items[NODES];

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	const struct item *x = container_of(a, const struct item, node);
	const struct item *y = container_of(b, const struct item, node);

	return x->key != y->key ? x->key < y->key : x->id < y->id;
}

static void reset_items(void)
{
	unsigned i;

	for (i = 0; i < NODES; i++)
		items[i] = (struct item){ .id = i };
}

static void an_empty_heap_has_no_minimum(void **state)
{
	struct heap_node lone = { 0 };
	struct heap h;

	(void)state;
	heap_init(&h, before);
	assert_null(heap_min(&h));
	heap_remove(&h, &lone); /* not in: nothing happens */
	assert_false(heap_holds(&lone));
	heap_done(&h);
}

static void nodes_come_out_in_order(void **state)
{
	struct heap h;
	struct rng r;
	size_t i;

	(void)state;
	reset_items();
	heap_init(&h, before);
	rng_seed(&r, 5);
	for (i = 0; i < NODES; i++) {
		items[i].key = rng_below(&r, 50); /* many equal keys */
		heap_add(&h, &items[i].node);
		assert_true(heap_holds(&items[i].node));
	}
	for (i = 0; i < NODES; i++) {
		struct heap_node *min = heap_min(&h);

		heap_remove(&h, min);
		assert_false(heap_holds(min));
		assert_true(heap_min(&h) == NULL || before(min, heap_min(&h)));
	}
	assert_null(heap_min(&h));
	heap_done(&h);
	assert_int_equal(mem_live(), 0);
}

static void done_lets_every_node_go(void **state)
{
	struct heap h;
	size_t i;

	(void)state;
	reset_items();
	heap_init(&h, before);
	for (i = 0; i < NODES; i++)
		heap_add(&h, &items[i].node);
	heap_done(&h);
	for (i = 0; i < NODES; i++)
		assert_false(heap_holds(&items[i].node));
	heap_add(&h, &items[0].node); /* usable again */
	assert_ptr_equal(heap_min(&h), &items[0].node);
	heap_done(&h);
}

static struct item *naive_min(void)
{
	struct item *min = NULL;
	size_t i;

	for (i = 0; i < NODES; i++)
		if (heap_holds(&items[i].node) &&
		    (min == NULL || before(&items[i].node, &min->node)))
			min = &items[i];
	return min;
}

static void assert_sound(const struct heap *h)
{
	struct item *min = naive_min();
	size_t i;

	assert_ptr_equal(heap_min(h), min == NULL ? NULL : &min->node);
	for (i = 0; i < h->used; i++) {
		assert_int_equal(h->nodes[i]->at, i + 1);
		if (i > 0)
			assert_false(
			    before(h->nodes[i], h->nodes[(i - 1) / 4]));
	}
}

static void random_steps_equal_the_model(void **state)
{
	struct heap h;
	struct rng r;
	size_t held = 0;
	int i;

	(void)state;
	reset_items();
	heap_init(&h, before);
	rng_seed(&r, 6);
	for (i = 0; i < STEPS; i++) {
		struct item *item = &items[rng_below(&r, NODES)];

		if (!heap_holds(&item->node)) {
			item->key = rng_below(&r, 1000);
			heap_add(&h, &item->node);
			held++;
		} else if (rng_below(&r, 2) == 0) {
			item->key = rng_below(&r, 1000);
			heap_update(&h, &item->node);
		} else {
			heap_remove(&h, &item->node);
			held--;
		}
		assert_int_equal(h.used, held);
		assert_sound(&h);
	}
	heap_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_minimum),
		cmocka_unit_test(nodes_come_out_in_order),
		cmocka_unit_test(done_lets_every_node_go),
		cmocka_unit_test(random_steps_equal_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
