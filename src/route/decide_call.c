/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decide_call.c - what gateways tell: calls, phones, results of orders.
 *
 * A call's offer is accepted by picking up the phone, so the gateway's word is
 * the agent's answer here. Late words about a settled offer are refused.
 */
#include "route/decide.h"

#include "base/check.h"
#include "route/flow.h"
#include "route/offer.h"

static void emit_progress(struct step *s, const struct contact *c)
{
	struct event e = { .kind = EV_CALL_PROGRESS,
		.contact = c->id,
		.customer = c->customer };

	e.call.step = s->in->call.step;
	e.call.offer = s->in->call.offer;
	if (c->owner != NULL)
		e.agent = c->owner->id;
	step_emit(s, &e);
}

static void done_orders(
    struct step *s, const struct contact *c, enum order_kind kind)
{
	struct order *o;
	struct order *next;

	list_each_safe(o, next, &c->orders, in_contact) {
		if (o->kind == kind)
			emit_order_done(s, o->id, 0);
	}
}

static bool names_open_offer(const struct step *s, const struct contact *c)
{
	return c->offer != NULL && id_same(c->offer->id, s->in->call.offer);
}

static int refuse_late(struct step *s)
{
	return step_refuse(s, ERR_STALE, "the offer is no longer open");
}

static int call_held(struct step *s, const struct contact *c)
{
	done_orders(s, c, ORDER_CALL_HOLD);
	emit_progress(s, c);
	return 0;
}

static int call_ringing(struct step *s, const struct contact *c)
{
	bool ours = c->outbound && c->state == CONTACT_ACTIVE &&
	            c->call != CALL_TALKING;

	if (!ours && !names_open_offer(s, c))
		return refuse_late(s);
	emit_progress(s, c);
	return 0;
}

static int call_talking(struct step *s, const struct contact *c)
{
	if (c->state == CONTACT_ACTIVE) { /* a call an agent started */
		done_orders(s, c, ORDER_CALL_START);
		emit_progress(s, c);
		return 0;
	}
	if (!names_open_offer(s, c))
		return refuse_late(s);
	offer_settle(s, c->offer, OFFER_ACCEPTED, 0, STR_NONE);
	emit_progress(s, c);
	return 0;
}

static int call_failed(struct step *s, const struct contact *c)
{
	struct str reason = s->in->call.reason;

	if (c->outbound && c->state == CONTACT_ACTIVE) {
		flow_end(s, c->id, END_NO_ANSWER);
		return 0;
	}
	if (!names_open_offer(s, c))
		return refuse_late(s);
	if (str_is(reason, "no-answer"))
		offer_time_out(s, c->offer, reason);
	else
		offer_settle(s, c->offer, OFFER_FAILED, EXCLUDE_MS, reason);
	return 0;
}

static int call_agent_left(struct step *s, struct contact *c)
{
	if (c->state != CONTACT_ACTIVE)
		return refuse_late(s);
	emit_progress(s, c);
	flow_end(s, c->id, END_RESOLVED);
	emit_order(s, ORDER_CALL_RELEASE, c, NULL, (struct message_id){ 0 });
	return 0;
}

static int call_caller_left(struct step *s, struct contact *c)
{
	enum end_reason reason =
	    c->state == CONTACT_ACTIVE ? END_CUSTOMER_LEFT : END_ABANDONED;

	emit_progress(s, c);
	flow_end(s, c->id, reason);
	return 0;
}

int decide_call(struct step *s)
{
	struct contact *c = world_contact(s->w, s->in->contact);

	if (c == NULL || c->channel != CHANNEL_PHONE)
		return step_refuse(s, ERR_NOT_FOUND, "no such call");
	if (c->state == CONTACT_ENDED)
		return step_refuse(s, ERR_CLOSED, "the call has ended");
	switch ((enum call_step)s->in->call.step) {
	case CALL_HELD:
		return call_held(s, c);
	case CALL_RINGING:
		return call_ringing(s, c);
	case CALL_TALKING:
		return call_talking(s, c);
	case CALL_FAILED:
		return call_failed(s, c);
	case CALL_AGENT_LEFT:
		return call_agent_left(s, c);
	case CALL_CALLER_LEFT:
		return call_caller_left(s, c);
	}
	return step_refuse(s, ERR_INVALID, "no such step of a call");
}

int decide_device(struct step *s)
{
	const struct agent *a = world_agent(s->w, s->in->agent);
	struct event e = { .kind = EV_DEVICE_STATE, .agent = s->in->agent };

	if (a == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such agent");
	if (s->in->device.device >= DEVICE_KINDS)
		return step_refuse(s, ERR_INVALID, "no such device state");
	if (a->device == (enum device_state)s->in->device.device)
		return 0;
	e.device.device = s->in->device.device;
	step_emit(s, &e);
	return 0;
}

/* An order that could not be done has consequences for its contact. */
static void order_failed(
    struct step *s, enum order_kind kind, struct contact *c)
{
	if (c == NULL || c->state == CONTACT_ENDED)
		return;
	if (kind == ORDER_CALL_OFFER && c->offer != NULL)
		offer_settle(
		    s, c->offer, OFFER_FAILED, EXCLUDE_MS, STR("gateway"));
	else if (kind == ORDER_MAIL_PARSE && c->unparsed)
		contact_unread(s, c->id);
	else if (kind == ORDER_CALL_START)
		flow_end(s, c->id, END_FAILED);
	else if (kind == ORDER_CALL_HOLD && c->state != CONTACT_ACTIVE)
		flow_end(s, c->id, END_GATEWAY_LOST);
}

int decide_result(struct step *s)
{
	const struct order *o = map_find(&s->w->orders, s->in->result.order);
	enum order_kind kind;
	struct contact *c;

	if (o == NULL)
		return 0; /* settled meanwhile, or told twice */
	kind = o->kind;
	c = world_contact(s->w, o->contact);
	emit_order_done(s, o->id, s->in->result.code);
	if (s->in->result.code != 0)
		order_failed(s, kind, c);
	return 0;
}
