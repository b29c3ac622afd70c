/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.h - the tables for people, as the log makes them.
 *
 * Only the follower writes here, event by event in the log's order, inside its
 * transaction. The same events make the same rows: that is what a rebuild
 * proves, so nothing but the event, its payload and the world after it may be
 * looked at (no clock, no earlier state of the tables but by key).
 */
#ifndef USHER_STORE_RECORD_H
#define USHER_STORE_RECORD_H

#include "model/event.h"
#include "model/world.h"
#include "store/store_ops.h"

/* `after`: the world with `e` applied. */
int record_event(struct db *record, const struct world *after,
    const struct event *e) must_check;
/* Names and labels of agents, queues and entrances, as the world has them. */
int record_labels(struct db *record, const struct world *w) must_check;
/* seq of the last event the record holds. */
int record_progress(struct db *record, uint64_t *out) must_check;
int record_set_progress(struct db *record, uint64_t seq) must_check;

#endif
