/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world_code.c - a checkpoint: the world as bytes and back.
 *
 * Only what cannot be derived is written: the index, units, timers and counts
 * of waiting contacts are built anew. Lists are written in their own order, so
 * that a decoded world goes on exactly as the first would have.
 */
#include "model/world.h"

#include "base/check.h"
#include "base/codec.h"
#include "base/mem.h"
#include "model/index.h"

static const struct field excluded_fields[] = {
	FIELD_AS(struct excluded, 'a', agent),
	FIELD(struct excluded, I64, until),
	FIELD_END,
};
static const struct field contact_fields[] = {
	FIELD_AS(struct contact, 'c', id),
	FIELD(struct contact, U32, channel),
	FIELD_AS(struct contact, 'e', entrance),
	FIELD(struct contact, U16, language),
	FIELD(struct contact, BOOL, outbound),
	FIELD(struct contact, BOOL, unparsed),
	FIELD(struct contact, BOOL, dormant),
	FIELD(struct contact, U8, end),
	FIELD(struct contact, U8, call),
	FIELD_AS(struct contact, 'q', queue),
	FIELD_AS(struct contact, 'p', customer),
	FIELD_AS(struct contact, 'p', maybe),
	FIELD(struct contact, U64, key),
	FIELD(struct contact, I64, arrived),
	FIELD(struct contact, I64, offset),
	FIELD(struct contact, I64, since),
	FIELD_AS(struct contact, 'a', own),
	FIELD_AS(struct contact, 'a', held_for),
	FIELD(struct contact, BOOL, held_by_transfer),
	FIELD(struct contact, I64, held_until),
	FIELD_ROWS(struct contact, excluded, excluded_count, EXCLUDED_MAX,
	    excluded_fields),
	FIELD(struct contact, I64, excepted_at),
	FIELD(struct contact, U32, messages),
	FIELD(struct contact, I64, last_message),
	FIELD(struct contact, U32, offers),
	FIELD_END,
};
static const struct field place_fields[] = {
	FIELD(struct place, I64, entered),
	FIELD(struct place, U8, rung),
	FIELD(struct place, U8, flowed),
	FIELD_END,
};
static const struct field offer_fields[] = {
	FIELD_AS(struct offer, 'o', id),
	FIELD(struct offer, I64, made_at),
	FIELD(struct offer, I64, deadline),
	FIELD(struct offer, BOOL, ringing),
	FIELD_END,
};
static const struct field agent_fields[] = {
	FIELD(struct agent, U32, state),
	FIELD(struct agent, U32, before_lost),
	FIELD(struct agent, I64, since),
	FIELD(struct agent, I64, until),
	FIELD(struct agent, I64, idle_since),
	FIELD(struct agent, U64, session),
	FIELD(struct agent, U32, device),
	FIELD(struct agent, U32, live_streak),
	FIELD(struct agent, I64, wrap_until),
	FIELD_END,
};
static const struct field override_fields[] = {
	FIELD_AS(struct skill_override, 's', skill),
	FIELD(struct skill_override, U8, level),
	FIELD(struct skill_override, I64, until),
	FIELD_END,
};
static const struct field queue_fields[] = {
	FIELD(struct queue, U8, override),
	FIELD(struct queue, I64, override_until),
	FIELD(struct queue, U64, arrived),
	FIELD(struct queue, U64, answered),
	FIELD(struct queue, U64, ended),
	FIELD(struct queue, I64, wait_sum),
	FIELD_END,
};
static const struct field order_fields[] = {
	FIELD(struct order, U64, id),
	FIELD(struct order, U32, kind),
	FIELD_AS(struct order, 'c', contact),
	FIELD_AS(struct order, 'a', agent),
	FIELD_AS(struct order, 'o', offer),
	FIELD_AS(struct order, 'm', message),
	FIELD(struct order, I64, until),
	FIELD(struct order, U8, detail),
	FIELD_END,
};
static const struct field key_fields[] = {
	FIELD(struct known_key, U64, key),
	FIELD(struct known_key, U64, content),
	FIELD_AS(struct known_key, 'c', contact),
	FIELD_AS(struct known_key, 'm', message),
	FIELD(struct known_key, I64, since),
	FIELD_END,
};
static const struct field identifier_fields[] = {
	FIELD_AS(struct known_identifier, 'i', id),
	FIELD_AS(struct known_identifier, 'p', customer),
	FIELD(struct known_identifier, U8, level),
	FIELD(struct known_identifier, U8, owners),
	FIELD(struct known_identifier, I64, since),
	FIELD_END,
};
static const struct field tally_fields[] = {
	FIELD(struct tally, U64, arrived),
	FIELD(struct tally, U64, offers),
	FIELD(struct tally, U64, accepted),
	FIELD(struct tally, U64, messages),
	FIELD_END,
};
static const struct field world_fields[] = {
	FIELD(struct world, U64, seq),
	FIELD(struct world, U64, epoch),
	FIELD(struct world, I64, now),
	FIELD(struct world, I64, wall_offset),
	FIELD(struct world, U64, next_contact),
	FIELD(struct world, U64, next_customer),
	FIELD(struct world, U64, next_offer),
	FIELD(struct world, U64, next_message),
	FIELD_END,
};

