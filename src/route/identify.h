/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identify.h - whose contact this is.
 */
#ifndef USHER_ROUTE_IDENTIFY_H
#define USHER_ROUTE_IDENTIFY_H

#include "route/step.h"

/* Law 6: verified identifiers link; a claimed one that belongs to exactly one
 * customer makes a "maybe"; else the contact founds a new customer. */
void identify(struct step *s, struct contact_id c, const struct in_arrive *in);
/* A customer nobody knew; returns the id. */
struct customer_id identify_new_customer(struct step *s, struct contact_id c);

#endif
