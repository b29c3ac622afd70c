/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * link.c - the life of a connected peer: admitted, served, flushed, buried.
 *
 * Entered by the loop (link_serve, net_settle, link_on_alarm) and by the
 * tongues. Bytes are read into one buffer for all; a link keeps only what its
 * tongue could not yet take. What always holds:
 *
 *  1 a link is in the dirty list, in the grave, or in neither
 *  2 only net_settle() frees, and only when no callback is on the stack
 *  3 after said_all nothing is written; after ending nothing leaves the gate
 *  4 the heap's alarm_at is never later than what due_of() says
 *  5 upstairs hears `gone` exactly once for each link it has heard of
 */
#include "net/link.h"

#include "base/mem.h"
#include "net/http_link.h"
#include "net/limits.h"
#include "net/line.h"
#include "net/listen.h"
#include "net/memory.h"

#define HANDSHAKE_MS 10000
#define STALL_MS     30000 /* a peer that takes no byte of what we have */
#define DRAIN_MS     2000
#define DRAIN_MAX    65536
/* Messages of one peer in one turn: the others wait no longer for it. */
#define BUDGET     64
#define WRITES_MAX 16

struct net *link_net(const struct link *k)
{
	return k->listener->net;
}

msec_t link_now(const struct link *k)
{
	return loop_now(link_net(k)->loop);
}

const struct net_app *link_app(const struct link *k)
{
	return &k->listener->app;
}

struct link *link_find(const struct net *n, struct peer p)
{
	if (p.slot >= n->slot_count || p.generation == 0)
		return NULL;
	if (n->slots[p.slot].generation != p.generation)
		return NULL;
	return n->slots[p.slot].link;
}

size_t link_kept(const struct link *k)
{
	return k->in == NULL ? 0 : k->in->len;
}

size_t link_backlog(const struct link *k)
{
	return k->out.len - k->sent + k->held_bytes;
}

bool link_spend(struct link *k)
{
	struct net *n = link_net(k);

	if (n->budget == 0) {
		k->stuck = true;
		loop_io_again(&k->conn.io, LINK_AGAIN);
		return false;
	}
	n->budget--;
	return true;
}

/* ---- coming -------------------------------------------------------------- */

/* Freed slots are used again last in, first out: the table stays as small as
 * the most that were ever there at once, and its hot end in the cache. The
 * generation makes the old handles of a slot miss; 0 is skipped, it means "no
 * peer". */
static void take_slot(struct net *n, struct link *k)
{
	struct link_slot *s;

	if (n->free_slot == 0) {
		mem_room(
		    &n->slots, n->slot_count, &n->slot_cap, sizeof(*n->slots));
		n->slots[n->slot_count] = (struct link_slot){ 0 };
		n->free_slot = (uint32_t)++n->slot_count;
	}
	k->self.slot = n->free_slot - 1;
	s = &n->slots[k->self.slot];
	n->free_slot = s->next_free;
	s->link = k;
	if (++s->generation == 0)
		s->generation = 1;
	k->self.generation = s->generation;
}

static void give_slot(struct net *n, struct link *k)
{
	struct link_slot *s = &n->slots[k->self.slot];

	s->link = NULL;
	s->next_free = n->free_slot;
	n->free_slot = k->self.slot + 1;
}

struct link *link_admit(struct net_listener *l, struct str address)
{
	struct net *n = l->net;
	uint64_t key = l->class == NET_GATEWAY ? 0 : limits_key(address);
	struct link *k;

	/* The app first: a blocked address shall not look like a full house. */
	if (l->app.admit != NULL && !l->app.admit(l->app.arg, l, address)) {
		n->stats.refused_address++;
		return NULL;
	}
	if (!limits_has_room(n, l->class, key)) {
		n->stats.refused_limit++;
		return NULL;
	}
	k = new_of(struct link);
	k->listener = listen_ref(l);
	list_init(&k->in_net);
	str_copy(k->address, sizeof(k->address), address);
	k->address_key = key;
	k->since = k->progress = link_now(k);
	limits_count(n, key);
	take_slot(n, k);
	n->stats.accepted++;
	n->stats.peers++;
	return k;
}

