/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch.h - the events of one turn, on their way through the floor.
 *
 * A batch is filled by the loop, then never changes. The writer, the loop and
 * the follower each see its events as they were encoded: what is delivered and
 * followed is what was written, byte for byte. The last reference frees it.
 */
#ifndef USHER_STORE_BATCH_H
#define USHER_STORE_BATCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/list.h"
#include "model/event.h"

struct batch_row { /* offsets, because the bytes move while it is filled */
	uint64_t seq, epoch, contact, customer, agent;
	msec_t at;
	size_t body, body_bytes;
	size_t payload, payload_bytes;
	enum event_kind kind;
	bool has_payload;
	uint8_t salt[SALT_BYTES];
};

struct batch {
	struct list pending; /* one node per queue it can stand in */
	struct list deliver;
	struct list follow;
	atomic_uint references;
	struct batch_row *rows;
	size_t count, cap;
	struct buf bytes;
	msec_t committed_at; /* monotonic */
};

struct batch *batch_new(void);
struct batch *batch_ref(struct batch *b);
void batch_unref(struct batch *b); /* NULL is fine */
void batch_add(struct batch *b, const struct event *e);
struct str batch_body(const struct batch *b, const struct batch_row *r);
struct str batch_payload(const struct batch *b, const struct batch_row *r);
/* The i-th event as it was; borrows from the batch and from `p`. */
void batch_event(
    const struct batch *b, size_t i, struct event *e, struct payload *p);
uint64_t batch_first(const struct batch *b);
uint64_t batch_last(const struct batch *b);

#endif
