/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agent.c - what an agent can take now, and if not, why.
 *
 * Each predicate of eligibility that is the agent's own stands here once.
 */
#include "model/agent.h"

#include "base/check.h"
#include "model/world.h"

#define WORD(symbol, text) text,
static const char *const refusal_texts[] = { REFUSAL_TABLE(WORD) };
#undef WORD

const char *refusal_text(unsigned v)
{
	return v < countof(refusal_texts) ? refusal_texts[v] : "?";
}

const struct rule_agent *agent_rule(
    const struct rules *r, const struct agent *a)
{
	return r == NULL || a->rule == RULE_NONE ? NULL : &r->agents[a->rule];
}

unsigned agent_cost(const struct agent *a, enum channel c)
{
	return a->takes[c] == 0 ? 0 : AGENT_UNITS / a->takes[c];
}

unsigned agent_units(const struct agent *a, bool live)
{
	unsigned sum = 0;
	unsigned c;

	for (c = 0; c < CHANNELS; c++) {
		if (channel_kind((enum channel)c)->live == live)
			sum += a->load[c] * agent_cost(a, (enum channel)c);
	}
	return sum;
}

bool agent_is_present(const struct agent *a)
{
	return a->state != AGENT_OFFLINE;
}

unsigned agent_level(
    const struct world *w, const struct agent *a, struct skill_id skill)
{
	const struct rule_agent *rule = agent_rule(w->rules, a);
	const struct skill *s = world_skill(w, skill);
	size_t i;

	for (i = 0; i < a->override_count; i++) {
		if (id_same(a->overrides[i].skill, skill))
			return a->overrides[i].level;
	}
	if (rule == NULL || s == NULL || s->rule == RULE_NONE)
		return 0;
	for (i = 0; i < rule->skill_count; i++) {
		if (rule->skills[i].skill == s->rule)
			return rule->skills[i].level;
	}
	return 0;
}

static enum refusal state_refusal(const struct agent *a)
{
	switch (a->state) {
	case AGENT_OFFLINE:
		return REFUSAL_OFFLINE;
	case AGENT_LOST:
		return REFUSAL_LOST;
	case AGENT_NOT_READY:
		return REFUSAL_NOT_READY;
	case AGENT_WRAP_UP:
		return REFUSAL_WRAP_UP;
	case AGENT_READY:
		return REFUSAL_NONE;
	case AGENT_KINDS:
		break;
	}
	die("agent in state %d", (int)a->state);
}

/* A call needs a phone that can ring. Silence about a device is no reason to
 * starve its owner: unknown counts as idle. */
static enum refusal device_refusal(const struct world *w, const struct agent *a)
{
	const struct rule_agent *rule = agent_rule(w->rules, a);

	if (rule == NULL || rule->phone == NULL)
		return REFUSAL_NO_DEVICE;
	if (a->device != DEVICE_IDLE && a->device != DEVICE_UNKNOWN)
		return REFUSAL_DEVICE;
	return REFUSAL_NONE;
}

static enum refusal load_refusal(const struct agent *a, enum channel c)
{
	const struct channel_kind *kind = channel_kind(c);
	unsigned live_units = agent_units(a, true);
	unsigned used = kind->live ? live_units : agent_units(a, false);

	if (a->load[CHANNEL_PHONE] + a->load[CHANNEL_WALKIN] > 0 &&
	    (!kind->live || !kind->focus))
		return REFUSAL_FOCUS;
	if (kind->focus && live_units > 0 && a->load[c] == 0)
		return REFUSAL_FOCUS;
	if (used + agent_cost(a, c) > AGENT_UNITS)
		return REFUSAL_UNITS;
	/* Live work goes first: nothing asynchronous beside it. */
	if (!kind->live && live_units > 0)
		return REFUSAL_FOCUS;
	return REFUSAL_NONE;
}

enum refusal agent_refusal(
    const struct world *w, const struct agent *a, enum channel c)
{
	enum refusal r;

	if (a->rule == RULE_NONE)
		return REFUSAL_NOT_IN_CONFIG;
	r = state_refusal(a);
	if (r != REFUSAL_NONE)
		return r;
	if (a->offer != NULL)
		return REFUSAL_HAS_OFFER;
	if (a->takes[c] == 0)
		return REFUSAL_CHANNEL;
	if (c == CHANNEL_PHONE) {
		r = device_refusal(w, a);
		if (r != REFUSAL_NONE)
			return r;
	}
	return load_refusal(a, c);
}