void link_open(struct link *k)
{
	const struct net_app *app = link_app(k);

	k->known = true;
	k->since = link_now(k);
	if (app->open != NULL)
		app->open(app->arg, k->self);
}

/* After the TLS handshake: before it, nobody upstairs could be answered. */
static void begin_tongue(struct link *k)
{
	k->since = link_now(k);
	if (k->tongue->write != NULL)
		link_open(k);
}

void link_start(struct link *k)
{
	k->tongue =
	    k->listener->tongue == NET_HTTP ? &http_tongue : &line_tongue;
	if (k->dying)
		return;
	loop_io_want(&k->conn.io, LOOP_READ);
	if (!k->conn.shaking)
		begin_tongue(k);
	link_refresh(k);
}

/* ---- deadlines ----------------------------------------------------------- */

/* One deadline per link, the nearest of all that apply to it now. */
static msec_t due_of(const struct link *k)
{
	msec_t due;

	if (k->conn.shaking)
		return k->since + HANDSHAKE_MS;
	if (k->draining)
		return k->since + DRAIN_MS;
	due = k->tongue->due(k);
	if (k->stalled && k->progress + STALL_MS < due)
		due = k->progress + STALL_MS;
	return due;
}

/* The heap's key may be too early, which costs one look, but never too late:
 * so a deadline that keeps moving on, as most do, moves nothing here. */
static void set_deadline(struct link *k)
{
	struct net *n = link_net(k);
	msec_t due = due_of(k);

	if (due == LINK_NEVER)
		return;
	if (heap_holds(&k->deadline) && k->alarm_at <= due)
		return;
	heap_remove(&n->deadlines, &k->deadline);
	k->alarm_at = due;
	heap_add(&n->deadlines, &k->deadline);
}

static void on_broken(struct link *k, enum net_gone why)
{
	if (k->conn.shaking)
		link_net(k)->stats.handshakes_failed++;
	link_kill(k, k->draining ? (enum net_gone)k->why : why);
}

static void on_due(struct link *k)
{
	msec_t now = link_now(k);

	if (k->draining)
		link_kill(k, k->why);
	else if (k->conn.shaking)
		on_broken(k, NET_GONE_TIMEOUT);
	else if (k->stalled && k->progress + STALL_MS <= now)
		link_kill(k, NET_GONE_TIMEOUT);
	else
		k->tongue->on_due(k);
}

static struct link *first_due(const struct net *n)
{
	struct heap_node *h = heap_min(&n->deadlines);

	return h == NULL ? NULL : list_entry(h, struct link, deadline);
}

/* A key that was too early only costs the look, and is set anew. */
void link_on_alarm(void *net)
{
	struct net *n = net;
	struct link *k;

	n->alarm_at = LINK_NEVER;
	while ((k = first_due(n)) != NULL && k->alarm_at <= loop_now(n->loop)) {
		heap_remove(&n->deadlines, &k->deadline);
		if (due_of(k) <= loop_now(n->loop))
			on_due(k);
		if (!k->dying)
			set_deadline(k);
	}
}

static void set_alarm(struct net *n)
{
	struct link *k = first_due(n);
	msec_t delay;

	if (k == NULL || k->alarm_at == n->alarm_at)
		return;
	n->alarm_at = k->alarm_at;
	delay = k->alarm_at - loop_now(n->loop);
	loop_timer_set(n->alarm, delay > 0 ? delay : 0);
}

/* ---- reading ------------------------------------------------------------- */

/* Enough is waiting that nobody takes: the peer's own buffers may fill. */
static bool is_full(const struct link *k)
{
	return k->stuck && link_kept(k) >= LINK_READ_SIZE;
}

void link_refresh(struct link *k)
{
	bool paused = is_full(k);
	unsigned wants = 0;

	if (k->dying)
		return;
	if (!paused && !k->saw_end)
		wants |= LOOP_READ;
	if (k->stalled || k->conn.wants_write)
		wants |= LOOP_WRITE;
	/* TLS may hold bytes of which the socket will not speak again. */
	if (k->paused && !paused)
		loop_io_again(&k->conn.io, LOOP_READ);
	k->paused = paused;
	loop_io_want(&k->conn.io, wants);
	set_deadline(k);
}