/* ---- writing --------------------------------------------------------------- */

static void put_text(struct buf *out, const char *text)
{
	put_str(out, str_of(text));
}

static void put_agents(const struct world *w, struct buf *out)
{
	size_t i, j;

	put_u64(out, w->agent_count);
	for (i = 0; i < w->agent_count; i++) {
		const struct agent *a = w->agents[i];

		put_text(out, a->name);
		encode(agent_fields, a, out);
		put_text(out, a->reason);
		put_u64(out, a->override_count);
		for (j = 0; j < a->override_count; j++) {
			encode(override_fields, &a->overrides[j], out);
			put_text(out, a->overrides[j].author);
		}
	}
}

static void put_names(const struct world *w, struct buf *out)
{
	size_t i;

	put_u64(out, w->skill_count);
	for (i = 0; i < w->skill_count; i++)
		put_text(out, w->skills[i]->name);
	put_u64(out, w->entrance_count);
	for (i = 0; i < w->entrance_count; i++)
		put_text(out, w->entrances[i]->name);
	put_u64(out, w->queue_count);
	for (i = 0; i < w->queue_count; i++) {
		put_text(out, w->queues[i]->name);
		encode(queue_fields, w->queues[i], out);
		put_text(out, w->queues[i]->override_author);
	}
	put_agents(w, out);
	put_u64(out, w->hours_count);
	for (i = 0; i < w->hours_count; i++) {
		put_text(out, w->hours[i].name);
		put_u64(out, w->hours[i].open);
		put_i64(out, w->hours[i].next_wall);
	}
}

static void put_contact(const struct contact *c, struct buf *out)
{
	size_t i;

	encode(contact_fields, c, out);
	put_u64(out, c->owner == NULL ? 0 : c->owner->id.v);
	put_u64(out, c->place_count);
	for (i = 0; i < c->place_count; i++) {
		put_u64(out, c->places[i]->queue->id.v);
		encode(place_fields, c->places[i], out);
	}
	put_u64(out, c->offer != NULL);
	if (c->offer == NULL)
		return;
	encode(offer_fields, c->offer, out);
	put_u64(out, c->offer->agent->id.v);
	put_u64(out, c->offer->queue->id.v);
}

static void put_contacts(const struct world *w, struct buf *out)
{
	const struct contact *c;
	size_t s;

	for (s = 0; s < CONTACT_KINDS; s++) {
		put_u64(out, w->tally.in_state[s]);
		put_u64(out, list_count(&w->contact_lists[s]));
		list_each(c, &w->contact_lists[s], in_state)
			put_contact(c, out);
	}
}

void world_encode(const struct world *w, struct buf *out)
{
	const struct order *o;
	const struct known_key *k;
	const struct known_identifier *i;

	put_u64(out, WORLD_VERSION);
	put_text(out, w->workspace);
	put_text(out, w->rules == NULL ? NULL : w->rules->text);
	encode(world_fields, w, out);
	encode(tally_fields, &w->tally, out);
	put_names(w, out);
	put_contacts(w, out);
	put_u64(out, list_count(&w->order_list));
	list_each(o, &w->order_list, link)
		encode(order_fields, o, out);
	put_u64(out, list_count(&w->key_list));
	list_each(k, &w->key_list, link)
		encode(key_fields, k, out);
	put_u64(out, list_count(&w->identifier_list));
	list_each(i, &w->identifier_list, link)
		encode(identifier_fields, i, out);
	put_u64(out, w->seq); /* whatever was cut off, this is not there */
}

