/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ring.c - committed events kept as bytes until they are overwritten.
 *
 * Fed by the stream, read when a client resumes. An event in memory borrows
 * its texts, so it is kept in the log's own form and decoded again when asked
 * for: that is rare, keeping is not.
 */
#include "api/ring.h"

#include "base/check.h"
#include "base/mem.h"

struct ring_entry {
	struct event head; /* its own fields; body and payload below */
	struct audience whom;
	char *bytes; /* body, then payload */
	size_t body_size;
	size_t payload_size;
};

void ring_init(struct ring *r, size_t bytes_max)
{
	*r = (struct ring){ 0 };
	r->entries = new_array(struct ring_entry, RING_EVENTS);
	r->bytes_max = bytes_max;
	r->from = 1;
}

static struct ring_entry *entry_at(const struct ring *r, size_t i)
{
	return &r->entries[(r->first + i) % RING_EVENTS];
}

static void drop_first(struct ring *r)
{
	struct ring_entry *e = entry_at(r, 0);

	r->from = e->head.seq + 1;
	r->bytes -= e->body_size + e->payload_size;
	mem_free(e->bytes);
	r->first = (r->first + 1) % RING_EVENTS;
	r->count--;
}

void ring_done(struct ring *r)
{
	while (r->count > 0)
		drop_first(r);
	mem_free(r->entries);
	r->entries = NULL;
}

static void fill(struct ring_entry *to, const struct event *e)
{
	struct buf bytes = { 0 };

	event_encode(e, &bytes);
	to->body_size = bytes.len;
	if (e->payload != NULL)
		buf_add_str(&bytes, e->payload->body);
	to->payload_size = bytes.len - to->body_size;
	to->head = (struct event){ .seq = e->seq,
		.epoch = e->epoch,
		.at = e->at,
		.kind = e->kind,
		.contact = e->contact,
		.customer = e->customer,
		.agent = e->agent };
	to->bytes = buf_take(&bytes);
}

void ring_add(struct ring *r, const struct event *e,
    const struct audience *whom, bool keep)
{
	struct ring_entry *to;

	/* A start with an older log than was prefilled, or a hole: what is
	 * kept says nothing about the hole. */
	if (r->last == 0 || e->seq != r->last + 1) {
		while (r->count > 0)
			drop_first(r);
		r->from = e->seq;
	}
	r->last = e->seq;
	if (!keep)
		return;
	if (r->count == RING_EVENTS)
		drop_first(r);
	to = entry_at(r, r->count);
	fill(to, e);
	to->whom = *whom;
	r->bytes += to->body_size + to->payload_size;
	r->count++;
	while (r->count > 1 && r->bytes > r->bytes_max)
		drop_first(r);
}

/* A seq we have never seen is another log's, or a lie: not ours to resume. */
bool ring_reaches(const struct ring *r, uint64_t seq)
{
	return r->last != 0 && seq + 1 >= r->from && seq <= r->last;
}

/* Both outputs borrow from the entry. */
static void unpack(
    const struct ring_entry *from, struct event *out, struct payload *payload)
{
	struct str body = { from->bytes, from->body_size };

	*out = from->head;
	check(event_decode(out, event_version(out->kind), body) == 0);
	*payload = (struct payload){ .body = { from->bytes + from->body_size,
		                         from->payload_size } };
	out->payload = from->payload_size > 0 ? payload : NULL;
}

static bool concerns(const struct audience *whom, struct agent_id agent)
{
	size_t i;

	for (i = 0; i < whom->count; i++)
		if (id_same(whom->agents[i], agent))
			return true;
	return false;
}

void ring_each(const struct ring *r, uint64_t seq, struct agent_id agent,
    ring_fn fn, void *arg)
{
	struct payload payload;
	struct event e;
	size_t i;

	for (i = 0; i < r->count; i++) {
		const struct ring_entry *entry = entry_at(r, i);

		if (entry->head.seq <= seq || !concerns(&entry->whom, agent))
			continue;
		unpack(entry, &e, &payload);
		fn(arg, &e);
	}
}

bool ring_find_offer(
    const struct ring *r, struct offer_id offer, struct event *out)
{
	struct payload payload;
	size_t i;

	/* From the youngest back: an open offer is seconds old. */
	for (i = r->count; i > 0; i--) {
		const struct ring_entry *entry = entry_at(r, i - 1);

		if (entry->head.kind != EV_OFFER_MADE)
			continue;
		unpack(entry, out, &payload);
		out->payload = NULL;
		if (id_same(out->offer.offer, offer))
			return true;
	}
	return false;
}