/* A tongue may hand over to another in the middle of the bytes. */
static void take(struct link *k, struct str *in)
{
	const struct tongue *before;

	do {
		before = k->tongue;
		k->stuck = false;
		before->take(k, in);
	} while (k->tongue != before && !k->dying);
	if (k->dying)
		*in = STR_NONE;
}

/* What is left is kept for when more has come. */
static void keep(struct link *k, struct str rest)
{
	if (rest.n == 0)
		return;
	k->in = new_of(struct buf);
	buf_add_str(k->in, rest);
}

static void forget(struct link *k)
{
	if (k->in == NULL)
		return;
	buf_done(k->in);
	mem_free(k->in);
	k->in = NULL;
}

static void feed(struct link *k, char *data, size_t size)
{
	struct str in = { data, size };
	size_t before;

	if (k->in == NULL) {
		take(k, &in);
		keep(k, in);
	} else {
		buf_add(k->in, data, size);
		in = buf_str(k->in);
		before = in.n;
		take(k, &in);
		buf_drop(k->in, before - in.n);
	}
	if (k->in != NULL && k->in->failed)
		link_kill(k, NET_GONE_LIMIT);
	else if (link_kept(k) == 0)
		forget(k);
}

/* After our last word the peer's are thrown away, but not for ever. */
static void drain(struct link *k, size_t size)
{
	k->drained += (uint32_t)size;
	if (k->drained > DRAIN_MAX)
		link_kill(k, k->why);
}

/* The end of the peer's stream is not the end of ours: what it asked before
 * may still be answered. The tongue knows. */
static void on_end(struct link *k)
{
	k->saw_end = true;
	if (k->draining)
		link_kill(k, k->why);
	else if (k->ending)
		link_dirty(k);
	else
		k->tongue->on_end(k);
}

/* One read a turn, however much there is: the next ones are for the others. A
 * buffer that came back full means that there may be more. */
static void read_some(struct link *k)
{
	struct net *n = link_net(k);
	bool shaking = k->conn.shaking;
	ssize_t got;

	if (k->paused || k->saw_end)
		return;
	got = k->conn.ops->read(&k->conn, n->shared, LINK_READ_SIZE);
	if (shaking && !k->conn.shaking)
		begin_tongue(k);
	if (k->dying || got == CONN_AGAIN)
		return;
	if (got == LINK_READ_SIZE)
		loop_io_again(&k->conn.io, LOOP_READ);
	if (got == 0)
		on_end(k);
	else if (got < 0)
		on_broken(k, NET_GONE_ERROR);
	else if (k->draining)
		drain(k, (size_t)got);
	else
		feed(k, n->shared, (size_t)got);
	if (got > 0)
		n->stats.bytes_in += (uint64_t)got;
}

/* The handshake is the dearest thing a stranger can make us do, so it has a
 * budget; who finds it used up keeps his place for the next turn. */
void link_serve(struct loop_io *io, unsigned what)
{
	struct link *k = list_entry(io, struct link, conn.io);
	struct net *n = link_net(k);

	if (k->dying)
		return;
	if (k->conn.shaking && !limits_take_shake(n)) {
		loop_io_again(io, what);
		return;
	}
	n->busy++;
	n->serving = k;
	n->budget = BUDGET;
	if (what & LOOP_WRITE)
		link_flush(k);
	if (what & LINK_AGAIN && link_kept(k) > 0 && !k->draining && !k->dying)
		feed(k, NULL, 0);
	if ((what & LOOP_READ || k->conn.wants_write) && !k->dying)
		read_some(k);
	n->serving = NULL;
	n->busy--;
	link_refresh(k);
}

/* ---- writing ------------------------------------------------------------- */

/* Everything a turn writes to one peer leaves in one call at its end. */
void link_dirty(struct link *k)
{
	struct net *n = link_net(k);

	if (k->dying || list_is_linked(&k->in_net))
		return;
	if (k->listener->class == NET_GATEWAY)
		list_push_front(&n->dirty, &k->in_net);
	else
		list_push(&n->dirty, &k->in_net);
}

