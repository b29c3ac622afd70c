/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ws.c - a peer that has become a WebSocket: handshake, pings, closing.
 *
 * Entered by http_link.c through net_upgrade(), then by link.c. What the
 * protocol itself has to say (pong, ping, close for a broken frame) is not held
 * back by marks. After a close frame was written, nothing is.
 */
#include "net/ws.h"

#include "base/crypto.h"
#include "net/gate.h"
#include "net/http_link.h"
#include "net/listen.h"

#define PING_MS    25000
#define MISSES_MAX 2
#define BYE_MS     5000 /* for the peer's half of the closing handshake */
#define KEY_BYTES  16
#define MAGIC      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum { TIRED = 1008, NO_BINARY = 1003 };

/* ---- the handshake ------------------------------------------------------- */

static unsigned count_of(const struct http_request *rq, const char *name)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < rq->field_count; i++) {
		if (str_is_nocase(rq->fields[i].name, name))
			count++;
	}
	return count;
}

/* Lists may come in several fields. */
static bool says(
    const struct http_request *rq, const char *name, const char *token)
{
	size_t i;

	for (i = 0; i < rq->field_count; i++) {
		if (str_is_nocase(rq->fields[i].name, name) &&
		    http_list_has(rq->fields[i].value, token))
			return true;
	}
	return false;
}

/* Decoded and measured, for a client that sends something else is none. */
static bool is_key(struct str key)
{
	struct buf raw = { 0 };
	bool good = base64_decode(key, &raw) == 0 && raw.len == KEY_BYTES;

	buf_done(&raw);
	return good;
}

static bool is_handshake(const struct link *k, const struct http_request *rq)
{
	return k->as.http.minor && str_is(rq->method, "GET") &&
	       rq->body.n == 0 && says(rq, "Connection", "upgrade") &&
	       says(rq, "Upgrade", "websocket") &&
	       count_of(rq, "Sec-WebSocket-Key") == 1 &&
	       is_key(http_field(rq, "Sec-WebSocket-Key"));
}

/* RFC 6455 4.2.2 has the server name the version it speaks. */
static void refuse_version(struct link *k)
{
	struct http_answer answer = {
		.status = 426,
		.extra = "Sec-WebSocket-Version: 13\r\n"
		         "Upgrade: websocket\r\n",
		.close = true,
	};

	http_link_answer(k, &answer);
}

static void write_accept(struct buf *out, struct str key)
{
	uint8_t digest[SHA1_BYTES];
	struct buf text = { 0 };

	buf_add_str(&text, key);
	buf_add_text(&text, MAGIC);
	sha1(buf_str(&text), digest);
	buf_done(&text);
	base64_encode(
	    (struct str){ (const char *)digest, sizeof(digest) }, out);
}

static void welcome(
    struct link *k, const struct http_request *rq, const char *protocol)
{
	struct buf *out = gate_begin(k, link_net(k)->mark);

	buf_add_text(out, "HTTP/1.1 101 Switching Protocols\r\n"
	                  "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	                  "Sec-WebSocket-Accept: ");
	write_accept(out, http_field(rq, "Sec-WebSocket-Key"));
	if (protocol != NULL)
		buf_addf(out, "\r\nSec-WebSocket-Protocol: %s", protocol);
	buf_add_text(out, "\r\n\r\n");
	gate_end(k, out, false);
}

/* Grammar before version: only who speaks WebSocket at all is told which. */
int ws_upgrade(
    struct link *k, const struct http_request *rq, const char *protocol)
{
	if (!k->as.http.answering)
		return ERR_STATE;
	if (!is_handshake(k, rq)) {
		http_link_refuse(k, 400, NET_GONE_ERROR);
		return ERR_INVALID;
	}
	if (!str_is(http_field(rq, "Sec-WebSocket-Version"), "13")) {
		refuse_version(k);
		return ERR_INVALID;
	}
	welcome(k, rq, protocol);
	k->tongue = &ws_tongue;
	k->as.ws = (struct ws_state){ .pinged_at = link_now(k) };
	return 0;
}

/* ---- what the protocol says by itself ------------------------------------ */

static void say(struct link *k, enum ws_opcode opcode, struct str payload)
{
	struct buf *out = gate_begin(k, GATE_NOW);

	ws_write(out, opcode, payload);
	gate_end(k, out, false);
}

static void say_close(
    struct link *k, unsigned code, const char *reason, enum net_gone why)
{
	struct buf *out = gate_begin(k, GATE_NOW);

