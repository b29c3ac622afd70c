/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow.c - the script that moves a contact: into a queue, up the ladder, over
 * to another queue, out of the house.
 *
 * Entered by the handlers and by step.c's moves. Relax and overflow delays
 * count from entry into the queue; the key never changes on the way.
 */
#include "route/flow.h"

#include "base/check.h"
#include "model/classes.h"
#include "model/index.h"
#include "route/offer.h"
#include "route/policy.h"

/* ---- which queue ----------------------------------------------------------- */

static int64_t longest_wait(const struct world *w, const struct queue *q)
{
	const struct place *p = list_first(&q->places, struct place, in_queue);

	return p == NULL ? 0 : w->now - p->entered;
}

/* Agents who are ready and could serve the queue on its last rung. */
static int64_t ready_agents(const struct world *w, const struct queue *q)
{
	const struct contact anybody = { .channel = CHANNEL_CHAT };
	uint8_t last = q->rung_count == 0 ? 0 : (uint8_t)(q->rung_count - 1);
	int64_t n = 0;
	size_t i;

	for (i = 0; i < w->agent_count; i++) {
		const struct agent *a = w->agents[i];

		n += a->state == AGENT_READY && a->profile != NULL &&
		     profile_meets(w, a->profile, &anybody, q, last);
	}
	return n;
}

/* Answers the leaves of a condition that only the world can answer. */
static int64_t ask(const void *world, enum expr_op op, uint32_t arg)
{
	const struct world *w = world;

	switch (op) {
	case EXPR_OPEN:
		return world_hours_open(w, arg);
	case EXPR_QUEUE_WAITING:
		return (int64_t)world_rule_queue(w, arg)->waiting;
	case EXPR_QUEUE_LONGEST:
		return longest_wait(w, world_rule_queue(w, arg));
	case EXPR_QUEUE_READY:
		return ready_agents(w, world_rule_queue(w, arg));
	default:
		return 0;
	}
}

const struct rule_route *flow_route(const struct step *s, struct str verdicts)
{
	const struct rules *r = s->w->rules;
	size_t i;

	for (i = 0; i < r->route_count; i++) {
		if (expr_is_true(&r->routes[i].when, verdicts, ask, s->w))
			return &r->routes[i];
	}
	die("no route matched: `otherwise` is missing");
}

static msec_t head_start(const struct step *s, struct str verdicts)
{
	const struct rules *r = s->w->rules;
	msec_t sum = 0;
	size_t i;

	for (i = 0; i < r->segment_count; i++) {
		if (expr_is_true(&r->segments[i].when, verdicts, ask, s->w))
			sum += r->segments[i].head_start;
	}
	return sum;
}

msec_t flow_offset(const struct step *s, const struct contact *c,
    const struct queue *q, msec_t answer_ms, struct str verdicts)
{
	const struct rules *r = s->w->rules;
	const struct rule_queue *rule = queue_rule(r, q);
	const struct entrance *door = world_entrance(s->w, c->entrance);
	msec_t t = channel_kind(c->channel)->answer_ms;
	unsigned value = 1;
	uint32_t standard = rule == NULL ? RULE_NONE : rule->standard;

	if (standard == RULE_NONE && door != NULL && door->rule != RULE_NONE)
		standard = r->entrances[door->rule].standard;
	if (standard != RULE_NONE) {
		const struct rule_standard *x = &r->standards[standard];

		if (x->answer_within > 0)
			t = x->answer_within;
		if (x->open_hours != RULE_NONE && answer_ms > 0)
			t = answer_ms;
		value = x->value;
	}
	return policy_deadline.offset(t, value, head_start(s, verdicts));
}

/* ---- entering -------------------------------------------------------------- */

