/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tell.c - events in plain words.
 *
 * Entered by stage.c before the second world learns the event, so that "no
 * longer held" and "wakes" can be told from what is about to end. One function
 * per kind; a kind that has no words here cannot happen in a story.
 */
#include "tell.h"

#include <inttypes.h>

#include "base/check.h"

struct telling {
	const struct stage *st;
	const struct world *w; /* before the event */
	const struct event *e;
	struct buf *out;
};

void tell_time(struct buf *out, msec_t at)
{
	msec_t t = at - STAGE_ZERO;

	buf_addf(out, "%" PRId64 ":%02" PRId64 ".%03" PRId64, t / 60000,
	    t / 1000 % 60, t % 1000);
}

static void say(const struct telling *t, const char *text)
{
	buf_add_text(t->out, text);
}

static void say_str(const struct telling *t, struct str s)
{
	buf_add_str(t->out, s);
}

static void say_id(const struct telling *t, char letter, uint64_t v)
{
	char text[ID_TEXT];

	say(t, id_format(letter, v, text));
}

static void say_contact(const struct telling *t)
{
	say_id(t, 'c', t->e->contact.v);
}

static void say_agent(const struct telling *t, struct agent_id id)
{
	const struct agent *a = world_agent(t->w, id);

	say(t, a == NULL ? "nobody" : a->name);
}

static void say_queue(const struct telling *t, struct queue_id id)
{
	const struct queue *q = world_queue(t->w, id);

	say(t, q == NULL ? "no queue" : q->name);
}

/* " until 0:30.000", or nothing when there is no end. */
static void say_end(const struct telling *t, const char *word, int64_t at)
{
	if (at <= 0)
		return;
	say(t, word);
	tell_time(t->out, at);
}

/* ---- the house ------------------------------------------------------------- */

static void tell_started(const struct telling *t)
{
	say(t, "the house starts");
}

static void tell_config(const struct telling *t)
{
	say(t, "the rules are active");
}

static void tell_hours(const struct telling *t)
{
	say_str(t, t->e->hours.hours);
	say(t, t->e->hours.open ? " opens" : " closes");
}

static void say_author(const struct telling *t, struct str author)
{
	if (author.n > 0) {
		say(t, " by ");
		say_str(t, author);
	}
}

static void tell_queue_override(const struct telling *t)
{
	const struct ev_queue_override *o = &t->e->queue_override;

	say_queue(t, o->queue);
	if (o->what == 0) {
		say(t, " goes by the file again");
		return;
	}
	say(t, o->what == 1 ? " is set open" : " is set closed");
	say_end(t, " until ", o->until);
	say_author(t, o->author);
}

static void tell_skill_override(const struct telling *t)
{
	const struct ev_skill_override *o = &t->e->skill_override;
	const struct skill *s = world_skill(t->w, o->skill);

	say_agent(t, t->e->agent);
	buf_addf(t->out, "'s %s", s == NULL ? "?" : s->name);
	if (o->what == 0) {
		say(t, " goes by the file again");
		return;
	}
	buf_addf(t->out, " is set to %u", o->level);
	say_end(t, " until ", o->until);
	say_author(t, o->author);
}

static void say_order(const struct telling *t, enum order_kind kind,
    struct contact_id c, struct agent_id a)
{
	buf_addf(t->out, "%s ", order_kind_word(kind));
	say_id(t, 'c', c.v);
	if (id_is_set(a)) {
		say(t, " to ");
		say_agent(t, a);
	}
}

static void tell_owed(const struct telling *t)
{
	const struct ev_order_owed *o = &t->e->order;

	say(t, "order ");
	say_order(t, (enum order_kind)o->order, t->e->contact, t->e->agent);
	if (o->order == ORDER_CALL_CLOSED)
		buf_addf(t->out, ": %s", closed_action_word(o->detail));
}

