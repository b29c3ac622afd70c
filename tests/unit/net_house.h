/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * net_house.h - a net in memory, a clock in the hand, and a journal.
 *
 * For the tests of net/: whatever upstairs hears is written into one line of
 * text, so that an expectation reads as a story: "open; hi; gone peer; ".
 */
#ifndef USHER_TESTS_NET_HOUSE_H
#define USHER_TESTS_NET_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/http.h"
#include "net/net.h"

struct house {
	struct clock clock;
	msec_t now;
	struct loop *loop;
	struct net *net;
	struct net_listener *listener;
	size_t live; /* blocks before this house was built */
	struct buf journal;
	struct peer peer; /* the last one heard of */
	bool refuses;     /* admit() says no */
	size_t body_max;
	/* What upstairs does beside writing the journal; NULL: nothing. */
	void (*on_request)(struct house *h, const struct http_request *rq);
	void (*on_open)(struct house *h);
	void (*on_message)(struct house *h, struct str text);
	void (*on_gone)(struct house *h);
};

static inline msec_t house_clock(void *arg)
{
	return ((struct house *)arg)->now;
}

static inline bool house_admit(
    void *arg, struct net_listener *l, struct str address)
{
	struct house *h = arg;

	(void)l;
	(void)address;
	return !h->refuses;
}

static inline size_t house_body_limit(
    void *arg, const struct http_request *head)
{
	(void)head;
	return ((struct house *)arg)->body_max;
}

static inline void house_request(
    void *arg, struct peer p, const struct http_request *rq)
{
	struct house *h = arg;

	h->peer = p;
	buf_addf(&h->journal, "%.*s %.*s", (int)rq->method.n, rq->method.p,
	    (int)rq->target.n, rq->target.p);
	if (rq->body.n > 0)
		buf_addf(&h->journal, " %.*s", (int)rq->body.n, rq->body.p);
	buf_add_text(&h->journal, "; ");
	if (h->on_request != NULL)
		h->on_request(h, rq);
}

static inline void house_open(void *arg, struct peer p)
{
	struct house *h = arg;

	h->peer = p;
	buf_add_text(&h->journal, "open; ");
	if (h->on_open != NULL)
		h->on_open(h);
}

static inline void house_message(void *arg, struct peer p, struct str text)
{
	struct house *h = arg;

	h->peer = p;
	buf_addf(
	    &h->journal, "%.*s; ", (int)(text.n > 200 ? 200 : text.n), text.p);
	if (h->on_message != NULL)
		h->on_message(h, text);
}

static inline void house_binary(void *arg, struct peer p, struct str bytes)
{
	struct house *h = arg;

	h->peer = p;
	buf_addf(&h->journal, "binary %zu; ", bytes.n);
}

static inline void house_gone(void *arg, struct peer p, enum net_gone why)
{
	static const char *const names[] = { "peer", "us", "timeout", "limit",
		"error" };
	struct house *h = arg;

	h->peer = p;
	buf_addf(&h->journal, "gone %s; ", names[why]);
	if (h->on_gone != NULL)
		h->on_gone(h);
}

static inline struct net_listen house_listen(
    struct house *h, enum net_tongue tongue)
{
	struct net_listen how = {
		.address = "memory:",
		.tongue = tongue,
		.class = NET_AGENT,
		.app = { h, house_admit, house_body_limit, house_request,
		    house_open, house_message, house_binary, house_gone },
	};

	return how;
}

static inline struct house *house_new(
    enum net_tongue tongue, const struct net_limits *limits)
{
	size_t live = mem_live();
	struct house *h = new_of(struct house);
	struct net_listen how = house_listen(h, tongue);
	struct fault why;

	h->live = live;
	h->now = 1000000;
	h->body_max = 1000;
	h->clock = (struct clock){ house_clock, house_clock, h };
	h->loop = loop_new(&h->clock);
	h->net = net_new(h->loop, limits);
	if (net_listen(h->net, &how, &h->listener, &why) != 0)
		die("no listener: %s", why.text);
	buf_add_text(&h->journal, "");
	return h;
}

static inline void house_free(struct house *h)
{
	size_t live = h->live;

	net_free(h->net);
	loop_free(h->loop);
	buf_done(&h->journal);
	mem_free(h);
	assert_int_equal(mem_live(), live);
}

static inline struct net_pipe *house_dial(struct house *h)
{
	return net_memory_dial(h->listener, "10.0.0.5");
}

/* What upstairs heard since the last look. */
static inline void house_heard(struct house *h, const char *story)
{
	if (!str_is(buf_str(&h->journal), story))
		fail_msg("heard \"%.*s\", not \"%s\"", (int)h->journal.len,
		    h->journal.data, story);
	buf_clear(&h->journal);
}

/* What the client got since the last look; the caller frees. */
static inline char *house_got(struct net_pipe *p)
{
	struct buf b = { 0 };

	net_memory_read(p, &b);
	return buf_take(&b);
}

static inline void house_gets(struct net_pipe *p, const char *text)
{
	char *got = house_got(p);

	if (strcmp(got, text) != 0)
		fail_msg("got \"%s\", not \"%s\"", got, text);
	mem_free(got);
}

/* The first line of an answer, or all of it, holds this. */
static inline void house_gets_with(struct net_pipe *p, const char *part)
{
	char *got = house_got(p);

	if (strstr(got, part) == NULL)
		fail_msg("got \"%s\" without \"%s\"", got, part);
	mem_free(got);
}

static inline void house_say(struct net_pipe *p, const char *text)
{
	net_memory_write(p, str_of(text));
}

/* Time passes, and what is due is done. */
static inline void house_wait(struct house *h, msec_t ms)
{
	h->now += ms;
	loop_poll(h->loop);
}

static inline struct net_stats house_stats(const struct house *h)
{
	struct net_stats s;

	net_stats(h->net, &s);
	return s;
}

static inline void house_answer(struct house *h, const char *body)
{
	struct http_answer a = { .status = 200, .body = str_of(body) };

	net_answer(h->net, h->peer, &a);
}

#endif