static void emit_also(struct step *s, const struct contact *c,
    const struct queue *from, unsigned overflow)
{
	const struct rule_queue *rule = queue_rule(s->w->rules, from);
	struct event e = { .kind = EV_CONTACT_QUEUED, .contact = c->id };

	e.queued.queue =
	    world_rule_queue(s->w, rule->overflows[overflow - 1].queue)->id;
	e.queued.reason = QUEUED_OVERFLOW;
	e.queued.added = true;
	e.queued.overflow = (uint8_t)overflow;
	e.queued.from = from->id;
	e.queued.offset = c->offset;
	step_emit(s, &e);
}

static bool holds_at_once(const struct step *s, const struct contact *c,
    const struct place *p, const struct rule_overflow *o)
{
	if (o->when_no_agents) {
		const struct set *set =
		    index_find_set(s->w, c, p->queue, p->rung);

		if (set != NULL && !set_has_present(set))
			return true;
	}
	return o->longer_than > 0 && p->queue->waiting > o->longer_than;
}

static void overflow_at_once(
    struct step *s, struct contact_id id, struct queue *q)
{
	const struct contact *c = world_contact(s->w, id);
	const struct rule_queue *rule = queue_rule(s->w->rules, q);
	unsigned i;

	for (i = 0; rule != NULL && i < rule->overflow_count; i++) {
		const struct place *p = contact_place(c, q);

		if (p != NULL && (p->flowed & 1u << i) == 0 &&
		    holds_at_once(s, c, p, &rule->overflows[i]))
			emit_also(s, c, q, i + 1);
	}
}

static void emit_closed(struct step *s, const struct contact *c,
    const struct queue *q, enum closed_action action)
{
	const struct rule_queue *rule = queue_rule(s->w->rules, q);
	struct event e = { .kind = EV_CONTACT_CLOSED, .contact = c->id };

	e.closed.queue = q->id;
	e.closed.action = (uint8_t)action;
	e.closed.next_wall = rule == NULL || rule->hours == RULE_NONE
	                         ? -1
	                         : s->w->hours[rule->hours].next_wall;
	step_emit(s, &e);
}

/* The switch does what the queue says: voicemail, hang up. */
static void emit_call_closed(
    struct step *s, const struct contact *c, enum closed_action action)
{
	struct event e = { .kind = EV_ORDER_OWED, .contact = c->id };

	e.order.order = ORDER_CALL_CLOSED;
	e.order.detail = (uint8_t)action;
	step_emit(s, &e);
}

/* False: the closed queue has taken the contact out of the line. */
static bool may_wait(
    struct step *s, const struct contact *c, const struct entry *how)
{
	const struct rule_queue *rule = queue_rule(s->w->rules, how->queue);
	enum closed_action action;

	if (queue_is_open(s->w, how->queue))
		return true;
	action = rule == NULL ? CLOSED_WAIT : rule->closed[c->channel];
	emit_closed(s, c, how->queue, action);
	if (action == CLOSED_WAIT)
		return true;
	if (c->channel == CHANNEL_PHONE)
		emit_call_closed(s, c, action);
	flow_end(s, c->id, END_CLOSED_HOURS);
	return false;
}

void flow_enter(struct step *s, struct contact_id id, const struct entry *how)
{
	const struct contact *c = world_contact(s->w, id);
	struct event e = { .kind = EV_CONTACT_QUEUED, .contact = id };

	/* Who has waited once is not sent away because it has closed since. */
	if (how->reason == QUEUED_ARRIVED && !may_wait(s, c, how))
		return;
	e.queued.queue = how->queue->id;
	e.queued.reason = (uint8_t)how->reason;
	e.queued.offset = how->offset;
	e.queued.route_line = how->route_line;
	e.queued.own = how->own;
	e.queued.held_for = how->held_for;
	e.queued.held_until = how->held_until;
	step_emit(s, &e);
	if (!c->dormant)
		overflow_at_once(s, id, how->queue);
}

struct queue *flow_last_queue(const struct step *s)
{
	const struct rules *r = s->w->rules;

	return world_rule_queue(s->w, r->routes[r->route_count - 1].queue);
}

