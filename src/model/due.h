/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * due.h - something that time alone will change.
 *
 * A due lies inside the thing that is due; world.due orders them by (at, kind,
 * id), a total order, so that what is due at once happens in the same order on
 * every replay.
 */
#ifndef USHER_MODEL_DUE_H
#define USHER_MODEL_DUE_H

#include "base/clock.h"
#include "base/heap.h"

struct world;

enum due_kind {
	DUE_OFFER,   /* in struct offer: nobody answered */
	DUE_AGENT,   /* in struct agent: wrap-up or grace ends */
	DUE_CLASS,   /* in struct class: its first contact relaxes */
	DUE_PLACE,   /* in struct place: one out of the row; ranks as CLASS */
	DUE_CONTACT, /* in struct contact: a hold or exclusion ends */
	DUE_QUEUE,   /* in struct queue: an override ends */
	DUE_SKILL,   /* in struct agent: a skill override ends */
};

struct due {
	struct heap_node node;
	enum due_kind kind;
	uint64_t id; /* unique within its kind */
	msec_t at;
};

bool due_before(const struct heap_node *a, const struct heap_node *b);
void due_set(struct world *w, struct due *d, msec_t at);
void due_clear(struct world *w, struct due *d);

#endif
