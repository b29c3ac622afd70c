/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offer.h - one contact shown to one agent, with a deadline and a number.
 *
 * The offer's id is the fencing number: an answer must name it, and an offer
 * that has been settled is gone from the world, so a late answer is stale.
 *
 *   made -> accepted   the contact is the agent's
 *        -> rejected   back in its place, not to this agent for a while
 *        -> timeout    the same, and the agent is not-ready (no-answer)
 *        -> withdrawn  the customer left, or somebody else took it
 *        -> failed     the agent's phone could not be rung
 *        -> agent-lost
 */
#ifndef USHER_MODEL_OFFER_H
#define USHER_MODEL_OFFER_H

#include "model/due.h"
#include "model/event.h"

struct agent;
struct contact;
struct queue;

struct offer {
	struct offer_id id;
	struct contact *contact;
	struct agent *agent;
	struct queue *queue;
	msec_t made_at;
	msec_t deadline;
	bool ringing; /* the phone said so */
	struct due due;
};

#endif
