/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arg.h - fields of commands that name things.
 *
 * Each looks a thing up by name or id, or refuses the call with a sentence
 * that says what was wanted. false: the call is finished.
 */
#ifndef USHER_API_ARG_H
#define USHER_API_ARG_H

#include "api/call.h"

/* An id only; the contact need not be in the world. */
bool arg_contact_id(struct call *c, struct str text, struct contact_id *out);
/* In the world, ended or not. */
bool arg_contact(struct call *c, struct str text, const struct contact **out);
/* In the caller's hands, or anywhere when the caller leads. */
bool arg_own_contact(
    struct call *c, struct str text, const struct contact **out);
bool arg_offer_id(struct call *c, struct str text, struct offer_id *out);
bool arg_agent(struct call *c, struct str text, const struct agent **out);
bool arg_queue(struct call *c, struct str text, const struct queue **out);
bool arg_skill(struct call *c, struct str text, const struct skill **out);
/* "30m", "2h" from now, or an RFC 3339 time; empty: 0, no end. Router time. */
bool arg_until(struct call *c, struct str text, msec_t *out);

/* The pure half of it: ms since 1970, of a duration from `now` on or of a
 * time. ERR_INVALID. */
int until_parse(struct str text, msec_t now, msec_t *out) must_check;

/* A number or address as people write it to the form identifiers have:
 * "+33 1 55 50-10 10" -> "+33155501010", "Ana@Example.org" -> lower case.
 * false: cannot be one. */
bool normal_phone(struct str text, struct buf *out);
bool normal_mail(struct str text, struct buf *out);

#endif
