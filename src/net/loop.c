/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop.c - turns: wait, serve, settle, think, settle.
 *
 * Entered by main (loop_run) and by tests (loop_poll). libevent waits and
 * tells who is ready; who is served, and in what order, is decided here. Our
 * timers hang on our own clock, so a test's clock moves them. Nothing here may
 * block but the one wait.
 */
#include "net/loop.h"

#include <event2/event.h>
#include <signal.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/mem.h"
#include "net/loop_io.h"

/* libevent rests at most this long, whatever the timers say. */
#define REST_MAX (60 * 60 * 1000)

struct hook {
	struct list in_loop;
	loop_fn fn;
	void *arg;
};

/* A watched fd or a signal: an io that calls a plain function. */
struct loop_watch {
	struct loop_io io;
	struct list in_loop; /* signals are freed with the loop */
	loop_fn fn;
	void *arg;
};

struct loop_timer {
	struct heap_node node;
	msec_t due;
	uint64_t order; /* of setting: first set, first called */
	struct loop *loop;
	loop_fn fn;
	void *arg;
};

struct loop {
	struct event_base *base;
	struct event rest; /* ends the wait when a timer is due */
	const struct clock *clock;
	msec_t now;
	struct list ready[LOOP_PRIORITIES];
	struct list hooks;
	struct list signals;
	struct heap timers;
	uint64_t timer_order;
	bool wake;
	bool stop;
};

/* ---- readiness ----------------------------------------------------------- */

static void mark_ready(struct loop_io *io, unsigned what)
{
	io->is |= what;
	if (!list_is_linked(&io->ready))
		list_push(&io->loop->ready[io->priority], &io->ready);
}

/* The only callback libevent ever runs for a socket or a signal. */
static void on_event(evutil_socket_t fd, short what, void *arg)
{
	unsigned is = 0;

	(void)fd;
	if (what & (EV_READ | EV_SIGNAL))
		is |= LOOP_READ;
	if (what & EV_WRITE)
		is |= LOOP_WRITE;
	mark_ready(arg, is);
}

void loop_io_init(struct loop_io *io, struct loop *l, int fd, unsigned priority)
{
	io->loop = l;
	io->fn = NULL;
	io->wants = 0;
	io->is = 0;
	io->priority = priority;
	io->has_fd = fd >= 0;
	list_init(&io->ready);
	if (io->has_fd)
		event_assign(&io->ev, l->base, fd, EV_PERSIST, on_event, io);
}

/* libevent has no "change": away and anew, which costs two system calls, so it
 * is done only when something differs. */
void loop_io_want(struct loop_io *io, unsigned wants)
{
	short what = EV_PERSIST;

	if (io->wants == wants || !io->has_fd)
		return;
	if (io->wants != 0)
		event_del(&io->ev);
	io->wants = wants;
	if (wants == 0)
		return;
	if (wants & LOOP_READ)
		what |= EV_READ;
	if (wants & LOOP_WRITE)
		what |= EV_WRITE;
	event_assign(
	    &io->ev, io->loop->base, event_get_fd(&io->ev), what, on_event, io);
	if (event_add(&io->ev, NULL) != 0)
		die("a socket cannot be watched");
}

void loop_io_again(struct loop_io *io, unsigned what)
{
	mark_ready(io, what);
}

void loop_io_done(struct loop_io *io)
{
	if (io->wants != 0)
		event_del(&io->ev);
	io->wants = 0;
	io->has_fd = false;
	list_remove(&io->ready);
}

/* Moves the whole list, so that what gets ready meanwhile waits a turn. */
static void list_take(struct list *to, struct list *from)
{
	list_init(to);
	if (list_is_empty(from))
		return;
	*to = *from;
	to->next->prev = to;
	to->prev->next = to;
	list_init(from);
}