static void begin_drain(struct link *k)
{
	if (k->draining || (k->tongue->is_over && !k->tongue->is_over(k)))
		return;
	k->conn.ops->end(&k->conn);
	k->draining = true;
	k->since = link_now(k);
	/* Closing a socket while the peer still sends would reset it, and the
	 * reset may overtake our last words; memory knows no resets. */
	if (k->saw_end || memory_is(&k->conn))
		link_kill(k, k->why);
}

static void all_sent(struct link *k)
{
	buf_done(&k->out);
	k->sent = 0;
	if (k->ending)
		begin_drain(k);
	else if (k->stuck && link_kept(k) > 0)
		loop_io_again(&k->conn.io, LINK_AGAIN);
}

/* false: the socket takes no more. */
static bool write_some(struct link *k)
{
	ssize_t took = k->conn.ops->write(
	    &k->conn, k->out.data + k->sent, k->out.len - k->sent);

	if (took == CONN_BROKEN)
		on_broken(k, NET_GONE_ERROR);
	if (took <= 0)
		return false;
	k->sent += (size_t)took;
	k->progress = link_now(k);
	link_net(k)->stats.bytes_out += (uint64_t)took;
	return true;
}

/* Bounded, for a peer that reads as fast as we write would keep us here. */
void link_flush(struct link *k)
{
	unsigned tries = 0;

	if (!k->stalled)
		k->progress = link_now(k);
	while (!k->dying && k->sent < k->out.len && tries++ < WRITES_MAX) {
		if (!write_some(k))
			break;
	}
	if (k->dying)
		return;
	k->stalled = k->sent < k->out.len;
	if (!k->stalled) {
		all_sent(k);
	} else if (k->sent > k->out.len / 2) {
		buf_drop(&k->out, k->sent);
		k->sent = 0;
	}
}

/* ---- going --------------------------------------------------------------- */

void link_end(struct link *k, enum net_gone why)
{
	k->why = why;
	k->said_all = true;
	k->ending = true;
	k->since = link_now(k);
	link_dirty(k);
}

/* No word to the peer. Whoever calls this may go on using the link until it
 * returns to the loop. */
void link_kill(struct link *k, enum net_gone why)
{
	struct net *n = link_net(k);

	if (k->dying)
		return;
	k->dying = true;
	k->said_all = true;
	k->why = why;
	heap_remove(&n->deadlines, &k->deadline);
	list_remove(&k->in_net);
	list_push(&n->grave, &k->in_net);
}

void link_free(struct link *k)
{
	struct net *n = link_net(k);

	list_remove(&k->in_net);
	heap_remove(&n->deadlines, &k->deadline);
	k->tongue->done(k);
	conn_close(&k->conn);
	forget(k);
	buf_done(&k->out);
	if (!k->trusted)
		limits_uncount(n, k->address_key);
	give_slot(n, k);
	n->stats.peers--;
	listen_unref(k->listener);
	mem_free(k);
}

/* Upstairs is told first: until it has returned, the handle has its tag. */
static void bury(struct link *k)
{
	struct net *n = link_net(k);
	const struct net_app *app = link_app(k);

	if (k->known && app->gone != NULL) {
		app->gone(app->arg, k->self, k->why);
		/* What upstairs made of it needs a turn. */
		loop_wake(n->loop);
	}
	link_free(k);
	listen_resume(n);
}

/* The two lists feed each other: a flush may kill, and what upstairs does on
 * hearing `gone` may write. It ends, for the dead are never written to. */
void net_settle(void *net)
{
	struct net *n = net;
	struct link *k;

	n->busy++;
	for (;;) {
		if ((k = list_first(&n->dirty, struct link, in_net)) != NULL) {
			list_remove(&k->in_net);
			link_flush(k);
			link_refresh(k);
			continue;
		}
		k = list_first(&n->grave, struct link, in_net);
		if (k == NULL)
			break;
		bury(k);
	}
	n->busy--;
	n->shakes = n->limits.handshakes_a_turn * 2;
	set_alarm(n);
}
