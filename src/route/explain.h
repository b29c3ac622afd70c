/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain.h - why, and why not: the full list the offer itself does not hold.
 *
 * Reads any world: the live one, or one rebuilt as it was at an offer. Uses
 * the same predicates as matching, so what it says is what was decided.
 */
#ifndef USHER_ROUTE_EXPLAIN_H
#define USHER_ROUTE_EXPLAIN_H

#include "base/json.h"
#include "model/world.h"

/* The first test an agent fails for a contact; REFUSAL_NONE: none. For
 * REFUSAL_SKILL the skill that is missing, what is asked and what is there. */
struct verdict {
	enum refusal refusal;
	struct skill_id skill;
	uint8_t asked;
	unsigned has;
};
struct verdict explain_agent(
    const struct world *w, const struct contact *c, const struct agent *a);

/* {"agent":"maria","refusal":"lacks a skill or level",...}; refusal null and
 * "rank" facts when the agent could take it. */
void explain_show(const struct world *w, const struct contact *c,
    const struct agent *a, struct json_writer *out);
/* An array of the above: every agent of the config, in id order. */
void explain_all(
    const struct world *w, const struct contact *c, struct json_writer *out);

#endif
