/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * due.c - the heap of what time alone will change.
 */
#include "model/due.h"

#include "base/check.h"
#include "model/world.h"

/* A row's first and a place beside the row are the same kind of thing: which
 * of the two a contact is depends on history, the order must not. */
static int rank_of(const struct due *d)
{
	return d->kind == DUE_PLACE ? DUE_CLASS : (int)d->kind;
}

bool due_before(const struct heap_node *a, const struct heap_node *b)
{
	const struct due *x = container_of(a, const struct due, node);
	const struct due *y = container_of(b, const struct due, node);

	if (x->at != y->at)
		return x->at < y->at;
	if (rank_of(x) != rank_of(y))
		return rank_of(x) < rank_of(y);
	return x->id < y->id;
}

void due_set(struct world *w, struct due *d, msec_t at)
{
	d->at = at;
	if (heap_holds(&d->node))
		heap_update(&w->due, &d->node);
	else
		heap_add(&w->due, &d->node);
}

void due_clear(struct world *w, struct due *d)
{
	if (heap_holds(&d->node))
		heap_remove(&w->due, &d->node);
}
