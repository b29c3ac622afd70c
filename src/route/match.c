/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match.c - choosing, by the heads of the index.
 *
 * Entered by step.c for whoever is on the agenda. Picking reads only; what was
 * picked, the runner-up and the deciding step go into the offer, so that "why"
 * has its answer. Cost: a free agent looks at one head per set it serves plus
 * the bounded exceptions, a contact at one agent per profile that serves it.
 */
#include "route/match.h"

#include "base/check.h"
#include "model/index.h"
#include "route/offer.h"

/* One in this many goes to overdue asynchronous work (async_floor, 10 %). */
#define ASYNC_FLOOR_EVERY 10

bool agent_reaches(const struct world *w, const struct agent *a,
    const struct contact *c, const struct place *p)
{
	return a->profile != NULL &&
	       profile_meets(w, a->profile, c, p->queue, p->rung);
}

/* The first place of the contact the agent can serve; place_count: none. */
static uint8_t place_for(
    const struct world *w, const struct agent *a, const struct contact *c)
{
	uint8_t i;

	if (c->held_by_transfer && id_same(c->held_for, a->id))
		return 0; /* handed over by name: the skills were judged */
	for (i = 0; i < c->place_count; i++) {
		if (agent_reaches(w, a, c, c->places[i]))
			break;
	}
	return i;
}

/* ---- a free agent looks for a contact ------------------------------------- */

static void consider(struct contact_choice *best, struct contact *c)
{
	if (c == NULL || c == best->contact)
		return;
	if (best->contact == NULL || contact_before(c, best->contact)) {
		best->second = best->contact;
		best->contact = c;
	} else if (best->second == NULL || contact_before(c, best->second)) {
		best->second = c;
	}
}

static void consider_exceptions(const struct world *w, const struct agent *a,
    enum channel channel, struct contact_choice *best)
{
	struct contact *c;

	list_each(c, &w->index->exceptions, excepted) {
		if (c->channel != channel || contact_is_excluded(c, a->id) ||
		    contact_is_held_from(c, a->id))
			continue;
		if (place_for(w, a, c) < c->place_count)
			consider(best, c);
	}
}

/* The runner-up may stand right behind the winner, in the winner's own set. */
static void consider_behind(const struct agent *a, struct contact_choice *best)
{
	const struct contact *c = best->contact;
	size_t i, j;

	for (i = 0; c != NULL && i < c->place_count; i++) {
		const struct class *k = c->places[i]->class;

		if (k == NULL || k->head != c ||
		    !profile_reaches(a->profile, k->set))
			continue;
		consider(best, class_second(k));
		/* The next class of the set is among the root's children. */
		for (j = 0; j < k->set->classes.used && j < 5; j++)
			consider(best, container_of(k->set->classes.nodes[j],
			                   struct class, in_set)
			                   ->head);
	}
}

static struct contact_choice first_of(
    const struct world *w, const struct agent *a, bool live)
{
	struct contact_choice best = { 0 };
	size_t i;
	unsigned c;

	for (c = 0; c < CHANNELS; c++) {
		if (channel_kind((enum channel)c)->live != live ||
		    !heap_holds(&a->slots[c].node))
			continue;
		for (i = 0; i < a->profile->serves_count[c]; i++)
			consider(&best, a->profile->serves[c][i]->head);
		if (w->index->exception_count > 0)
			consider_exceptions(w, a, (enum channel)c, &best);
	}
	consider_behind(a, &best);
	return best;
}

/* Past what it was promised: only then may it go before live work. */
static bool is_overdue(const struct contact *c, msec_t now)
{
	return c != NULL && contact_key(c) < now;
}

