/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world.c - the tables of what is known, and how names find their objects.
 *
 * Entered by everybody for looking up, by apply alone for changing.
 */
#include "model/world.h"

#include "base/check.h"
#include "base/mem.h"
#include "model/index.h"

struct world *world_new(
    const char *workspace, rules_source_fn source, void *arg)
{
	struct world *w = new_of(struct world);
	size_t i;

	w->workspace = mem_text(workspace);
	w->rules_source = source;
	w->rules_arg = arg;
	w->next_contact = w->next_customer = 1;
	w->next_offer = w->next_message = 1;
	for (i = 0; i < CONTACT_KINDS; i++)
		list_init(&w->contact_lists[i]);
	list_init(&w->order_list);
	list_init(&w->key_list);
	list_init(&w->identifier_list);
	heap_init(&w->due, due_before);
	w->index = index_new();
	return w;
}

static void free_contacts(struct world *w)
{
	struct contact *c;
	struct contact *next;
	size_t s, i;

	for (s = 0; s < CONTACT_KINDS; s++) {
		list_each_safe(c, next, &w->contact_lists[s], in_state) {
			for (i = 0; i < c->place_count; i++)
				mem_free(c->places[i]);
			mem_free(c->offer);
			mem_free(c);
		}
	}
	map_done(&w->contacts);
	map_done(&w->offers);
}

static void free_lists(struct world *w)
{
	struct order *o, *next_order;
	struct known_key *k, *next_key;
	struct known_identifier *i, *next_identifier;

	list_each_safe(o, next_order, &w->order_list, link)
		mem_free(o);
	list_each_safe(k, next_key, &w->key_list, link)
		mem_free(k);
	list_each_safe(i, next_identifier, &w->identifier_list, link)
		mem_free(i);
	map_done(&w->orders);
	map_done(&w->keys);
	map_done(&w->identifiers);
}

static void free_agent(struct agent *a)
{
	size_t i;

	for (i = 0; i < a->override_count; i++)
		mem_free(a->overrides[i].author);
	mem_free(a->name);
	mem_free(a->reason);
	mem_free(a);
}

static void free_named(struct world *w)
{
	size_t i;

	for (i = 0; i < w->agent_count; i++)
		free_agent(w->agents[i]);
	for (i = 0; i < w->queue_count; i++) {
		mem_free(w->queues[i]->name);
		mem_free(w->queues[i]->override_author);
		mem_free(w->queues[i]);
	}
	for (i = 0; i < w->skill_count; i++) {
		mem_free(w->skills[i]->name);
		mem_free(w->skills[i]);
	}
	for (i = 0; i < w->entrance_count; i++) {
		mem_free(w->entrances[i]->name);
		mem_free(w->entrances[i]);
	}
	mem_free(w->agents);
	mem_free(w->queues);
	mem_free(w->skills);
	mem_free(w->entrances);
	map_done(&w->agent_names);
	map_done(&w->queue_names);
	map_done(&w->skill_names);
	map_done(&w->entrance_names);
}

static void free_hours(struct world *w)
{
	size_t i;

	for (i = 0; i < w->hours_count; i++)
		mem_free(w->hours[i].name);
	mem_free(w->hours);
	w->hours = NULL;
	w->hours_count = 0;
}

void world_free(struct world *w)
{
	if (w == NULL)
		return;
	heap_done(&w->due); /* while what is due lives */
	index_free(w);
	free_contacts(w);
	free_lists(w);
	free_named(w);
	free_hours(w);
	mem_free(w->agent_ids);
	mem_free(w->queue_ids);
	mem_free(w->skill_ids);
	mem_free(w->entrance_ids);
	rules_unref(w->rules);
	mem_free(w->workspace);
	mem_free(w);
}

struct contact *world_contact(const struct world *w, struct contact_id id)
{
	return map_find(&w->contacts, id.v);
}

struct offer *world_offer(const struct world *w, struct offer_id id)
{
	return map_find(&w->offers, id.v);
}

