/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone_order.c - orders to lines, owed while the gateway is away.
 *
 * Entered with every committed order for a gateway, and for all that are owed
 * when one has come back. What is no longer true (an offer that was settled, a
 * call that is gone) is never sent: its result is reported instead. The order
 * itself stays in the world; nothing is kept here but what a reader is asked.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "channel/phone.h"
#include "store/store.h"

/* A call to be started, while a reader looks up the number. */
struct starting {
	struct list link; /* in room.waiting */
	struct phone_room *room;
	struct gateway *gateway;
	struct order order;
};

static bool is_phone_order(enum order_kind kind)
{
	return (PHONE_ORDERS & UINT32_C(1) << kind) != 0;
}

/* The agent to ring: of an offer the order says it, a call that an agent
 * starts is in the agent's hands. */
static const struct rule_agent *rule_of_agent(
    const struct world *w, const struct order *o)
{
	const struct contact *c = world_contact(w, o->contact);
	const struct agent *a = world_agent(w, o->agent);

	if (a == NULL && c != NULL)
		a = c->owner;
	if (a == NULL || w->rules == NULL)
		return NULL;
	return agent_rule(w->rules, a);
}

/* Whose order it is: the contact's gateway; for a call yet to be started
 * that has none, the agent's. */
static struct gateway *gateway_of(
    struct phone_room *room, const struct order *o)
{
	const struct world *w = phone_world(room);
	const struct call *c = call_of(room, o->contact);
	const struct contact *contact = world_contact(w, o->contact);
	const struct rule_entrance *door = NULL;
	const struct rule_agent *agent;

	if (c != NULL)
		return c->gateway;

	if (contact != NULL)
		door = door_of(w, contact);
	if (door == NULL && o->kind == ORDER_CALL_START) {
		agent = rule_of_agent(w, o);
		if (agent != NULL && agent->gateway != RULE_NONE)
			door = &w->rules->entrances[agent->gateway];
	}
	return door == NULL ? NULL : phone_gateway(room, str_of(door->name));
}

/* The address the gateway rings, or empty when the phone is not one of its. */
static struct str phone_of_agent(
    const struct world *w, const struct gateway *g, const struct order *o)
{
	const struct rule_agent *agent = rule_of_agent(w, o);

	if (agent == NULL || agent->phone == NULL ||
	    agent->gateway == RULE_NONE ||
	    !str_is(str_of(g->name), w->rules->entrances[agent->gateway].name))
		return STR_NONE;
	return str_of(agent->phone);
}

static void post_failed_offer(
    struct phone_room *room, const struct order *o, struct str reason)
{
	struct input in = { .kind = INPUT_CALL, .contact = o->contact };
	struct outcome out;

	in.agent = o->agent;
	in.call.step = CALL_FAILED;
	in.call.offer = o->offer;
	in.call.reason = reason;
	(void)room->env.inlet->post(room->env.inlet->host, &in, STR_NONE, &out);
}

/* Nothing to ring: the offer has failed, whoever asks. */
static void fail_offer(
    struct phone_room *room, const struct order *o, struct str reason)
{
	struct order copy = *o; /* the post may settle and free it */

	post_failed_offer(room, &copy, reason);
	door_settle(&room->env, &copy, ERR_STATE);
}

/* Why to hang up, or what to do with a caller of a closed queue. After a
 * restart nobody remembers what the queue said: to refuse is always right. */
static const char *word_of(
    const struct world *w, const struct call *c, const struct order *o)
{
	const struct contact *contact = world_contact(w, o->contact);

	if (o->kind == ORDER_CALL_RELEASE && o->detail == 0)
		return end_reason_word(contact == NULL ? 0 : contact->end);
	if (o->kind == ORDER_CALL_RELEASE)
		return end_reason_word(o->detail);
	if (o->kind == ORDER_CALL_CLOSED && o->detail == 0)
		return closed_action_word(c->action);
	return closed_action_word(o->detail);
}

static void put_line(struct phone_room *room, struct gateway *g,
    const struct call *c, const struct order *o, struct phone_order *line)
{
	struct buf text = { 0 };

	line->kind = o->kind;
	line->id = o->id;
	line->call = str_of(c->id);
	line->offer = o->offer;
	line->word = word_of(phone_world(room), c, o);
	line->next_wall = c->next_wall;
	phone_put_order(line, &text);
	phone_say(room, g, &text);
}

static void send_offer(struct phone_room *room, struct gateway *g,
    const struct call *c, const struct order *o)
{
	const struct world *w = phone_world(room);
	const struct offer *offer = world_offer(w, o->offer);
	struct phone_order line = { 0 };

	if (offer == NULL) {
		door_settle(&room->env, o, ERR_STALE);
		return;
	}
	line.agent = phone_of_agent(w, g, o);
	line.ring_ms = offer->deadline - w->now;
	if (line.agent.n == 0) {
		fail_offer(room, o, STR("unavailable"));
		return;
	}
	if (line.ring_ms > 0) /* else its time is over in this very turn */
		put_line(room, g, c, o, &line);
}

/* ---- calls that start here -------------------------------------------------- */

static struct starting *starting_new(
    struct phone_room *room, struct gateway *g, const struct order *o)
{
	struct starting *s = new_of(struct starting);

	s->room = room;
	s->gateway = g;
	s->order = *o;
	list_init(&s->link);
	list_push(&room->waiting, &s->link);
	return s;
}

