/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contact.c - a contact, its places in queues, and the one mover of its state.
 *
 * Entered by apply only (and by world_decode). Nothing here decides.
 */
#include "model/contact.h"

#include "base/check.h"
#include "base/mem.h"
#include "model/queue.h"
#include "model/world.h"

/* Legal moves: row from, bit to. */
#define TO(s) (1u << CONTACT_##s)
static const unsigned moves[CONTACT_KINDS] = {
	[CONTACT_WAITING] =
	    TO(WAITING) | TO(OFFERED) | TO(ACTIVE) | TO(SCHEDULED) | TO(ENDED),
	[CONTACT_OFFERED] = TO(WAITING) | TO(ACTIVE) | TO(ENDED),
	[CONTACT_ACTIVE] = TO(WAITING) | TO(PARKED) | TO(SCHEDULED) | TO(ENDED),
	[CONTACT_PARKED] = TO(ACTIVE) | TO(WAITING) | TO(ENDED),
	[CONTACT_SCHEDULED] = TO(WAITING) | TO(ENDED),
	[CONTACT_ENDED] = 0,
};
#undef TO

msec_t contact_key(const struct contact *c)
{
	return c->arrived + c->offset;
}

bool contact_before(const struct contact *a, const struct contact *b)
{
	msec_t x = contact_key(a);
	msec_t y = contact_key(b);

	return x != y ? x < y : a->id.v < b->id.v;
}

bool contact_is_live(const struct contact *c)
{
	return channel_kind(c->channel)->live;
}

bool contact_is_excluded(const struct contact *c, struct agent_id a)
{
	size_t i;

	for (i = 0; i < c->excluded_count; i++) {
		if (id_same(c->excluded[i].agent, a))
			return true;
	}
	return false;
}

bool contact_is_held_from(const struct contact *c, struct agent_id a)
{
	return id_is_set(c->held_for) && !id_same(c->held_for, a);
}

bool contact_is_exceptional(const struct contact *c)
{
	return id_is_set(c->held_for) || c->excluded_count > 0;
}

struct place *contact_place(const struct contact *c, const struct queue *q)
{
	size_t i;

	for (i = 0; i < c->place_count; i++) {
		if (c->places[i]->queue == q)
			return c->places[i];
	}
	return NULL;
}

uint16_t language_pack(struct str s)
{
	if (s.n != 2 || s.p[0] < 'a' || s.p[0] > 'z' || s.p[1] < 'a' ||
	    s.p[1] > 'z')
		return 0;
	return (uint16_t)((unsigned char)s.p[0] << 8 | (unsigned char)s.p[1]);
}

void language_unpack(uint16_t packed, char out[3])
{
	out[0] = (char)(packed >> 8);
	out[1] = (char)(packed & 0xff);
	out[2] = '\0';
}

struct contact *contact_add(struct world *w, struct contact_id id)
{
	struct contact *c = new_of(struct contact);

	c->id = id;
	c->state = CONTACT_WAITING;
	c->due.kind = DUE_CONTACT;
	c->due.id = id.v;
	list_init(&c->orders);
	list_init(&c->in_state);
	list_init(&c->excepted);
	list_init(&c->in_owner);
	check(map_put(&w->contacts, id.v, c) == NULL);
	list_push(&w->contact_lists[CONTACT_WAITING], &c->in_state);
	w->tally.in_state[CONTACT_WAITING]++;
	return c;
}

void contact_set_state(struct world *w, struct contact *c, enum contact_state s)
{
	check((moves[c->state] & (1u << s)) != 0);
	list_remove(&c->in_state);
	w->tally.in_state[c->state]--;
	c->state = s;
	c->since = w->now;
	list_push(&w->contact_lists[s], &c->in_state);
	w->tally.in_state[s]++;
}

struct place *contact_enter(
    struct world *w, struct contact *c, struct queue *q, msec_t now)
{
	struct place *p = new_of(struct place);

	(void)w;
	check(c->place_count < PLACES_MAX);
	p->contact = c;
	p->queue = q;
	p->entered = now;
	p->due.kind = DUE_PLACE;
	p->due.id = c->id.v * PLACES_MAX + c->place_count;
	list_init(&p->row);
	list_init(&p->in_queue);
	list_push(&q->places, &p->in_queue);
	c->places[c->place_count++] = p;
	return p;
}

void contact_leave_all(struct contact *c)
{
	size_t i;

	for (i = 0; i < c->place_count; i++) {
		check(c->places[i]->class == NULL);
		check(!heap_holds(&c->places[i]->due.node));
		list_remove(&c->places[i]->in_queue);
		mem_free(c->places[i]);
		c->places[i] = NULL;
	}
	c->place_count = 0;
}

static void set_due(struct world *w, struct contact *c)
{
	msec_t next = id_is_set(c->held_for) ? c->held_until : INT64_MAX;
	size_t i;

	for (i = 0; i < c->excluded_count; i++) {
		if (c->excluded[i].until < next)
			next = c->excluded[i].until;
	}
	if (next == INT64_MAX)
		due_clear(w, &c->due);
	else
		due_set(w, &c->due, next);
}

void contact_clear_exceptions(struct world *w, struct contact *c, msec_t now)
{
	size_t i = 0;

	if (id_is_set(c->held_for) && c->held_until <= now) {
		c->held_for = (struct agent_id){ 0 };
		c->held_until = 0;
		c->held_by_transfer = false;
	}
	while (i < c->excluded_count) {
		if (c->excluded[i].until <= now)
			c->excluded[i] = c->excluded[--c->excluded_count];
		else
			i++;
	}
	set_due(w, c);
}

/* A ninth agent takes the place of the exclusion that ends first. */
void contact_exclude(
    struct world *w, struct contact *c, struct agent_id a, msec_t until)
{
	size_t i;
	size_t at = 0;

	for (i = 0; i < c->excluded_count; i++) {
		if (id_same(c->excluded[i].agent, a))
			break;
		if (c->excluded[i].until < c->excluded[at].until)
			at = i;
	}
	if (i < c->excluded_count)
		at = i;
	else if (c->excluded_count < EXCLUDED_MAX)
		at = c->excluded_count++;
	c->excluded[at] = (struct excluded){ a, until };
	set_due(w, c);
}

void contact_forget(struct world *w, struct contact *c)
{
	check(c->state == CONTACT_ENDED);
	contact_leave_all(c);
	due_clear(w, &c->due);
	list_remove(&c->in_state);
	while (!list_is_empty(&c->orders))
		list_remove(c->orders.next);
	map_remove(&w->contacts, c->id.v);
	mem_free(c);
}
