/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * follower.h - what walks behind the log: the record, and a second world.
 *
 * Entered by one thread at a time. Each transaction of the record carries the
 * seq it reached, so the follower can stop anywhere and go on from there. The
 * world never is behind the record when a row is made from it.
 */
#ifndef USHER_STORE_FOLLOWER_H
#define USHER_STORE_FOLLOWER_H

#include "model/world.h"
#include "store/batch.h"
#include "store/log.h"
#include "store/store_ops.h"

#define FOLLOW_MOST 10000 /* events in one transaction of the record */

struct follower {
	struct db *log;    /* for reading; NULL: not open */
	struct db *record; /* for writing */
	struct world *world;
	apply_fn apply;
	uint64_t seq;        /* the record holds everything up to here */
	uint64_t checkpoint; /* seq of the last one taken */
};

struct follower_source { /* what a follower follows, and how */
	const struct db_ops *ops;
	const struct db_place *log;
	rules_source_fn rules_source;
	void *rules_arg;
	apply_fn apply;
};

/* Opens the log for reading and the record at `record` for writing; a record
 * that is ahead of a log that ends at `last` is not its record: made anew. */
int follower_open(struct follower *f, const struct follower_source *source,
    const struct db_place *record, uint64_t last, struct fault *why) must_check;
void follower_done(struct follower *f);
/* The newest checkpoint the record has reached, and all events up to `to`. */
int follower_recover(
    struct follower *f, uint64_t to, struct fault *why) must_check;
/* Events of the log up to `to`, in as many transactions as it needs. */
int follower_read(
    struct follower *f, uint64_t to, struct fault *why) must_check;
/* The batches of a list (by `follow`), which go on where it stands. */
int follower_take(struct follower *f, const struct list *batches) must_check;
/* A world as bytes; the record is flushed first, as it may not be behind. */
struct checkpoint *follower_checkpoint(struct follower *f);

#endif
