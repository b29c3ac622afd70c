/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * order.h - what the house owes the outside: done once its result came back.
 */
#ifndef USHER_MODEL_ORDER_H
#define USHER_MODEL_ORDER_H

#include "base/list.h"
#include "model/event.h"

struct order {
	uint64_t id; /* seq of its ORDER_OWED */
	enum order_kind kind;
	struct contact_id contact;
	struct agent_id agent;
	struct offer_id offer;
	struct message_id message;
	msec_t until;
	uint8_t detail;
	struct list link;       /* in world.order_list */
	struct list in_contact; /* in contact.orders */
};

struct world;

void order_init(struct order *o);
/* Into the world's list and its contact's; the world owns it from now. */
void order_owe(struct world *w, struct order *o);

#endif
