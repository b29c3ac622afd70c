/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shift.h - what an agent's client knows: my state, my offer, my contacts.
 *
 * Frames of the server go in, changes come out as texts to show; commands go
 * out as messages. Knows neither sockets nor terminals, so the same shift runs
 * under a screen and in a script.
 */
#ifndef USHER_TOOLS_SHIFT_H
#define USHER_TOOLS_SHIFT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"

#define SHIFT_CONTACTS 32
#define SHIFT_LINES    400 /* kept of one contact's conversation */
#define SHIFT_LATEST   5
#define SHIFT_PENDING  64 /* commands that may wait for their answer */

/* What a line of text is, for colours and for scripts. */
enum shift_tone {
	TONE_CUSTOMER,
	TONE_AGENT,
	TONE_NOTE,
	TONE_SYSTEM, /* states, results */
	TONE_OFFER,
	TONE_PROBLEM,
};

struct shift_line {
	char *text;
	enum shift_tone tone;
};

struct shift_contact {
	char id[24];
	char channel[16];
	char customer[24]; /* whose it is or probably is; empty: not known */
	char *who;         /* name, or the customer's id, or "somebody" */
	char *queue;       /* may be NULL */
	char *probably;    /* "probably Ana Silva (number matches)", or NULL */
	bool ended;
	unsigned unread;
	struct shift_line *lines;
	size_t line_count;
};

struct shift_offer {
	char id[24]; /* empty: none */
	char contact[24];
	char channel[16];
	char *title; /* "chat: Ana Silva, queue billing" */
	char *who, *queue, *probably;
	char *latest[SHIFT_LATEST];
	size_t latest_count;
	msec_t deadline; /* of our clock */
};

/* Where texts go. `contact` NULL: about the shift itself. */
typedef void (*shift_say_fn)(void *arg, const struct shift_contact *contact,
    enum shift_tone tone, const char *text);
/* Where messages go: one JSON object, no line end. */
typedef void (*shift_send_fn)(void *arg, struct str message);

struct shift {
	shift_say_fn say;
	shift_send_fn send;
	void *arg;
	char *name, *password; /* password: until a token is there */
	char *token;
	char state[16];
	char *reason;
	msec_t since;
	bool signed_in;
	bool refused; /* the login was: trying again is of no use */
	bool later;   /* not now: come again on a new connection */
	uint64_t last_seq;
	uint64_t next_id;
	char *run; /* makes keys of messages unlike those of other runs */
	/* Sent and not answered: said again on the next connection, where the
	 * key of a message keeps it from being said twice. */
	char *pending[SHIFT_PENDING];
	size_t pending_count;
	struct shift_offer offer;
	struct shift_contact contacts[SHIFT_CONTACTS];
	size_t contact_count;
	bool wants_history; /* asked for, to be shown */
	size_t current;     /* index into contacts */
};

void shift_init(struct shift *s, const char *name, const char *password);
void shift_done(struct shift *s);
/* A new connection is there: signs in, by token when there is one. */
void shift_login(struct shift *s);
void shift_disconnected(struct shift *s);
void shift_ping(struct shift *s);
/* One frame or result as it came. */
void shift_take(struct shift *s, struct str line, msec_t now);

struct shift_contact *shift_find(struct shift *s, struct str id);
struct shift_contact *shift_current(struct shift *s); /* NULL: none */
void shift_select(struct shift *s, size_t index);
/* Keeps a line with the contact and says it. */
void shift_note(struct shift *s, struct shift_contact *c, enum shift_tone tone,
    const char *text);

/* Sends a command of the given name with text members, NULL-ended pairs:
 * shift_ask(s, "message", "contact", "c3", "text", "hello", NULL). */
void shift_ask(struct shift *s, const char *cmd, ...) __attribute__((sentinel));

/* "send" or "note": a text into a contact, with a key of its own. */
void shift_say_to(struct shift *s, const char *cmd,
    const struct shift_contact *c, const char *text);

/* What a person typed (shift_typed.c). false: it was /quit. */
bool shift_typed(struct shift *s, struct str line);

#endif
