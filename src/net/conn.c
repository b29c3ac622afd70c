/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn.c - the plain socket.
 *
 * Entered by listen.c, which makes conns, and through the table by link.c.
 * tls.c and memory.c replace the table. Never blocks and never retries: a
 * short write is reported as such, the caller keeps the rest.
 */
#include "net/conn.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t result(ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return CONN_AGAIN;
	return CONN_BROKEN;
}

static ssize_t plain_read(struct conn *c, void *dst, size_t size)
{
	return result(recv(c->fd, dst, size, 0));
}

static ssize_t plain_write(struct conn *c, const void *src, size_t size)
{
	return result(send(c->fd, src, size, MSG_NOSIGNAL));
}

static void plain_end(struct conn *c)
{
	shutdown(c->fd, SHUT_WR);
}

static void plain_close(struct conn *c)
{
	close(c->fd);
}

static const struct conn_ops plain_ops = {
	plain_read,
	plain_write,
	plain_end,
	plain_close,
};

void conn_init(
    struct conn *c, struct loop *l, int fd, unsigned priority, loop_io_fn fn)
{
	loop_io_init(&c->io, l, fd, priority);
	c->io.fn = fn;
	c->ops = &plain_ops;
	c->below = NULL;
	c->fd = fd;
	c->secure = false;
	c->shaking = false;
	c->wants_write = false;
}

void conn_close(struct conn *c)
{
	loop_io_done(&c->io);
	c->ops->close(c);
}