struct contact_choice pick_contact(
    const struct world *w, const struct agent *a, msec_t now)
{
	struct contact_choice live, rest;

	if (a->profile == NULL)
		return (struct contact_choice){ 0 };
	live = first_of(w, a, true);
	rest = first_of(w, a, false);
	live.step = live.second == NULL ? STEP_ONLY : STEP_KEY;
	rest.step = rest.second == NULL ? STEP_ONLY : STEP_KEY;
	if (live.contact == NULL)
		live = rest;
	else if (is_overdue(rest.contact, now) &&
	         a->live_streak + 1 >= ASYNC_FLOOR_EVERY) {
		rest.second = live.contact;
		rest.step = STEP_FLOOR;
		live = rest;
	} else if (live.second == NULL && rest.contact != NULL) {
		live.second = rest.contact;
		live.step = STEP_LIVE;
	}
	if (live.contact != NULL)
		live.place = place_for(w, a, live.contact);
	return live;
}

void match_agent(struct step *s, struct agent_id id)
{
	const struct agent *a = world_agent(s->w, id);
	struct contact_choice choice;
	struct event e = { .kind = EV_OFFER_MADE, .agent = id };

	if (a == NULL || a->state != AGENT_READY || a->offer != NULL)
		return;
	choice = pick_contact(s->w, a, s->in->at);
	if (choice.contact == NULL)
		return;
	e.offer.agent_chose = true;
	e.offer.step = (uint8_t)choice.step;
	if (choice.contact->held_by_transfer)
		e.offer.step = STEP_TRANSFER;
	if (choice.second != NULL) {
		e.offer.passed = choice.second->id;
		e.offer.passed_key = contact_key(choice.second);
	}
	offer_make(s, choice.contact, choice.place, a, &e);
}

/* ---- a waiting contact looks for an agent ---------------------------------- */

/* Does the profile meet the ladder at this rung? For earlier rungs than the
 * one the contact stands on. */
static uint8_t ring_of(const struct world *w, const struct contact *c,
    const struct place *p, const struct profile *profile)
{
	uint8_t r;

	for (r = 0; r < p->rung; r++) {
		if (profile_meets(w, profile, c, p->queue, r))
			break;
	}
	return r;
}

static bool goes_before(
    const struct candidate *a, const struct candidate *b, enum channel channel)
{
	enum rank_step step;

	return b->agent == NULL ||
	       policy_specialist.compare(a, b, channel, &step) < 0;
}

static void weigh(
    struct agent_choice *all, const struct candidate *c, enum channel channel)
{
	if (c->agent == all->best.agent || c->agent == all->second.agent)
		return; /* by an earlier place already */
	if (goes_before(c, &all->best, channel)) {
		all->second = all->best;
		all->best = *c;
	} else if (goes_before(c, &all->second, channel)) {
		all->second = *c;
	}
}

/* The best of a heap whom the contact is not excluded from. At most
 * EXCLUDED_MAX are passed over, each opening four more: a short walk. */
#define FRONT_MAX (1 + 4 * EXCLUDED_MAX)
static struct agent *first_allowed(
    const struct heap *h, const struct contact *c)
{
	size_t front[FRONT_MAX];
	size_t n = 0;

	if (h->used > 0)
		front[n++] = 0;
	while (n > 0) {
		size_t at = 0;
		size_t i, child;
		struct agent *a;

		for (i = 1; i < n; i++) {
			if (h->before(h->nodes[front[i]], h->nodes[front[at]]))
				at = i;
		}
		child = front[at] * 4 + 1;
		a = container_of(h->nodes[front[at]], struct agent_slot, node)
		        ->agent;
		if (!contact_is_excluded(c, a->id))
			return a;
		front[at] = front[--n];
		for (i = 0; i < 4 && child + i < h->used && n < FRONT_MAX; i++)
			front[n++] = child + i;
	}
	return NULL;
}

static void weigh_profile(const struct world *w, const struct contact *c,
    uint8_t place, const struct profile *profile, struct agent_choice *all)
{
	struct candidate x = { .place = place };

	x.agent = first_allowed(&profile->available[c->channel], c);
	if (x.agent == NULL)
		return;
	x.ring = ring_of(w, c, c->places[place], profile);
	x.demand = index_demand(w, profile);
	x.own = id_same(x.agent->id, c->own);
	weigh(all, &x, c->channel);
}

