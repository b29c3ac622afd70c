/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn.h - a stream of bytes: plain socket, TLS, or a pair of memory queues.
 *
 * One const table per kind, so nobody above asks which it is. Never blocks,
 * never calls upstairs, knows nothing of peers. An idle plain one holds no
 * buffers at all: what is read lands in a buffer the whole net shares.
 */
#ifndef USHER_NET_CONN_H
#define USHER_NET_CONN_H

#include <sys/types.h>

#include "net/loop_io.h"

/* Results of reading and writing beside a count of bytes (reading 0: end). */
enum { CONN_AGAIN = -1, CONN_BROKEN = -2 };

struct conn;
struct conn_ops {
	ssize_t (*read)(struct conn *c, void *dst, size_t size);
	ssize_t (*write)(struct conn *c, const void *src, size_t size);
	void (*end)(struct conn *c);   /* no more bytes from us */
	void (*close)(struct conn *c); /* and everything beneath is freed */
};

struct conn {
	struct loop_io io;
	const struct conn_ops *ops;
	void *below; /* SSL or pipe; a plain socket has nothing */
	int fd;      /* -1: memory */
	bool secure;
	bool shaking;     /* the TLS handshake is not through */
	bool wants_write; /* TLS must write before it can read */
};

/* A connected, non-blocking socket, which the conn owns from now on. */
void conn_init(
    struct conn *c, struct loop *l, int fd, unsigned priority, loop_io_fn fn);
void conn_close(struct conn *c);

#endif
