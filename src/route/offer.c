/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offer.c - making and settling offers, on the desk and on the phone.
 *
 * Entered by match (making) and the handlers (settling). An offer of a call
 * also rings the agent's phone: an order, settled with the offer.
 */
#include "route/offer.h"

#include "base/check.h"
#include "model/index.h"

void offer_make(struct step *s, const struct contact *c, uint8_t place,
    const struct agent *a, struct event *e)
{
	const struct place *p = c->places[place];
	const struct rule_queue *rule = queue_rule(s->w->rules, p->queue);
	const struct set *set = index_find_set(s->w, c, p->queue, p->rung);
	msec_t ring =
	    rule != NULL && rule->ring > 0 ? rule->ring : RING_DEFAULT;

	e->contact = c->id;
	e->agent = a->id;
	e->customer = c->customer;
	e->offer.offer.v = s->w->next_offer;
	e->offer.queue = p->queue->id;
	e->offer.deadline = s->in->at + ring;
	e->offer.key = contact_key(c);
	e->offer.set = set == NULL ? 0 : set->mark;
	e->offer.profile = a->profile->mark;
	e->offer.rung = p->rung;
	step_emit(s, e);
	if (c->channel == CHANNEL_PHONE)
		emit_order(
		    s, ORDER_CALL_OFFER, c, c->offer, (struct message_id){ 0 });
}

/* The order to ring is settled with its offer; who did not answer is told to
 * stop ringing, unless the phone itself said that it had failed. */
static void settle_ringing(
    struct step *s, const struct offer *o, enum offer_end end)
{
	struct order *order;
	struct order *next;

	list_each_safe(order, next, &o->contact->orders, in_contact) {
		if (order->kind == ORDER_CALL_OFFER)
			emit_order_done(s, order->id, 0);
	}
	if (end != OFFER_ACCEPTED && end != OFFER_FAILED)
		emit_order(s, ORDER_CALL_WITHDRAW, o->contact, o,
		    (struct message_id){ 0 });
}

void offer_settle(struct step *s, const struct offer *o, enum offer_end end,
    msec_t exclude_ms, struct str reason)
{
	struct event e = { .kind = EV_OFFER_SETTLED,
		.contact = o->contact->id,
		.agent = o->agent->id,
		.customer = o->contact->customer };

	if (o->contact->channel == CHANNEL_PHONE)
		settle_ringing(s, o, end);
	e.settled.offer = o->id;
	e.settled.end = (uint8_t)end;
	e.settled.exclude_until = exclude_ms > 0 ? s->in->at + exclude_ms : 0;
	e.settled.reason = reason;
	step_emit(s, &e);
}

void offer_time_out(struct step *s, const struct offer *o, struct str reason)
{
	const struct agent *a = o->agent;

	offer_settle(s, o, OFFER_TIMEOUT, EXCLUDE_MS, reason);
	if (a->state == AGENT_READY)
		emit_agent_state(s, a, AGENT_NOT_READY, "no-answer", 0);
}
