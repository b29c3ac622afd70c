/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply_contact.c - what events do to contacts, offers and places.
 *
 * A contact leaves the index before anything the index knows of it changes,
 * and enters it again after: every function here has that shape.
 */
#include "route/apply.h"

#include "base/check.h"
#include "base/mem.h"
#include "model/index.h"

static struct contact *contact_of(const struct world *w, const struct event *e)
{
	struct contact *c = world_contact(w, e->contact);

	check(c != NULL);
	return c;
}

void apply_contact_arrived(struct world *w, const struct event *e)
{
	struct contact *c = contact_add(w, e->contact);

	check(e->contact.v == w->next_contact);
	w->next_contact++;
	c->channel = (enum channel)e->arrived.channel;
	c->entrance = e->arrived.entrance;
	c->language = language_pack(e->arrived.language);
	c->outbound = e->arrived.outbound;
	c->unparsed = e->arrived.unparsed;
	c->key = e->arrived.key;
	c->arrived = e->at;
	c->since = e->at;
	/* A request to colleagues is not answered by who asks. */
	if (id_is_set(e->agent) && !c->outbound) {
		c->excepted_at = e->at;
		contact_exclude(w, c, e->agent, e->at + KEY_KEEP_MS);
	}
	w->tally.arrived++;
	world_learn_key(w, e->arrived.key, e->arrived.content, c->id,
	    (struct message_id){ 0 });
	world_expire(w);
}

void apply_contact_parsed(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	c->unparsed = false;
	c->language = language_pack(e->parsed.language);
}

void apply_contact_identified(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	c->customer = e->customer;
	c->maybe = e->identified.maybe;
}

void apply_identity_settled(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	c->customer = e->customer;
	c->maybe = (struct customer_id){ 0 };
}

static void enter_anew(struct world *w, struct contact *c, struct queue *q)
{
	contact_leave_all(c);
	if (c->state != CONTACT_WAITING)
		contact_set_state(w, c, CONTACT_WAITING);
	contact_enter(w, c, q, w->now);
	q->arrived++;
}

static void enter_too(struct world *w, struct contact *c, struct queue *q,
    const struct ev_contact_queued *ev)
{
	struct place *from = contact_place(c, world_queue(w, ev->from));

	if (from != NULL && ev->overflow > 0)
		from->flowed |= (uint8_t)(1u << (ev->overflow - 1));
	if (contact_place(c, q) == NULL && c->place_count < PLACES_MAX) {
		contact_enter(w, c, q, w->now);
		q->arrived++;
	}
}

void apply_contact_queued(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);
	struct queue *q = world_queue(w, e->queued.queue);

	check(q != NULL);
	index_remove_contact(w, c);
	if (c->owner != NULL)
		agent_release(w, c);
	if (e->queued.added) {
		enter_too(w, c, q, &e->queued);
	} else {
		enter_anew(w, c, q);
		c->offset = e->queued.offset;
		c->queue = q->id;
		c->held_for = e->queued.held_for;
		c->held_until = e->queued.held_until;
		c->held_by_transfer = e->queued.reason == QUEUED_TRANSFER &&
		                      id_is_set(e->queued.held_for);
		if (id_is_set(e->queued.own))
			c->own = e->queued.own;
		/* Who is sent to a queue does not sleep before another. */
		if (e->queued.reason != QUEUED_ARRIVED)
			c->dormant = false;
		c->excepted_at = w->now;
		contact_clear_exceptions(w, c, w->now);
	}
	index_add_contact(w, c);
}

void apply_contact_relaxed(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);
	struct place *p = contact_place(c, world_queue(w, e->relaxed.queue));

	check(p != NULL);
	index_remove_contact(w, c);
	p->rung = e->relaxed.rung;
	index_add_contact(w, c);
}

/* Who declined it before does not matter to who hands it over. */
void apply_contact_transferred(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	index_remove_contact(w, c);
	c->excluded_count = 0;
	c->excepted_at = w->now;
	if (e->transferred.exclude_until > 0)
		contact_exclude(w, c, e->agent, e->transferred.exclude_until);
	contact_clear_exceptions(w, c, w->now);
	index_add_contact(w, c);
}

