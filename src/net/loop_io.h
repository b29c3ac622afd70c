/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop_io.h - readiness of a file descriptor, for the rooms inside net/.
 *
 * libevent only marks an io as ready; the loop serves the marked ones after
 * the wait, gateways first. So no handler ever runs inside libevent, any
 * handler may free any io, and one turn serves a bounded set.
 */
#ifndef USHER_NET_LOOP_IO_H
#define USHER_NET_LOOP_IO_H

#include <event2/event_struct.h>

#include "base/list.h"
#include "net/loop.h"

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* Served in this order within a turn. */
enum { LOOP_FIRST, LOOP_SECOND, LOOP_THIRD, LOOP_PRIORITIES };

struct loop_io;
typedef void (*loop_io_fn)(struct loop_io *io, unsigned what);

struct loop_io {
	struct event ev;
	struct list ready; /* linked: waits to be served */
	struct loop *loop;
	loop_io_fn fn;
	uint8_t wants;
	uint8_t is; /* what it is ready for */
	uint8_t priority;
	bool has_fd;
};

/* fd -1: never ready by itself, only by loop_io_again(). */
void loop_io_init(
    struct loop_io *io, struct loop *l, int fd, unsigned priority);
/* Which readiness is looked for, LOOP_READ and LOOP_WRITE or-ed. */
void loop_io_want(struct loop_io *io, unsigned wants);
/* Serves it in the next turn, whatever the socket says. */
void loop_io_again(struct loop_io *io, unsigned what);
/* Before the fd is closed. */
void loop_io_done(struct loop_io *io);

/* Called after the ready ones were served and again after the turn. */
void loop_on_settle(struct loop *l, loop_fn fn, void *arg);
void loop_off_settle(struct loop *l, loop_fn fn, void *arg);
/* Looks at the clock between turns, for what runs outside of one. */
void loop_sample(struct loop *l);

#endif