static void starting_free(struct starting *s)
{
	list_remove(&s->link);
	mem_free(s);
}

static void send_start(struct starting *s, struct str to)
{
	struct phone_room *room = s->room;
	struct phone_order line = { 0 };
	char id[sizeof(OUTBOUND_PREFIX) + ID_TEXT];
	char contact[ID_TEXT];
	struct call *c;

	line.to = to;
	line.agent = phone_of_agent(phone_world(room), s->gateway, &s->order);
	if (to.n == 0 || line.agent.n == 0) {
		door_settle(&room->env, &s->order, ERR_STATE);
		return;
	}
	(void)snprintf(id, sizeof(id), "%s%s", OUTBOUND_PREFIX,
	    id_format('c', s->order.contact.v, contact));
	c = call_add(room, s->gateway, str_of(id), s->order.contact);
	put_line(room, s->gateway, c, &s->order, &line);
}

static void on_start_read(void *arg, int err, struct str text)
{
	struct starting *s = arg;
	struct phone_room *room = s->room;
	struct json *tree = NULL;
	const struct json *facts;
	struct str to;

	if (err == 0)
		err = json_parse(text, 0, &tree, NULL);
	if (err != 0)
		door_settle(&room->env, &s->order, err);
	facts = json_get(tree, "facts");
	to = json_str(json_get(facts, "dialled"));
	if (to.n == 0)
		to = json_str(json_get(facts, "to"));
	/* If the gateway has gone meanwhile, it is asked again later. */
	if (err == 0 && s->gateway->ready &&
	    door_is_owed(&room->env, &s->order))
		send_start(s, to);
	json_free(tree);
	starting_free(s);
}

static void start_call(
    struct phone_room *room, struct gateway *g, const struct order *o)
{
	struct read what = { .kind = READ_CONTACT };
	struct starting *s = starting_new(room, g, o);

	what.contact = o->contact;
	what.seq = o->id;
	if (store_read(room->env.store, &what, on_start_read, s) != 0) {
		starting_free(s);
		door_settle(&room->env, o, ERR_BUSY);
	}
}

void phone_waiting_done(struct phone_room *room)
{
	struct starting *s;

	while ((s = list_first(&room->waiting, struct starting, link)) != NULL)
		starting_free(s);
}

/* ---- one order ---------------------------------------------------------------- */

static void send_order(
    struct phone_room *room, struct gateway *g, const struct order *o)
{
	struct call *c = call_of(room, o->contact);
	struct phone_order line = { 0 };

	if (o->kind == ORDER_CALL_START) {
		start_call(room, g, o);
		return;
	}
	if (c == NULL) {
		/* The gateway has no such call: to let it go is done. */
		bool gone = o->kind == ORDER_CALL_RELEASE ||
		            o->kind == ORDER_CALL_WITHDRAW;

		door_settle(&room->env, o, gone ? 0 : ERR_NOT_FOUND);
		return;
	}
	if (o->kind == ORDER_CALL_OFFER)
		send_offer(room, g, c, o);
	else
		put_line(room, g, c, o, &line);
}

void phone_perform(void *arg, const struct order *o, bool again)
{
	struct phone_room *room = arg;
	struct gateway *g = gateway_of(room, o);

	(void)again; /* what is owed is sent when the gateway has come */
	if (g == NULL)
		door_settle(&room->env, o, ERR_NOT_FOUND);
	else if (g->ready)
		send_order(room, g, o);
}

/* Results change the world's list, so the orders are copied first. */
void phone_send_owed(struct phone_room *room, struct gateway *g)
{
	const struct world *w = phone_world(room);
	const struct order *o;
	struct order copy;
	struct buf mine = { 0 };
	size_t i;

	list_each(o, &w->order_list, link)
		if (is_phone_order(o->kind) && gateway_of(room, o) == g)
			buf_add(&mine, o, sizeof(*o));
	for (i = 0; i < mine.len; i += sizeof(copy)) {
		memcpy(&copy, mine.data + i, sizeof(copy));
		if (door_is_owed(&room->env, &copy))
			send_order(room, g, &copy);
	}
	buf_done(&mine);
}

/* ---- what comes back ------------------------------------------------------------ */

static int result_code(const struct phone_line *l)
{
	return l->kind == PHONE_DONE ? 0 : ERR_IO;
}

void phone_order_done(
    struct phone_room *room, struct gateway *g, const struct phone_line *l)
{
	const struct world *w = phone_world(room);
	const struct order *o = map_find(&w->orders, (uint64_t)l->order);
	struct order copy;

	/* Settled already, or another gateway's: nothing to tell. */
	if (o == NULL || gateway_of(room, o) != g)
		return;
	copy = *o;
	if (copy.kind == ORDER_CALL_OFFER && l->kind == PHONE_FAILED)
		fail_offer(room, &copy, l->reason);
	else
		door_settle(&room->env, &copy, result_code(l));
}

void phone_order_answered(struct phone_room *room, struct contact_id contact,
    enum order_kind kind, struct offer_id offer)
{
	const struct contact *c = world_contact(phone_world(room), contact);
	const struct order *o;
	struct order copy = { 0 };

	if (c == NULL)
		return;
	list_each(o, &c->orders, in_contact)
		if (o->kind == kind && id_same(o->offer, offer))
			copy = *o;
	if (copy.id != 0)
		door_settle(&room->env, &copy, 0);
}
