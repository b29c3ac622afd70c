/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decide_contact.c - contacts come, speak, are handed over, and end.
 *
 * Entered by step.c. Every handler judges first and emits after.
 */
#include "route/decide.h"

#include <string.h>

#include "base/check.h"
#include "model/index.h"
#include "route/flow.h"
#include "route/identify.h"
#include "route/offer.h"

#define TRANSFER_HOLD_MS ((msec_t)30 * 1000)

/* ---- arriving -------------------------------------------------------------- */

/* A key seen before: the first answer again, if the content is the same. */
static int repeat(struct step *s, const struct known_key *k, uint64_t content)
{
	if (k->content != content)
		return step_refuse(s, ERR_CONFLICT,
		    "the same key came before with other content");
	s->out->outcome.repeated = true;
	s->out->outcome.contact = k->contact;
	s->out->outcome.message = k->message;
	return 0;
}

static struct contact_id emit_arrived(
    struct step *s, const struct in_arrive *in, bool outbound)
{
	struct event e = { .kind = EV_CONTACT_ARRIVED,
		.payload = s->in->payload };

	e.contact.v = s->w->next_contact;
	e.agent = s->in->agent;
	e.arrived.channel = in->channel;
	e.arrived.entrance = in->entrance;
	e.arrived.key = in->key;
	e.arrived.content = in->content;
	e.arrived.language = in->language;
	e.arrived.outbound = outbound;
	e.arrived.unparsed = in->unparsed;
	memcpy(e.arrived.digest, in->digest, sizeof(e.arrived.digest));
	step_emit(s, &e);
	s->out->outcome.contact = e.contact;
	return e.contact;
}

/* The own agent goes first; is worth waiting for only while signed in and able
 * to take it. */
static void hold_for_own(struct step *s, const struct contact *c,
    const struct in_arrive *in, struct entry *how)
{
	const struct rule_queue *rule = queue_rule(s->w->rules, how->queue);
	const struct agent *own = world_agent(s->w, in->own);

	if (own == NULL)
		return;
	how->own = own->id;
	if (rule == NULL || rule->own_wait <= 0 || !agent_is_present(own) ||
	    own->takes[c->channel] == 0 || own->profile == NULL ||
	    !profile_meets(s->w, own->profile, c, how->queue, 0))
		return;
	how->held_for = own->id;
	how->held_until = s->in->at + rule->own_wait;
}

static void enter_by_rules(
    struct step *s, struct contact_id id, const struct in_arrive *in)
{
	const struct contact *c = world_contact(s->w, id);
	struct entry how = { .reason = QUEUED_ARRIVED };

	how.queue = world_queue(s->w, in->queue);
	if (how.queue == NULL) {
		const struct rule_route *route = flow_route(s, in->verdicts);

		how.queue = world_rule_queue(s->w, route->queue);
		how.route_line = route->line;
	}
	how.offset = flow_offset(s, c, how.queue, in->answer_ms, in->verdicts);
	hold_for_own(s, c, in, &how);
	flow_enter(s, id, &how);
}

