/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * heap.h - an intrusive 4-ary min-heap with back pointers.
 *
 * O(log n) add, remove of any node and update; O(1) min. `before` must be a
 * strict total order over the nodes present, or results depend on history.
 */
#ifndef USHER_BASE_HEAP_H
#define USHER_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
	uint32_t at; /* 1-based place; 0: in no heap */
};

typedef bool (*heap_before_fn)(
    const struct heap_node *a, const struct heap_node *b);

struct heap {
	struct heap_node **nodes;
	size_t used;
	size_t cap;
	heap_before_fn before;
};

void heap_init(struct heap *h, heap_before_fn before);
void heap_done(struct heap *h);
struct heap_node *heap_min(const struct heap *h); /* NULL when empty */
void heap_add(struct heap *h, struct heap_node *n);
void heap_remove(struct heap *h, struct heap_node *n); /* no-op if not in */
void heap_update(struct heap *h, struct heap_node *n); /* its key changed */

static inline bool heap_holds(const struct heap_node *n)
{
	return n->at != 0;
}

#endif