static void tell_done(const struct telling *t)
{
	const struct order *o = map_find(&t->w->orders, t->e->done.order);

	say(t, "done ");
	check(o != NULL);
	say_order(t, o->kind, o->contact, o->agent);
	if (t->e->done.code != 0)
		buf_addf(
		    t->out, ": failed, %s", err_name((int)t->e->done.code));
}

/* ---- agents ---------------------------------------------------------------- */

static void tell_state(const struct telling *t)
{
	const struct ev_agent_state *s = &t->e->state;

	say_agent(t, t->e->agent);
	buf_addf(t->out, " is %s", agent_state_word(s->state));
	if (s->reason.n > 0) {
		say(t, " (");
		say_str(t, s->reason);
		say(t, ")");
	}
	say_end(t, " until ", s->until);
}

static void tell_session(const struct telling *t)
{
	say_agent(t, t->e->agent);
	say(t, t->e->session.session == 0 ? " has no desk any more"
	                                  : " sits down");
}

static void tell_device(const struct telling *t)
{
	say_agent(t, t->e->agent);
	buf_addf(
	    t->out, "'s phone is %s", device_state_word(t->e->device.device));
}

/* ---- contacts -------------------------------------------------------------- */

static void tell_arrived(const struct telling *t)
{
	const struct ev_contact_arrived *a = &t->e->arrived;
	const struct entrance *door = world_entrance(t->w, a->entrance);

	say_contact(t);
	buf_addf(t->out, " (%s) ", channel_word(a->channel));
	if (id_is_set(t->e->agent)) {
		say(t, "is started by ");
		say_agent(t, t->e->agent);
	} else {
		say(t, "arrives");
	}
	if (door != NULL)
		buf_addf(t->out, " at %s", door->name);
	if (a->unparsed)
		say(t, ", still to be read");
}

static void tell_parsed(const struct telling *t)
{
	say_contact(t);
	say(t, t->e->parsed.failed ? " cannot be read" : " is read");
}

static void tell_identified(const struct telling *t)
{
	say_contact(t);
	if (id_is_set(t->e->customer)) {
		say(t, " is of ");
		say_id(t, 'p', t->e->customer.v);
	}
	if (id_is_set(t->e->identified.maybe)) {
		say(t, id_is_set(t->e->customer) ? ", perhaps of "
		                                 : " is probably of ");
		say_id(t, 'p', t->e->identified.maybe.v);
		buf_addf(t->out, " (%s)",
		    stage_identifier_text(t->st, t->e->identified.by));
	}
}

static void tell_customer(const struct telling *t)
{
	say_id(t, 'p', t->e->customer.v);
	say(t, " is new");
}

static void tell_linked(const struct telling *t)
{
	const struct ev_identifier_linked *l = &t->e->linked;

	buf_addf(t->out, "%s (%s) is linked to ",
	    stage_identifier_text(t->st, l->identifier), level_word(l->level));
	say_id(t, 'p', t->e->customer.v);
}

static void tell_identity(const struct telling *t)
{
	const struct ev_identity_settled *s = &t->e->identity;

	say_agent(t, t->e->agent);
	say(t, s->confirmed ? " confirms: " : " denies: ");
	say_contact(t);
	say(t, " is of ");
	say_id(t, 'p', t->e->customer.v);
	if (!s->confirmed) {
		say(t, ", not of ");
		say_id(t, 'p', s->maybe.v);
	}
	if (s->evidence.n > 0) {
		say(t, " (");
		say_str(t, s->evidence);
		say(t, ")");
	}
}

static void tell_queued(const struct telling *t)
{
	const struct ev_contact_queued *q = &t->e->queued;
	const struct contact *c = world_contact(t->w, t->e->contact);

	say_contact(t);
	say(t, q->added ? " also waits for " : " waits for ");
	say_queue(t, q->queue);
	buf_addf(t->out, " (%s), due ", queued_reason_word(q->reason));
	tell_time(t->out, c->arrived + q->offset);
	if (id_is_set(q->held_for)) {
		say(t, ", held for ");
		say_agent(t, q->held_for);
		say_end(t, " until ", q->held_until);
	}
}

