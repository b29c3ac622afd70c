/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue.c - a queue's ladder and whether it is open.
 */
#include "model/queue.h"

#include "base/check.h"
#include "model/world.h"

const struct rule_queue *queue_rule(
    const struct rules *r, const struct queue *q)
{
	return r == NULL || q->rule == RULE_NONE ? NULL : &r->queues[q->rule];
}

bool queue_is_open(const struct world *w, const struct queue *q)
{
	const struct rule_queue *rule = queue_rule(w->rules, q);

	if (q->override != 0)
		return q->override == 1;
	if (rule == NULL)
		return true; /* it left the config: nobody is kept out */
	return rule->hours == RULE_NONE || world_hours_open(w, rule->hours);
}

static void insert(struct queue *q, struct rung r)
{
	size_t i = q->rung_count++;

	check(q->rung_count <= RUNGS_MAX);
	for (; i > 0 && q->rungs[i - 1].after > r.after; i--)
		q->rungs[i] = q->rungs[i - 1];
	q->rungs[i] = r;
}

void queue_build_ladder(struct queue *q, const struct rule_queue *rule)
{
	size_t i;

	q->rung_count = 0;
	for (i = 0; i < rule->step_count; i++)
		insert(q, (struct rung){ rule->steps[i].after, (uint8_t)i, 0 });
	for (i = 0; i < rule->overflow_count; i++) {
		if (rule->overflows[i].after > 0)
			insert(q, (struct rung){ rule->overflows[i].after, 0,
			              (uint8_t)(i + 1) });
	}
	/* An overflow's rung asks for what the rung before it asked for. */
	for (i = 1; i < q->rung_count; i++) {
		if (q->rungs[i].overflow != 0)
			q->rungs[i].step = q->rungs[i - 1].step;
	}
}
