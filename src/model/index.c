/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index.c - sets, profiles, and how both find each other.
 *
 * Entered by apply and world_bind; read by route/match. The classes in which
 * contacts wait are in classes.c. Invariants: index.h.
 */
#include "model/index.h"

#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "model/classes.h"
#include "model/world.h"

struct index *index_new(void)
{
	struct index *x = new_of(struct index);

	list_init(&x->exceptions);
	list_init(&x->stranded);
	list_init(&x->waking);
	return x;
}

static void free_tables(struct index *x)
{
	struct map_slot *slot;
	size_t i, c;

	for (i = 0; i < x->set_count; i++)
		heap_done(&x->sets[i]->classes); /* while its classes live */
	map_each(slot, &x->class_keys)
		class_free(slot->value);
	for (i = 0; i < x->set_count; i++) {
		mem_free(x->sets[i]->servers);
		mem_free(x->sets[i]);
	}
	for (i = 0; i < x->profile_count; i++) {
		struct profile *p = x->profiles[i];

		for (c = 0; c < CHANNELS; c++) {
			heap_done(&p->available[c]);
			mem_free(p->serves[c]);
		}
		mem_free(p->levels);
		mem_free(p->skill_bits);
		mem_free(p);
	}
	for (c = 0; c < CHANNELS; c++)
		mem_free(x->idle[c]);
	mem_free(x->sets);
	mem_free(x->profiles);
	map_done(&x->set_keys);
	map_done(&x->profile_keys);
	map_done(&x->class_keys);
	mem_free(x->demand);
	mem_free(x->demand_bits);
	mem_free(x->thresholds);
}

void index_free(struct world *w)
{
	free_tables(w->index);
	mem_free(w->index);
	w->index = NULL;
}

/* ---- who can serve what --------------------------------------------------- */

static unsigned profile_level(const struct profile *p, struct skill_id s)
{
	size_t low = 0;
	size_t high = p->level_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (p->levels[mid].skill.v < s.v)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->level_count && id_same(p->levels[low].skill, s)
	           ? p->levels[low].level
	           : 0;
}

bool profile_reaches(const struct profile *p, const struct set *s)
{
	size_t i;

	for (i = 0; i < s->need_count; i++) {
		if (profile_level(p, s->needs[i].skill) < s->needs[i].level)
			return false;
	}
	return true;
}

static void join(struct profile *p, struct set *s)
{
	enum channel c = s->channel;

	if (!profile_reaches(p, s))
		return;
	mem_room(&p->serves[c], p->serves_count[c], &p->serves_cap[c],
	    sizeof(struct set *));
	p->serves[c][p->serves_count[c]++] = s;
	mem_room(&s->servers, s->server_count, &s->server_cap,
	    sizeof(struct profile *));
	s->servers[s->server_count++] = p;
}

bool set_has_present(const struct set *s)
{
	size_t i;

	for (i = 0; i < s->server_count; i++) {
		if (s->servers[i]->present[s->channel] > 0)
			return true;
	}
	return false;
}

/* ---- sets ----------------------------------------------------------------- */

static void add_need(struct set *s, struct skill_id skill, uint8_t level)
{
	size_t i = s->need_count;

	for (; i > 0 && s->needs[i - 1].skill.v > skill.v; i--)
		s->needs[i] = s->needs[i - 1];
	/* Level 0 would ask for nothing: having the skill is level 1. */
	s->needs[i] = (struct set_need){ skill, level == 0 ? 1 : level };
	s->need_count++;
}

static void describe_set(const struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung, struct set *out)
{
	const struct rule_queue *rule = queue_rule(w->rules, q);
	const struct rule_step *step;
	char language[3];
	uint32_t skill;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->channel = c->channel;
	if (rule == NULL)
		return; /* a queue that left the config: anybody may take it */
	step = &rule->steps[q->rungs[rung].step];
	for (i = 0; i < step->need_count; i++)
		add_need(out, world_rule_skill(w, step->needs[i].skill)->id,
		    step->needs[i].level);
	if (!step->language || c->language == 0)
		return;
	language_unpack(c->language, language);
	skill = rules_language_skill(w->rules, str_of(language));
	if (skill != RULE_NONE)
		add_need(
		    out, world_rule_skill(w, skill)->id, step->language_level);
}

struct set index_describe(const struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung)
{
	struct set s;