static void tell_relaxed(const struct telling *t)
{
	say_contact(t);
	buf_addf(t->out, " stands on rung %u of ", t->e->relaxed.rung);
	say_queue(t, t->e->relaxed.queue);
}

static void tell_cleared(const struct telling *t)
{
	const struct contact *c = world_contact(t->w, t->e->contact);
	size_t i;

	say_contact(t);
	if (t->e->cleared.woken)
		say(t, " wakes");
	if (id_is_set(c->held_for) &&
	    (t->e->cleared.unheld || c->held_until <= t->e->at)) {
		say(t, " is no longer held for ");
		say_agent(t, c->held_for);
	}
	for (i = 0; i < c->excluded_count; i++) {
		if (c->excluded[i].until > t->e->at)
			continue;
		say(t, " may go to ");
		say_agent(t, c->excluded[i].agent);
		say(t, " again");
	}
}

static void tell_begun(const struct telling *t)
{
	say_contact(t);
	say(t, " is in ");
	say_agent(t, t->e->agent);
	say(t, "'s hands");
}

static void tell_transferred(const struct telling *t)
{
	const struct ev_contact_transferred *x = &t->e->transferred;

	if (id_is_set(t->e->agent)) {
		say_agent(t, t->e->agent);
		say(t, " hands ");
		say_contact(t);
		say(t, " over to ");
	} else {
		say_contact(t);
		say(t, " is moved to ");
	}
	if (id_is_set(x->to)) {
		say_agent(t, x->to);
		say(t, " in ");
	}
	say_queue(t, x->queue);
}

static void tell_ended(const struct telling *t)
{
	say_contact(t);
	buf_addf(t->out, " ends: %s", end_reason_word(t->e->ended.reason));
}

static void tell_closed(const struct telling *t)
{
	say_queue(t, t->e->closed.queue);
	say(t, " is closed to ");
	say_contact(t);
	buf_addf(t->out, ": %s", closed_action_word(t->e->closed.action));
}

static void tell_call(const struct telling *t)
{
	say_contact(t);
	buf_addf(t->out, " is %s", call_step_word(t->e->call.step));
}

static void tell_message(const struct telling *t)
{
	const struct ev_message_added *m = &t->e->message;

	say_id(t, 'm', m->message.v);
	say(t, " is said in ");
	say_contact(t);
	buf_addf(t->out, " (%s)", author_word(m->author));
}

/* ---- offers ---------------------------------------------------------------- */

static void say_why(const struct telling *t)
{
	const struct ev_offer_made *o = &t->e->offer;

	if (o->agent_chose && o->step == STEP_ONLY)
		say(t, "nothing else to take");
	else
		say(t, rank_step_text(o->step));
	if (id_is_set(o->second)) {
		say(t, ", before ");
		say_agent(t, o->second);
	}
	if (id_is_set(o->passed)) {
		say(t, ", before ");
		say_id(t, 'c', o->passed.v);
		say(t, " due ");
		tell_time(t->out, o->passed_key);
	}
}

static void tell_offer(const struct telling *t)
{
	const struct ev_offer_made *o = &t->e->offer;
	const struct contact *c = world_contact(t->w, t->e->contact);

	if (o->agent_chose) {
		say_agent(t, t->e->agent);
		say(t, " is offered ");
		say_contact(t);
		buf_addf(t->out, " (%s)", channel_word(c->channel));
	} else {
		say_contact(t);
		buf_addf(
		    t->out, " (%s) is offered to ", channel_word(c->channel));
		say_agent(t, t->e->agent);
	}
	say(t, " for ");
	say_queue(t, o->queue);
	say(t, ": ");
	say_why(t);
	say_end(t, "; rings until ", o->deadline);
}

