/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch.c - copies of events, made once.
 *
 * Filled on the loop only. After it was handed over nobody writes to it, so
 * several threads may read it at once without a lock.
 */
#include "store/batch.h"

#include <string.h>

#include "base/mem.h"

struct batch *batch_new(void)
{
	struct batch *b = new_of(struct batch);

	list_init(&b->pending);
	list_init(&b->deliver);
	list_init(&b->follow);
	atomic_init(&b->references, 1);
	return b;
}

struct batch *batch_ref(struct batch *b)
{
	atomic_fetch_add(&b->references, 1);
	return b;
}

void batch_unref(struct batch *b)
{
	if (b == NULL || atomic_fetch_sub(&b->references, 1) != 1)
		return;
	buf_done(&b->bytes);
	mem_free(b->rows);
	mem_free(b);
}

static void add_payload(
    struct batch *b, struct batch_row *r, const struct payload *p)
{
	r->has_payload = true;
	memcpy(r->salt, p->salt, SALT_BYTES);
	r->payload = b->bytes.len;
	buf_add_str(&b->bytes, p->body);
	r->payload_bytes = b->bytes.len - r->payload;
}

void batch_add(struct batch *b, const struct event *e)
{
	struct batch_row *r;

	mem_room(&b->rows, b->count, &b->cap, sizeof(*b->rows));
	r = &b->rows[b->count++];
	*r = (struct batch_row){
		.seq = e->seq,
		.epoch = e->epoch,
		.at = e->at,
		.kind = e->kind,
		.contact = e->contact.v,
		.customer = e->customer.v,
		.agent = e->agent.v,
		.body = b->bytes.len,
	};
	event_encode(e, &b->bytes);
	r->body_bytes = b->bytes.len - r->body;
	if (e->payload != NULL)
		add_payload(b, r, e->payload);
	/* The loop cannot go on with an event that will never be written. */
	check(!b->bytes.failed);
}

struct str batch_body(const struct batch *b, const struct batch_row *r)
{
	return str_sub(buf_str(&b->bytes), r->body, r->body_bytes);
}

struct str batch_payload(const struct batch *b, const struct batch_row *r)
{
	return str_sub(buf_str(&b->bytes), r->payload, r->payload_bytes);
}

void batch_event(
    const struct batch *b, size_t i, struct event *e, struct payload *p)
{
	const struct batch_row *r = &b->rows[i];

	memset(e, 0, sizeof(*e));
	e->seq = r->seq;
	e->epoch = r->epoch;
	e->at = r->at;
	e->kind = r->kind;
	e->contact.v = r->contact;
	e->customer.v = r->customer;
	e->agent.v = r->agent;
	check(event_decode(e, event_version(r->kind), batch_body(b, r)) == 0);
	if (!r->has_payload)
		return;
	memcpy(p->salt, r->salt, SALT_BYTES);
	p->body = batch_payload(b, r);
	e->payload = p;
}

uint64_t batch_first(const struct batch *b)
{
	return b->rows[0].seq;
}

uint64_t batch_last(const struct batch *b)
{
	return b->rows[b->count - 1].seq;
}
