/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * made_rules.h - rules made by hand or by dice, for tests of the router that
 * know nothing of config files.
 */
#ifndef USHER_TESTS_MADE_RULES_H
#define USHER_TESTS_MADE_RULES_H

#include "base/rng.h"
#include "model/rules.h"

struct made {
	unsigned skills, agents, queues;
	bool ladders; /* queues relax, overflow, wait for own agents */
};

/* Skills s0.., one team per channel mix, agents a0.., queues q0... The last
 * route is `otherwise`; routes before it go by verdict bit i -> queue i. */
struct rules *made_rules(struct rng *rng, const struct made *how);
/* For world_new(): hands out references to the rules in `arg`, a
 * struct rules **; the text does not matter. */
struct rules *made_source(void *arg, struct str text);

#endif
