/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log.h - the append-only table of events, its chain of hashes and its
 * checkpoints.
 *
 * One writer, any number of readers. Every row of the chain seals the events
 * of one commit: SHA-256 over the hash before and every event's columns and
 * body. Payloads are not in it, so a person can be erased; the digest of each
 * payload is, in its event's body.
 */
#ifndef USHER_STORE_LOG_H
#define USHER_STORE_LOG_H

#include "base/crypto.h"
#include "base/list.h"
#include "model/event.h"
#include "model/world.h"
#include "store/store_ops.h"

/* ---- chain ---------------------------------------------------------------*/

struct event_row { /* an event as it lies in the table */
	uint64_t seq, epoch, contact, customer, agent;
	msec_t at;
	unsigned kind, version;
	struct str body;
	bool has_payload;
	struct payload payload;
};

#define MARK_BYTES 4
struct chain { /* all zero: not begun */
	struct digest *digest;
	struct buf scratch;
	struct buf marks; /* a short sum per event: tells which one changed */
};
void chain_begin(struct chain *c, const uint8_t before[SHA256_BYTES]);
void chain_add(struct chain *c, const struct event_row *row);
void chain_end(struct chain *c, uint8_t out[SHA256_BYTES]);
void chain_done(struct chain *c);

/* ---- checkpoints ---------------------------------------------------------*/

struct checkpoint { /* a world on its way into the log */
	uint64_t seq;
	int64_t number;
	struct buf bytes;
	uint8_t hash[SHA256_BYTES];
	size_t part; /* the next one to write */
};
struct checkpoint *checkpoint_new(const struct world *w);
void checkpoint_free(struct checkpoint *c); /* NULL is fine */
/* The newest world with seq <= `most` that can be read; *out NULL: none. */
int checkpoint_load(struct db *log, const struct world *like, uint64_t most,
    struct world **out) must_check;

/* ---- writer -------------------------------------------------------------- */

struct log_writer {
	struct db *db;
	uint64_t last; /* seq */
	uint8_t hash[SHA256_BYTES];
	struct chain chain;
	struct checkpoint *checkpoint; /* being written, part by part */
};
/* Takes the connection. ERR_CORRUPT when chain and events differ in length. */
int log_writer_init(
    struct log_writer *w, struct db *db, struct fault *why) must_check;
void log_writer_done(struct log_writer *w);
/* Takes the checkpoint; one that is still being written is given up. */
void log_writer_take(struct log_writer *w, struct checkpoint *c);
/* One transaction for all batches (struct batch, by `pending`) and a part of
 * the checkpoint; durable when it returns 0. */
int log_writer_put(struct log_writer *w, const struct list *batches) must_check;

/* ---- readers ------------------------------------------------------------- */

struct log_span {
	uint64_t from;
	size_t most;
	uint64_t at; /* out: the event last looked for, to tell of it */
};
typedef int (*event_row_fn)(void *arg, const struct event_row *row);
typedef int (*log_event_fn)(void *arg, const struct event *e);
/* ERR_CORRUPT at a gap: `at` is the missing one. */
int log_rows(struct db *log, struct log_span *span, event_row_fn fn,
    void *arg) must_check;
int log_events(struct db *log, struct log_span *span, log_event_fn fn,
    void *arg) must_check;
/* ERR_VERSION, ERR_CORRUPT. The event borrows from the row. */
int log_event_of(const struct event_row *row, struct event *out) must_check;
int log_last(struct db *log, uint64_t *out) must_check;

#endif
