/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * net.c - the door of this room: handles in, writes posted.
 *
 * Entered by the floors above, on the loop, from callbacks or turns. Every
 * call looks its peer up by slot and generation; one that has gone, or that
 * may not be written to any more, makes the call a no-op. Nothing here calls
 * upstairs.
 */
#include "net/net.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/gate.h"
#include "net/http_link.h"
#include "net/limits.h"
#include "net/listen.h"
#include "net/ws.h"

#define REASON_MAX  100
#define CODE_NORMAL 1000

/* The slot decides a tie: the heap wants a strict order. */
static bool due_before(const struct heap_node *a, const struct heap_node *b)
{
	const struct link *x = list_entry(a, struct link, deadline);
	const struct link *y = list_entry(b, struct link, deadline);

	if (x->alarm_at != y->alarm_at)
		return x->alarm_at < y->alarm_at;
	return x->self.slot < y->self.slot;
}

struct net *net_new(struct loop *l, const struct net_limits *limits)
{
	struct net *n = new_of(struct net);

	n->loop = l;
	if (limits != NULL)
		n->limits = *limits;
	limits_fill(&n->limits);
	list_init(&n->listeners);
	list_init(&n->dirty);
	list_init(&n->grave);
	list_init(&n->parsers);
	heap_init(&n->deadlines, due_before);
	n->alarm = loop_timer_new(l, link_on_alarm, n);
	n->alarm_at = LINK_NEVER;
	n->resume = loop_timer_new(l, listen_resume, n);
	n->fd_max = listen_fd_max();
	n->shakes = n->limits.handshakes_a_turn * 2;
	n->shared = mem_new(LINK_READ_SIZE);
	loop_on_settle(l, net_settle, n);
	return n;
}

/* Nobody is told: upstairs is going too, or it would not have called. */
static void close_all(struct net *n)
{
	struct net_listener *l;
	size_t i;

	for (i = 0; i < n->slot_count; i++) {
		if (n->slots[i].link != NULL)
			link_free(n->slots[i].link);
	}
	while ((l = list_first(&n->listeners, struct net_listener, in_net)) !=
	       NULL)
		net_unlisten(l);
}

void net_free(struct net *n)
{
	if (n == NULL)
		return;
	close_all(n);
	loop_off_settle(n->loop, net_settle, n);
	loop_timer_free(n->alarm);
	loop_timer_free(n->resume);
	http_link_free_parsers(n);
	heap_done(&n->deadlines);
	map_done(&n->addresses);
	buf_done(&n->held);
	mem_free(n->slots);
	mem_free(n->shared);
	mem_free(n);
}

/* ---- writing ------------------------------------------------------------- */

void net_mark(struct net *n, uint64_t mark)
{
	n->mark = mark;
}

void net_release(struct net *n, uint64_t mark)
{
	if (mark > n->released)
		n->released = mark;
	gate_release(n);
}

/* Who has been closed by us is no longer there for upstairs, though the socket
 * may take a while to drain. */
static struct link *find_open(const struct net *n, struct peer p)
{
	struct link *k = link_find(n, p);

	return k == NULL || k->dying || k->said_all ? NULL : k;
}

static void post(struct link *k, uint64_t mark, struct str text, bool binary)
{
	struct buf *out = gate_begin(k, mark);

	k->tongue->write(out, text, binary);
	gate_end(k, out, false);
}

void net_send(struct net *n, struct peer p, struct str text)
{
	struct link *k = find_open(n, p);

	if (k != NULL && k->tongue->write != NULL)
		post(k, n->mark, text, false);
}

void net_send_binary(struct net *n, struct peer p, struct str bytes)
{
	struct link *k = find_open(n, p);

	if (k != NULL && k->tongue == &ws_tongue)
		post(k, n->mark, bytes, true);
}

void net_send_now(struct net *n, struct peer p, struct str text)
{
	struct link *k = find_open(n, p);

	if (k != NULL && k->tongue->write != NULL)
		post(k, GATE_NOW, text, false);
}

void net_close(struct net *n, struct peer p, unsigned code, const char *reason)
{
	struct link *k = find_open(n, p);
	struct buf *out;

	if (k == NULL)
		return;
	/* A code no endpoint may send would make the peer fail the close. */
	if (!ws_code_is_valid(code))
		code = CODE_NORMAL;
	out = gate_begin(k, n->mark);
	if (k->tongue->bye != NULL)
		k->tongue->bye(out, code, utf8_cut(str_of(reason), REASON_MAX));
	k->why = NET_GONE_US;
	gate_end(k, out, true);
}

void net_answer(struct net *n, struct peer p, const struct http_answer *answer)
{
	struct link *k = find_open(n, p);

	if (k != NULL && k->tongue == &http_tongue)
		http_link_answer(k, answer);
}

int net_upgrade(struct net *n, struct peer p, const struct http_request *rq,
    const char *protocol)
{
	struct link *k = find_open(n, p);

	if (k == NULL)
		return ERR_CLOSED;
	if (k->tongue != &http_tongue)
		return ERR_STATE;
	return ws_upgrade(k, rq, protocol);
}

/* ---- about a peer -------------------------------------------------------- */

/* Counted out at once, not when it leaves: the next one behind the same address
 * may be waiting for the place. */
void net_trust(struct net *n, struct peer p)
{
	struct link *k = link_find(n, p);

	if (k == NULL || k->trusted)
		return;
	k->trusted = true;
	limits_uncount(n, k->address_key);
}

bool net_is_there(const struct net *n, struct peer p)
{
	return find_open(n, p) != NULL;
}

struct str net_address(const struct net *n, struct peer p)
{
	struct link *k = link_find(n, p);

	return k == NULL ? STR_NONE : str_of(k->address);
}

void net_set_tag(struct net *n, struct peer p, uint64_t tag)
{
	struct link *k = link_find(n, p);

	if (k != NULL)
		k->tag = tag;
}

uint64_t net_tag(const struct net *n, struct peer p)
{
	struct link *k = link_find(n, p);

	return k == NULL ? 0 : k->tag;
}

void net_stats(const struct net *n, struct net_stats *out)
{
	*out = n->stats;
}