static void serve(struct loop *l)
{
	struct list batch[LOOP_PRIORITIES];
	struct loop_io *io;
	unsigned i, what;

	for (i = 0; i < LOOP_PRIORITIES; i++)
		list_take(&batch[i], &l->ready[i]);
	for (i = 0; i < LOOP_PRIORITIES; i++) {
		while (!list_is_empty(&batch[i])) {
			io = list_first(&batch[i], struct loop_io, ready);
			list_remove(&io->ready);
			what = io->is;
			io->is = 0;
			io->fn(io, what);
		}
	}
}

/* ---- timers -------------------------------------------------------------- */

static bool timer_before(const struct heap_node *a, const struct heap_node *b)
{
	const struct loop_timer *x = list_entry(a, struct loop_timer, node);
	const struct loop_timer *y = list_entry(b, struct loop_timer, node);

	return x->due != y->due ? x->due < y->due : x->order < y->order;
}

static struct loop_timer *first_timer(const struct loop *l)
{
	struct heap_node *n = heap_min(&l->timers);

	return n == NULL ? NULL : list_entry(n, struct loop_timer, node);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *arg)
{
	struct loop_timer *t = new_of(struct loop_timer);

	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	return t;
}

/* Counts from the turn's time, not from now: what is set in one turn with one
 * delay is due in one turn. */
void loop_timer_set(struct loop_timer *t, msec_t delay)
{
	heap_remove(&t->loop->timers, &t->node);
	if (delay < 0)
		return;
	t->due = t->loop->now + delay;
	t->order = ++t->loop->timer_order;
	heap_add(&t->loop->timers, &t->node);
}

void loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	heap_remove(&t->loop->timers, &t->node);
	mem_free(t);
}

/* Timers set by the called ones wait for the next turn, even with delay 0. */
static void run_timers(struct loop *l)
{
	uint64_t last = l->timer_order;
	struct loop_timer *t;

	while ((t = first_timer(l)) != NULL) {
		if (t->due > l->now || t->order > last)
			return;
		heap_remove(&l->timers, &t->node);
		t->fn(t->arg);
	}
}

/* ---- watches and signals ------------------------------------------------- */

static void on_watch(struct loop_io *io, unsigned what)
{
	struct loop_watch *w = list_entry(io, struct loop_watch, io);

	(void)what;
	w->fn(w->arg);
}

static struct loop_watch *watch_new(
    struct loop *l, int fd, loop_fn fn, void *arg)
{
	struct loop_watch *w = new_of(struct loop_watch);

	loop_io_init(&w->io, l, fd, LOOP_FIRST);
	w->io.fn = on_watch;
	list_init(&w->in_loop);
	w->fn = fn;
	w->arg = arg;
	return w;
}

struct loop_watch *loop_watch(struct loop *l, int fd, loop_fn fn, void *arg)
{
	struct loop_watch *w = watch_new(l, fd, fn, arg);

	loop_io_want(&w->io, LOOP_READ);
	return w;
}

void loop_unwatch(struct loop_watch *w)
{
	if (w == NULL)
		return;
	loop_io_done(&w->io);
	mem_free(w);
}

void loop_on_signal(struct loop *l, int signo, loop_fn fn, void *arg)
{
	struct loop_watch *w = watch_new(l, -1, fn, arg);

	list_push(&l->signals, &w->in_loop);
	event_assign(&w->io.ev, l->base, signo, EV_SIGNAL | EV_PERSIST,
	    on_event, &w->io);
	w->io.wants = LOOP_READ;
	if (event_add(&w->io.ev, NULL) != 0)
		die("signal %d cannot be watched", signo);
}

/* ---- hooks --------------------------------------------------------------- */

void loop_on_settle(struct loop *l, loop_fn fn, void *arg)
{
	struct hook *h = new_of(struct hook);

	h->fn = fn;
	h->arg = arg;
	list_push(&l->hooks, &h->in_loop);
}

