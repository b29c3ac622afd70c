/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agents.h - an agent's connection is lost, an agent's contacts are let go.
 */
#ifndef USHER_ROUTE_AGENTS_H
#define USHER_ROUTE_AGENTS_H

#include "route/step.h"

/* How long a lost agent keeps the contacts, when the team does not say. */
#define GRACE_DEFAULT ((msec_t)60 * 1000)

void agent_lose(struct step *s, const struct agent *a);
/* Everything in the agent's hands waits again, in its old place. */
void agent_let_go(struct step *s, const struct agent *a);

#endif
