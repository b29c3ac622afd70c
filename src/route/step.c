/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * step.c - route_step(): decide, apply, and whatever follows from it.
 *
 * Entered by the server (and simulators) for every input. The order inside a
 * step is fixed: the input's own handler; then, as long as there is any, the
 * agenda (who can now be matched), what is due, contacts nobody is in for,
 * contacts whose queue opened.
 */
#include "route/step.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "model/index.h"
#include "route/decide.h"
#include "route/flow.h"
#include "route/match.h"

static void push(struct step *s, bool is_agent, uint64_t id)
{
	if (id == 0)
		return;
	mem_room(
	    &s->agenda, s->agenda_count, &s->agenda_cap, sizeof(*s->agenda));
	s->agenda[s->agenda_count++] = (struct agenda_item){ is_agent, id };
}

void step_look_at_agent(struct step *s, struct agent_id a)
{
	push(s, true, a.v);
}

void step_look_at_contact(struct step *s, struct contact_id c)
{
	push(s, false, c.v);
}

/* Whom an event may have made matchable. */
static void note(struct step *s, const struct event *e)
{
	switch (e->kind) {
	case EV_CONTACT_QUEUED:
	case EV_CONTACT_RELAXED:
	case EV_CONTACT_CLEARED:
		step_look_at_contact(s, e->contact);
		break;
	case EV_OFFER_SETTLED:
		step_look_at_agent(s, e->agent);
		if (e->settled.end != OFFER_ACCEPTED)
			step_look_at_contact(s, e->contact);
		break;
	case EV_AGENT_STATE:
	case EV_DEVICE_STATE:
	case EV_SKILL_OVERRIDE:
		step_look_at_agent(s, e->agent);
		break;
	default:
		break;
	}
}

static void append(struct step *s, struct event *e)
{
	struct decision *d = s->out;

	e->seq = s->w->seq + 1;
	e->epoch = e->kind == EV_STARTED ? e->started.epoch : s->w->epoch;
	e->at = s->in->at;
	mem_room(&d->events, d->count, &d->cap, sizeof(*d->events));
	d->events[d->count++] = *e;
	apply(s->mutable, e);
}

/* The cause comes first in the log, but only if it causes something. */
static void append_input(struct step *s)
{
	struct event e = { .kind = EV_INPUT,
		.contact = s->in->contact,
		.agent = s->in->agent };

	buf_clear(&s->out->input_body);
	input_encode(s->in, &s->out->input_body);
	e.input.input = (uint8_t)s->in->kind;
	e.input.body = buf_str(&s->out->input_body);
	append(s, &e);
}

void step_emit(struct step *s, struct event *e)
{
	struct agent_id freed = { 0 };
	const struct contact *c;

	if (s->out->count == 0)
		append_input(s);
	c = world_contact(s->w, e->contact);
	if (c != NULL && c->owner != NULL)
		freed = c->owner->id;
	append(s, e);
	note(s, e);
	/* Whoever has just lost an active contact has room for another. */
	c = world_contact(s->w, e->contact);
	if (id_is_set(freed) && (c == NULL || c->owner == NULL))
		step_look_at_agent(s, freed);
}

int step_refuse(struct step *s, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_setv(&s->out->outcome.why, code, fmt, ap);
	va_end(ap);
	s->out->outcome.err = code;
	return code;
}

void emit_agent_state(struct step *s, const struct agent *a,
    enum agent_state state, const char *reason, msec_t until)
{
	struct event e = { .kind = EV_AGENT_STATE, .agent = a->id };

	e.state.state = (uint8_t)state;
	e.state.reason = str_of(reason);
	e.state.until = until;
	if (s->in->kind == INPUT_STATE)
		e.state.by = s->in->state.by;
	step_emit(s, &e);
}

void emit_order(struct step *s, enum order_kind kind, const struct contact *c,
    const struct offer *o, struct message_id m)
{
	struct event e = { .kind = EV_ORDER_OWED, .contact = c->id };

	e.order.order = (uint8_t)kind;
	e.order.message = m;
	if (o != NULL) {
		e.agent = o->agent->id;
		e.order.offer = o->id;
		e.order.until = o->deadline;
	}
	step_emit(s, &e);
}

