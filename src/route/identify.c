/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identify.c - whose contact this is.
 *
 * Entered by the arrival handlers. What the world was told in the last minutes
 * is newer than what the record said when the intake asked it, and wins.
 *
 * A verified identifier links only to a customer who holds it verified: else
 * somebody could claim a stranger's number today and be handed the stranger's
 * calls tomorrow.
 */
#include "route/identify.h"

#include "model/world.h"

/* What is known of an identifier: by the world, else by the record. */
struct known {
	struct customer_id customer;
	uint8_t level;
	uint8_t owners;
};

static struct known known_of(const struct world *w, const struct presented *p)
{
	const struct known_identifier *k = world_identifier(w, p->id);

	/* Of two answers the better founded, of equals the newer. */
	if (k == NULL || k->level < p->known)
		return (struct known){ p->customer, p->known, p->owners };
	return (struct known){ k->customer, k->level,
		(uint8_t)(k->owners > p->owners ? k->owners : p->owners) };
}

static struct customer_id verified_owner(
    const struct world *w, const struct in_arrive *in)
{
	size_t i;

	for (i = 0; i < in->by_count; i++) {
		struct known k = known_of(w, &in->by[i]);

		if (in->by[i].level == LEVEL_VERIFIED &&
		    k.level == LEVEL_VERIFIED)
			return k.customer;
	}
	return (struct customer_id){ 0 };
}

static struct customer_id probable_owner(const struct world *w,
    const struct in_arrive *in, struct identifier_id *out_by)
{
	size_t i;

	for (i = 0; i < in->by_count; i++) {
		struct known k = known_of(w, &in->by[i]);

		if (k.owners == 1 && id_is_set(k.customer)) {
			*out_by = in->by[i].id;
			return k.customer;
		}
	}
	return (struct customer_id){ 0 };
}

static bool has_verified(const struct in_arrive *in)
{
	size_t i;

	for (i = 0; i < in->by_count; i++) {
		if (in->by[i].level == LEVEL_VERIFIED)
			return true;
	}
	return false;
}

struct customer_id identify_new_customer(struct step *s, struct contact_id c)
{
	struct event e = { .kind = EV_CUSTOMER_CREATED, .contact = c };

	e.customer.v = s->w->next_customer;
	step_emit(s, &e);
	return e.customer;
}

/* Links what was presented and is not yet the customer's at that level. */
static void link_all(struct step *s, struct contact_id c,
    struct customer_id customer, const struct in_arrive *in)
{
	size_t i;

	for (i = 0; i < in->by_count; i++) {
		struct known k = known_of(s->w, &in->by[i]);
		struct event e = { .kind = EV_IDENTIFIER_LINKED,
			.contact = c,
			.customer = customer };

		if (id_same(k.customer, customer) && k.level >= in->by[i].level)
			continue;
		e.linked.identifier = in->by[i].id;
		e.linked.identifier_kind = in->by[i].kind;
		e.linked.level = in->by[i].level;
		step_emit(s, &e);
	}
}

void identify(struct step *s, struct contact_id c, const struct in_arrive *in)
{
	struct event e = { .kind = EV_CONTACT_IDENTIFIED, .contact = c };

	e.customer = verified_owner(s->w, in);
	if (!id_is_set(e.customer))
		e.identified.maybe = probable_owner(s->w, in, &e.identified.by);
	if (!id_is_set(e.customer) &&
	    (has_verified(in) || !id_is_set(e.identified.maybe)))
		e.customer = identify_new_customer(s, c);
	if (id_is_set(e.customer))
		link_all(s, c, e.customer, in);
	step_emit(s, &e);
}
