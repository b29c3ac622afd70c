/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate.c - law 1: no byte leaves before the log has what it tells.
 *
 * Entered by net.c and the tongues with each write. Held writes of all peers
 * stand in one run of bytes in the order they were posted, which is the order
 * of each peer too, and leave from its front. Marks rise as the log's seq does;
 * a lower mark behind a higher one waits with it, never overtakes.
 */
#include "net/gate.h"

#include "base/check.h"

/* Memory kept when nothing is held. */
#define KEEP_MAX (1024 * 1024)
/* Bytes already gone at the front before the rest is moved up. */
#define COMPACT_FROM 65536

struct held {
	uint64_t mark;
	size_t size;
	struct peer peer;
	bool last;
};

/* A held 101 must not be overtaken by frames; once it left, `flowing` lets
 * what the net says by itself pass the held messages. */
static bool is_direct(struct link *k, uint64_t mark)
{
	if (k->held == 0) {
		k->flowing = k->tongue->write != NULL;
		return mark == GATE_NOW || mark <= link_net(k)->released;
	}
	return mark == GATE_NOW && k->flowing;
}

struct buf *gate_begin(struct link *k, uint64_t mark)
{
	struct net *n = link_net(k);
	struct held h = { mark, 0, k->self, false };

	if (is_direct(k, mark))
		return &k->out;
	if (mark == GATE_NOW)
		h.mark = 0;
	n->held_from = n->held.len;
	buf_add(&n->held, &h, sizeof(h));
	return &n->held;
}

static void drop_if_slow(struct link *k)
{
	struct net *n = link_net(k);

	if (k->tongue->write == NULL)
		return;
	if (link_backlog(k) <= n->limits.backlog_max)
		return;
	n->stats.slow_dropped++;
	link_kill(k, NET_GONE_LIMIT);
}

static void end_held(struct link *k, bool last)
{
	struct net *n = link_net(k);
	struct held h;

	if (n->held.failed) {
		buf_cut(&n->held, n->held_from);
		n->held.failed = false;
		link_kill(k, NET_GONE_LIMIT);
		return;
	}
	memcpy(&h, n->held.data + n->held_from, sizeof(h));
	h.size = n->held.len - n->held_from - sizeof(h);
	h.last = last;
	memcpy(n->held.data + n->held_from, &h, sizeof(h));
	k->held++;
	k->held_bytes += h.size;
	n->stats.held++;
}

static void end_direct(struct link *k, bool last)
{
	if (k->out.failed) {
		link_kill(k, NET_GONE_LIMIT);
		return;
	}
	if (last)
		link_end(k, k->why);
	link_dirty(k);
}

void gate_end(struct link *k, struct buf *out, bool last)
{
	if (last)
		k->said_all = true;
	if (out == &k->out)
		end_direct(k, last);
	else
		end_held(k, last);
	drop_if_slow(k);
}

static void let_go(struct net *n, const struct held *h, const char *bytes)
{
	struct link *k = link_find(n, h->peer);

	if (k == NULL)
		return;
	k->held--;
	k->held_bytes -= h->size;
	if (k->dying || k->ending)
		return;
	buf_add(&k->out, bytes, h->size);
	end_direct(k, h->last);
}

static void compact(struct net *n)
{
	if (n->held_at == n->held.len) {
		n->held_at = 0;
		if (n->held.cap > KEEP_MAX)
			buf_done(&n->held);
		else
			buf_clear(&n->held);
	} else if (n->held_at > COMPACT_FROM && n->held_at > n->held.len / 2) {
		buf_drop(&n->held, n->held_at);
		n->held_at = 0;
	}
}

void gate_release(struct net *n)
{
	struct held h;

	while (n->held_at < n->held.len) {
		memcpy(&h, n->held.data + n->held_at, sizeof(h));
		if (h.mark > n->released)
			break;
		n->held_at += sizeof(h);
		let_go(n, &h, n->held.data + n->held_at);
		n->held_at += h.size;
		check(n->stats.held > 0);
		n->stats.held--;
	}
	compact(n);
}
