/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain.c - the losers of a decision, each with the first test it fails.
 *
 * Entered by why and why-not, never by a decision. A scan over all agents:
 * that is the point.
 */
#include "route/explain.h"

#include "model/index.h"
#include "route/match.h"

/* The first need of the place the agent does not reach. */
static bool missing(const struct world *w, const struct contact *c,
    const struct agent *a, const struct place *p, struct verdict *out)
{
	struct set asked = index_describe(w, c, p->queue, p->rung);
	size_t i;

	for (i = 0; i < asked.need_count; i++) {
		unsigned has = agent_level(w, a, asked.needs[i].skill);

		if (has >= asked.needs[i].level)
			continue;
		out->skill = asked.needs[i].skill;
		out->asked = asked.needs[i].level;
		out->has = has;
		return true;
	}
	return false;
}

static bool lacks_skill(const struct world *w, const struct contact *c,
    const struct agent *a, struct verdict *out)
{
	struct verdict first = { 0 };
	size_t i;

	if (c->held_by_transfer && id_same(c->held_for, a->id))
		return false;
	for (i = 0; i < c->place_count; i++) {
		struct verdict here = { 0 };

		if (!missing(w, c, a, c->places[i], &here))
			return false;
		if (i == 0)
			first = here;
	}
	*out = first;
	return c->place_count > 0;
}

struct verdict explain_agent(
    const struct world *w, const struct contact *c, const struct agent *a)
{
	struct verdict v = { 0 };

	v.refusal = agent_refusal(w, a, c->channel);
	/* The offer that is asked about is no reason against itself. */
	if (v.refusal == REFUSAL_HAS_OFFER && a->offer == c->offer)
		v.refusal = REFUSAL_NONE;
	if (v.refusal != REFUSAL_NONE)
		return v;
	if (lacks_skill(w, c, a, &v))
		v.refusal = REFUSAL_SKILL;
	else if (contact_is_excluded(c, a->id))
		v.refusal = REFUSAL_EXCLUDED;
	else if (contact_is_held_from(c, a->id))
		v.refusal = REFUSAL_HELD;
	return v;
}

void explain_show(const struct world *w, const struct contact *c,
    const struct agent *a, struct json_writer *out)
{
	struct verdict v = explain_agent(w, c, a);

	jw_object(out);
	jw_ktext(out, "agent", a->name);
	jw_ktext(out, "state", agent_state_word(a->state));
	if (a->reason != NULL)
		jw_ktext(out, "reason", a->reason);
	if (v.refusal != REFUSAL_NONE)
		jw_ktext(out, "refusal", refusal_text(v.refusal));
	if (v.refusal == REFUSAL_SKILL) {
		jw_ktext(out, "skill", world_skill(w, v.skill)->name);
		jw_kint(out, "asked", v.asked);
		jw_kint(out, "has", v.has);
	}
	if (v.refusal == REFUSAL_NONE) {
		jw_kint(out, "idle_since", a->idle_since);
		jw_kint(out, "chats", a->load[CHANNEL_CHAT]);
		jw_kint(out, "skills_in_demand", index_demand(w, a->profile));
		jw_kbool(out, "own", id_same(a->id, c->own));
	}
	jw_end(out);
}

void explain_all(
    const struct world *w, const struct contact *c, struct json_writer *out)
{
	size_t i;

	jw_array(out);
	for (i = 0; i < w->agent_count; i++) {
		if (w->agents[i]->rule != RULE_NONE)
			explain_show(w, c, w->agents[i], out);
	}
	jw_end(out);
}
