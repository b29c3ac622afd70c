/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contact.h - one request on one channel.
 *
 *              queued            offer made          accepted
 *   arrived -> WAITING ---------> OFFERED ----------> ACTIVE -> ENDED
 *                 ^ rejected, timeout, |                 |
 *                 | failed, withdrawn  |                 | transferred,
 *                 +--------------------+                 | agent lost
 *                 ^---------------------------------------+
 *
 * PARKED (an interrupted mail) and SCHEDULED (a call-back) are entered from
 * ACTIVE and WAITING. A contact is in the world list of its state; one
 * function, contact_set_state(), moves it, by the table of legal moves.
 *
 * Its key (arrival + T/v - h, see design part 5) never changes but by a logged
 * event; ties are broken by the contact's id. Smaller goes first.
 */
#ifndef USHER_MODEL_CONTACT_H
#define USHER_MODEL_CONTACT_H

#include <stdbool.h>

#include "base/heap.h"
#include "base/id.h"
#include "base/list.h"
#include "model/due.h"
#include "model/kinds.h"

#define PLACES_MAX   4 /* queues one contact waits in at once */
#define EXCLUDED_MAX 8 /* agents a contact is not offered to for a while */

struct agent;
struct class;
struct contact;
struct entrance;
struct offer;
struct queue;
struct world;

/* One contact in one queue. */
struct place {
	struct contact *contact;
	struct queue *queue;
	msec_t entered;
	uint8_t rung;
	uint8_t flowed;        /* bit per overflow already taken */
	struct class *class;   /* NULL while not to be matched, or excepted */
	struct list row;       /* in the class's row */
	struct heap_node side; /* in the class's side heap */
	struct list in_queue;  /* in queue.places */
	struct due due;        /* when out of the row */
};

struct excluded {
	struct agent_id agent;
	msec_t until;
};

struct contact {
	struct contact_id id;
	enum contact_state state;
	enum channel channel;
	struct entrance_id entrance;
	uint16_t language; /* two letters, 0: not known */
	bool outbound;
	bool unparsed;
	bool dormant; /* waits in a queue that was closed when it came */
	uint8_t end;  /* enum end_reason */
	uint8_t place_count;
	uint8_t excluded_count;
	uint8_t call;          /* enum call_step, phone only */
	struct queue_id queue; /* entered or offered through last */
	struct customer_id customer;
	struct customer_id maybe; /* "probably", not settled */
	uint64_t key;             /* idempotency, 0: none */
	msec_t arrived;           /* the first arrival */
	msec_t offset;            /* T/v - h */
	msec_t since;             /* in this state */
	struct place *places[PLACES_MAX];
	struct agent *owner;
	struct offer *offer;
	struct agent_id own; /* who served this customer last */
	struct agent_id held_for;
	bool held_by_transfer;
	msec_t held_until;
	struct excluded excluded[EXCLUDED_MAX];
	uint32_t messages;
	msec_t last_message;
	uint32_t offers;
	struct list orders;   /* owed on its behalf */
	struct list in_state; /* in world.contact_lists[state] */
	struct list excepted; /* in index.exceptions, or queue.dormant */
	msec_t excepted_at;
	struct list in_owner; /* in agent.contacts */
	struct due due;       /* of hold and exclusions */
};

/* The order of service. Total: ids differ. */
msec_t contact_key(const struct contact *c);
bool contact_before(const struct contact *a, const struct contact *b);
bool contact_is_live(const struct contact *c);
bool contact_is_excluded(const struct contact *c, struct agent_id a);
/* Reserved for somebody else than `a`? */
bool contact_is_held_from(const struct contact *c, struct agent_id a);
/* Held or excluded from somebody: matched one by one, not by class. */
bool contact_is_exceptional(const struct contact *c);
struct place *contact_place(const struct contact *c, const struct queue *q);
uint16_t language_pack(struct str two_letters); /* 0 when it is not one */
void language_unpack(uint16_t packed, char out[3]);

/* ---- for apply only ---- */
struct contact *contact_add(struct world *w, struct contact_id id);
void contact_set_state(
    struct world *w, struct contact *c, enum contact_state s);
/* Enters the queue as a further place; the contact must be out of the index. */
struct place *contact_enter(
    struct world *w, struct contact *c, struct queue *q, msec_t now);
/* Leaves every queue; the contact must be out of the index. */
void contact_leave_all(struct contact *c);
/* Drops what is over at `now` and sets the due of what is left. */
void contact_clear_exceptions(struct world *w, struct contact *c, msec_t now);
void contact_exclude(
    struct world *w, struct contact *c, struct agent_id a, msec_t until);
/* Takes an ended contact out of the world for good. */
void contact_forget(struct world *w, struct contact *c);

#endif
