/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone_wire.h - lines of the JSON gateway protocol, as structs.
 *
 * Pure: bytes in, struct out, and orders the other way; doc/gateway.md is the
 * protocol. Every field is named in a table per kind of line; a field that is
 * not in it, or too long, is refused by name.
 */
#ifndef USHER_CHANNEL_PHONE_WIRE_H
#define USHER_CHANNEL_PHONE_WIRE_H

#include "base/json.h"
#include "model/inlet.h"

#define PHONE_PROTOCOL "usher-gateway/1"
#define CALL_ID_MAX    128
/* Calls that usher starts are named by it: usher-c12. */
#define OUTBOUND_PREFIX "usher-"

#define PHONE_LINE_TABLE(X)                                                    \
	X(ARRIVE, "arrive", arrive_fields)                                     \
	X(DONE, "done", done_fields)                                           \
	X(FAILED, "failed", failed_fields)                                     \
	X(HELD, "held", call_fields)                                           \
	X(RINGING, "ringing", offer_fields)                                    \
	X(TALKING, "talking", offer_fields)                                    \
	X(OFFER_FAILED, "offer-failed", offer_failed_fields)                   \
	X(AGENT_LEFT, "agent-left", call_fields)                               \
	X(CALLER_LEFT, "caller-left", call_fields)                             \
	X(DEVICE, "device", device_fields)                                     \
	X(CALLS, "calls", calls_fields)                                        \
	X(PING, "ping", bare_fields)

#define PHONE_LINE_ENUM(symbol, word, fields) PHONE_##symbol,
enum phone_line_kind { PHONE_LINE_TABLE(PHONE_LINE_ENUM) PHONE_LINES };
#undef PHONE_LINE_ENUM

/* Strings borrow from `tree`; those a kind does not have are empty. */
struct phone_line {
	struct json *tree;
	enum phone_line_kind kind;
	struct str type, call, from, to, name, language;
	struct str offer_text, reason, address, state;
	int64_t order;
	struct offer_id offer;
	enum device_state device;
	bool more;
	const struct json *attributes; /* object of short texts, or NULL */
	const struct json *calls;      /* array of call ids */
};
int phone_line_parse(
    struct str text, struct phone_line *out, struct fault *why) must_check;
void phone_line_done(struct phone_line *l);

/* The first line a gateway sends. */
struct phone_hello {
	struct json *tree;
	struct str hello, gateway, token;
};
int phone_hello_parse(
    struct str text, struct phone_hello *out, struct fault *why) must_check;
void phone_hello_done(struct phone_hello *h);

/* ---- what usher says: each appends one line without its LF --------------- */

struct phone_order { /* members a kind does not have stay empty */
	enum order_kind kind;
	uint64_t id;
	struct str call;
	struct offer_id offer;
	struct str agent; /* address of the agent's phone */
	struct str to;    /* number to call */
	msec_t ring_ms;
	const char *word; /* cause of a release, action when closed */
	msec_t next_wall; /* when it opens again; -1 not known */
};
void phone_put_order(const struct phone_order *o, struct buf *out);
void phone_put_arrived(
    struct str call, struct contact_id contact, struct buf *out);
void phone_put_refused(
    struct str call, int err, const char *text, struct buf *out);
/* `call` and `offer` may be empty. */
void phone_put_error(struct str call, struct offer_id offer,
    const struct fault *why, struct buf *out);
void phone_put_unknown(struct str call, struct buf *out);
void phone_put_welcome(struct str workspace, struct buf *out);
/* {"type":"calls?"}, {"type":"pong"}: a type and nothing else. */
void phone_put_bare(const char *type, struct buf *out);

#endif
