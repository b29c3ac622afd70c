/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone.h - the phone room, for its own files only.
 *
 *   phone.c        the table, gateways coming and going, lines to inputs
 *   phone_call.c   which call is which contact, also after a restart
 *   phone_order.c  orders to lines, owed while the gateway is away
 *   phone_wire.c   bytes to structs and back
 *
 * A gateway object lives as long as the room, its peer comes and goes. Calls
 * are known by the gateway's id for them; a restart finds them again through
 * the idempotency keys the world keeps, so nothing of this is durable.
 */
#ifndef USHER_CHANNEL_PHONE_H
#define USHER_CHANNEL_PHONE_H

#include "base/list.h"
#include "base/map.h"
#include "channel/door.h"
#include "channel/phone_wire.h"
#include "channel/secret.h"

#define PHONE_ORDER(kind) (UINT32_C(1) << ORDER_##kind)
#define PHONE_ORDERS                                                           \
	(PHONE_ORDER(CALL_HOLD) | PHONE_ORDER(CALL_OFFER) |                    \
	    PHONE_ORDER(CALL_WITHDRAW) | PHONE_ORDER(CALL_RELEASE) |           \
	    PHONE_ORDER(CALL_START) | PHONE_ORDER(CALL_CLOSED))
#define CALL_KEEP_MS ((msec_t)10 * 60 * 1000) /* behind the contact's end */

struct gateway {
	char *name;
	struct peer peer;  /* generation 0: away */
	bool ready;        /* has said which calls it has; orders may go */
	unsigned errors;   /* bad lines of this peer */
	struct map calls;  /* its call id -> struct call */
	struct map listed; /* contacts it has named since it came back */
};

struct call {
	char *id;
	struct contact_id contact;
	struct gateway *gateway;
	enum closed_action action; /* of a closed queue it came to ... */
	msec_t next_wall;          /* ... and when that opens; -1 */
	msec_t ended_at;
	struct list ended; /* in phone_room.ended, oldest first */
};

struct phone_room {
	struct channel_env env;
	struct tokens tokens;
	struct map gateways; /* name -> struct gateway */
	struct map peers;    /* peer -> struct gateway, once it said hello */
	struct map calls;    /* contact -> struct call */
	struct map devices;  /* "gateway address" -> name of the agent */
	struct list ended;
	struct list waiting;  /* calls to start, whose number is looked up */
	struct list arriving; /* calls presented, contact not there yet */
};

/* phone.c */
const struct world *phone_world(const struct phone_room *room);
struct gateway *phone_gateway(struct phone_room *room, struct str name);
void phone_say(
    struct phone_room *room, const struct gateway *g, struct buf *line);

/* phone_call.c */
struct call *call_add(struct phone_room *room, struct gateway *g, struct str id,
    struct contact_id contact);
/* By what the gateway calls it; NULL: never heard of. */
struct call *call_find(
    struct phone_room *room, struct gateway *g, struct str id);
struct call *call_of(struct phone_room *room, struct contact_id contact);
void call_ended(struct phone_room *room, struct call *c);
void calls_done(struct phone_room *room);
/* The gateway lists what it has; with the last part of the list, calls it does
 * not have are ended and the orders owed to it are sent. */
void calls_listed(
    struct phone_room *room, struct gateway *g, const struct phone_line *l);
void calls_name(struct gateway *g, struct contact_id contact);

/* phone_order.c */
void phone_perform(void *room, const struct order *o, bool again);
void phone_send_owed(struct phone_room *room, struct gateway *g);
void phone_order_done(
    struct phone_room *room, struct gateway *g, const struct phone_line *l);
/* The gateway tells of a call: that settles the orders which led to it. */
void phone_order_answered(struct phone_room *room, struct contact_id contact,
    enum order_kind kind, struct offer_id offer);
void phone_waiting_done(struct phone_room *room);

#endif
