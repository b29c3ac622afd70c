/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * order.c - where an owed order is kept.
 */
#include "model/order.h"

#include "model/world.h"

void order_init(struct order *o)
{
	list_init(&o->link);
	list_init(&o->in_contact);
}

void order_owe(struct world *w, struct order *o)
{
	struct contact *c = world_contact(w, o->contact);

	list_push(&w->order_list, &o->link);
	if (c != NULL)
		list_push(&c->orders, &o->in_contact);
	map_put(&w->orders, o->id, o);
}
