/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_link.c - a peer that speaks HTTP: requests in, answers out, in order.
 *
 * Entered by link.c with bytes and by net.c with answers. One request at a
 * time: the next is not even parsed before the last one is answered, so order
 * needs no queue, and a peer that does not read its answers is not listened
 * to. After a framing error nothing is read as a request any more.
 */
#include "net/http_link.h"

#include "base/mem.h"
#include "net/gate.h"
#include "net/http_write.h"
#include "net/listen.h"

#define HEAD_MS      10000
#define IDLE_MS      30000
#define BODY_RATE    1024 /* bytes a second, after the first HEAD_MS */
#define BODY_DEFAULT (256 * 1024)
#define REQUESTS_MAX 1000
/* Unsent answers from which on no further request is taken. */
#define UNSENT_MAX 65536
#define SPARE_MAX  64

/* Parsers are big and few are needed at once: an idle peer has none. */
struct spare {
	struct http_parser parser; /* first: one is the other */
	struct list in_net;
};

static struct http_parser *parser_take(struct net *n)
{
	struct spare *s = list_first(&n->parsers, struct spare, in_net);

	if (s != NULL) {
		list_remove(&s->in_net);
		n->parser_count--;
		return &s->parser;
	}
	s = new_of(struct spare);
	http_parser_init(&s->parser);
	list_init(&s->in_net);
	return &s->parser;
}

static void parser_free(struct http_parser *p)
{
	http_parser_done(p);
	mem_free(container_of(p, struct spare, parser));
}

static void parser_give(struct net *n, struct http_parser *p)
{
	struct spare *s;

	if (n->parser_count == SPARE_MAX) {
		parser_free(p);
		return;
	}
	s = container_of(p, struct spare, parser);
	http_parser_reset(p);
	list_push_front(&n->parsers, &s->in_net);
	n->parser_count++;
}

void http_link_free_parsers(struct net *n)
{
	struct spare *s, *tmp;

	list_each_safe(s, tmp, &n->parsers, in_net)
		parser_free(&s->parser);
	list_init(&n->parsers);
	n->parser_count = 0;
}

static void parser_drop(struct link *k)
{
	if (k->as.http.parser != NULL)
		parser_give(link_net(k), k->as.http.parser);
	k->as.http.parser = NULL;
}

/* ---- answering ----------------------------------------------------------- */

/* The date is made once a second, not once an answer. */
static const char *date(struct net *n)
{
	msec_t second = clock_wall(loop_clock(n->loop)) / 1000;

	if (n->date[0] == '\0' || n->date_at != second) {
		n->date_at = second;
		http_date(second * 1000, n->date);
	}
	return n->date;
}

/* Closing is part of the answer: the peer is told in the head. */
static void put_answer(
    struct link *k, uint64_t mark, const struct http_answer *answer)
{
	struct http_manner manner = {
		.date = date(link_net(k)),
		.head_only = k->as.http.head_only,
		.keep_alive = k->as.http.keep_alive && !answer->close,
		.minor = k->as.http.minor,
	};
	struct buf *out = gate_begin(k, mark);

	http_write(out, answer, &manner);
	if (!manner.keep_alive)
		k->why = NET_GONE_US;
	gate_end(k, out, !manner.keep_alive);
}

void http_link_answer(struct link *k, const struct http_answer *answer)
{
	struct net *n = link_net(k);

	if (!k->as.http.answering)
		return;
	k->as.http.answering = false;
	k->since = link_now(k);
	if (k->saw_end && link_kept(k) == 0 && n->serving != k)
		k->as.http.keep_alive = false;
	put_answer(k, n->mark, answer);
	if (n->serving == k)
		return;
	if (link_kept(k) > 0)
		loop_io_again(&k->conn.io, LINK_AGAIN);
	link_refresh(k);
}

void http_link_refuse(struct link *k, int status, enum net_gone why)
{
	char body[128];
	struct http_answer answer = {
		.status = status,
		.type = "application/problem+json",
		.close = true,
	};
	int n = snprintf(body, sizeof(body),
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}",
	    http_status_text(status), status);

	answer.body = (struct str){ body, (size_t)n };
	if (why == NET_GONE_ERROR)
		link_net(k)->stats.framing_errors++;
	parser_drop(k);
	k->as.http.answering = false;
	k->as.http.head_only = false;
	put_answer(k, 0, &answer);
	if (!k->dying)
		k->why = (uint8_t)why;
}

/* ---- asking -------------------------------------------------------------- */

