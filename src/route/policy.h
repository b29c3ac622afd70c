/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy.h - who goes first, on both sides: one file, one table row each.
 *
 * Eligibility is not asked here (model/agent, model/index): a policy only
 * orders what is eligible, with integers, and names the step that decided.
 * Ties always end in the lower id.
 */
#ifndef USHER_ROUTE_POLICY_H
#define USHER_ROUTE_POLICY_H

#include "model/world.h"

/* Order of contacts: a fixed offset to the arrival, computed when the contact
 * enters a queue. key = arrival + offset, smaller first. */
struct contact_order {
	const char *name;
	/* answer_ms: T; value: v, 1..4; head_start: h. Result >= 0. */
	msec_t (*offset)(msec_t answer_ms, unsigned value, msec_t head_start);
};
extern const struct contact_order policy_deadline;

#define HEAD_START_MAX ((msec_t)3600 * 1000) /* bounds overtaking */
#define VALUE_MAX      4

/* One agent who could take the contact. */
struct candidate {
	struct agent *agent;
	uint8_t place;   /* of contact.places */
	uint8_t ring;    /* first rung at which the agent would have done */
	unsigned demand; /* skills of the agent that others wait for */
	bool own;        /* served this customer last */
};

/* Order of agents: <0 when a is better, >0 when b is; never 0 for two agents.
 * *out_step is the step of the policy that made the difference. */
struct agent_order {
	const char *name;
	int (*compare)(const struct candidate *a, const struct candidate *b,
	    enum channel channel, enum rank_step *out_step);
};
extern const struct agent_order policy_specialist;

#endif