	describe_set(w, c, q, rung, &s);
	return s;
}

bool profile_meets(const struct world *w, const struct profile *p,
    const struct contact *c, const struct queue *q, uint8_t rung)
{
	struct set s = index_describe(w, c, q, rung);

	return profile_reaches(p, &s);
}

/* The requirement as bytes: what makes two of them the same. */
#define SET_KEY_MAX (1 + (NEEDS_MAX + 1) * 9)
static struct str set_key(const struct set *s, char dst[SET_KEY_MAX])
{
	char *p = dst;
	size_t i;

	*p++ = (char)s->channel;
	for (i = 0; i < s->need_count; i++) {
		memcpy(p, &s->needs[i].skill.v, 8);
		p += 8;
		*p++ = (char)s->needs[i].level;
	}
	return (struct str){ dst, (size_t)(p - dst) };
}

/* Names a set or profile in explanations: FNV-1a of its bytes, so that a
 * rebuilt index, which numbers anew, explains with the same words. */
static uint32_t mark_of(struct str bytes)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < bytes.n; i++)
		h = (h ^ (unsigned char)bytes.p[i]) * 16777619u;
	return h;
}

const struct set *index_find_set(const struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung)
{
	struct set wanted;
	char key[SET_KEY_MAX];

	describe_set(w, c, q, rung, &wanted);
	return map_find_text(&w->index->set_keys, set_key(&wanted, key));
}

struct set *index_set(struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung)
{
	struct index *x = w->index;
	struct set wanted;
	char key[SET_KEY_MAX];
	struct str k;
	struct set *s;
	size_t i;

	describe_set(w, c, q, rung, &wanted);
	k = set_key(&wanted, key);
	s = map_find_text(&x->set_keys, k);
	if (s != NULL)
		return s;
	s = mem_copy(&wanted, sizeof(wanted));
	heap_init(&s->classes, class_before);
	mem_room(&x->sets, x->set_count, &x->set_cap, sizeof(struct set *));
	x->sets[x->set_count++] = s;
	s->id = (uint32_t)x->set_count;
	s->mark = mark_of(k);
	map_put_text(&x->set_keys, k, s);
	for (i = 0; i < x->profile_count; i++)
		join(x->profiles[i], s);
	return s;
}

/* ---- profiles ------------------------------------------------------------- */

static bool by_idle(const struct heap_node *a, const struct heap_node *b)
{
	const struct agent *x =
	    container_of(a, const struct agent_slot, node)->agent;
	const struct agent *y =
	    container_of(b, const struct agent_slot, node)->agent;

	if (x->idle_since != y->idle_since)
		return x->idle_since < y->idle_since;
	return x->id.v < y->id.v;
}

static bool by_chats(const struct heap_node *a, const struct heap_node *b)
{
	const struct agent *x =
	    container_of(a, const struct agent_slot, node)->agent;
	const struct agent *y =
	    container_of(b, const struct agent_slot, node)->agent;

	if (x->load[CHANNEL_CHAT] != y->load[CHANNEL_CHAT])
		return x->load[CHANNEL_CHAT] < y->load[CHANNEL_CHAT];
	return by_idle(a, b);
}

/* The level cut down to the highest one any queue asks for: agents whom no
 * queue can tell apart share a profile. */
static uint8_t cut_level(const struct world *w, struct skill_id s, unsigned l)
{
	const uint64_t *asked = &w->index->thresholds[s.v * 2];

	for (; l > 0; l--) {
		if ((asked[l / 64] >> (l % 64) & 1) != 0)
			return (uint8_t)l;
	}
	return 0;
}

static void add_level(struct profile *p, struct skill_id s, uint8_t level)
{
	size_t i = p->level_count;

	if (level == 0)
		return;
	for (; i > 0 && p->levels[i - 1].skill.v > s.v; i--)
		p->levels[i] = p->levels[i - 1];
	p->levels[i] = (struct set_need){ s, level };
	p->level_count++;
}