void loop_off_settle(struct loop *l, loop_fn fn, void *arg)
{
	struct hook *h, *tmp;

	list_each_safe(h, tmp, &l->hooks, in_loop) {
		if (h->fn != fn || h->arg != arg)
			continue;
		list_remove(&h->in_loop);
		mem_free(h);
	}
}

static void settle(struct loop *l)
{
	struct hook *h, *tmp;

	list_each_safe(h, tmp, &l->hooks, in_loop)
		h->fn(h->arg);
}

/* ---- turns --------------------------------------------------------------- */

static void on_rest(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static bool has_ready(const struct loop *l)
{
	unsigned i;

	for (i = 0; i < LOOP_PRIORITIES; i++) {
		if (!list_is_empty(&l->ready[i]))
			return true;
	}
	return false;
}

/* libevent's clock may be a few ms coarser than ours: waking early is a turn
 * for nothing, and the rest is waited for again. */
static void set_rest(struct loop *l)
{
	struct loop_timer *t = first_timer(l);
	msec_t delay = REST_MAX;
	struct timeval tv;

	if (t != NULL && t->due - l->now < delay)
		delay = t->due - l->now;
	if (delay < 0)
		delay = 0;
	tv.tv_sec = delay / 1000;
	tv.tv_usec = delay % 1000 * 1000;
	event_add(&l->rest, &tv);
}

static void wait_ready(struct loop *l, bool block)
{
	int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

	if (l->wake || l->stop || has_ready(l))
		block = false;
	l->wake = false;
	if (block) {
		loop_sample(l);
		set_rest(l);
	} else {
		flags |= EVLOOP_NONBLOCK;
	}
	if (event_base_loop(l->base, flags) < 0)
		die("the wait for sockets failed");
}

/* Sockets before timers: an answer that has arrived is not too late. */
static void gather(struct loop *l, bool block)
{
	wait_ready(l, block);
	loop_sample(l);
	serve(l);
	run_timers(l);
	settle(l);
}

void loop_sample(struct loop *l)
{
	l->now = clock_mono(l->clock);
}

struct loop *loop_new(const struct clock *clock)
{
	struct loop *l = new_of(struct loop);
	struct event_config *how = event_config_new();
	unsigned i;

	/* One thread owns the loop: libevent need not lock anything. */
	if (how == NULL || event_config_set_flag(how, EVENT_BASE_FLAG_NOLOCK))
		die("no event loop");
	l->base = event_base_new_with_config(how);
	event_config_free(how);
	if (l->base == NULL)
		die("no event loop");
	event_assign(&l->rest, l->base, -1, 0, on_rest, l);
	l->clock = clock;
	for (i = 0; i < LOOP_PRIORITIES; i++)
		list_init(&l->ready[i]);
	list_init(&l->hooks);
	list_init(&l->signals);
	heap_init(&l->timers, timer_before);
	/* OpenSSL writes to sockets by write(2), which cannot say NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	loop_sample(l);
	return l;
}

void loop_free(struct loop *l)
{
	struct loop_watch *w, *tmp;

	if (l == NULL)
		return;
	list_each_safe(w, tmp, &l->signals, in_loop) {
		list_remove(&w->in_loop);
		loop_unwatch(w);
	}
	event_del(&l->rest);
	event_base_free(l->base);
	heap_done(&l->timers);
	mem_free(l);
}

/* Settled twice: before the turn so that it hears who has gone, after it so
 * that what it said leaves. */
void loop_run(struct loop *l, loop_fn turn, void *arg)
{
	l->stop = false;
	while (!l->stop) {
		gather(l, true);
		if (turn != NULL)
			turn(arg);
		settle(l);
	}
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

void loop_poll(struct loop *l)
{
	gather(l, false);
}

void loop_wake(struct loop *l)
{
	l->wake = true;
}

const struct clock *loop_clock(const struct loop *l)
{
	return l->clock;
}

msec_t loop_now(const struct loop *l)
{
	return l->now;
}
