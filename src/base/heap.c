/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * heap.c - the 4-ary heap.
 *
 * Entered by the router (waiting contacts, agents) and by the timers. Four
 * children share a cache line of pointers, which makes the way down about
 * half as deep as in a binary heap. Invariants: nodes[i]->at == i + 1, and no
 * node comes before its parent.
 */
#include "base/heap.h"

#include "base/check.h"
#include "base/mem.h"

#define ARITY 4

static void put_at(struct heap *h, size_t i, struct heap_node *n)
{
	h->nodes[i] = n;
	n->at = (uint32_t)i + 1;
}

/* Moves the hole at i up to where n belongs, and puts n there. */
static void sift_up(struct heap *h, size_t i, struct heap_node *n)
{
	while (i > 0) {
		size_t up = (i - 1) / ARITY;

		if (!h->before(n, h->nodes[up]))
			break;
		put_at(h, i, h->nodes[up]);
		i = up;
	}
	put_at(h, i, n);
}

static size_t first_child(const struct heap *h, size_t i)
{
	size_t from = i * ARITY + 1;
	size_t to = from + ARITY < h->used ? from + ARITY : h->used;
	size_t best = from;
	size_t k;

	for (k = from + 1; k < to; k++)
		if (h->before(h->nodes[k], h->nodes[best]))
			best = k;
	return best;
}

static void sift_down(struct heap *h, size_t i, struct heap_node *n)
{
	while (i * ARITY + 1 < h->used) {
		size_t down = first_child(h, i);

		if (!h->before(h->nodes[down], n))
			break;
		put_at(h, i, h->nodes[down]);
		i = down;
	}
	put_at(h, i, n);
}

/* Puts n where it belongs, given a hole at i. */
static void settle(struct heap *h, size_t i, struct heap_node *n)
{
	if (i > 0 && h->before(n, h->nodes[(i - 1) / ARITY]))
		sift_up(h, i, n);
	else
		sift_down(h, i, n);
}

void heap_init(struct heap *h, heap_before_fn before)
{
	*h = (struct heap){ .before = before };
}

void heap_done(struct heap *h)
{
	size_t i;

	for (i = 0; i < h->used; i++)
		h->nodes[i]->at = 0;
	mem_free(h->nodes);
	heap_init(h, h->before);
}

struct heap_node *heap_min(const struct heap *h)
{
	return h->used == 0 ? NULL : h->nodes[0];
}

void heap_add(struct heap *h, struct heap_node *n)
{
	check(n->at == 0 && h->used < UINT32_MAX);
	mem_room(&h->nodes, h->used, &h->cap, sizeof(*h->nodes));
	sift_up(h, h->used++, n);
}

void heap_remove(struct heap *h, struct heap_node *n)
{
	size_t i = n->at;
	struct heap_node *last;

	if (i-- == 0)
		return;
	check(i < h->used && h->nodes[i] == n);
	n->at = 0;
	last = h->nodes[--h->used];
	if (last != n)
		settle(h, i, last);
}

void heap_update(struct heap *h, struct heap_node *n)
{
	check(n->at != 0 && n->at <= h->used && h->nodes[n->at - 1] == n);
	settle(h, n->at - 1, n);
}
