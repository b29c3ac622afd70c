/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ring.h - the last committed events, for clients that come back.
 *
 * Copies, with payloads, of the kinds that make frames; bounded in number and
 * in bytes. `from` says how far back it reaches: whoever saw everything up to
 * `from` - 1 can be told the rest; anybody else gets a snapshot.
 */
#ifndef USHER_API_RING_H
#define USHER_API_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/event.h"

#define RING_EVENTS 8192
#define RING_BYTES  ((size_t)32 * 1024 * 1024)

#define AUDIENCE_MAX 2
struct audience { /* the agents an event concerns */
	struct agent_id agents[AUDIENCE_MAX];
	size_t count;
};

struct ring_entry;
struct ring {
	struct ring_entry *entries; /* RING_EVENTS of them, from `first` on */
	size_t first, count;
	size_t bytes, bytes_max;
	uint64_t from; /* every event from this one on is here or irrelevant */
	uint64_t last; /* the youngest event seen */
};

void ring_init(struct ring *r, size_t bytes_max);
void ring_done(struct ring *r);
/* Every event, in order; `keep` false: of no interest to anybody. */
void ring_add(struct ring *r, const struct event *e,
    const struct audience *whom, bool keep);
/* Can whoever last saw `seq` be told what came after it? */
bool ring_reaches(const struct ring *r, uint64_t seq);

/* Calls fn for each kept event after `seq` that concerns the agent, in order.
 * Borrowed for the call. */
typedef void (*ring_fn)(void *arg, const struct event *e);
void ring_each(const struct ring *r, uint64_t seq, struct agent_id agent,
    ring_fn fn, void *arg);
/* The OFFER_MADE of this offer; false when it is no longer here. */
bool ring_find_offer(
    const struct ring *r, struct offer_id offer, struct event *out);

#endif
