/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memory.c - peers without sockets, for tests that decide when bytes move.
 *
 * Entered by tests and by the server when it runs inside one. The same links,
 * tongues, limits and deadlines as on the wire; only the table beneath the
 * conn differs. Must not be faster than a socket could be: the queue to the
 * client is bounded, so a client that does not read has a backlog.
 */
#include "net/memory.h"

#include "base/mem.h"
#include "net/link.h"
#include "net/listen.h"

#define QUEUE_MAX 65536

struct net_pipe {
	struct net *net;   /* NULL when the link has gone */
	struct link *link; /* likewise */
	struct buf in;     /* to the server */
	struct buf out;    /* to the client */
	bool hung_up;
	bool ended; /* the server will send no more */
};

static ssize_t memory_read(struct conn *c, void *dst, size_t size)
{
	struct net_pipe *p = c->below;
	size_t n = p->in.len < size ? p->in.len : size;

	if (p->in.failed)
		return CONN_BROKEN;
	if (n == 0)
		return p->hung_up ? 0 : CONN_AGAIN;
	memcpy(dst, p->in.data, n);
	buf_drop(&p->in, n);
	/* A queue that ends behind these bytes will not wake anybody. */
	if (p->hung_up)
		loop_io_again(&c->io, LOOP_READ);
	return (ssize_t)n;
}

static ssize_t memory_write(struct conn *c, const void *src, size_t size)
{
	struct net_pipe *p = c->below;
	size_t room = QUEUE_MAX - p->out.len;

	if (p->hung_up)
		return CONN_BROKEN;
	if (room == 0)
		return CONN_AGAIN;
	if (size > room)
		size = room;
	buf_add(&p->out, src, size);
	return p->out.failed ? CONN_BROKEN : (ssize_t)size;
}

static void memory_end(struct conn *c)
{
	struct net_pipe *p = c->below;

	p->ended = true;
}

static void pipe_free(struct net_pipe *p)
{
	buf_done(&p->in);
	buf_done(&p->out);
	mem_free(p);
}

/* The client's end is the client's to free, unless it hung up long ago. */
static void memory_close(struct conn *c)
{
	struct net_pipe *p = c->below;

	p->ended = true;
	p->net = NULL;
	p->link = NULL;
	if (p->hung_up)
		pipe_free(p);
}

static const struct conn_ops memory_ops = {
	memory_read,
	memory_write,
	memory_end,
	memory_close,
};

bool memory_is(const struct conn *c)
{
	return c->ops == &memory_ops;
}

/* Within a callback of the net nothing may be served: the next turn does. */
static void move(struct net_pipe *p, unsigned what)
{
	struct net *n = p->net;

	if (p->link->dying)
		return;
	if (n->busy > 0) {
		loop_io_again(&p->link->conn.io, what);
		return;
	}
	loop_sample(n->loop);
	link_serve(&p->link->conn.io, what);
	net_settle(n);
}

struct net_pipe *net_memory_dial(struct net_listener *l, const char *from)
{
	struct net_pipe *p = new_of(struct net_pipe);
	struct net *n = l->net;
	struct link *k;

	n->busy++;
	k = link_admit(l, str_of(from));
	if (k == NULL) {
		p->ended = true;
	} else {
		p->net = n;
		p->link = k;
		conn_init(&k->conn, n->loop, -1, l->class, link_serve);
		k->conn.ops = &memory_ops;
		k->conn.below = p;
		link_start(k);
	}
	n->busy--;
	return p;
}

void net_memory_write(struct net_pipe *p, struct str bytes)
{
	if (p->link == NULL)
		return;
	buf_add_str(&p->in, bytes);
	move(p, LOOP_READ);
	/* A turn reads so much and no more; the caller wants it all gone. */
	while (p->link != NULL && p->in.len > 0 && !p->link->paused &&
	       p->net->busy == 0)
		move(p, LOOP_READ);
}

void net_memory_read(struct net_pipe *p, struct buf *out)
{
	do {
		if (p->net != NULL && p->net->busy == 0)
			net_settle(p->net);
		buf_add_str(out, buf_str(&p->out));
		buf_clear(&p->out);
		if (p->link != NULL && p->link->stalled)
			move(p, LOOP_WRITE);
	} while (p->out.len > 0);
}

bool net_memory_is_closed(const struct net_pipe *p)
{
	return p->ended;
}

void net_memory_hang_up(struct net_pipe *p)
{
	if (p == NULL)
		return;
	p->hung_up = true;
	if (p->link == NULL)
		pipe_free(p);
	else
		move(p, LOOP_READ);
}
