/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offer.h - an offer's life: made, settled once.
 */
#ifndef USHER_ROUTE_OFFER_H
#define USHER_ROUTE_OFFER_H

#include "route/step.h"

/* How long a contact is not offered again to somebody who let it go. */
#define EXCLUDE_MS   ((msec_t)30 * 1000)
#define RING_DEFAULT ((msec_t)20 * 1000)

/* `e` is an OFFER_MADE with its explanation begun. */
void offer_make(struct step *s, const struct contact *c, uint8_t place,
    const struct agent *a, struct event *e);
/* Ends it, and the ringing of a phone with it. exclude_ms 0: may come again. */
void offer_settle(struct step *s, const struct offer *o, enum offer_end end,
    msec_t exclude_ms, struct str reason);
/* Nobody answered: back in line, and the agent is not ready. */
void offer_time_out(struct step *s, const struct offer *o, struct str reason);

#endif
