/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue.h - where contacts wait, and the rungs they climb while they do.
 *
 * The ladder merges a queue's steps (what is asked after a delay) and its
 * timed overflows into one row of rungs, so that a class of contacts needs one
 * timer only.
 */
#ifndef USHER_MODEL_QUEUE_H
#define USHER_MODEL_QUEUE_H

#include "base/id.h"
#include "base/list.h"
#include "model/due.h"
#include "model/rules.h"

#define RUNGS_MAX (STEPS_MAX + OVERFLOWS_MAX)

struct rung {
	msec_t after;     /* since entry */
	uint8_t step;     /* of rule_queue.steps that holds from here */
	uint8_t overflow; /* 1 + index of the overflow taken here; 0: none */
};

struct world;

struct queue {
	struct queue_id id;
	char *name;
	uint32_t rule; /* index in the rules; RULE_NONE: left the config */
	struct rung rungs[RUNGS_MAX];
	uint8_t rung_count;
	uint8_t override; /* 0 as the file says, 1 open, 2 closed */
	msec_t override_until;
	char *override_author;
	struct due due; /* of the override */
	size_t waiting; /* places here whose contact is waiting */
	size_t offered;
	struct list places;  /* of every place in this queue, oldest first */
	struct list dormant; /* contacts that wait for it to open */
	struct list waking;  /* in index.waking: open, with dormant contacts */
	uint64_t arrived, answered, ended;
	msec_t wait_sum; /* of the answered, ms */
};

/* The rule, or NULL when the queue has left the config. */
const struct rule_queue *queue_rule(
    const struct rules *r, const struct queue *q);
/* Open now: an override, else its hours, else always. */
bool queue_is_open(const struct world *w, const struct queue *q);
/* Builds the ladder from the rule. */
void queue_build_ladder(struct queue *q, const struct rule_queue *rule);

#endif
