/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list.c - what of a list is not inline.
 *
 * Counting walks the list: for tests, checks and rare reports. A hot path
 * keeps its own counter beside the list.
 */
#include "base/list.h"

size_t list_count(const struct list *l)
{
	const struct list *node;
	size_t n = 0;

	for (node = l->next; node != l; node = node->next)
		n++;
	return n;
}
