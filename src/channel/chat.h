/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chat.h - the chat room, for its own files only.
 *
 *   chat.c         the table, chats coming and going, events to listeners
 *   chat_http.c    the HTTP rows: arrive, say, poll, end
 *   chat_ws.c      the same over a WebSocket
 *   chat_stream.c  listeners: caught up from the record, then fed by events
 *   chat_frame.c   what customers are shown, as JSON
 *
 * A chat object is a convenience: who listens, how much was said lately. All
 * that matters is in the world and the record, so it may be forgotten and made
 * anew at any time, also by a restart.
 */
#ifndef USHER_CHANNEL_CHAT_H
#define USHER_CHANNEL_CHAT_H

#include "base/list.h"
#include "base/map.h"
#include "channel/door.h"
#include "channel/secret.h"
#include "channel/visitor.h"

#define CHAT_TEXT_MAX        4000 /* characters of one message */
#define CHAT_KEY_MAX         128
#define CHAT_A_MINUTE        100  /* messages of one contact */
#define CHAT_FRAMES_A_MINUTE 600  /* of one WebSocket, whatever they are */
#define CHAT_HELD_MAX        1000 /* frames kept for a listener who catches up */
#define CHAT_POLL_MAX_S      30
#define CHAT_PLACES_SHOWN    100 /* further back reads "100+" */
/* A waiting customer whose page has gone comes back within this, or has left.
 * Only said of those who had a page: an integration that posts and polls now
 * and then is never taken for gone. */
#define CHAT_LONELY_MS ((msec_t)3 * 60 * 1000)

struct chat_room {
	struct channel_env env;
	uint8_t key[SECRET_BYTES];
	struct tokens tokens;
	struct map chats;     /* contact -> struct chat */
	struct map streams;   /* peer -> struct stream */
	struct list lonely;   /* chats to look after, longest alone first */
	struct list arriving; /* requests whose contact is not there yet */
	struct list reading;  /* what a reader is asked for a stream */
	uint64_t seen;        /* the last committed event */
	uint64_t last_serial; /* of streams */
	struct loop_timer *tick;
};

struct chat {
	struct contact_id contact;
	uint64_t last_seq; /* no frame of this contact is newer */
	bool visited;      /* had a WebSocket */
	bool closed;       /* came to a closed queue: then ... */
	enum closed_action action;
	msec_t next_wall;
	unsigned said; /* messages since `window` */
	msec_t window;
	msec_t typed;
	msec_t since; /* when it became lonely */
	struct list streams;
	struct list lonely;
};

/* Somebody who listens: a WebSocket, or a poll that waits. */
struct stream {
	struct chat_room *room;
	uint64_t serial;
	struct peer peer;
	struct contact_id contact;
	struct chat *chat; /* NULL: a WebSocket without a token yet */
	struct list link;  /* in chat.streams */
	bool poll;
	bool reading;    /* catching up: frames are held */
	bool failed;     /* could not be caught up */
	uint64_t after;  /* told up to this seq */
	char *place;     /* told last, or NULL */
	unsigned frames; /* it sent since `window` */
	msec_t window;
	struct list held; /* of struct held_frame */
	size_t held_count;
	/* of a poll: */
	struct buf messages; /* of the answer */
	struct loop_timer *timer;
	msec_t wait;
	char *cors; /* header lines of the answer */
};

/* chat.c */
const struct world *chat_world(const struct chat_room *room);
msec_t chat_wall(const struct chat_room *room);
struct visitor_scope chat_scope(const struct chat_room *room);
struct chat *chat_find(struct chat_room *room, struct contact_id contact);
struct chat *chat_open(struct chat_room *room, struct contact_id contact);
/* Nobody listens any more. */
void chat_left_alone(struct chat_room *room, struct chat *c);
struct said {
	struct str key, text;
};
int chat_say(struct chat_room *room, struct contact_id contact,
    const struct said *said, struct outcome *out);
int chat_end(struct chat_room *room, struct contact_id contact);
void chat_greet(
    struct chat_room *room, struct contact_id contact, const char *greeting);

/* chat_frame.c: each appends one JSON object */
struct chat_shown { /* a message as a customer sees it */
	uint64_t seq;
	struct message_id message;
	struct str author, name, text;
	struct str at; /* RFC 3339 */
};
void chat_put_message(const struct chat_shown *m, struct buf *out);
/* The frame of an event, if it is one that customers are shown. */
bool chat_put_event(
    const struct world *w, const struct event *e, struct buf *out);
/* A row of the record; false: not for customers. Its seq and number in any
 * case. */
bool chat_put_row(
    const struct json *row, struct chat_shown *out_shown, struct buf *out);
void chat_put_state(const struct world *w, struct contact_id contact,
    uint64_t seq, struct buf *out);
void chat_put_closed(
    const struct world *w, const struct chat *c, uint64_t seq, struct buf *out);
void chat_put_ack(
    struct str key, struct message_id message, uint64_t seq, struct buf *out);
void chat_put_error(struct str key, const struct fault *why, struct buf *out);
/* "3", "100+", or empty when it does not wait. */
#define CHAT_PLACE_TEXT 16
void chat_place(const struct world *w, struct contact_id contact,
    char dst[CHAT_PLACE_TEXT]);

/* chat_stream.c */
struct stream *stream_new(
    struct chat_room *room, struct peer p, struct contact_id contact);
void stream_free(struct chat_room *room, struct stream *s);
struct stream *stream_find(const struct chat_room *room, struct peer p);
/* Hears of the contact from now on, and first of what was after `after`. */
void stream_join(struct chat_room *room, struct stream *s, uint64_t after);
/* A frame for all who listen to the chat. */
struct chat_frame {
	uint64_t seq;
	bool message; /* may come twice: once from the record */
	struct str text;
};
void stream_tell(
    struct chat_room *room, struct chat *c, const struct chat_frame *f);
void stream_say_state(struct chat_room *room, struct stream *s);
void streams_tick(struct chat_room *room);
void streams_done(struct chat_room *room);

/* chat_http.c */
#define CHAT_ROWS 8
extern const struct http_row chat_rows[CHAT_ROWS];
void chat_arriving_done(struct chat_room *room);
void chat_answer_poll(struct chat_room *room, const struct stream *s, int err);
/* What every row begins with: the door of the path, and whether the page the
 * request comes from may use it. Answers and returns false when not. */
struct chat_visit {
	const struct rule_entrance *door;
	struct contact_id contact; /* of the path, if it has one */
	char cors[512];            /* header lines, perhaps none */
};
bool chat_visit(struct chat_room *room, const struct http_call *call,
    struct chat_visit *out);

/* chat_ws.c */
void chat_on_upgrade(void *room, const struct http_call *call);
bool chat_on_message(void *room, struct peer p, struct str text);

#endif