msec_t flow_kept_offset(
    const struct step *s, const struct contact *c, const struct queue *q)
{
	return id_is_set(c->queue) ? c->offset
	                           : flow_offset(s, c, q, 0, STR_NONE);
}

void flow_requeue(
    struct step *s, const struct contact *c, enum queued_reason reason)
{
	struct entry how = { .queue = world_queue(s->w, c->queue),
		.reason = reason };

	if (how.queue == NULL) /* started by an agent, never queued */
		how.queue = flow_last_queue(s);
	how.offset = flow_kept_offset(s, c, how.queue);
	flow_enter(s, c->id, &how);
}

/* ---- climbing -------------------------------------------------------------- */

void flow_relax(struct step *s, const struct place *p)
{
	const struct rung *next = &p->queue->rungs[p->rung + 1];
	struct contact_id id = p->contact->id;
	struct queue *q = p->queue;
	struct event e = { .kind = EV_CONTACT_RELAXED, .contact = id };
	bool flows = next->overflow != 0 &&
	             (p->flowed & 1u << (next->overflow - 1)) == 0;
	unsigned overflow = next->overflow;

	e.relaxed.queue = q->id;
	e.relaxed.rung = (uint8_t)(p->rung + 1);
	step_emit(s, &e);
	if (flows)
		emit_also(s, world_contact(s->w, id), q, overflow);
}

/* Which class's turn it is must not depend on the order they were listed. */
static const struct class *first_stranded(const struct world *w)
{
	const struct class *best = NULL;
	const struct class *k;

	list_each(k, &w->index->stranded, stranded) {
		if (best == NULL || contact_before(k->head, best->head) ||
		    (k->head == best->head &&
		        k->queue->id.v < best->queue->id.v))
			best = k;
	}
	return best;
}

bool flow_stranded_move(struct step *s)
{
	const struct class *k = first_stranded(s->w);

	if (k == NULL)
		return false;
	emit_also(s, k->head, k->queue, class_no_agents_overflow(s->w, k));
	return true;
}

/* ---- leaving --------------------------------------------------------------- */

/* Orders that are pointless once the contact has ended. Replies still go out,
 * calls are still hung up. */
static bool ends_with_contact(enum order_kind k)
{
	return k == ORDER_CALL_HOLD || k == ORDER_CALL_OFFER ||
	       k == ORDER_CALL_START || k == ORDER_MAIL_PARSE;
}

static void drop_orders(struct step *s, const struct contact *c)
{
	struct order *o;
	struct order *next;

	list_each_safe(o, next, &c->orders, in_contact) {
		if (ends_with_contact(o->kind))
			emit_order_done(s, o->id, 0);
	}
}

/* After the last contact, or any that took the whole agent. */
static void wrap_up(struct step *s, const struct agent *a, enum channel channel)
{
	const struct rule_agent *rule = agent_rule(s->w->rules, a);
	msec_t wrap = rule == NULL ? 0 : s->w->rules->teams[rule->team].wrap_up;

	if (a->state != AGENT_READY || wrap <= 0)
		return;
	if (!channel_kind(channel)->focus && !list_is_empty(&a->contacts))
		return;
	emit_agent_state(s, a, AGENT_WRAP_UP, NULL, s->in->at + wrap);
}

void flow_end(struct step *s, struct contact_id id, enum end_reason reason)
{
	struct contact *c = world_contact(s->w, id);
	const struct agent *owner = c->owner;
	enum channel channel = c->channel;
	struct event e = { .kind = EV_CONTACT_ENDED, .contact = id };

	if (c->offer != NULL)
		offer_settle(s, c->offer, OFFER_WITHDRAWN, 0, STR_NONE);
	drop_orders(s, c);
	if (owner != NULL)
		e.agent = owner->id;
	e.ended.reason = (uint8_t)reason;
	step_emit(s, &e);
	if (owner != NULL)
		wrap_up(s, owner, channel);
}
