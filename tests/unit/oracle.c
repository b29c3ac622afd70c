/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oracle.c - the finished room, slow and plain.
 */
#include "oracle.h"

#include "base/check.h"
#include "model/index.h"

static bool has_skills(const struct world *w, const struct contact *c,
    const struct place *p, uint8_t rung, const struct agent *a)
{
	struct set asked = index_describe(w, c, p->queue, rung);
	size_t i;

	for (i = 0; i < asked.need_count; i++) {
		if (agent_level(w, a, asked.needs[i].skill) <
		    asked.needs[i].level)
			return false;
	}
	return true;
}

/* The place by which the agent may serve the contact; -1: none. */
static int serves_by(
    const struct world *w, const struct contact *c, const struct agent *a)
{
	int i;

	if (c->state != CONTACT_WAITING || c->unparsed || c->dormant ||
	    c->place_count == 0 ||
	    agent_refusal(w, a, c->channel) != REFUSAL_NONE ||
	    contact_is_excluded(c, a->id) || contact_is_held_from(c, a->id))
		return -1;
	if (c->held_by_transfer && id_same(c->held_for, a->id))
		return 0;
	for (i = 0; i < c->place_count; i++) {
		if (has_skills(w, c, c->places[i], c->places[i]->rung, a))
			return i;
	}
	return -1;
}

static const struct contact *first_contact(
    const struct world *w, const struct agent *a, bool live)
{
	const struct contact *best = NULL;
	const struct contact *c;

	list_each(c, &w->contact_lists[CONTACT_WAITING], in_state) {
		if (contact_is_live(c) == live && serves_by(w, c, a) >= 0 &&
		    (best == NULL || contact_before(c, best)))
			best = c;
	}
	return best;
}

static const struct contact *contact_for(
    const struct world *w, const struct agent *a, msec_t now)
{
	const struct contact *live = first_contact(w, a, true);
	const struct contact *rest = first_contact(w, a, false);

	if (live == NULL)
		return rest;
	/* async_floor: every tenth, if something is overdue */
	if (rest != NULL && rest->arrived + rest->offset < now &&
	    a->live_streak >= 9)
		return rest;
	return live;
}

/* Skills of the agent, as the queues tell levels apart, that anybody waiting
 * asks for. */
static unsigned demand_on(const struct world *w, const struct agent *a)
{
	unsigned n = 0;
	size_t s;

	for (s = 1; s <= w->skill_count; s++) {
		const struct contact *c;
		bool asked = false;
		size_t i, k;

		list_each(c, &w->contact_lists[CONTACT_WAITING], in_state) {
			for (i = 0;
			     !c->unparsed && !c->dormant && i < c->place_count;
			     i++) {
				struct set x = index_describe(w, c,
				    c->places[i]->queue, c->places[i]->rung);

				for (k = 0; k < x.need_count; k++)
					asked |= x.needs[k].skill.v == s;
			}
		}
		for (k = 0; asked && k < a->profile->level_count; k++)
			n += a->profile->levels[k].skill.v == s;
	}
	return n;
}

static int ring_of(const struct world *w, const struct contact *c,
    const struct place *p, const struct agent *a)
{
	int r = 0;

	while (r < p->rung && !has_skills(w, c, p, (uint8_t)r, a))
		r++;
	return r;
}

static bool is_better(const struct world *w, const struct contact *c,
    const struct agent *a, const struct agent *b)
{
	int pa = serves_by(w, c, a), pb = serves_by(w, c, b);
	int64_t x[][2] = {
		{ !id_same(a->id, c->own), !id_same(b->id, c->own) },
		{ pa, pb },
		{ ring_of(w, c, c->places[pa], a),
		    ring_of(w, c, c->places[pb], b) },
		{ demand_on(w, a), demand_on(w, b) },
		{ c->channel == CHANNEL_CHAT ? a->load[CHANNEL_CHAT] : 0,
		    c->channel == CHANNEL_CHAT ? b->load[CHANNEL_CHAT] : 0 },
		{ a->idle_since, b->idle_since },
		{ (int64_t)a->id.v, (int64_t)b->id.v },
	};
	size_t i;

	for (i = 0; i < countof(x); i++) {
		if (x[i][0] != x[i][1])
			return x[i][0] < x[i][1];
	}
	return false;
}

static const struct agent *agent_for(
    const struct world *w, const struct contact *c)
{
	const struct agent *best = NULL;
	size_t i;

	for (i = 0; i < w->agent_count; i++) {
		const struct agent *a = w->agents[i];

		if (serves_by(w, c, a) >= 0 &&
		    (best == NULL || is_better(w, c, a, best)))
			best = a;
	}
	return best;
}

void oracle_judge(const struct world *w, const struct event *e)
{
	const struct contact *c = world_contact(w, e->contact);
	const struct agent *a = world_agent(w, e->agent);

	check(c != NULL && a != NULL);
	if (e->offer.agent_chose)
		check(contact_for(w, a, e->at) == c);
	else
		check(agent_for(w, c) == a);
	check(w->queues[e->offer.queue.v - 1] ==
	      c->places[serves_by(w, c, a)]->queue);
}

void oracle_conserves(const struct world *w)
{
	const struct contact *c;
	size_t i;

	list_each(c, &w->contact_lists[CONTACT_WAITING], in_state) {
		for (i = 0; i < w->agent_count; i++)
			check(serves_by(w, c, w->agents[i]) < 0);
	}
}
