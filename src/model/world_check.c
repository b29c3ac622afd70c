/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world_check.c - the invariants of world.h and index.h, by brute force.
 *
 * Entered by tests and simulations after every step, never by the server.
 */
#include "base/check.h"
#include "base/mem.h"
#include "model/index.h"
#include "model/world.h"

/* Law 10: what arrived is what is in the states. */
static void check_tally(const struct world *w)
{
	uint64_t sum = 0;
	size_t s;

	for (s = 0; s < CONTACT_KINDS; s++) {
		sum += w->tally.in_state[s];
		if (s != CONTACT_ENDED)
			check(w->tally.in_state[s] ==
			      list_count(&w->contact_lists[s]));
	}
	check(sum == w->tally.arrived);
	check(w->ended_kept == list_count(&w->contact_lists[CONTACT_ENDED]));
}

static bool is_indexed(const struct contact *c)
{
	return c->state == CONTACT_WAITING && !c->unparsed && !c->dormant &&
	       c->place_count > 0;
}

/* Index invariant 1. */
static void check_places(const struct contact *c)
{
	size_t i;

	for (i = 0; i < c->place_count; i++) {
		const struct place *p = c->places[i];
		bool in_class = p->class != NULL;
		bool in_row = list_is_linked(&p->row);
		bool beside = heap_holds(&p->side);

		check(in_class == (in_row || beside));
		check(!(in_row && beside));
		check(
		    in_class == (is_indexed(c) && !contact_is_exceptional(c)));
		if (in_class) {
			check(p->class->queue == p->queue);
			check(p->class->rung == p->rung);
			check(p->class->flowed == p->flowed);
			check(p->class->offset == c->offset);
		}
	}
	check(list_is_linked(&c->excepted) ==
	      ((is_indexed(c) && contact_is_exceptional(c)) ||
	          (c->dormant && c->state == CONTACT_WAITING &&
	              c->place_count > 0 && !c->unparsed)));
}

static void check_contacts(const struct world *w)
{
	const struct contact *c;
	size_t s;

	for (s = 0; s < CONTACT_KINDS; s++) {
		list_each(c, &w->contact_lists[s], in_state) {
			check(c->state == (enum contact_state)s);
			check((c->offer != NULL) == (s == CONTACT_OFFERED));
			check((c->owner != NULL) == (s == CONTACT_ACTIVE));
			check(world_contact(w, c->id) == c);
			check_places(c);
		}
	}
}

/* Invariant 2, and that the set is the one its contacts ask for. */
static void check_heads(const struct world *w)
{
	const struct index *x = w->index;
	struct contact **heads = new_array(struct contact *, x->set_count + 1);
	struct contact *c;
	size_t i;

	list_each(c, &w->contact_lists[CONTACT_WAITING], in_state) {
		for (i = 0; i < c->place_count; i++) {
			const struct place *p = c->places[i];
			struct contact **head;

			if (p->class == NULL)
				continue;
			check(p->class->set ==
			      index_find_set(w, c, p->queue, p->rung));
			head = &heads[p->class->set->id];
			if (*head == NULL || contact_before(c, *head))
				*head = c;
		}
	}
	for (i = 0; i < x->set_count; i++)
		check(x->sets[i]->head == heads[i + 1]);
	mem_free(heads);
}

/* Invariant 3, units, and the profile an agent should have. */
static void check_agents(const struct world *w)
{
	const struct contact *c;
	size_t i, k;

	for (i = 0; i < w->agent_count; i++) {
		const struct agent *a = w->agents[i];
		unsigned load[CHANNELS] = { 0 };

		list_each(c, &a->contacts, in_owner) {
			check(c->owner == a);
			load[c->channel]++;
		}
		check(a->offer == NULL || a->offer->agent == a);
		check((a->profile != NULL) == (a->rule != RULE_NONE));
		for (k = 0; k < CHANNELS; k++) {
			check(load[k] == a->load[k]);
			check(heap_holds(&a->slots[k].node) ==
			      (agent_refusal(w, a, (enum channel)k) ==
			          REFUSAL_NONE));
		}
	}
}

/* Invariant 4. */
static void check_servers(const struct world *w)
{
	const struct index *x = w->index;
	size_t i, j, k, n;

	for (i = 0; i < x->set_count; i++) {
		const struct set *s = x->sets[i];

		for (j = n = 0; j < x->profile_count; j++) {
			const struct profile *p = x->profiles[j];
			bool listed = false;

			for (k = 0; k < s->server_count; k++)
				listed |= s->servers[k] == p;
			check(listed == profile_reaches(p, s));
			n += listed;
		}
		check(n == s->server_count);
	}
}

/* Invariant 5. */
static void check_demand(const struct world *w)
{
	const struct index *x = w->index;
	size_t *demand = new_array(size_t, w->skill_count + 1);
	const struct contact *c;
	size_t i, k;

	list_each(c, &w->contact_lists[CONTACT_WAITING], in_state) {
		for (i = 0; is_indexed(c) && i < c->place_count; i++) {
			struct set s = index_describe(
			    w, c, c->places[i]->queue, c->places[i]->rung);

			for (k = 0; k < s.need_count; k++)
				demand[s.needs[k].skill.v]++;
		}
	}
	for (i = 1; i <= w->skill_count && x->demand != NULL; i++) {
		check(demand[i] == x->demand[i]);
		check((demand[i] > 0) ==
		      ((x->demand_bits[i / 64] >> (i % 64) & 1) != 0));
	}
	mem_free(demand);
}

void world_check(const struct world *w)
{
	check_tally(w);
	check_contacts(w);
	check_heads(w);
	check_agents(w);
	check_servers(w);
	check_demand(w);
}
