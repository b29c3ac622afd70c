/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oracle.h - the router's choices by scanning everything.
 *
 * The naive twin of route/match: no index, no heap, no class. It restates the
 * policy in the shortest form there is, so that it can be read against
 * doc/policy.md and trusted.
 */
#ifndef USHER_TESTS_ORACLE_H
#define USHER_TESTS_ORACLE_H

#include "model/event.h"
#include "model/world.h"

/* `e` is an OFFER_MADE about to be applied to `w`: is it the choice that the
 * policy asks for? Stops the process when it is not. */
void oracle_judge(const struct world *w, const struct event *e);
/* After a step: nobody who could be served waits beside somebody who could
 * serve. Stops the process when one does. */
void oracle_conserves(const struct world *w);

#endif