#define LOOKUPS(type)                                                          \
	struct type *world_##type(const struct world *w, struct type##_id id)  \
	{                                                                      \
		return id.v == 0 || id.v > w->type##_count                     \
		           ? NULL                                              \
		           : w->type##s[id.v - 1];                             \
	}                                                                      \
	struct type *world_##type##_named(                                     \
	    const struct world *w, struct str name)                            \
	{                                                                      \
		return map_find_text(&w->type##_names, name);                  \
	}                                                                      \
	struct type *world_rule_##type(const struct world *w, uint32_t rule)   \
	{                                                                      \
		return rule == RULE_NONE                                       \
		           ? NULL                                              \
		           : w->type##s[w->type##_ids[rule] - 1];              \
	}
LOOKUPS(agent)
LOOKUPS(queue)
LOOKUPS(skill)
LOOKUPS(entrance)

bool world_hours_open(const struct world *w, uint32_t hours)
{
	return hours >= w->hours_count || w->hours[hours].open;
}

msec_t world_next_due(const struct world *w)
{
	struct heap_node *n = heap_min(&w->due);

	return n == NULL ? -1 : container_of(n, struct due, node)->at;
}

/* ---- naming ---------------------------------------------------------------- */

/* What a new object needs beyond zeroes. */
static void agent_made(struct agent *a)
{
	size_t c;

	list_init(&a->contacts);
	a->due.kind = DUE_AGENT;
	a->due.id = a->id.v;
	a->skill_due.kind = DUE_SKILL;
	a->skill_due.id = a->id.v;
	a->rule = RULE_NONE;
	for (c = 0; c < CHANNELS; c++)
		a->slots[c].agent = a;
}

static void queue_made(struct queue *q)
{
	list_init(&q->places);
	list_init(&q->dormant);
	list_init(&q->waking);
	q->due.kind = DUE_QUEUE;
	q->due.id = q->id.v;
	q->rule = RULE_NONE;
}

static void skill_made(struct skill *s)
{
	s->rule = RULE_NONE;
}

static void entrance_made(struct entrance *e)
{
	e->rule = RULE_NONE;
}

#define MAKERS(type)                                                           \
	struct type *world_make_##type(struct world *w, struct str name)       \
	{                                                                      \
		struct type *x = world_##type##_named(w, name);                \
                                                                               \
		if (x != NULL)                                                 \
			return x;                                              \
		x = new_of(struct type);                                       \
		x->name = mem_text_n(name.p, name.n);                          \
		mem_room(&w->type##s, w->type##_count, &w->type##_cap,         \
		    sizeof(*w->type##s));                                      \
		w->type##s[w->type##_count++] = x;                             \
		x->id.v = w->type##_count;                                     \
		map_put_text(&w->type##_names, name, x);                       \
		type##_made(x);                                                \
		return x;                                                      \
	}
MAKERS(agent)
MAKERS(queue)
MAKERS(skill)
MAKERS(entrance)

/* ---- timers --------------------------------------------------------------- */

static void arm(struct world *w, struct due *d, msec_t at)
{
	if (at > 0)
		due_set(w, d, at);
	else
		due_clear(w, d);
}

void agent_arm(struct world *w, struct agent *a)
{
	msec_t first = 0;
	size_t i;

	for (i = 0; i < a->override_count; i++) {
		msec_t until = a->overrides[i].until;

		if (until > 0 && (first == 0 || until < first))
			first = until;
	}
	arm(w, &a->due, a->until);
	arm(w, &a->skill_due, first);
}

void queue_arm(struct world *w, struct queue *q)
{
	arm(w, &q->due, q->override == 0 ? 0 : q->override_until);
}

void offer_arm(struct world *w, struct offer *o)
{
	o->due.kind = DUE_OFFER;
	o->due.id = o->id.v;
	arm(w, &o->due, o->deadline);
	map_put(&w->offers, o->id.v, o);
}

/* ---- binding --------------------------------------------------------------- */

static void bind_agents(struct world *w, const struct rules *r)
{
	size_t i, c;

	for (i = 0; i < w->agent_count; i++)
		w->agents[i]->rule = RULE_NONE;
	w->agent_ids =
	    mem_resize(w->agent_ids, sizeof(uint64_t) * (r->agent_count + 1));
	for (i = 0; i < r->agent_count; i++) {
		const struct rule_team *team = &r->teams[r->agents[i].team];
		struct agent *a =
		    world_make_agent(w, str_of(r->agents[i].name));

		a->rule = (uint32_t)i;
		w->agent_ids[i] = a->id.v;
		for (c = 0; c < CHANNELS; c++)
			a->takes[c] = team->takes[c];
	}
}

static void bind_queues(struct world *w, const struct rules *r)
{
	size_t i;

	for (i = 0; i < w->queue_count; i++) {
		w->queues[i]->rule = RULE_NONE;
		w->queues[i]->rung_count = 0; /* no ladder without a rule */
	}
	w->queue_ids =
	    mem_resize(w->queue_ids, sizeof(uint64_t) * (r->queue_count + 1));
	for (i = 0; i < r->queue_count; i++) {
		struct queue *q =
		    world_make_queue(w, str_of(r->queues[i].name));

		q->rule = (uint32_t)i;
		w->queue_ids[i] = q->id.v;
		queue_build_ladder(q, &r->queues[i]);
	}
}

static void bind_skills(struct world *w, const struct rules *r)
{
	size_t i;

	for (i = 0; i < w->skill_count; i++)
		w->skills[i]->rule = RULE_NONE;
	w->skill_ids =
	    mem_resize(w->skill_ids, sizeof(uint64_t) * (r->skill_count + 1));
	for (i = 0; i < r->skill_count; i++) {
		struct skill *s =
		    world_make_skill(w, str_of(r->skills[i].name));

		s->rule = (uint32_t)i;
		w->skill_ids[i] = s->id.v;
	}
}

static void bind_entrances(struct world *w, const struct rules *r)
{
	size_t i;

	for (i = 0; i < w->entrance_count; i++)
		w->entrances[i]->rule = RULE_NONE;
	w->entrance_ids = mem_resize(
	    w->entrance_ids, sizeof(uint64_t) * (r->entrance_count + 1));
	for (i = 0; i < r->entrance_count; i++) {
		struct entrance *e =
		    world_make_entrance(w, str_of(r->entrances[i].name));

		e->rule = (uint32_t)i;
		w->entrance_ids[i] = e->id.v;
	}
}

static const struct hours_state *hours_said(
    const struct world *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->hours_count; i++) {
		if (str_is(str_of(w->hours[i].name), name))
			return &w->hours[i];
	}
	return NULL;
}

/* Hours keep what was last said of them; new ones are closed until told. */
static void bind_hours(struct world *w, const struct rules *r)
{
	struct hours_state *fresh =
	    new_array(struct hours_state, r->hours_count + 1);
	size_t i;

	for (i = 0; i < r->hours_count; i++) {
		const struct hours_state *said =
		    hours_said(w, r->hours[i].name);

		fresh[i].name = mem_text(r->hours[i].name);
		fresh[i].open = said != NULL && said->open;
		fresh[i].next_wall = said == NULL ? -1 : said->next_wall;
	}
	free_hours(w);
	w->hours = fresh;
	w->hours_count = r->hours_count;
}

void world_bind(struct world *w, struct rules *rules)
{
	index_detach(w);
	world_bind_detached(w, rules);
}

void world_bind_detached(struct world *w, struct rules *rules)
{
	struct rules *old = w->rules;

	bind_skills(w, rules);
	bind_agents(w, rules);
	bind_queues(w, rules);
	bind_entrances(w, rules);
	bind_hours(w, rules);
	w->rules = rules;
	index_build(w);
	rules_unref(old);
}

/* ---- short memories ------------------------------------------------------ */

struct known_key *world_key(const struct world *w, uint64_t key)
{
	return key == 0 ? NULL : map_find(&w->keys, key);
}

void world_learn_key(struct world *w, uint64_t key, uint64_t content,
    struct contact_id c, struct message_id m)
{
	struct known_key *k;

	if (key == 0 || map_find(&w->keys, key) != NULL)
		return;
	k = new_of(struct known_key);
	*k = (struct known_key){ .key = key,
		.content = content,
		.contact = c,
		.message = m,
		.since = w->now };
	map_put(&w->keys, key, k);
	list_push(&w->key_list, &k->link);
}

struct known_identifier *world_identifier(
    const struct world *w, struct identifier_id id)
{
	return map_find(&w->identifiers, id.v);
}

void world_learn_identifier(struct world *w, struct identifier_id id,
    struct customer_id customer, uint8_t level)
{
	struct known_identifier *k = world_identifier(w, id);

	if (k == NULL) {
		k = new_of(struct known_identifier);
		k->id = id;
		map_put(&w->identifiers, id.v, k);
		list_init(&k->link);
		k->customer = customer;
	} else if (!id_same(k->customer, customer)) {
		k->owners++;
		/* A claim takes nothing from who is verified. */
		if (level > k->level)
			k->customer = customer;
	}
	list_remove(&k->link);
	list_push(&w->identifier_list, &k->link);
	if (level > k->level)
		k->level = level;
	if (k->owners == 0)
		k->owners = 1;
	k->since = w->now;
}

void world_expire(struct world *w)
{
	struct known_key *k;
	struct known_identifier *i;
	struct contact *c;

	while ((k = list_first(&w->key_list, struct known_key, link)) != NULL &&
	       k->since + KEY_KEEP_MS < w->now) {
		list_remove(&k->link);
		map_remove(&w->keys, k->key);
		mem_free(k);
	}
	while ((i = list_first(&w->identifier_list, struct known_identifier,
	            link)) != NULL &&
	       i->since + IDENTIFIER_KEEP_MS < w->now) {
		list_remove(&i->link);
		map_remove(&w->identifiers, i->id.v);
		mem_free(i);
	}
	while ((c = list_first(&w->contact_lists[CONTACT_ENDED], struct contact,
	            in_state)) != NULL &&
	       (c->since + ENDED_KEEP_MS < w->now ||
	           w->ended_kept > ENDED_KEEP_MAX)) {
		contact_forget(w, c);
		w->ended_kept--;
	}
}
