/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * follower.c - committed events into the record and the second world.
 *
 * Entered with batches fresh from the writer, or with the log where it was
 * too far behind for those. Off the critical path: nobody waits for it but
 * questions to the record. An event the world has already seen (the record was
 * a little behind the checkpoint) would be applied twice: follower_recover()
 * therefore only takes checkpoints the record has reached.
 */
#include "store/follower.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "store/migrate.h"
#include "store/record.h"

static int open_record(struct follower *f, const struct db_ops *ops,
    const struct db_place *place, struct fault *why)
{
	int err = migrate_open(ops, place, DB_RECORD, &f->record, why);

	if (err != 0)
		return err;
	err = record_progress(f->record, &f->seq);
	return err != 0 ? db_fault(f->record, err, why) : 0;
}

static int open_again(struct follower *f, const struct db_ops *ops,
    const struct db_place *place, struct fault *why)
{
	int err;

	log_warn("store",
	    "msg=\"record is ahead of the log, made anew\" seq=%" PRIu64,
	    f->seq);
	db_close(f->record);
	f->record = NULL;
	err = ops->remove(place, DB_RECORD);
	if (err != 0)
		return fault_set(
		    why, err, "the record in %s cannot be removed", place->dir);
	return open_record(f, ops, place, why);
}

int follower_open(struct follower *f, const struct follower_source *source,
    const struct db_place *record, uint64_t last, struct fault *why)
{
	const struct db_ops *ops = source->ops;
	int err;

	memset(f, 0, sizeof(*f));
	f->apply = source->apply;
	f->world = world_new(
	    source->log->workspace, source->rules_source, source->rules_arg);
	err = migrate_read(ops, source->log, DB_LOG, &f->log, why);
	if (err == 0)
		err = open_record(f, ops, record, why);
	if (err == 0 && f->seq > last)
		err = open_again(f, ops, record, why);
	if (err != 0)
		follower_done(f);
	return err;
}

void follower_done(struct follower *f)
{
	db_close(f->log);
	db_close(f->record);
	if (f->world != NULL)
		world_free(f->world);
	memset(f, 0, sizeof(*f));
}

/* The record may already hold it, when the world starts further back. */
static int follow(void *arg, const struct event *e)
{
	struct follower *f = arg;

	f->apply(f->world, e);
	return e->seq <= f->seq ? 0 : record_event(f->record, f->world, e);
}

static int finish(struct follower *f, int err)
{
	const struct db_ops *ops = f->record->ops;
	uint64_t seq = f->world->seq > f->seq ? f->world->seq : f->seq;

	if (err == 0)
		err = record_set_progress(f->record, seq);
	if (err == 0)
		err = ops->commit(f->record);
	if (err == 0)
		f->seq = seq;
	else
		ops->rollback(f->record);
	return err;
}

static int read_some(struct follower *f, struct log_span *span)
{
	int err = f->record->ops->begin(f->record);

	if (err == 0)
		err = log_events(f->log, span, follow, f);
	return finish(f, err);
}

static int explain(
    const struct follower *f, int err, uint64_t at, struct fault *why)
{
	const char *what = err == ERR_VERSION
	                       ? "was written by a newer version of usher"
	                       : "is missing or damaged";

	if (err == ERR_VERSION || err == ERR_CORRUPT)
		return fault_set(why, err, "event %" PRIu64 " %s", at, what);
	return fault_set(why, err, "events after %" PRIu64 ": %s (%s)", at,
	    err_text(err), f->record->ops->error(f->record));
}

int follower_read(struct follower *f, uint64_t to, struct fault *why)
{
	struct log_span span;
	uint64_t left;
	int err;

	while (f->world->seq < to) {
		left = to - f->world->seq;
		span.from = f->world->seq + 1;
		span.most = left < FOLLOW_MOST ? (size_t)left : FOLLOW_MOST;
		err = read_some(f, &span);
		if (err != 0)
			return explain(f, err, span.at, why);
		if (f->world->seq != span.from + span.most - 1)
			return fault_set(why, ERR_CORRUPT,
			    "event %" PRIu64 " is missing", span.at + 1);
	}
	return 0;
}

int follower_recover(struct follower *f, uint64_t to, struct fault *why)
{
	uint64_t most = f->seq < to ? f->seq : to;
	struct world *w;
	int err = checkpoint_load(f->log, f->world, most, &w);

	if (err != 0)
		return db_fault(f->log, err, why);
	if (w != NULL) {
		world_free(f->world);
		f->world = w;
		f->checkpoint = w->seq;
	}
	return follower_read(f, to, why);
}

static int take_batch(struct follower *f, const struct batch *b)
{
	struct payload payload;
	struct event e;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < b->count; i++) {
		batch_event(b, i, &e, &payload);
		err = follow(f, &e);
	}
	return err;
}

int follower_take(struct follower *f, const struct list *batches)
{
	struct batch *b;
	int err = f->record->ops->begin(f->record);

	list_each(b, batches, follow) {
		if (err == 0)
			err = take_batch(f, b);
	}
	return finish(f, err);
}

struct checkpoint *follower_checkpoint(struct follower *f)
{
	/* A failure only means that a power cut may cost an older checkpoint. */
	(void)f->record->ops->settle(f->record);
	f->checkpoint = f->world->seq;
	return checkpoint_new(f->world);
}
