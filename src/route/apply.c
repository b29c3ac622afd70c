/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply.c - the only room that changes a world: one event at a time.
 *
 * Entered by route_step (what was just decided), by the store's second world
 * and by recovery (what was once decided). It obeys: whatever it reads in the
 * event happens, nothing is judged again. An event that does not fit the world
 * is a broken log, and the process stops.
 */
#include "route/apply.h"

#include "base/check.h"
#include "base/mem.h"
#include "model/index.h"
#include "route/route.h"

static void apply_started(struct world *w, const struct event *e)
{
	w->epoch = e->started.epoch;
	w->wall_offset = e->started.wall_offset;
}

static void apply_config(struct world *w, const struct event *e)
{
	struct rules *rules = w->rules_source(w->rules_arg, e->config.text);

	if (rules == NULL)
		die("the config activated at seq %llu cannot be read",
		    (unsigned long long)e->seq);
	world_bind(w, rules);
}

static void apply_wall(struct world *w, const struct event *e)
{
	w->wall_offset = e->wall.offset;
}

static void apply_hours(struct world *w, const struct event *e)
{
	size_t i;

	for (i = 0; i < w->hours_count; i++) {
		if (str_is(e->hours.hours, w->hours[i].name)) {
			w->hours[i].open = e->hours.open;
			w->hours[i].next_wall = e->hours.next_wall;
		}
	}
	for (i = 0; i < w->queue_count; i++)
		index_wake(w, w->queues[i]);
}

static void apply_customer(struct world *w, const struct event *e)
{
	if (e->customer.v >= w->next_customer)
		w->next_customer = e->customer.v + 1;
}

static void apply_linked(struct world *w, const struct event *e)
{
	world_learn_identifier(
	    w, e->linked.identifier, e->customer, e->linked.level);
}

static void apply_queue_override(struct world *w, const struct event *e)
{
	struct queue *q = world_queue(w, e->queue_override.queue);

	check(q != NULL);
	q->override = e->queue_override.what;
	q->override_until = e->queue_override.until;
	mem_free(q->override_author);
	q->override_author = q->override == 0
	                         ? NULL
	                         : mem_text_n(e->queue_override.author.p,
	                               e->queue_override.author.n);
	queue_arm(w, q);
	index_wake(w, q);
}

static void apply_order_owed(struct world *w, const struct event *e)
{
	struct order *o = new_of(struct order);

	*o = (struct order){ .id = e->seq,
		.kind = (enum order_kind)e->order.order,
		.contact = e->contact,
		.agent = e->agent,
		.offer = e->order.offer,
		.message = e->order.message,
		.until = e->order.until,
		.detail = e->order.detail };
	order_init(o);
	order_owe(w, o);
}

static void apply_order_done(struct world *w, const struct event *e)
{
	struct order *o = map_remove(&w->orders, e->done.order);

	check(o != NULL);
	list_remove(&o->link);
	list_remove(&o->in_contact);
	mem_free(o);
}

static void apply_nothing(struct world *w, const struct event *e)
{
	(void)w;
	(void)e;
}

typedef void (*apply_one_fn)(struct world *w, const struct event *e);

static const apply_one_fn appliers[] = {
	[EV_INPUT] = apply_nothing,
	[EV_STARTED] = apply_started,
	[EV_CONFIG_ACTIVATED] = apply_config,
	[EV_WALL_SET] = apply_wall,
	[EV_HOURS_CHANGED] = apply_hours,
	[EV_CONTACT_ARRIVED] = apply_contact_arrived,
	[EV_CONTACT_PARSED] = apply_contact_parsed,
	[EV_CONTACT_IDENTIFIED] = apply_contact_identified,
	[EV_CONTACT_QUEUED] = apply_contact_queued,
	[EV_CONTACT_RELAXED] = apply_contact_relaxed,
	[EV_CONTACT_CLEARED] = apply_contact_cleared,
	[EV_CONTACT_STARTED] = apply_contact_started,
	[EV_CONTACT_TRANSFERRED] = apply_contact_transferred,
	[EV_CONTACT_ENDED] = apply_contact_ended,
	[EV_CONTACT_CLOSED] = apply_contact_closed,
	[EV_CALL_PROGRESS] = apply_call_progress,
	[EV_MESSAGE_ADDED] = apply_message_added,
	[EV_OFFER_MADE] = apply_offer_made,
	[EV_OFFER_SETTLED] = apply_offer_settled,
	[EV_CUSTOMER_CREATED] = apply_customer,
	[EV_IDENTIFIER_LINKED] = apply_linked,
	[EV_IDENTITY_SETTLED] = apply_identity_settled,
	[EV_AGENT_STATE] = apply_agent_state,
	[EV_AGENT_SESSION] = apply_agent_session,
	[EV_DEVICE_STATE] = apply_device_state,
	[EV_QUEUE_OVERRIDE] = apply_queue_override,
	[EV_SKILL_OVERRIDE] = apply_skill_override,
	[EV_ORDER_OWED] = apply_order_owed,
	[EV_ORDER_DONE] = apply_order_done,
	[EV_PERSON_SET] = apply_nothing,
	[EV_TOKEN_ISSUED] = apply_nothing,
	[EV_TOKEN_REVOKED] = apply_nothing,
};

void apply(struct world *w, const struct event *e)
{
	check(e->seq == w->seq + 1);
	check(e->at >= w->now);
	check((size_t)e->kind < countof(appliers) && appliers[e->kind] != NULL);
	w->seq = e->seq;
	w->now = e->at;
	appliers[e->kind](w, e);
}
