/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone_call.c - which call is which contact, also after a restart.
 *
 * Entered by the phone room's other files. A call is found in the room's maps,
 * or else through the key its contact arrived with, which the world remembers
 * for seven days. Callers whose gateway no longer has them are ended here;
 * nobody else ends a contact behind a caller's back.
 */
#include <string.h>

#include "base/mem.h"
#include "channel/phone.h"

struct call *call_add(struct phone_room *room, struct gateway *g, struct str id,
    struct contact_id contact)
{
	struct call *c = map_find(&room->calls, contact.v);

	if (c != NULL)
		return c;
	c = new_of(struct call);
	c->id = mem_text_n(id.p, id.n);
	c->contact = contact;
	c->gateway = g;
	c->action = CLOSED_REFUSE;
	c->next_wall = -1;
	list_init(&c->ended);
	map_put(&room->calls, contact.v, c);
	map_put_text(&g->calls, id, c);
	return c;
}

/* A call of ours carries its contact in its id, any other one is known by the
 * key it arrived with. */
static struct contact_id contact_of_id(
    const struct phone_room *room, const struct gateway *g, struct str id)
{
	const struct world *w = phone_world(room);
	struct contact_id contact = { 0 };
	const size_t prefix = sizeof(OUTBOUND_PREFIX) - 1;

	if (!str_starts(id, OUTBOUND_PREFIX))
		return door_contact_of_key(
		    w, CHANNEL_PHONE, str_of(g->name), id);
	if (id_parse('c', str_from(id, prefix), &contact.v) != 0)
		return (struct contact_id){ 0 };
	return contact;
}

struct call *call_find(
    struct phone_room *room, struct gateway *g, struct str id)
{
	struct call *c = map_find_text(&g->calls, id);
	const struct contact *contact;
	struct contact_id found;

	if (c != NULL)
		return c;
	found = contact_of_id(room, g, id);
	contact = world_contact(phone_world(room), found);
	if (contact == NULL || contact->channel != CHANNEL_PHONE)
		return NULL;
	c = map_find(&room->calls, found.v);
	return c != NULL ? NULL : call_add(room, g, id, found);
}

struct call *call_of(struct phone_room *room, struct contact_id contact)
{
	return map_find(&room->calls, contact.v);
}

static void call_free(struct phone_room *room, struct call *c)
{
	map_remove(&room->calls, c->contact.v);
	map_remove_text(&c->gateway->calls, str_of(c->id));
	list_remove(&c->ended);
	mem_free(c->id);
	mem_free(c);
}

/* The order to hang up may come behind the end, and a late line of the gateway
 * still wants its answer: so a call stays known for a while. */
void call_ended(struct phone_room *room, struct call *c)
{
	msec_t now = loop_now(room->env.loop);
	struct call *old;

	if (list_is_linked(&c->ended))
		return;
	c->ended_at = now;
	list_push(&room->ended, &c->ended);
	while ((old = list_first(&room->ended, struct call, ended)) != NULL &&
	       old->ended_at + CALL_KEEP_MS < now)
		call_free(room, old);
}

void calls_done(struct phone_room *room)
{
	struct map_slot *slot;

	map_each(slot, &room->calls) {
		struct call *c = slot->value;

		mem_free(c->id);
		mem_free(c);
	}
	map_done(&room->calls);
}

/* ---- what a gateway still has ---------------------------------------------- */

void calls_name(struct gateway *g, struct contact_id contact)
{
	map_put(&g->listed, contact.v, g);
}

static bool is_lost(const struct phone_room *room, const struct gateway *g,
    const struct contact *c)
{
	const struct rule_entrance *door;
	const struct order *o;

	if (c->channel != CHANNEL_PHONE ||
	    map_find(&g->listed, c->id.v) != NULL)
		return false;
	door = door_of(phone_world(room), c);
	if (door == NULL || !str_is(str_of(g->name), door->name))
		return false;
	list_each(o, &c->orders, in_contact)
		if (o->kind == ORDER_CALL_START)
			return false; /* not told to call yet */
	return true;
}

/* Posting changes the lists, so names are taken first. Who is only promised a
 * call-back (scheduled) has no call anywhere. */
static void end_lost(struct phone_room *room, struct gateway *g)
{
	const struct world *w = phone_world(room);
	const struct contact *c;
	struct buf lost = { 0 };
	size_t i;

	for (i = CONTACT_WAITING; i <= CONTACT_PARKED; i++)
		list_each(c, &w->contact_lists[i], in_state)
			if (is_lost(room, g, c))
				buf_add(&lost, &c->id, sizeof(c->id));
	for (i = 0; i < lost.len; i += sizeof(c->id)) {
		struct contact_id id;

		memcpy(&id, lost.data + i, sizeof(id));
		(void)door_leave(&room->env, id, END_GATEWAY_LOST);
	}
	buf_done(&lost);
}

void calls_listed(
    struct phone_room *room, struct gateway *g, const struct phone_line *l)
{
	size_t i;

	for (i = 0; i < json_count(l->calls); i++) {
		struct str id = json_str(json_at(l->calls, i));
		struct call *c = call_find(room, g, id);
		struct buf line = { 0 };

		if (c != NULL) {
			calls_name(g, c->contact);
			continue;
		}
		phone_put_unknown(id, &line);
		phone_say(room, g, &line);
	}
	if (l->more || g->ready)
		return;
	end_lost(room, g);
	map_done(&g->listed);
	g->listed = (struct map){ 0 };
	g->ready = true;
	phone_send_owed(room, g);
}
