/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_list.c - intrusive lists: order, removal, walking while removing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/list.h"

struct item {
	int n;
	struct list node;
};

static void fill(struct list *l, struct item *items, int n)
{
	int i;

	list_init(l);
	for (i = 0; i < n; i++) {
		items[i].n = i;
		list_init(&items[i].node);
		list_push(l, &items[i].node);
	}
}

static void a_new_list_is_empty(void **state)
{
	struct list l;
	struct item *item;
	int seen = 0;

	(void)state;
	list_init(&l);
	assert_true(list_is_empty(&l));
	assert_null(list_first(&l, struct item, node));
	assert_null(list_last(&l, struct item, node));
	assert_int_equal(list_count(&l), 0);
	list_each(item, &l, node)
		seen++;
	assert_int_equal(seen, 0);
}

static void push_keeps_the_order(void **state)
{
	struct item items[5];
	struct item *item;
	struct list l;
	int n = 0;

	(void)state;
	fill(&l, items, 5);
	list_each(item, &l, node)
		assert_int_equal(item->n, n++);
	assert_int_equal(n, 5);
	assert_int_equal(list_count(&l), 5);
	assert_ptr_equal(list_first(&l, struct item, node), &items[0]);
	assert_ptr_equal(list_last(&l, struct item, node), &items[4]);
}

static void push_front_and_add_before_go_where_they_say(void **state)
{
	struct item items[5];
	struct item front = { 10, { 0 } };
	struct item middle = { 11, { 0 } };
	struct list l;

	(void)state;
	fill(&l, items, 5);
	list_push_front(&l, &front.node);
	list_add_before(&items[2].node, &middle.node);
	assert_ptr_equal(list_first(&l, struct item, node), &front);
	assert_ptr_equal(items[1].node.next, &middle.node);
	assert_ptr_equal(items[2].node.prev, &middle.node);
	assert_int_equal(list_count(&l), 7);
}

static void a_removed_node_is_in_no_list(void **state)
{
	struct item items[3];
	struct list l;

	(void)state;
	fill(&l, items, 3);
	assert_true(list_is_linked(&items[1].node));
	list_remove(&items[1].node);
	assert_false(list_is_linked(&items[1].node));
	assert_int_equal(list_count(&l), 2);
	list_remove(&items[1].node);
	assert_int_equal(list_count(&l), 2);
	assert_ptr_equal(items[0].node.next, &items[2].node);
}

static void a_safe_walk_survives_removal(void **state)
{
	struct item items[6];
	struct item *item;
	struct item *tmp;
	struct list l;
	int seen = 0;

	(void)state;
	fill(&l, items, 6);
	list_each_safe(item, tmp, &l, node) {
		seen++;
		if (item->n % 2 == 0)
			list_remove(&item->node);
	}
	assert_int_equal(seen, 6);
	assert_int_equal(list_count(&l), 3);
	list_each(item, &l, node)
		assert_int_equal(item->n % 2, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_list_is_empty),
		cmocka_unit_test(push_keeps_the_order),
		cmocka_unit_test(push_front_and_add_before_go_where_they_say),
		cmocka_unit_test(a_removed_node_is_in_no_list),
		cmocka_unit_test(a_safe_walk_survives_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