/* ---- reading --------------------------------------------------------------- */

static char *get_text(struct reader *r)
{
	struct str s = get_str(r);

	return s.n == 0 ? NULL : mem_text_n(s.p, s.n);
}

/* A count from the bytes: each counted thing takes a byte at least. */
static size_t get_count(struct reader *r)
{
	uint64_t n = get_u64(r);

	if (n > r->n)
		r->failed = true;
	return r->failed ? 0 : (size_t)n;
}

static bool get_agents(struct world *w, struct reader *r)
{
	size_t n = get_count(r);
	size_t i, j, m;

	for (i = 0; i < n; i++) {
		struct agent *a = world_make_agent(w, get_str(r));

		if (decode(agent_fields, r, a) != 0 ||
		    a->state >= AGENT_KINDS || a->id.v != i + 1)
			return false;
		a->reason = get_text(r);
		m = get_count(r);
		if (m > SKILL_OVERRIDES_MAX)
			return false;
		for (j = 0; j < m; j++) {
			if (decode(override_fields, r, &a->overrides[j]) != 0)
				return false;
			a->overrides[j].author = get_text(r);
			a->override_count++;
			if (world_skill(w, a->overrides[j].skill) == NULL)
				return false;
		}
	}
	return !r->failed;
}

static bool get_names(struct world *w, struct reader *r)
{
	size_t n, i;

	n = get_count(r);
	for (i = 0; i < n; i++)
		world_make_skill(w, get_str(r));
	n = get_count(r);
	for (i = 0; i < n; i++)
		world_make_entrance(w, get_str(r));
	n = get_count(r);
	for (i = 0; i < n; i++) {
		struct queue *q = world_make_queue(w, get_str(r));

		if (q->id.v != i + 1 || decode(queue_fields, r, q) != 0)
			return false;
		q->override_author = get_text(r);
	}
	if (!get_agents(w, r))
		return false;
	w->hours_count = get_count(r);
	w->hours = new_array(struct hours_state, w->hours_count + 1);
	for (i = 0; i < w->hours_count; i++) {
		w->hours[i].name = get_text(r);
		w->hours[i].open = get_u64(r) != 0;
		w->hours[i].next_wall = get_i64(r);
	}
	return !r->failed;
}

static bool get_offer(struct world *w, struct reader *r, struct contact *c)
{
	struct offer *o;

	if (get_u64(r) == 0)
		return true;
	o = new_of(struct offer);
	c->offer = o;
	if (decode(offer_fields, r, o) != 0)
		return false;
	o->contact = c;
	o->agent = world_agent(w, (struct agent_id){ get_u64(r) });
	o->queue = world_queue(w, (struct queue_id){ get_u64(r) });
	if (o->agent == NULL || o->queue == NULL || o->agent->offer != NULL)
		return false;
	o->agent->offer = o;
	o->queue->offered++;
	offer_arm(w, o);
	return true;
}

/* Oldest first, whatever order the contacts come in. */
static void sort_in_queue(struct place *p)
{
	struct list *all = &p->queue->places;
	struct list *at;

	list_remove(&p->in_queue);
	for (at = all->prev; at != all; at = at->prev) {
		if (list_entry(at, struct place, in_queue)->entered <=
		    p->entered)
			break;
	}
	list_push_front(at, &p->in_queue);
}

static bool get_places(struct world *w, struct reader *r, struct contact *c)
{
	size_t n = get_count(r);
	size_t i;

	for (i = 0; i < n && i < PLACES_MAX; i++) {
		struct queue *q =
		    world_queue(w, (struct queue_id){ get_u64(r) });

		if (q == NULL ||
		    decode(place_fields, r, contact_enter(w, c, q, 0)) != 0)
			return false;
		sort_in_queue(c->places[i]);
	}
	return n <= PLACES_MAX && !r->failed;
}

static bool get_contact(
    struct world *w, struct reader *r, enum contact_state state)
{
	struct contact head = { 0 };
	struct reader again = *r;
	struct contact *c;
	uint64_t owner;