static int judge_arrival(struct step *s, const struct in_arrive *in)
{
	if (s->w->rules == NULL)
		return step_refuse(s, ERR_BUSY, "no rules are active yet");
	if (in->channel >= CHANNELS)
		return step_refuse(s, ERR_INVALID, "no such channel");
	if (id_is_set(in->entrance) &&
	    world_entrance(s->w, in->entrance) == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such entrance");
	if (id_is_set(in->queue) && world_queue(s->w, in->queue) == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such queue");
	return 0;
}

int decide_arrive(struct step *s)
{
	const struct in_arrive *in = &s->in->arrive;
	const struct known_key *k = world_key(s->w, in->key);
	struct contact_id id;
	int rc;

	/* A known message id with another letter is another letter. */
	if (k != NULL &&
	    (k->content == in->content || in->channel != CHANNEL_MAIL))
		return repeat(s, k, in->content);
	rc = judge_arrival(s, in);
	if (rc != 0)
		return rc;
	id = emit_arrived(s, in, false);
	if (in->unparsed) {
		emit_order(s, ORDER_MAIL_PARSE, world_contact(s->w, id), NULL,
		    (struct message_id){ 0 });
		return 0;
	}
	identify(s, id, in);
	enter_by_rules(s, id, in);
	if (in->channel == CHANNEL_PHONE &&
	    world_contact(s->w, id)->state != CONTACT_ENDED)
		emit_order(s, ORDER_CALL_HOLD, world_contact(s->w, id), NULL,
		    (struct message_id){ 0 });
	s->out->outcome.customer = world_contact(s->w, id)->customer;
	return 0;
}

void contact_unread(struct step *s, struct contact_id id)
{
	const struct in_arrive nothing = { .failed = true };
	struct event e = { .kind = EV_CONTACT_PARSED, .contact = id };

	e.parsed.failed = true;
	step_emit(s, &e);
	identify(s, id, &nothing);
	enter_by_rules(s, id, &nothing);
}

int decide_parsed(struct step *s)
{
	const struct in_arrive *in = &s->in->arrive;
	const struct contact *c = world_contact(s->w, s->in->contact);
	struct event e = { .kind = EV_CONTACT_PARSED,
		.contact = s->in->contact,
		.payload = s->in->payload };
	struct order *o;
	struct order *next;

	if (c == NULL || c->state == CONTACT_ENDED)
		return step_refuse(s, ERR_STALE, "the contact has ended");
	if (!c->unparsed)
		return step_refuse(s, ERR_STALE, "it was read already");
	list_each_safe(o, next, &c->orders, in_contact) {
		if (o->kind == ORDER_MAIL_PARSE)
			emit_order_done(s, o->id, in->failed ? ERR_SYNTAX : 0);
	}
	e.parsed.failed = in->failed;
	e.parsed.language = in->language;
	memcpy(e.parsed.digest, in->digest, sizeof(e.parsed.digest));
	step_emit(s, &e);
	identify(s, s->in->contact, in);
	enter_by_rules(s, s->in->contact, in);
	s->out->outcome.contact = s->in->contact;
	return 0;
}

/* ---- started by an agent --------------------------------------------------- */

/* Room for one more, whatever the state says: it is the agent's own wish. */
static bool has_room(const struct agent *a, enum channel c)
{
	bool live = channel_kind(c)->live;

	if (channel_kind(c)->focus && agent_units(a, true) > 0)
		return false;
	return agent_units(a, live) + agent_cost(a, c) <= AGENT_UNITS;
}

int decide_start_contact(struct step *s)
{
	const struct in_arrive *in = &s->in->arrive;
	const struct agent *a = world_agent(s->w, s->in->agent);
	const struct known_key *k = world_key(s->w, in->key);
	struct event e = { .kind = EV_CONTACT_STARTED, .agent = s->in->agent };
	int rc;

	if (k != NULL)
		return repeat(s, k, in->content);
	rc = judge_arrival(s, in);
	if (rc != 0)
		return rc;
	if (a == NULL || a->state == AGENT_OFFLINE || a->state == AGENT_LOST)
		return step_refuse(s, ERR_STATE, "sign in first");
	if (id_is_set(in->queue)) { /* a request to colleagues: they answer */
		e.contact = emit_arrived(s, in, false);
		identify(s, e.contact, in);
		enter_by_rules(s, e.contact, in);
		return 0;
	}
	if (!has_room(a, (enum channel)in->channel))
		return step_refuse(
		    s, ERR_STATE, "no room beside what you have in hand");
	if (a->offer != NULL && channel_kind((enum channel)in->channel)->focus)
		offer_settle(s, a->offer, OFFER_WITHDRAWN, 0, STR_NONE);
	e.contact = emit_arrived(s, in, true);
	identify(s, e.contact, in);
	step_emit(s, &e);
	if (in->channel == CHANNEL_PHONE)
		emit_order(s, ORDER_CALL_START, world_contact(s->w, e.contact),
		    NULL, (struct message_id){ 0 });
	return 0;
}

/* ---- speaking -------------------------------------------------------------- */

static int judge_message(struct step *s, const struct contact *c)
{
	const struct in_message *in = &s->in->message;

	if (c == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such contact");
	if (in->author == AUTHOR_NOTE)
		return 0; /* a note may be added at any time */
	if (c->state == CONTACT_ENDED)
		return step_refuse(s, ERR_CLOSED, "the contact has ended");
	if (in->author == AUTHOR_AGENT &&
	    (c->owner == NULL || !id_same(c->owner->id, s->in->agent)))
		return step_refuse(
		    s, ERR_STATE, "the contact is not in your hands");
	return 0;
}

int decide_message(struct step *s)
{
	const struct in_message *in = &s->in->message;
	const struct contact *c = world_contact(s->w, s->in->contact);
	const struct known_key *k = world_key(s->w, in->key);
	struct event e = { .kind = EV_MESSAGE_ADDED,
		.contact = s->in->contact,
		.agent = s->in->agent,
		.payload = s->in->payload };
	int rc;

	if (k != NULL)
		return repeat(s, k, in->content);
	rc = judge_message(s, c);
	if (rc != 0)
		return rc;
	e.customer = c->customer;
	e.message.message.v = s->w->next_message;
	e.message.author = in->author;
	e.message.key = in->key;
	e.message.content = in->content;
	e.message.size = in->size;
	memcpy(e.message.digest, in->digest, sizeof(e.message.digest));
	step_emit(s, &e);
	s->out->outcome.contact = c->id;
	s->out->outcome.message = e.message.message;
	if (c->channel == CHANNEL_MAIL && in->author == AUTHOR_AGENT)
		emit_order(s, ORDER_MAIL_SEND, c, NULL, e.message.message);
	return 0;
}

/* ---- ending ---------------------------------------------------------------- */

int decide_leave(struct step *s)
{
	const struct contact *c = world_contact(s->w, s->in->contact);
	enum end_reason reason = (enum end_reason)s->in->leave.reason;

	if (c == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such contact");
	if (c->state == CONTACT_ENDED)
		return step_refuse(s, ERR_CLOSED, "the contact has ended");
	if (reason == END_CUSTOMER_LEFT && c->state != CONTACT_ACTIVE)
		reason = END_ABANDONED;
	flow_end(s, c->id, reason);
	return 0;
}

/* The contact in the agent's hands, or NULL after a refusal. */
static struct contact *own_contact(struct step *s)
{
	struct contact *c = world_contact(s->w, s->in->contact);

	if (c == NULL) {
		(void)step_refuse(s, ERR_NOT_FOUND, "no such contact");
		return NULL;
	}
	if (c->state == CONTACT_ENDED) {
		(void)step_refuse(s, ERR_CLOSED, "the contact has ended");
		return NULL;
	}
	if (id_is_set(s->in->agent) &&
	    (c->owner == NULL || !id_same(c->owner->id, s->in->agent))) {
		(void)step_refuse(
		    s, ERR_STATE, "the contact is not in your hands");
		return NULL;
	}
	return c;
}

int decide_end(struct step *s)
{
	struct contact *c = own_contact(s);
	enum end_reason reason = (enum end_reason)s->in->end.reason;
	bool call;

	if (c == NULL)
		return s->out->outcome.err;
	call = c->channel == CHANNEL_PHONE;
	if (reason == END_NONE)
		reason = END_RESOLVED;
	flow_end(s, c->id, reason);
	if (call)
		emit_order(
		    s, ORDER_CALL_RELEASE, c, NULL, (struct message_id){ 0 });
	return 0;
}

/* ---- handing over ---------------------------------------------------------- */

static int judge_transfer(
    struct step *s, const struct contact *c, struct entry *how)
{
	const struct in_transfer *in = &s->in->transfer;
	const struct agent *to = world_agent(s->w, in->to);

	how->queue =
	    world_queue(s->w, id_is_set(in->queue) ? in->queue : c->queue);
	if (how->queue == NULL && !id_is_set(in->queue))
		how->queue = flow_last_queue(s); /* it never was in one */
	if (how->queue == NULL ||
	    (how->queue->rule == RULE_NONE && id_is_set(in->queue)))
		return step_refuse(s, ERR_NOT_FOUND, "no such queue");
	if (!id_is_set(in->to))
		return 0;
	if (to == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such agent");
	if (!agent_is_present(to))
		return step_refuse(
		    s, ERR_STATE, "%s is not signed in", to->name);
	if (to->takes[c->channel] == 0)
		return step_refuse(s, ERR_STATE, "%s does not take %s",
		    to->name, channel_word(c->channel));
	if (c->owner == to)
		return step_refuse(s, ERR_STATE, "%s has it already", to->name);
	how->held_for = to->id;
	how->held_until = s->in->at + TRANSFER_HOLD_MS;
	return 0;
}

int decide_transfer(struct step *s)
{
	struct contact *c = own_contact(s);
	struct event e = { .kind = EV_CONTACT_TRANSFERRED,
		.contact = s->in->contact,
		.agent = s->in->agent };
	struct entry how = { .reason = QUEUED_TRANSFER };
	bool talking;
	int rc;

	if (c == NULL)
		return s->out->outcome.err;
	if (c->unparsed)
		return step_refuse(s, ERR_STATE, "it is still being read");
	rc = judge_transfer(s, c, &how);
	if (rc != 0)
		return rc;
	talking = c->channel == CHANNEL_PHONE && c->state == CONTACT_ACTIVE;
	if (c->offer != NULL)
		offer_settle(s, c->offer, OFFER_WITHDRAWN, 0, STR_NONE);
	e.customer = c->customer;
	e.transferred.queue = how.queue->id;
	e.transferred.to = how.held_for;
	if (c->owner != NULL && !id_is_set(how.held_for))
		e.transferred.exclude_until = s->in->at + EXCLUDE_MS;
	how.offset = flow_kept_offset(s, c, how.queue);
	step_emit(s, &e);
	flow_enter(s, c->id, &how);
	if (talking)
		emit_order(
		    s, ORDER_CALL_HOLD, c, NULL, (struct message_id){ 0 });
	return 0;
}

/* ---- whose it is ----------------------------------------------------------- */

/* Or had it, and is wrapping up. */
static bool has_in_hand(const struct contact *c, struct agent_id a)
{
	if (c->state == CONTACT_ENDED)
		return id_same(c->own, a);
	return c->owner != NULL && id_same(c->owner->id, a);
}

int decide_identity(struct step *s)
{
	const struct contact *c = world_contact(s->w, s->in->contact);
	struct event e = { .kind = EV_IDENTITY_SETTLED,
		.contact = s->in->contact,
		.agent = s->in->agent };

	if (c == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such contact");
	if (id_is_set(s->in->agent) && !has_in_hand(c, s->in->agent))
		return step_refuse(
		    s, ERR_STATE, "the contact is not in your hands");
	if (!id_is_set(c->maybe))
		return step_refuse(
		    s, ERR_STATE, "there is nothing to confirm or deny");
	e.identity.confirmed = s->in->identity.confirmed;
	e.identity.maybe = c->maybe;
	e.identity.evidence = s->in->identity.evidence;
	e.customer = e.identity.confirmed ? c->maybe : c->customer;
	if (!id_is_set(e.customer))
		e.customer = identify_new_customer(s, c->id);
	step_emit(s, &e);
	s->out->outcome.customer = e.customer;
	return 0;
}