/* By the profiles that serve the set or by those that have anybody available,
 * whichever are fewer. */
static void weigh_place(const struct world *w, const struct contact *c,
    uint8_t place, struct agent_choice *all)
{
	const struct place *p = c->places[place];
	const struct set *s = index_find_set(w, c, p->queue, p->rung);
	size_t idle = w->index->idle_count[c->channel];
	size_t i;

	if (s == NULL)
		return;
	if (s->server_count <= idle) {
		for (i = 0; i < s->server_count; i++)
			weigh_profile(w, c, place, s->servers[i], all);
		return;
	}
	for (i = 0; i < idle; i++) {
		const struct profile *profile = w->index->idle[c->channel][i];

		if (profile_reaches(profile, s))
			weigh_profile(w, c, place, profile, all);
	}
}

/* The customer's own agent need not be the first of a heap. */
static void weigh_own(
    const struct world *w, const struct contact *c, struct agent_choice *best)
{
	struct agent *a = world_agent(w, c->own);
	struct candidate x = { .agent = a, .own = true };

	if (a == NULL || !heap_holds(&a->slots[c->channel].node) ||
	    contact_is_excluded(c, a->id))
		return;
	x.place = place_for(w, a, c);
	if (x.place == c->place_count)
		return;
	x.ring = ring_of(w, c, c->places[x.place], a->profile);
	x.demand = index_demand(w, a->profile);
	weigh(best, &x, c->channel);
}

/* Reserved for one agent: that one or nobody. */
static struct agent_choice only_held(
    const struct world *w, const struct contact *c)
{
	struct agent_choice choice = { 0 };
	struct agent *a = world_agent(w, c->held_for);
	uint8_t place;

	if (a == NULL || !heap_holds(&a->slots[c->channel].node))
		return choice;
	place = place_for(w, a, c);
	if (place == c->place_count)
		return choice;
	choice.best = (struct candidate){ .agent = a, .place = place };
	choice.step = c->held_by_transfer ? STEP_TRANSFER : STEP_OWN;
	return choice;
}

/* The runner-up may be of the same skills: behind the winner in the heap. */
static void weigh_behind(const struct contact *c, struct agent_choice *all)
{
	const struct heap *h = &all->best.agent->profile->available[c->channel];
	size_t i;

	for (i = 0; i < h->used && i < 5; i++) {
		struct candidate x = all->best;

		x.agent =
		    container_of(h->nodes[i], struct agent_slot, node)->agent;
		x.own = id_same(x.agent->id, c->own);
		if (!contact_is_excluded(c, x.agent->id))
			weigh(all, &x, c->channel);
	}
}

struct agent_choice pick_agent(const struct world *w, const struct contact *c)
{
	struct agent_choice best = { 0 };
	uint8_t i;

	if (id_is_set(c->held_for))
		return only_held(w, c);
	if (id_is_set(c->own))
		weigh_own(w, c, &best);
	for (i = 0; i < c->place_count; i++)
		weigh_place(w, c, i, &best);
	if (best.best.agent != NULL)
		weigh_behind(c, &best);
	best.step = STEP_ONLY;
	if (best.second.agent != NULL)
		(void)policy_specialist.compare(
		    &best.best, &best.second, c->channel, &best.step);
	return best;
}

void match_contact(struct step *s, struct contact_id id)
{
	struct contact *c = world_contact(s->w, id);
	struct agent_choice choice;
	struct event e = { .kind = EV_OFFER_MADE };

	if (c == NULL || c->state != CONTACT_WAITING || c->unparsed ||
	    c->dormant || c->place_count == 0)
		return;
	choice = pick_agent(s->w, c);
	if (choice.best.agent == NULL)
		return;
	e.agent = choice.best.agent->id;
	e.offer.step = (uint8_t)choice.step;
	if (choice.second.agent != NULL)
		e.offer.second = choice.second.agent->id;
	offer_make(s, c, choice.best.place, choice.best.agent, &e);
}
