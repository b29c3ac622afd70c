/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match.h - a free agent takes the contact that goes first; a waiting contact
 * takes the agent who is best. Both by index, never by scanning.
 */
#ifndef USHER_ROUTE_MATCH_H
#define USHER_ROUTE_MATCH_H

#include "route/policy.h"
#include "route/step.h"

/* What a free agent would take. contact NULL: nothing. */
struct contact_choice {
	struct contact *contact;
	struct contact *second; /* runner-up, or NULL */
	uint8_t place;
	enum rank_step step;
};

/* Whom a waiting contact would take. agent NULL: nobody. */
struct agent_choice {
	struct candidate best;
	struct candidate second; /* agent NULL: nobody else could */
	enum rank_step step;     /* that told the two apart */
};

struct contact_choice pick_contact(
    const struct world *w, const struct agent *a, msec_t now);
struct agent_choice pick_agent(const struct world *w, const struct contact *c);

/* Look, and make the offer if there is a match. */
void match_agent(struct step *s, struct agent_id id);
void match_contact(struct step *s, struct contact_id id);

/* Does the agent reach what this place asks for? */
bool agent_reaches(const struct world *w, const struct agent *a,
    const struct contact *c, const struct place *p);

#endif