	/* The id is the first field: peek it to make the object. */
	if (decode(contact_fields, &again, &head) != 0 || head.id.v == 0 ||
	    world_contact(w, head.id) != NULL || head.channel >= CHANNELS)
		return false;
	c = contact_add(w, head.id);
	if (decode(contact_fields, r, c) != 0)
		return false;
	owner = get_u64(r);
	list_remove(&c->in_state);
	c->state = state;
	list_push(&w->contact_lists[state], &c->in_state);
	if (owner != 0) {
		c->owner = world_agent(w, (struct agent_id){ owner });
		if (c->owner == NULL)
			return false;
		list_push(&c->owner->contacts, &c->in_owner);
		if (state == CONTACT_ACTIVE)
			c->owner->load[c->channel]++;
	}
	return get_places(w, r, c) && get_offer(w, r, c);
}

static bool get_contacts(struct world *w, struct reader *r)
{
	uint64_t in_state[CONTACT_KINDS];
	size_t s, i, n;

	for (s = 0; s < CONTACT_KINDS; s++) {
		in_state[s] = get_u64(r);
		n = get_count(r);
		for (i = 0; i < n; i++) {
			if (!get_contact(w, r, (enum contact_state)s))
				return false;
		}
		if (s == CONTACT_ENDED)
			w->ended_kept = n;
	}
	for (s = 0; s < CONTACT_KINDS; s++)
		w->tally.in_state[s] = in_state[s];
	return !r->failed;
}

static bool get_orders(struct world *w, struct reader *r)
{
	size_t n = get_count(r);
	size_t i;

	for (i = 0; i < n; i++) {
		struct order *o = new_of(struct order);

		order_init(o);
		if (decode(order_fields, r, o) != 0) {
			mem_free(o);
			return false;
		}
		order_owe(w, o);
	}
	return !r->failed;
}

static bool get_memories(struct world *w, struct reader *r)
{
	size_t n = get_count(r);
	size_t i;

	for (i = 0; i < n; i++) {
		struct known_key *k = new_of(struct known_key);

		list_init(&k->link);
		list_push(&w->key_list, &k->link);
		if (decode(key_fields, r, k) != 0)
			return false;
		map_put(&w->keys, k->key, k);
	}
	n = get_count(r);
	for (i = 0; i < n; i++) {
		struct known_identifier *k = new_of(struct known_identifier);

		list_init(&k->link);
		list_push(&w->identifier_list, &k->link);
		if (decode(identifier_fields, r, k) != 0)
			return false;
		map_put(&w->identifiers, k->id.v, k);
	}
	return !r->failed;
}

/* Timers of what was read; the rows arm their own when they are built. */
static void arm(struct world *w)
{
	struct contact *c;
	size_t s, i;

	for (i = 0; i < w->agent_count; i++)
		agent_arm(w, w->agents[i]);
	for (i = 0; i < w->queue_count; i++)
		queue_arm(w, w->queues[i]);
	for (s = 0; s < CONTACT_ENDED; s++) {
		list_each(c, &w->contact_lists[s], in_state)
			contact_clear_exceptions(w, c, INT64_MIN);
	}
}

static int read_world(struct world *w, struct reader *r, struct str text)
{
	struct rules *rules = NULL;

	if (decode(world_fields, r, w) != 0 ||
	    decode(tally_fields, r, &w->tally) != 0 || !get_names(w, r) ||
	    !get_contacts(w, r) || !get_orders(w, r) || !get_memories(w, r) ||
	    get_u64(r) != w->seq || r->failed || r->n != 0)
		return ERR_CORRUPT;
	if (text.n > 0) {
		rules = w->rules_source(w->rules_arg, text);
		if (rules == NULL)
			return ERR_VERSION;
		world_bind_detached(w, rules);
	}
	arm(w);
	return 0;
}

int world_decode(
    struct str bytes, rules_source_fn source, void *arg, struct world **out)
{
	struct reader r = reader_of(bytes);
	struct world *w;
	struct str text;
	char *workspace;
	int rc;

	if (get_u64(&r) != WORLD_VERSION)
		return r.failed ? ERR_CORRUPT : ERR_VERSION;
	workspace = get_text(&r);
	text = get_str(&r);
	w = world_new(workspace == NULL ? "" : workspace, source, arg);
	mem_free(workspace);
	rc = r.failed ? ERR_CORRUPT : read_world(w, &r, text);
	if (rc == 0)
		*out = w;
	else
		world_free(w);
	return rc;
}
