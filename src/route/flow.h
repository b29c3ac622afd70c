/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow.h - how a contact gets into a queue, up its ladder, over to another.
 */
#ifndef USHER_ROUTE_FLOW_H
#define USHER_ROUTE_FLOW_H

#include "route/step.h"

/* The first route whose condition holds; `otherwise` always does. */
const struct rule_route *flow_route(const struct step *s, struct str verdicts);

/* How a contact enters a queue. */
struct entry {
	struct queue *queue;
	enum queued_reason reason;
	uint32_t route_line;
	msec_t offset;
	struct agent_id own; /* who served this customer last, or 0 */
	struct agent_id held_for;
	msec_t held_until;
};
/* T, v and h of a contact by the queue's, the entrance's or the built-in
 * standard. `answer_ms` > 0: T as the intake counted it in open time. */
msec_t flow_offset(const struct step *s, const struct contact *c,
    const struct queue *q, msec_t answer_ms, struct str verdicts);
/* The offset a contact keeps; one that never waited gets its queue's. */
msec_t flow_kept_offset(
    const struct step *s, const struct contact *c, const struct queue *q);
/* The queue of `otherwise`: for contacts that never were in one. */
struct queue *flow_last_queue(const struct step *s);
/* Enters, or, when the queue is closed, does what it says for the channel.
 * Takes the overflows that hold at once. */
void flow_enter(struct step *s, struct contact_id id, const struct entry *how);
/* The same place in line again, in the queue it came from. */
void flow_requeue(
    struct step *s, const struct contact *c, enum queued_reason reason);
/* The next rung, and the overflow that may stand on it. */
void flow_relax(struct step *s, const struct place *p);
/* Overflows one contact that nobody is in for; false: there is none. */
bool flow_stranded_move(struct step *s);
/* Ends a contact: its offer, its calls, its agent's wrap-up. */
void flow_end(struct step *s, struct contact_id id, enum end_reason reason);

#endif