void apply_contact_cleared(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	index_remove_contact(w, c);
	if (e->cleared.woken)
		c->dormant = false;
	if (e->cleared.unheld)
		c->held_until = w->now;
	contact_clear_exceptions(w, c, w->now);
	index_add_contact(w, c);
	if (c->place_count > 0)
		index_wake(w, c->places[0]->queue);
}

void apply_contact_closed(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	index_remove_contact(w, c);
	c->dormant = e->closed.action == CLOSED_WAIT;
	index_add_contact(w, c);
}

void apply_contact_started(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);
	struct agent *a = world_agent(w, e->agent);

	check(a != NULL);
	contact_set_state(w, c, CONTACT_ACTIVE);
	c->queue = e->begun.queue;
	agent_take(w, a, c);
}

void apply_contact_ended(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);
	struct queue *q = world_queue(w, c->queue);

	check(c->offer == NULL);
	index_remove_contact(w, c);
	if (c->owner != NULL)
		agent_release(w, c);
	contact_leave_all(c);
	due_clear(w, &c->due);
	c->end = e->ended.reason;
	contact_set_state(w, c, CONTACT_ENDED);
	w->ended_kept++;
	if (q != NULL)
		q->ended++;
	world_expire(w);
}

void apply_call_progress(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	c->call = e->call.step;
	if (e->call.step == CALL_RINGING && c->offer != NULL &&
	    id_same(c->offer->id, e->call.offer))
		c->offer->ringing = true;
}

void apply_message_added(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);

	check(e->message.message.v == w->next_message);
	w->next_message++;
	w->tally.messages++;
	c->messages++;
	c->last_message = w->now;
	world_learn_key(
	    w, e->message.key, e->message.content, c->id, e->message.message);
}

void apply_offer_made(struct world *w, const struct event *e)
{
	struct contact *c = contact_of(w, e);
	struct agent *a = world_agent(w, e->agent);
	struct offer *o = new_of(struct offer);

	check(a != NULL && a->offer == NULL);
	check(e->offer.offer.v == w->next_offer);
	w->next_offer++;
	index_remove_contact(w, c);
	index_remove_agent(w, a);
	o->id = e->offer.offer;
	o->contact = c;
	o->agent = a;
	o->queue = world_queue(w, e->offer.queue);
	o->made_at = w->now;
	o->deadline = e->offer.deadline;
	o->queue->offered++;
	c->offer = o;
	c->offers++;
	c->queue = o->queue->id;
	a->offer = o;
	w->tally.offers++;
	offer_arm(w, o);
	contact_set_state(w, c, CONTACT_OFFERED);
	index_add_agent(w, a);
}

static void offer_away(struct world *w, struct offer *o)
{
	o->agent->offer = NULL;
	o->contact->offer = NULL;
	o->queue->offered--;
	due_clear(w, &o->due);
	map_remove(&w->offers, o->id.v);
	mem_free(o);
}

static void accepted(struct world *w, struct contact *c, struct agent *a)
{
	struct queue *q = world_queue(w, c->queue);

	w->tally.accepted++;
	q->answered++;
	q->wait_sum += w->now - c->arrived;
	contact_leave_all(c);
	contact_set_state(w, c, CONTACT_ACTIVE);
	c->held_for = (struct agent_id){ 0 };
	c->excluded_count = 0;
	contact_clear_exceptions(w, c, INT64_MAX);
	agent_take(w, a, c);
}

static void back_in_place(
    struct world *w, struct contact *c, const struct event *e)
{
	contact_set_state(w, c, CONTACT_WAITING);
	c->excepted_at = w->now;
	/* Whoever it was held for has had it. */
	c->held_for = (struct agent_id){ 0 };
	c->held_by_transfer = false;
	if (e->settled.exclude_until > 0)
		contact_exclude(w, c, e->agent, e->settled.exclude_until);
	contact_clear_exceptions(w, c, w->now);
	index_add_contact(w, c);
}

void apply_offer_settled(struct world *w, const struct event *e)
{
	struct offer *o = world_offer(w, e->settled.offer);
	struct contact *c;
	struct agent *a;

	check(o != NULL);
	c = o->contact;
	a = o->agent;
	index_remove_agent(w, a);
	offer_away(w, o);
	index_add_agent(w, a);
	if (e->settled.end == OFFER_ACCEPTED)
		accepted(w, c, a);
	else
		back_in_place(w, c, e);
}
