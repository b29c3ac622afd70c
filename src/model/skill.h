/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * skill.h - names of abilities, and of doors.
 */
#ifndef USHER_MODEL_SKILL_H
#define USHER_MODEL_SKILL_H

#include "base/id.h"
#include "model/rules.h"

struct skill {
	struct skill_id id;
	char *name;
	uint32_t rule; /* index in the rules, or RULE_NONE */
};

/* A configured channel or gateway: where a contact came in. */
struct entrance {
	struct entrance_id id;
	char *name;
	uint32_t rule;
};

#endif
