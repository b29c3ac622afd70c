/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_specialist.c - the default order of agents.
 *
 * The first difference decides: the customer's own agent; the queue entered
 * first, then the better ring; fewest skills that others are waiting for (keep
 * the flexible free); fewest open chats; longest idle; id.
 */
#include "route/policy.h"

/* a is better when its value is smaller. */
struct criterion {
	enum rank_step step;
	int64_t a, b;
};

static int64_t chats(const struct candidate *c, enum channel channel)
{
	return channel == CHANNEL_CHAT ? c->agent->load[CHANNEL_CHAT] : 0;
}

static int compare(const struct candidate *a, const struct candidate *b,
    enum channel channel, enum rank_step *out_step)
{
	const struct criterion all[] = {
		{ STEP_OWN, !a->own, !b->own },
		{ STEP_PLACE, a->place, b->place },
		{ STEP_RING, a->ring, b->ring },
		{ STEP_DEMAND, a->demand, b->demand },
		{ STEP_CHATS, chats(a, channel), chats(b, channel) },
		{ STEP_IDLE, a->agent->idle_since, b->agent->idle_since },
		{ STEP_ID, (int64_t)a->agent->id.v, (int64_t)b->agent->id.v },
	};
	size_t i;

	for (i = 0; i < countof(all); i++) {
		*out_step = all[i].step;
		if (all[i].a != all[i].b)
			return all[i].a < all[i].b ? -1 : 1;
	}
	return 0;
}

const struct agent_order policy_specialist = { "specialist", compare };
