/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * link.h - one connected peer and the net around it, as net/ sees them.
 *
 * Upstairs holds handles; only the rooms of this folder see a struct link. A
 * link is never freed where it fails: link_kill() lays it into the grave,
 * which net_settle() empties between turns. So a link stays valid for the
 * whole of every function that was handed one.
 */
#ifndef USHER_NET_LINK_H
#define USHER_NET_LINK_H

#include "base/heap.h"
#include "base/map.h"
#include "net/conn.h"
#include "net/http_parse.h"
#include "net/net.h"
#include "net/ws_frame.h"

#define LINK_READ_SIZE 65536
#define LINK_NEVER     INT64_MAX
#define LINK_ADDRESS   46 /* an IPv6 address as text */
/* For loop_io_again(): what is kept in `in` can be looked at again. */
#define LINK_AGAIN 4

struct link;

/* What a tongue makes of bytes. Members that may be NULL say so. */
struct tongue {
	/* Takes from the front of `in`; the rest is kept and shown again with
	 * more behind it. May change the bytes it takes. */
	void (*take)(struct link *k, struct str *in);
	/* The peer will send no more. */
	void (*on_end)(struct link *k);
	/* When on_due() shall be called; LINK_NEVER. on_due() must move it. */
	msec_t (*due)(const struct link *k);
	void (*on_due)(struct link *k);
	void (*done)(struct link *k);
	/* Messages; NULL: this tongue has none. */
	void (*write)(struct buf *out, struct str text, bool binary);
	/* Last words before a close; NULL: none. */
	void (*bye)(struct buf *out, unsigned code, struct str reason);
	/* May the stream be shut now that all is said? NULL: yes. */
	bool (*is_over)(const struct link *k);
};

struct http_state {
	struct http_parser *parser; /* NULL: no request under way */
	unsigned requests;
	bool answering; /* upstairs owes an answer */
	bool head_only; /* to a HEAD */
	bool keep_alive;
	bool minor; /* of HTTP/1.x */
};

struct ws_state {
	struct ws_reader reader;
	msec_t pinged_at;
	uint8_t unanswered; /* pings since anything came */
	bool heard_close;
};

struct line_state {
	size_t scanned; /* bytes of `in` known to hold no LF */
};

struct link {
	struct conn conn; /* first: the io leads back to the link */
	struct net_listener *listener;
	const struct tongue *tongue;
	struct buf *in; /* not yet understood; mostly nothing, then NULL */
	struct buf out; /* not yet taken by the socket */
	size_t sent;    /* of out */
	size_t held_bytes;
	struct list in_net; /* the net's dirty list or its grave */
	struct heap_node deadline;
	msec_t alarm_at; /* the heap's key; never later than the real due */
	msec_t since;    /* when the present phase began */
	msec_t progress; /* when the socket last took a byte */
	uint64_t tag;
	uint64_t address_key; /* 0: not counted */
	struct peer self;
	unsigned held; /* writes waiting for their mark */
	uint32_t drained;
	uint8_t why; /* enum net_gone, once it is ending */
	bool known;  /* upstairs has heard of it and will hear of its end */
	bool trusted;
	bool spoken;   /* a message has come */
	bool stuck;    /* the tongue takes nothing for now */
	bool paused;   /* and enough is waiting: nothing is read */
	bool stalled;  /* the socket did not take all of `out` */
	bool flowing;  /* nothing of the HTTP age is held any more */
	bool saw_end;  /* the peer's */
	bool said_all; /* nothing more may be written */
	bool ending;   /* all that was said is in `out` */
	bool draining; /* shut from our side, waiting for the peer's end */
	bool dying;    /* in the grave */
	char address[LINK_ADDRESS];
	union {
		struct http_state http;
		struct ws_state ws;
		struct line_state line;
	} as;
};

struct link_slot {
	struct link *link;
	uint32_t generation;
	uint32_t next_free;
};

struct net {
	struct loop *loop;
	struct net_limits limits;
	struct net_stats stats;
	struct list listeners;
	struct link_slot *slots;
	size_t slot_count;
	size_t slot_cap;
	uint32_t free_slot; /* index + 1; 0: none */
	struct list dirty;
	struct list grave;
	struct heap deadlines;
	struct loop_timer *alarm;
	msec_t alarm_at;
	struct loop_timer *resume; /* of a paused accept */
	bool paused;
	struct map addresses; /* key -> count of untrusted peers */
	int fd_max;
	uint64_t mark;
	uint64_t released;
	struct buf held; /* see gate.c */
	size_t held_at;
	size_t held_from;    /* where the record being written begins */
	struct list parsers; /* spare ones */
	unsigned parser_count;
	struct link *serving; /* NULL between callbacks */
	unsigned busy;        /* a callback may be under way */
	unsigned budget;      /* messages the served one may still bring */
	unsigned shakes;      /* handshake steps left in this turn */
	msec_t date_at;
	char date[32];
	char *shared; /* LINK_READ_SIZE bytes, whoever reads */
};

/* NULL when a limit or the app refuses the address. The caller makes the
 * conn, then calls link_start(). */
struct link *link_admit(struct net_listener *l, struct str address);
void link_start(struct link *k);
void link_serve(struct loop_io *io, unsigned what);
/* `p` alive, or NULL. Dying ones are found too: they still have a tag. */
struct link *link_find(const struct net *n, struct peer p);
struct net *link_net(const struct link *k);
msec_t link_now(const struct link *k);
const struct net_app *link_app(const struct link *k);

/* Bytes that came and were not yet taken. */
size_t link_kept(const struct link *k);
/* Unsent bytes, held ones included. */
size_t link_backlog(const struct link *k);
/* Has the served link used up its turn? Counts one message. */
bool link_spend(struct link *k);
/* Makes it a message peer and tells upstairs. */
void link_open(struct link *k);
void link_dirty(struct link *k); /* flush before the turn is over */
void link_flush(struct link *k);
/* Nothing follows what is in `out`: shut, drain, close. */
void link_end(struct link *k, enum net_gone why);
void link_kill(struct link *k, enum net_gone why);
/* Lays bare what was changed: readiness wanted, deadline. */
void link_refresh(struct link *k);
/* Flushes the dirty ones, empties the grave, sets the alarm. */
void net_settle(void *net);

/* The links' alarm. */
void link_on_alarm(void *net);
/* Frees without telling anybody. */
void link_free(struct link *k);

#endif