static void tell_settled(const struct telling *t)
{
	static const char *const words[OFFER_KINDS] = {
		[OFFER_ACCEPTED] = "accepts",
		[OFFER_REJECTED] = "declines",
		[OFFER_TIMEOUT] = "does not answer",
		[OFFER_WITHDRAWN] = "is no longer offered",
		[OFFER_FAILED] = "cannot be rung for",
		[OFFER_AGENT_LOST] = "is gone and loses the offer of",
	};
	const struct ev_offer_settled *s = &t->e->settled;

	check(s->end < OFFER_KINDS && words[s->end] != NULL);
	say_agent(t, t->e->agent);
	buf_addf(t->out, " %s ", words[s->end]);
	say_contact(t);
	if (s->reason.n > 0) {
		say(t, " (");
		say_str(t, s->reason);
		say(t, ")");
	}
	say_end(t, ", not again before ", s->exclude_until);
}

/* ---- all ------------------------------------------------------------------- */

typedef void (*tell_fn)(const struct telling *t);

static const struct teller {
	tell_fn tell;
	bool is_scene; /* may come of a `given` */
} tellers[] = {
	[EV_STARTED] = { tell_started, true },
	[EV_CONFIG_ACTIVATED] = { tell_config, true },
	[EV_HOURS_CHANGED] = { tell_hours, true },
	[EV_CONTACT_ARRIVED] = { tell_arrived, false },
	[EV_CONTACT_PARSED] = { tell_parsed, false },
	[EV_CONTACT_IDENTIFIED] = { tell_identified, false },
	[EV_CONTACT_QUEUED] = { tell_queued, false },
	[EV_CONTACT_RELAXED] = { tell_relaxed, false },
	[EV_CONTACT_CLEARED] = { tell_cleared, false },
	[EV_CONTACT_STARTED] = { tell_begun, false },
	[EV_CONTACT_TRANSFERRED] = { tell_transferred, false },
	[EV_CONTACT_ENDED] = { tell_ended, false },
	[EV_CONTACT_CLOSED] = { tell_closed, false },
	[EV_CALL_PROGRESS] = { tell_call, false },
	[EV_MESSAGE_ADDED] = { tell_message, false },
	[EV_OFFER_MADE] = { tell_offer, false },
	[EV_OFFER_SETTLED] = { tell_settled, false },
	[EV_CUSTOMER_CREATED] = { tell_customer, false },
	[EV_IDENTIFIER_LINKED] = { tell_linked, false },
	[EV_IDENTITY_SETTLED] = { tell_identity, false },
	[EV_AGENT_STATE] = { tell_state, true },
	[EV_AGENT_SESSION] = { tell_session, true },
	[EV_DEVICE_STATE] = { tell_device, true },
	[EV_QUEUE_OVERRIDE] = { tell_queue_override, true },
	[EV_SKILL_OVERRIDE] = { tell_skill_override, true },
	[EV_ORDER_OWED] = { tell_owed, false },
	[EV_ORDER_DONE] = { tell_done, false },
};

void tell_event(struct stage *st, const struct event *e)
{
	struct telling t = { st, st->second, e, &st->told };

	if (e->kind == EV_INPUT)
		return;
	if ((size_t)e->kind >= countof(tellers) ||
	    tellers[e->kind].tell == NULL)
		stage_wrong(st, "no words for %s", event_name(e->kind));
	if (st->setting && !tellers[e->kind].is_scene)
		stage_wrong(
		    st, "this is more than a scene: %s", event_name(e->kind));
	tell_time(&st->told, e->at);
	buf_add_char(&st->told, ' ');
	tellers[e->kind].tell(&t);
	buf_add_char(&st->told, '\n');
}

void tell_outcome(struct stage *st)
{
	const struct outcome *o = &st->out.outcome;
	char text[ID_TEXT];

	if (o->err == 0 && !o->repeated)
		return;
	tell_time(&st->told, st->now);
	if (o->err != 0) {
		buf_addf(&st->told, " refused, %s: %s\n", err_name(o->err),
		    o->why.text);
		return;
	}
	buf_addf(&st->told, " known already: %s",
	    id_format('c', o->contact.v, text));
	if (id_is_set(o->message))
		buf_addf(&st->told, ", %s", id_format('m', o->message.v, text));
	buf_add_char(&st->told, '\n');
}