/* The agent's skills by file and override, cut, ascending. */
static void describe_profile(
    const struct world *w, const struct agent *a, struct profile *out)
{
	const struct rule_agent *rule = agent_rule(w->rules, a);
	size_t i;

	memset(out, 0, sizeof(*out));
	out->levels = new_array(
	    struct set_need, rule->skill_count + a->override_count + 1);
	for (i = 0; i < rule->skill_count; i++) {
		struct skill_id s =
		    world_rule_skill(w, rule->skills[i].skill)->id;

		add_level(out, s, cut_level(w, s, agent_level(w, a, s)));
	}
	for (i = 0; i < a->override_count; i++) {
		struct skill_id s = a->overrides[i].skill;

		if (world_skill(w, s)->rule != RULE_NONE &&
		    profile_level(out, s) == 0)
			add_level(
			    out, s, cut_level(w, s, a->overrides[i].level));
	}
}

/* The levels as bytes, without the padding of the struct. */
static void profile_key(const struct profile *p, struct buf *out)
{
	size_t i;

	for (i = 0; i < p->level_count; i++) {
		buf_add(out, &p->levels[i].skill.v, 8);
		buf_add_char(out, (char)p->levels[i].level);
	}
}

static struct profile *intern_profile(struct world *w, struct profile *wanted)
{
	struct index *x = w->index;
	struct buf key = { 0 };
	struct profile *p;
	size_t i;

	profile_key(wanted, &key);
	p = map_find_text(&x->profile_keys, buf_str(&key));
	if (p != NULL) {
		mem_free(wanted->levels);
		buf_done(&key);
		return p;
	}
	p = mem_copy(wanted, sizeof(*wanted));
	p->skill_bits = new_array(uint64_t, x->skill_words);
	for (i = 0; i < p->level_count; i++)
		p->skill_bits[p->levels[i].skill.v / 64] |=
		    (uint64_t)1 << (p->levels[i].skill.v % 64);
	for (i = 0; i < CHANNELS; i++)
		heap_init(
		    &p->available[i], i == CHANNEL_CHAT ? by_chats : by_idle);
	mem_room(&x->profiles, x->profile_count, &x->profile_cap,
	    sizeof(struct profile *));
	x->profiles[x->profile_count++] = p;
	p->mark = mark_of(buf_str(&key));
	map_put_text(&x->profile_keys, buf_str(&key), p);
	buf_done(&key);
	for (i = 0; i < x->set_count; i++)
		join(p, x->sets[i]);
	return p;
}

/* Counts the agent among those who are in, or no more; whether the sets it
 * serves have anybody left may have changed. */
static void count_present(struct world *w, const struct agent *a, int by)
{
	struct profile *p = a->profile;
	size_t c, i;

	for (c = 0; c < CHANNELS; c++) {
		if (a->takes[c] == 0)
			continue;
		p->present[c] += (size_t)by;
		for (i = 0; p->present[c] < 2 && i < p->serves_count[c]; i++)
			classes_strand(w, p->serves[c][i]);
	}
}

void index_profile(struct world *w, struct agent *a)
{
	struct profile wanted;

	if (a->profile != NULL) {
		a->profile->agents--;
		if (agent_is_present(a))
			count_present(w, a, -1);
		a->profile = NULL;
	}
	if (a->rule == RULE_NONE)
		return;
	describe_profile(w, a, &wanted);
	a->profile = intern_profile(w, &wanted);
	a->profile->agents++;
	if (agent_is_present(a))
		count_present(w, a, 1);
}

/* The profile's first agent became available on the channel, or its last one
 * went: the list of such profiles has no order. */
static void idle_join(struct index *x, struct profile *p, size_t c)
{
	mem_room(&x->idle[c], x->idle_count[c], &x->idle_cap[c],
	    sizeof(struct profile *));
	x->idle[c][x->idle_count[c]++] = p;
	p->idle_at[c] = (uint32_t)x->idle_count[c];
}

static void idle_leave(struct index *x, struct profile *p, size_t c)
{
	struct profile *last = x->idle[c][--x->idle_count[c]];

	x->idle[c][p->idle_at[c] - 1] = last;
	last->idle_at[c] = p->idle_at[c];
	p->idle_at[c] = 0;
}

void index_add_agent(struct world *w, struct agent *a)
{
	struct profile *p = a->profile;
	size_t c;

	for (c = 0; p != NULL && c < CHANNELS; c++) {
		if (agent_refusal(w, a, (enum channel)c) != REFUSAL_NONE)
			continue;
		heap_add(&p->available[c], &a->slots[c].node);
		if (p->idle_at[c] == 0)
			idle_join(w->index, p, c);
	}
}

