/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * net.h - peers on the wire, as the floors above see them.
 *
 * A peer is a handle (slot + generation), never a pointer: using one that has
 * gone is harmless. A listener speaks one of two tongues:
 *
 *   NET_HTTP   requests and answers; a request may turn its peer into a
 *              WebSocket, which then carries messages
 *   NET_LINES  messages, one per LF-terminated line (JSON by convention)
 *
 * so that an agent's session is the same over TLS lines and over WebSocket.
 *
 * Law 1 lives here: whatever the floors above write is tagged with the mark
 * that stands when they write it (net_mark) and leaves only when that mark has
 * been released (net_release). The net does not know what a mark means; the
 * house uses the log's seq. What the net says by itself (WebSocket pongs and
 * closes, 400s) is not held. Order per peer is kept.
 */
#ifndef USHER_NET_NET_H
#define USHER_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "net/loop.h"

struct net;
struct net_listener;
struct http_request;
struct http_answer;

struct peer {
	uint32_t slot;
	uint32_t generation; /* 0: no peer */
};

enum net_tongue { NET_HTTP, NET_LINES };

/* Whose traffic goes first, and whose limits apply. */
enum net_class { NET_GATEWAY, NET_AGENT, NET_CUSTOMER };

/* Why a peer went, for the log and the counters. */
enum net_gone {
	NET_GONE_PEER,    /* it closed */
	NET_GONE_US,      /* net_close() */
	NET_GONE_TIMEOUT, /* too slow, or silent past two pings */
	NET_GONE_LIMIT,   /* over a limit, or a slow reader */
	NET_GONE_ERROR,   /* socket or TLS error, or broken framing */
};

/*
 * What upstairs hears. One table per listener, handed down at start; any
 * member may be NULL. Called on the loop; must not block. `text` and the
 * request are borrowed for the call.
 */
struct net_app {
	void *arg;
	/* An address has connected, before a byte is read or TLS begins.
	 * false: closed at once and counted. */
	bool (*admit)(void *arg, struct net_listener *l, struct str address);
	/* How many body bytes this request may carry (asked after the head,
	 * before the body); 0 = none. NULL: 256 KiB for all. */
	size_t (*body_limit)(void *arg, const struct http_request *head);
	/* A complete request. Answer now or later with net_answer(). */
	void (*request)(
	    void *arg, struct peer p, const struct http_request *rq);
	/* A message peer is there: lines at once, WebSocket after upgrade. */
	void (*open)(void *arg, struct peer p);
	void (*message)(void *arg, struct peer p, struct str text);
	/* A binary WebSocket message; NULL: such a peer is closed (1003). */
	void (*binary)(void *arg, struct peer p, struct str bytes);
	/* The peer has gone (any tongue). Its handle is dead after this. */
	void (*gone)(void *arg, struct peer p, enum net_gone why);
};

struct net_listen {
	const char *address; /* "127.0.0.1:7700", "[::1]:7700", "unix:/path" */
	enum net_tongue tongue;
	enum net_class class;
	const char *cert_file; /* PEM chain and key; NULL: no TLS */
	const char *key_file;
	size_t message_max;     /* bytes of a line or message; 0: 64 KiB */
	unsigned fragments_max; /* of one WebSocket message; 0: 64 */
	msec_t first_message;   /* a silent new message peer is closed after
				  this; 0: 5 s. See net_trusted(). */
	bool keep_unix_open;    /* UNIX socket mode 0666 instead of 0600 */
	struct net_app app;
};

/* Limits that hold for the whole process; zero members get the defaults. */
struct net_limits {
	unsigned peers_max;         /* 15,000 */
	unsigned per_address_max;   /* 50 peers not yet trusted */
	size_t backlog_max;         /* 1 MiB unsent to one peer */
	unsigned handshakes_a_turn; /* 8 TLS handshakes started per turn */
};

struct net *net_new(struct loop *l, const struct net_limits *limits);
void net_free(struct net *n); /* closes everything, calls no `gone` */
int net_listen(struct net *n, const struct net_listen *how,
    struct net_listener **out, struct fault *why) must_check;
void net_unlisten(struct net_listener *l);
/* The bound port (0 for a UNIX socket): for listeners on port 0. */
unsigned net_port(const struct net_listener *l);
/* Reads certificate and key again; on failure the old ones stay. */
int net_renew_tls(struct net_listener *l, struct fault *why) must_check;

/* ---- writing: all tagged with the current mark --------------------------- */

void net_mark(struct net *n, uint64_t mark);    /* later writes carry it */
void net_release(struct net *n, uint64_t mark); /* it and older may leave */

/* One message: a line (LF is added) or a WebSocket text frame. A peer whose
 * backlog passes the limit is dropped (gone, NET_GONE_LIMIT). */
void net_send(struct net *n, struct peer p, struct str text);
/* A binary WebSocket message; nothing on lines. */
void net_send_binary(struct net *n, struct peer p, struct str bytes);
/* As net_send, but not held back: only for what derives from no state
 * (typing, pings, protocol errors). May overtake held writes. */
void net_send_now(struct net *n, struct peer p, struct str text);
/* Closes after what was written has left. `code` is the WebSocket close code
 * (1000 for a normal end); reason at most 100 bytes. */
void net_close(struct net *n, struct peer p, unsigned code, const char *reason);

/* The answer to the peer's oldest unanswered request. */
void net_answer(struct net *n, struct peer p, const struct http_answer *answer);
/* Answers 101 and turns the peer into a message peer: `open`, then `message`
 * of the listener's app. ERR_INVALID (and 400 is sent) when the request is no
 * valid WebSocket handshake. `protocol` may be NULL. Call from `request`. */
int net_upgrade(struct net *n, struct peer p, const struct http_request *rq,
    const char *protocol) must_check;

/* The peer has proved who it is: per-address limits and the first-message
 * deadline no longer hold for it. */
void net_trust(struct net *n, struct peer p);
bool net_is_there(const struct net *n, struct peer p);
struct str net_address(const struct net *n, struct peer p); /* "10.0.0.5" */
/* A number the app may hang on a peer and find again; 0 at first. */
void net_set_tag(struct net *n, struct peer p, uint64_t tag);
uint64_t net_tag(const struct net *n, struct peer p);

/* ---- memory: the same peers without sockets ------------------------------ */

/*
 * Connects to a listener inside the process: a pair of byte queues instead of
 * a socket, no TLS. Bytes move only in net_memory_* calls and loop turns, so a
 * test decides what arrives when, and in what pieces: net_memory_write() has
 * the server take the bytes before it returns (within a callback: in the next
 * turn), net_memory_read() has it send what may leave. 64 KiB fit into the
 * queue to the client; the rest is the peer's backlog until it is read.
 */
struct net_pipe;
struct net_pipe *net_memory_dial(struct net_listener *l, const char *from);
void net_memory_write(struct net_pipe *p, struct str bytes);
/* Takes what the server has sent so far. */
void net_memory_read(struct net_pipe *p, struct buf *out);
bool net_memory_is_closed(const struct net_pipe *p); /* by the server */
void net_memory_hang_up(struct net_pipe *p);         /* frees */
/* A listener with the address "memory:" has no socket at all. */

struct net_stats {
	uint64_t accepted, refused_address, refused_limit;
	uint64_t handshakes_failed, framing_errors, slow_dropped;
	uint64_t bytes_in, bytes_out;
	unsigned peers;
	uint64_t held; /* writes waiting for their mark */
};
void net_stats(const struct net *n, struct net_stats *out);

#endif