/* Asked before a byte of the body is kept: the path decides how much. */
static void begin_body(struct link *k, struct http_parser *p)
{
	const struct net_app *app = link_app(k);

	p->rq.address = str_of(k->address);
	p->rq.secure = k->conn.secure;
	p->body_max = app->body_limit == NULL
	                  ? BODY_DEFAULT
	                  : app->body_limit(app->arg, &p->rq);
	k->since = link_now(k);
}

/* Said only to a peer that has begun to wait for it. */
static void say_continue(struct link *k, struct http_parser *p)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct buf *out;

	p->expects = false;
	if (p->body.len > 0)
		return;
	out = gate_begin(k, 0);
	buf_add_text(out, line);
	gate_end(k, out, false);
}

/* While upstairs looks at the request the link may become a WebSocket, which
 * clears our part of it: so the parser is held here alone. */
static void deliver(struct link *k, struct http_parser *p)
{
	const struct net_app *app = link_app(k);
	struct http_state *h = &k->as.http;
	static const struct http_answer nobody = { .status = 404 };

	h->parser = NULL;
	h->requests++;
	h->answering = true;
	h->head_only = str_is(p->rq.method, "HEAD");
	h->minor = p->minor;
	h->keep_alive = p->rq.keep_alive && h->requests < REQUESTS_MAX;
	p->rq.address = str_of(k->address);
	p->rq.secure = k->conn.secure;
	k->known = true;
	if (app->request != NULL)
		app->request(app->arg, k->self, &p->rq);
	else
		http_link_answer(k, &nobody);
	parser_give(link_net(k), p);
	if (k->tongue != &http_tongue && !k->dying)
		link_open(k);
}

static enum http_step step_on(struct link *k, struct str *in)
{
	struct http_parser *p = k->as.http.parser;
	enum http_step step;

	if (p == NULL) {
		p = parser_take(link_net(k));
		k->as.http.parser = p;
		k->since = link_now(k);
	}
	step = http_parser_feed(p, in);
	if (step == HTTP_HEAD) {
		begin_body(k, p);
		step = http_parser_feed(p, in);
		if (step == HTTP_MORE && p->expects)
			say_continue(k, p);
	}
	return step;
}

/* Asked before each request, never within one: a request that has begun is
 * read to its end. */
static bool may_ask(struct link *k)
{
	if (k->as.http.answering || link_backlog(k) > UNSENT_MAX) {
		k->stuck = true;
		return false;
	}
	return link_spend(k);
}

/* The peer has shut its side and all it asked is answered. */
static void leave(struct link *k)
{
	struct buf *out = gate_begin(k, 0);

	k->why = NET_GONE_PEER;
	gate_end(k, out, true);
}

static void http_take(struct link *k, struct str *in)
{
	enum http_step step;

	while (in->n > 0 && !k->dying) {
		if (k->said_all) {
			*in = STR_NONE;
			return;
		}
		if (k->as.http.parser == NULL && !may_ask(k))
			return;
		step = step_on(k, in);
		if (step == HTTP_REFUSED)
			http_link_refuse(
			    k, k->as.http.parser->status, NET_GONE_ERROR);
		else if (step == HTTP_DONE)
			deliver(k, k->as.http.parser);
		if (k->tongue != &http_tongue)
			return;
	}
	if (k->saw_end && !k->as.http.answering && !k->stuck && !k->said_all)
		leave(k);
}

/* A peer may shut its side behind a request and still read the answer. */
static void http_on_end(struct link *k)
{
	if (!k->as.http.answering && !k->stuck && !k->said_all)
		leave(k);
}

/* ---- time ---------------------------------------------------------------- */

/* `since` is the first byte of the head, then that of the body. */
static msec_t http_due(const struct link *k)
{
	const struct http_parser *p = k->as.http.parser;

	if (k->as.http.answering || k->said_all)
		return LINK_NEVER;
	if (p == NULL)
		return link_backlog(k) > 0 ? LINK_NEVER : k->since + IDLE_MS;
	return k->since + HEAD_MS + (msec_t)(p->body.len * 1000 / BODY_RATE);
}

static void http_on_due(struct link *k)
{
	if (k->as.http.parser == NULL)
		link_end(k, NET_GONE_TIMEOUT);
	else
		http_link_refuse(k, 408, NET_GONE_TIMEOUT);
}

static void http_done(struct link *k)
{
	parser_drop(k);
}

const struct tongue http_tongue = {
	.take = http_take,
	.on_end = http_on_end,
	.due = http_due,
	.on_due = http_on_due,
	.done = http_done,
};
