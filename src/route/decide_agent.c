/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decide_agent.c - agents come and go, are ready or not, answer offers.
 */
#include "route/decide.h"

#include "base/check.h"
#include "model/index.h"
#include "route/agents.h"
#include "route/flow.h"
#include "route/offer.h"

static struct agent *agent_of(struct step *s)
{
	struct agent *a = world_agent(s->w, s->in->agent);

	if (a == NULL || a->rule == RULE_NONE) {
		(void)step_refuse(
		    s, ERR_NOT_FOUND, "no such agent in the config");
		return NULL;
	}
	return a;
}

static void emit_session(struct step *s, const struct agent *a, uint64_t id)
{
	struct event e = { .kind = EV_AGENT_SESSION, .agent = a->id };

	e.session.session = id;
	step_emit(s, &e);
}

/* As before the loss; a wrap-up that ran out meanwhile is over. */
static void emit_back(struct step *s, const struct agent *a)
{
	if (a->before_lost == AGENT_NOT_READY)
		emit_agent_state(s, a, AGENT_NOT_READY, "back", 0);
	else if (a->wrap_until > s->in->at)
		emit_agent_state(s, a, AGENT_WRAP_UP, NULL, a->wrap_until);
	else
		emit_agent_state(s, a, AGENT_READY, NULL, 0);
}

int decide_sign_in(struct step *s)
{
	const struct agent *a = agent_of(s);

	if (a == NULL)
		return s->out->outcome.err;
	emit_session(s, a, s->in->session.session);
	if (a->state == AGENT_OFFLINE)
		emit_agent_state(s, a, AGENT_NOT_READY, "signed-in", 0);
	else if (a->state == AGENT_LOST)
		emit_back(s, a);
	return 0;
}

void agent_lose(struct step *s, const struct agent *a)
{
	const struct rule_agent *rule = agent_rule(s->w->rules, a);
	msec_t grace = rule == NULL ? 0 : s->w->rules->teams[rule->team].grace;

	if (a->offer != NULL)
		offer_settle(s, a->offer, OFFER_AGENT_LOST, 0, STR_NONE);
	emit_session(s, a, 0);
	emit_agent_state(s, a, AGENT_LOST, NULL,
	    s->in->at + (grace > 0 ? grace : GRACE_DEFAULT));
}

/* A call in talk hangs on the phone, not on the desk: the gateway will say
 * when it is over. */
static bool lives_without_desk(const struct contact *c)
{
	return c->channel == CHANNEL_PHONE && c->call == CALL_TALKING;
}

/* Nobody is waited for who has left. */
static void free_held(struct step *s, const struct agent *a)
{
	struct contact *c;
	struct contact *next;

	list_each_safe(c, next, &s->w->index->exceptions, excepted) {
		struct event e = { .kind = EV_CONTACT_CLEARED,
			.contact = c->id };

		if (!id_same(c->held_for, a->id))
			continue;
		e.cleared.unheld = true;
		step_emit(s, &e);
	}
}

void agent_let_go(struct step *s, const struct agent *a)
{
	struct contact *c;
	struct contact *next;

	free_held(s, a);

	list_each_safe(c, next, &a->contacts, in_owner) {
		if (!lives_without_desk(c))
			flow_requeue(s, c, QUEUED_AGENT_LOST);
	}
}

int decide_gone(struct step *s)
{
	const struct agent *a = world_agent(s->w, s->in->agent);

	if (a == NULL || a->session != s->in->session.session ||
	    a->session == 0)
		return 0; /* an older session of hers: nothing is lost */
	agent_lose(s, a);
	return 0;
}

int decide_sign_out(struct step *s)
{
	const struct agent *a = agent_of(s);
	const struct contact *c;

	if (a == NULL)
		return s->out->outcome.err;
	list_each(c, &a->contacts, in_owner) {
		if (contact_is_live(c))
			return step_refuse(s, ERR_STATE,
			    "end or transfer c%llu first",
			    (unsigned long long)c->id.v);
	}
	if (a->offer != NULL)
		offer_settle(s, a->offer, OFFER_AGENT_LOST, 0, STR_NONE);
	emit_session(s, a, 0);
	emit_agent_state(s, a, AGENT_OFFLINE, NULL, 0);
	agent_let_go(s, a);
	return 0;
}

static void emit_wished_state(
    struct step *s, const struct agent *a, enum agent_state state)
{
	struct event e = { .kind = EV_AGENT_STATE, .agent = a->id };

	e.state.state = (uint8_t)state;
	if (state != AGENT_READY)
		e.state.reason = s->in->state.reason;
	e.state.by = s->in->state.by;
	step_emit(s, &e);
}

int decide_state(struct step *s)
{
	const struct agent *a = agent_of(s);
	enum agent_state state = (enum agent_state)s->in->state.state;

	if (a == NULL)
		return s->out->outcome.err;
	if (state != AGENT_READY && state != AGENT_NOT_READY)
		return step_refuse(
		    s, ERR_INVALID, "the state can be ready or not-ready");
	if (state == AGENT_NOT_READY && s->in->state.reason.n == 0)
		return step_refuse(s, ERR_INVALID, "not-ready needs a reason");
	if (a->state == AGENT_OFFLINE || a->state == AGENT_LOST)
		return step_refuse(
		    s, ERR_STATE, "%s is not signed in", a->name);
	if (a->state == AGENT_READY && state == AGENT_READY)
		return 0;
	/* Who goes away while it rings lets it go. */
	if (state == AGENT_NOT_READY && a->offer != NULL)
		offer_settle(s, a->offer, OFFER_REJECTED, EXCLUDE_MS,
		    s->in->state.reason);
	emit_wished_state(s, a, state);
	return 0;
}

/* The open offer the input names, if it is this agent's; else refuses. */
static struct offer *open_offer(struct step *s)
{
	struct offer *o = world_offer(s->w, s->in->offer.offer);

	if (o == NULL || !id_same(o->agent->id, s->in->agent)) {
		(void)step_refuse(s, ERR_STALE, "the offer is no longer open");
		return NULL;
	}
	return o;
}

int decide_accept(struct step *s)
{
	const struct offer *o = open_offer(s);
	const struct rule_agent *rule;

	if (o == NULL)
		return s->out->outcome.err;
	if (o->contact->channel == CHANNEL_PHONE) {
		rule = agent_rule(s->w->rules, o->agent);
		return step_refuse(s, ERR_STATE, "this is a call: pick up %s",
		    rule == NULL || rule->phone == NULL ? "the phone"
		                                        : rule->phone);
	}
	s->out->outcome.contact = o->contact->id;
	offer_settle(s, o, OFFER_ACCEPTED, 0, STR_NONE);
	return 0;
}

int decide_reject(struct step *s)
{
	const struct offer *o = open_offer(s);

	if (o == NULL)
		return s->out->outcome.err;
	s->out->outcome.contact = o->contact->id;
	offer_settle(s, o, OFFER_REJECTED, EXCLUDE_MS, s->in->offer.reason);
	return 0;
}