void index_remove_agent(struct world *w, struct agent *a)
{
	struct profile *p = a->profile;
	size_t c;

	for (c = 0; p != NULL && c < CHANNELS; c++) {
		if (!heap_holds(&a->slots[c].node))
			continue;
		heap_remove(&p->available[c], &a->slots[c].node);
		if (p->available[c].used == 0)
			idle_leave(w->index, p, c);
	}
}

void index_presence(struct world *w, struct agent *a, bool was, bool is)
{
	if (a->profile != NULL && was != is)
		count_present(w, a, is ? 1 : -1);
}

unsigned index_demand(const struct world *w, const struct profile *p)
{
	const struct index *x = w->index;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < x->skill_words; i++)
		n += (unsigned)__builtin_popcountll(
		    p->skill_bits[i] & x->demand_bits[i]);
	return n;
}

/* ---- all anew ------------------------------------------------------------- */

static void note_threshold(struct index *x, struct skill_id s, unsigned level)
{
	level = level == 0 ? 1 : level;
	x->thresholds[s.v * 2 + level / 64] |= (uint64_t)1 << (level % 64);
}

static void note_step(struct world *w, const struct rule_step *step)
{
	size_t i;

	for (i = 0; i < step->need_count; i++)
		note_threshold(w->index,
		    world_rule_skill(w, step->needs[i].skill)->id,
		    step->needs[i].level);
	if (!step->language)
		return;
	for (i = 0; i < w->skill_count; i++) {
		if (str_starts(str_of(w->skills[i]->name), "lang."))
			note_threshold(
			    w->index, w->skills[i]->id, step->language_level);
	}
}

static void find_thresholds(struct world *w)
{
	size_t q, i;

	for (q = 0; w->rules != NULL && q < w->rules->queue_count; q++) {
		const struct rule_queue *rule = &w->rules->queues[q];

		for (i = 0; i < rule->step_count; i++)
			note_step(w, &rule->steps[i]);
	}
}

void index_detach(struct world *w)
{
	struct contact *c;
	size_t i;

	list_each(c, &w->contact_lists[CONTACT_WAITING], in_state)
		index_remove_contact(w, c);
	for (i = 0; i < w->agent_count; i++) {
		index_remove_agent(w, w->agents[i]);
		w->agents[i]->profile = NULL;
	}
	for (i = 0; i < w->queue_count; i++)
		list_remove(&w->queues[i]->waking);
}

static void clamp_rungs(struct contact *c)
{
	size_t i;

	for (i = 0; i < c->place_count; i++) {
		uint8_t top = c->places[i]->queue->rung_count;

		if (top > 0 && c->places[i]->rung >= top)
			c->places[i]->rung = (uint8_t)(top - 1);
	}
}

void index_build(struct world *w)
{
	struct index *x = w->index;
	struct contact *c;
	struct contact *next;
	size_t i;

	free_tables(x);
	memset(x, 0, sizeof(*x));
	list_init(&x->exceptions);
	list_init(&x->stranded);
	list_init(&x->waking);
	x->skill_words = w->skill_count / 64 + 1;
	x->demand = new_array(size_t, w->skill_count + 1);
	x->demand_bits = new_array(uint64_t, x->skill_words);
	x->thresholds = new_array(uint64_t, (w->skill_count + 1) * 2);
	find_thresholds(w);
	for (i = 0; i < w->agent_count; i++) {
		index_profile(w, w->agents[i]);
		index_add_agent(w, w->agents[i]);
	}
	list_each(c, &w->contact_lists[CONTACT_OFFERED], in_state) {
		clamp_rungs(c); /* it may be declined */
	}
	list_each_safe(c, next, &w->contact_lists[CONTACT_WAITING], in_state) {
		clamp_rungs(c);
		index_add_contact(w, c);
	}
	for (i = 0; i < x->set_count; i++) {
		if (!set_has_present(x->sets[i]))
			classes_strand(w, x->sets[i]);
	}
	for (i = 0; i < w->queue_count; i++)
		index_wake(w, w->queues[i]);
}

void index_wake(struct world *w, struct queue *q)
{
	struct queue *at;

	list_remove(&q->waking);
	if (!queue_is_open(w, q) || list_is_empty(&q->dormant))
		return;
	/* By id: the order must not depend on which opened first. */
	list_each(at, &w->index->waking, waking) {
		if (at->id.v > q->id.v)
			break;
	}
	list_add_before(&at->waking, &q->waking);
}