void emit_order_done(struct step *s, uint64_t order, int64_t code)
{
	struct event e = { .kind = EV_ORDER_DONE };
	const struct order *o = map_find(&s->w->orders, order);

	e.contact = o->contact;
	e.done.order = order;
	e.done.code = code;
	step_emit(s, &e);
}

typedef int (*decide_fn)(struct step *s);

static int decide_tick(struct step *s)
{
	(void)s;
	return 0;
}

static const decide_fn handlers[INPUT_KINDS] = {
	[INPUT_TICK] = decide_tick,
	[INPUT_START] = decide_start,
	[INPUT_CONFIG] = decide_config,
	[INPUT_WALL] = decide_wall,
	[INPUT_HOURS] = decide_hours,
	[INPUT_ARRIVE] = decide_arrive,
	[INPUT_PARSED] = decide_parsed,
	[INPUT_MESSAGE] = decide_message,
	[INPUT_LEAVE] = decide_leave,
	[INPUT_SIGN_IN] = decide_sign_in,
	[INPUT_SIGN_OUT] = decide_sign_out,
	[INPUT_GONE] = decide_gone,
	[INPUT_STATE] = decide_state,
	[INPUT_ACCEPT] = decide_accept,
	[INPUT_REJECT] = decide_reject,
	[INPUT_END] = decide_end,
	[INPUT_TRANSFER] = decide_transfer,
	[INPUT_START_CONTACT] = decide_start_contact,
	[INPUT_IDENTITY] = decide_identity,
	[INPUT_RESULT] = decide_result,
	[INPUT_CALL] = decide_call,
	[INPUT_DEVICE] = decide_device,
	[INPUT_QUEUE_OVERRIDE] = decide_queue_override,
	[INPUT_SKILL_OVERRIDE] = decide_skill_override,
	[INPUT_PERSON] = decide_person,
	[INPUT_TOKEN] = decide_token,
	[INPUT_REVOKE] = decide_revoke,
};

static bool agenda_move(struct step *s)
{
	struct agenda_item i;

	if (s->agenda_head == s->agenda_count)
		return false;
	i = s->agenda[s->agenda_head++];
	if (i.is_agent)
		match_agent(s, (struct agent_id){ i.id });
	else
		match_contact(s, (struct contact_id){ i.id });
	return true;
}

static bool due_move(struct step *s)
{
	struct heap_node *n = heap_min(&s->w->due);
	const struct due *d;

	if (n == NULL)
		return false;
	d = container_of(n, struct due, node);
	if (d->at > s->in->at)
		return false;
	decide_due(s, d);
	return true;
}

static bool waking_move(struct step *s)
{
	struct queue *q =
	    list_first(&s->w->index->waking, struct queue, waking);
	struct event e = { .kind = EV_CONTACT_CLEARED };

	if (q == NULL)
		return false;
	e.cleared.woken = true;
	e.contact = list_first(&q->dormant, struct contact, excepted)->id;
	step_emit(s, &e);
	return true;
}

/* The agenda is always emptied, so that a step ends with nothing left to
 * match; the other moves wait for the next tick when there are too many. */
static msec_t follow(struct step *s)
{
	for (;;) {
		s->moves++;
		if (agenda_move(s))
			continue;
		if (s->moves > MOVES_MAX)
			return s->in->at;
		if (!due_move(s) && !flow_stranded_move(s) && !waking_move(s))
			return world_next_due(s->w);
	}
}

int route_step(struct world *w, const struct input *in, struct decision *out)
{
	struct step s = { .w = w, .in = in, .out = out, .mutable = w };

	check((unsigned)in->kind < INPUT_KINDS);
	check(in->at >= w->now);
	out->count = 0;
	memset(&out->outcome, 0, sizeof(out->outcome));
	out->wake_at = -1;
	if (handlers[in->kind](&s) != 0)
		check(out->count == 0);
	else
		out->wake_at = follow(&s);
	if (out->wake_at < 0)
		out->wake_at = world_next_due(w);
	mem_free(s.agenda);
	return out->outcome.err;
}

void decision_done(struct decision *d)
{
	mem_free(d->events);
	buf_done(&d->input_body);
	memset(d, 0, sizeof(*d));
}