	ws_write_close(out, code, str_of(reason));
	k->why = (uint8_t)why;
	gate_end(k, out, true);
}

/* "Fail the connection": the peer's answer is not waited for. */
static void fail(struct link *k, unsigned code)
{
	bool too_big = code == 1009;

	link_net(k)->stats.framing_errors++;
	k->as.ws.heard_close = true;
	if (!k->ending)
		say_close(
		    k, code, "", too_big ? NET_GONE_LIMIT : NET_GONE_ERROR);
	else
		link_dirty(k);
}

/* ---- messages ------------------------------------------------------------ */

/* The peer's code is given back to it (RFC 6455 5.5.1), not its reason. */
static void on_close(struct link *k)
{
	k->as.ws.heard_close = true;
	if (k->ending)
		link_dirty(k); /* ours has gone: all is said on both sides */
	else
		say_close(k, k->as.ws.reader.code, "", NET_GONE_PEER);
}

static void on_message(struct link *k, const struct ws_item *item)
{
	const struct net_app *app = link_app(k);

	k->spoken = true;
	if (item->opcode == WS_TEXT && app->message != NULL)
		app->message(app->arg, k->self, item->payload);
	else if (item->opcode == WS_BINARY && app->binary != NULL)
		app->binary(app->arg, k->self, item->payload);
	else if (item->opcode == WS_BINARY)
		say_close(k, NO_BINARY, "text only", NET_GONE_ERROR);
}

/* After our close only the peer's close counts; a pong needs no deed, for any
 * byte has already reset the count of misses. */
static void on_item(struct link *k, const struct ws_item *item)
{
	if (item->opcode == WS_CLOSE) {
		on_close(k);
	} else if (k->said_all || item->opcode == WS_PONG) {
		return;
	} else if (item->opcode == WS_PING) {
		say(k, WS_PONG, item->payload);
	} else {
		on_message(k, item);
	}
}

static void ws_take(struct link *k, struct str *in)
{
	struct ws_item item;
	enum ws_step step;

	k->as.ws.unanswered = 0;
	while (!k->dying) {
		if (k->as.ws.heard_close) {
			*in = STR_NONE;
			return;
		}
		if (in->n > 0 && !link_spend(k))
			return;
		step =
		    ws_feed(&k->as.ws.reader, &k->listener->bounds, in, &item);
		if (step == WS_MORE)
			return;
		if (step == WS_BROKEN)
			fail(k, k->as.ws.reader.code);
		else
			on_item(k, &item);
	}
}

static void ws_on_end(struct link *k)
{
	link_kill(k, NET_GONE_PEER);
}

/* ---- time ---------------------------------------------------------------- */

static bool is_silent(const struct link *k)
{
	return !k->spoken && !k->trusted;
}

/* Pings go on while messages flow: they also keep the ways between open. */
static msec_t ws_due(const struct link *k)
{
	msec_t due = k->as.ws.pinged_at + PING_MS;

	if (k->ending)
		return k->since + BYE_MS;
	if (k->said_all)
		return LINK_NEVER;
	if (is_silent(k) && k->since + k->listener->first_message < due)
		due = k->since + k->listener->first_message;
	return due;
}

static void ping(struct link *k)
{
	k->as.ws.pinged_at = link_now(k);
	k->as.ws.unanswered++;
	say(k, WS_PING, STR_NONE);
}

static void ws_on_due(struct link *k)
{
	msec_t now = link_now(k);

	if (k->ending)
		link_kill(k, k->why);
	else if (is_silent(k) && k->since + k->listener->first_message <= now)
		say_close(k, TIRED, "no message came", NET_GONE_TIMEOUT);
	else if (k->as.ws.unanswered >= MISSES_MAX)
		link_kill(k, NET_GONE_TIMEOUT);
	else
		ping(k);
}

static void ws_done(struct link *k)
{
	ws_reader_done(&k->as.ws.reader);
}

/* ---- writing ------------------------------------------------------------- */

static void ws_write_message(struct buf *out, struct str text, bool binary)
{
	ws_write(out, binary ? WS_BINARY : WS_TEXT, text);
}

static bool ws_is_over(const struct link *k)
{
	return k->as.ws.heard_close || k->saw_end;
}

const struct tongue ws_tongue = {
	.take = ws_take,
	.on_end = ws_on_end,
	.due = ws_due,
	.on_due = ws_on_due,
	.done = ws_done,
	.write = ws_write_message,
	.bye = ws_write_close,
	.is_over = ws_is_over,
};
