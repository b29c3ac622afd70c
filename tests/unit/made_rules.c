/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * made_rules.c - rules by dice.
 */
#include "made_rules.h"

#include "base/mem.h"

static void make_skills(struct rules *r, unsigned n)
{
	unsigned i;

	r->skills = new_array(struct rule_skill, n);
	r->skill_count = n;
	for (i = 0; i < n; i++) {
		r->skills[i].name = mem_textf("s%u", i);
		r->skills[i].label = mem_textf("Skill %u", i);
		r->skills[i].parent = RULE_NONE;
	}
}

static void make_teams(struct rules *r)
{
	static const uint8_t takes[3][CHANNELS] = {
		[0] = { [CHANNEL_PHONE] = 1,
		    [CHANNEL_CHAT] = 3,
		    [CHANNEL_MAIL] = 5 },
		[1] = { [CHANNEL_CHAT] = 2, [CHANNEL_MAIL] = 2 },
		[2] = { [CHANNEL_PHONE] = 1, [CHANNEL_INTERNAL] = 4 },
	};
	unsigned i, c;

	r->teams = new_array(struct rule_team, 3);
	r->team_count = 3;
	for (i = 0; i < 3; i++) {
		r->teams[i].name = mem_textf("t%u", i);
		r->teams[i].wrap_up = i * 5000;
		r->teams[i].grace = 20000;
		for (c = 0; c < CHANNELS; c++)
			r->teams[i].takes[c] = takes[i][c];
	}
}

static void make_agents(struct rules *r, struct rng *rng, unsigned n)
{
	unsigned i, k;

	r->agents = new_array(struct rule_agent, n);
	r->agent_count = n;
	for (i = 0; i < n; i++) {
		struct rule_agent *a = &r->agents[i];

		a->name = mem_textf("a%u", i);
		a->label = mem_textf("Agent %u", i);
		a->team = (uint32_t)rng_below(rng, 3);
		a->phone = mem_textf("SIP/%u", i);
		a->gateway = RULE_NONE;
		a->role = ROLE_AGENT;
		a->skills = new_array(struct rule_level, r->skill_count);
		for (k = 0; k < r->skill_count; k++) {
			if (rng_below(rng, 2) == 0)
				continue;
			a->skills[a->skill_count++] = (struct rule_level){ k,
				(uint8_t)(1 + rng_below(rng, 100)) };
		}
	}
}

static void make_steps(
    struct rules *r, struct rng *rng, struct rule_queue *q, bool ladder)
{
	unsigned steps = ladder ? 1 + (unsigned)rng_below(rng, 3) : 1;
	unsigned i, k;

	q->step_count = (uint8_t)steps;
	for (i = 0; i < steps; i++) {
		q->steps[i].after = (msec_t)i * 7000;
		for (k = 0; k < r->skill_count && i == 0; k++) {
			if (q->steps[0].need_count < 2 &&
			    rng_below(rng, r->skill_count) < 2)
				q->steps[0].needs[q->steps[0].need_count++] =
				    (struct rule_level){ k,
					    (uint8_t)(10 * rng_below(rng, 8)) };
		}
		if (i == 0)
			continue;
		q->steps[i] = q->steps[i - 1];
		q->steps[i].after = (msec_t)i * 7000;
		for (k = 0; k < q->steps[i].need_count; k++)
			q->steps[i].needs[k].level /= 2;
	}
}

static void make_queues(struct rules *r, struct rng *rng, unsigned n, bool l)
{
	unsigned i;

	r->queues = new_array(struct rule_queue, n);
	r->queue_count = n;
	for (i = 0; i < n; i++) {
		struct rule_queue *q = &r->queues[i];

		q->name = mem_textf("q%u", i);
		q->label = mem_textf("Queue %u", i);
		q->ring = 10000;
		q->hours = RULE_NONE;
		q->standard = RULE_NONE;
		make_steps(r, rng, q, l);
		if (l && rng_below(rng, 2) == 0)
			q->own_wait = 4000;
		if (l && i + 1 < n && rng_below(rng, 2) == 0) {
			q->overflow_count = 1;
			q->overflows[0].queue = i + 1;
			q->overflows[0].after =
			    rng_below(rng, 2) == 0 ? 9000 : 0;
			q->overflows[0].when_no_agents = rng_below(rng, 2) == 0;
			q->overflows[0].longer_than =
			    rng_below(rng, 3) == 0 ? 5 : 0;
		}
	}
}

/* Route i: verdict bit i -> queue i; the last one always. */
static void make_routes(struct rules *r)
{
	size_t i;

	r->routes = new_array(struct rule_route, r->queue_count);
	r->route_count = r->queue_count;
	for (i = 0; i < r->route_count; i++) {
		r->routes[i].queue = (uint32_t)i;
		r->routes[i].line = (uint32_t)i + 1;
		r->routes[i].text = mem_textf("bit %zu", i);
		if (i + 1 == r->route_count)
			continue;
		r->routes[i].when.steps = new_of(struct expr_step);
		r->routes[i].when.step_count = 1;
		r->routes[i].when.steps[0].op = EXPR_VERDICT;
		r->routes[i].when.steps[0].arg = (uint32_t)i;
	}
}

struct rules *made_rules(struct rng *rng, const struct made *how)
{
	struct rules *r = rules_new();

	r->text = mem_text("made");
	r->workspace = mem_text("main");
	r->language = mem_text("en");
	make_skills(r, how->skills);
	make_teams(r);
	make_agents(r, rng, how->agents);
	make_queues(r, rng, how->queues, how->ladders);
	make_routes(r);
	return r;
}

struct rules *made_source(void *arg, struct str text)
{
	struct rules **rules = arg;

	(void)text;
	return rules_ref(*rules);
}
