/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop.h - the only owner of libevent.
 *
 * One loop, one thread. Each turn: the sockets that are ready are served, then
 * the turn function runs once: that is where the house settles what came in.
 * The clock is sampled once per turn.
 */
#ifndef USHER_NET_LOOP_H
#define USHER_NET_LOOP_H

#include "base/clock.h"
#include "base/err.h"

struct loop;
typedef void (*loop_fn)(void *arg);

struct loop *loop_new(const struct clock *clock);
void loop_free(struct loop *l);
/* Runs turns until loop_stop(). `turn` is called at the end of each. */
void loop_run(struct loop *l, loop_fn turn, void *arg);
void loop_stop(struct loop *l);
/* For tests: serves what is ready now, without waiting, and runs no turn. */
void loop_poll(struct loop *l);
/* Makes the loop run one more turn even if no socket is ready. */
void loop_wake(struct loop *l);
const struct clock *loop_clock(const struct loop *l);
msec_t loop_now(const struct loop *l); /* monotonic, of this turn */

/* Calls fn whenever fd is readable (eventfd of a thread). */
struct loop_watch;
struct loop_watch *loop_watch(struct loop *l, int fd, loop_fn fn, void *arg);
void loop_unwatch(struct loop_watch *w);

/* One-shot timers; setting again moves it; negative delay: off. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *arg);
void loop_timer_set(struct loop_timer *t, msec_t delay);
void loop_timer_free(struct loop_timer *t);

/* Calls fn in the loop (not in the handler) when the signal arrives. */
void loop_on_signal(struct loop *l, int signo, loop_fn fn, void *arg);

#endif
