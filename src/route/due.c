/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * due.c - what happens by time alone.
 *
 * Entered by step.c with the first due that has passed. Each one must emit an
 * event that moves or removes the due, or the step would never end.
 */
#include "base/check.h"
#include "model/index.h"
#include "route/agents.h"
#include "route/decide.h"
#include "route/flow.h"
#include "route/offer.h"

static void due_offer(struct step *s, const struct due *d)
{
	offer_time_out(
	    s, container_of(d, const struct offer, due), STR("no-answer"));
}

static void due_agent(struct step *s, const struct due *d)
{
	const struct agent *a = container_of(d, const struct agent, due);

	if (a->state == AGENT_LOST) {
		emit_agent_state(s, a, AGENT_OFFLINE, "lost", 0);
		agent_let_go(s, a);
	} else {
		emit_agent_state(s, a, AGENT_READY, NULL, 0);
	}
}

static void due_class(struct step *s, const struct due *d)
{
	const struct class *k = container_of(d, const struct class, due);

	flow_relax(s, list_first(&k->row, struct place, row));
}

static void due_place(struct step *s, const struct due *d)
{
	flow_relax(s, container_of(d, const struct place, due));
}

static void due_contact(struct step *s, const struct due *d)
{
	const struct contact *c = container_of(d, const struct contact, due);
	struct event e = { .kind = EV_CONTACT_CLEARED, .contact = c->id };

	step_emit(s, &e);
}

static void due_queue(struct step *s, const struct due *d)
{
	const struct queue *q = container_of(d, const struct queue, due);
	struct event e = { .kind = EV_QUEUE_OVERRIDE };

	e.queue_override.queue = q->id;
	step_emit(s, &e);
}

static void due_skill(struct step *s, const struct due *d)
{
	const struct agent *a = container_of(d, const struct agent, skill_due);
	struct event e = { .kind = EV_SKILL_OVERRIDE, .agent = a->id };
	size_t i;

	for (i = 0; i < a->override_count; i++) {
		if (a->overrides[i].until == d->at)
			break;
	}
	check(i < a->override_count);
	e.skill_override.skill = a->overrides[i].skill;
	step_emit(s, &e);
}

typedef void (*due_fn)(struct step *s, const struct due *d);

static const due_fn dues[] = {
	[DUE_OFFER] = due_offer,
	[DUE_AGENT] = due_agent,
	[DUE_CLASS] = due_class,
	[DUE_PLACE] = due_place,
	[DUE_CONTACT] = due_contact,
	[DUE_QUEUE] = due_queue,
	[DUE_SKILL] = due_skill,
};

void decide_due(struct step *s, const struct due *d)
{
	dues[d->kind](s, d);
}
