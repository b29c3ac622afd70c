/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply_agent.c - what events do to agents.
 *
 * As with contacts: out of the index, change, into the index.
 */
#include "route/apply.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "model/index.h"

static struct agent *agent_of(const struct world *w, const struct event *e)
{
	struct agent *a = world_agent(w, e->agent);

	check(a != NULL);
	return a;
}

void agent_take(struct world *w, struct agent *a, struct contact *c)
{
	index_remove_agent(w, a);
	c->owner = a;
	c->own = a->id;
	list_push(&a->contacts, &c->in_owner);
	a->load[c->channel]++;
	a->live_streak = contact_is_live(c) ? a->live_streak + 1 : 0;
	index_add_agent(w, a);
}

void agent_release(struct world *w, struct contact *c)
{
	struct agent *a = c->owner;

	index_remove_agent(w, a);
	check(a->load[c->channel] > 0);
	a->load[c->channel]--;
	if (contact_is_live(c))
		a->idle_since = w->now;
	list_remove(&c->in_owner);
	c->owner = NULL;
	index_add_agent(w, a);
}

void apply_agent_state(struct world *w, const struct event *e)
{
	struct agent *a = agent_of(w, e);
	bool was = agent_is_present(a);

	index_remove_agent(w, a);
	if (e->state.state == AGENT_LOST && a->state != AGENT_LOST) {
		a->before_lost = a->state;
		a->wrap_until = a->state == AGENT_WRAP_UP ? a->until : 0;
	}
	/* A pause does not make anybody "longest idle" after it. */
	if (e->state.state == AGENT_READY && a->state != AGENT_READY)
		a->idle_since = w->now;
	a->state = (enum agent_state)e->state.state;
	a->since = w->now;
	a->until = e->state.until;
	mem_free(a->reason);
	a->reason = e->state.reason.n == 0
	                ? NULL
	                : mem_text_n(e->state.reason.p, e->state.reason.n);
	agent_arm(w, a);
	index_presence(w, a, was, agent_is_present(a));
	index_add_agent(w, a);
}

void apply_agent_session(struct world *w, const struct event *e)
{
	agent_of(w, e)->session = e->session.session;
}

void apply_device_state(struct world *w, const struct event *e)
{
	struct agent *a = agent_of(w, e);

	index_remove_agent(w, a);
	a->device = (enum device_state)e->device.device;
	index_add_agent(w, a);
}

static void drop_override(struct agent *a, struct skill_id s)
{
	size_t i;

	for (i = 0; i < a->override_count; i++) {
		if (!id_same(a->overrides[i].skill, s))
			continue;
		mem_free(a->overrides[i].author);
		a->override_count--;
		memmove(&a->overrides[i], &a->overrides[i + 1],
		    (a->override_count - i) * sizeof(a->overrides[0]));
		return;
	}
}

void apply_skill_override(struct world *w, const struct event *e)
{
	const struct ev_skill_override *o = &e->skill_override;
	struct agent *a = agent_of(w, e);

	index_remove_agent(w, a);
	drop_override(a, o->skill);
	if (o->what != 0) {
		check(a->override_count < SKILL_OVERRIDES_MAX);
		a->overrides[a->override_count++] =
		    (struct skill_override){ .skill = o->skill,
			    .level = o->level,
			    .until = o->until,
			    .author = mem_text_n(o->author.p, o->author.n) };
	}
	agent_arm(w, a);
	index_profile(w, a);
	index_add_agent(w, a);
}
