/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event.h - what happened: the numbered facts the log is made of.
 *
 * The router emits events, apply() changes the world by them, the log keeps
 * them for ever. An event holds ids, times and states; what a person said or
 * is called lies in the payload beside it, of which the event only knows a
 * salted digest. Kinds and their fields are written to disk: numbers never
 * change, a table of fields only grows at its end, a change of meaning gets a
 * new `version` in EVENT_TABLE (and apply() then knows both).
 */
#ifndef USHER_MODEL_EVENT_H
#define USHER_MODEL_EVENT_H

#include <stdint.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/id.h"
#include "model/event_body.h"
#include "model/kinds.h"

/*   symbol              number version name */
#define EVENT_TABLE(X)                                                         \
	X(INPUT, 1, 1, "input")                                                \
	X(STARTED, 2, 1, "started")                                            \
	X(CONFIG_ACTIVATED, 3, 1, "config.activated")                          \
	X(WALL_SET, 4, 1, "wall.set")                                          \
	X(HOURS_CHANGED, 5, 1, "hours.changed")                                \
	X(CONTACT_ARRIVED, 10, 1, "contact.arrived")                           \
	X(CONTACT_PARSED, 11, 1, "contact.parsed")                             \
	X(CONTACT_IDENTIFIED, 12, 1, "contact.identified")                     \
	X(CONTACT_QUEUED, 13, 1, "contact.queued")                             \
	X(CONTACT_RELAXED, 14, 1, "contact.relaxed")                           \
	X(CONTACT_CLEARED, 15, 1, "contact.cleared")                           \
	X(CONTACT_STARTED, 16, 1, "contact.started")                           \
	X(CONTACT_TRANSFERRED, 17, 1, "contact.transferred")                   \
	X(CONTACT_ENDED, 18, 1, "contact.ended")                               \
	X(CONTACT_CLOSED, 19, 1, "contact.closed-hours")                       \
	X(CALL_PROGRESS, 20, 1, "call.progress")                               \
	X(MESSAGE_ADDED, 21, 1, "message.added")                               \
	X(OFFER_MADE, 30, 1, "offer.made")                                     \
	X(OFFER_SETTLED, 31, 1, "offer.settled")                               \
	X(CUSTOMER_CREATED, 40, 1, "customer.created")                         \
	X(IDENTIFIER_LINKED, 41, 1, "identifier.linked")                       \
	X(IDENTITY_SETTLED, 42, 1, "identity.settled")                         \
	X(AGENT_STATE, 50, 1, "agent.state")                                   \
	X(AGENT_SESSION, 51, 1, "agent.session")                               \
	X(DEVICE_STATE, 52, 1, "device.state")                                 \
	X(QUEUE_OVERRIDE, 60, 1, "queue.override")                             \
	X(SKILL_OVERRIDE, 61, 1, "skill.override")                             \
	X(ORDER_OWED, 70, 1, "order.owed")                                     \
	X(ORDER_DONE, 71, 1, "order.done")                                     \
	X(PERSON_SET, 80, 1, "person.set")                                     \
	X(TOKEN_ISSUED, 81, 1, "token.issued")                                 \
	X(TOKEN_REVOKED, 82, 1, "token.revoked")

#define EVENT_ENUM(symbol, number, version, name) EV_##symbol = number,
enum event_kind { EVENT_TABLE(EVENT_ENUM) };
#undef EVENT_ENUM

/* Orders: things to be done outside, released by the commit of their
 * ORDER_OWED and owed until an ORDER_DONE. `stale`: at a restart it is
 * withdrawn instead of performed again. */
#define ORDER_TABLE(X)                                                         \
	X(NONE, "none")                                                        \
	X(CALL_HOLD, "call.hold")         /* gateway: answer, play music */    \
	X(CALL_OFFER, "call.offer")       /* gateway: ring the agent */        \
	X(CALL_WITHDRAW, "call.withdraw") /* gateway: stop ringing */          \
	X(CALL_RELEASE, "call.release")   /* gateway: hang up */               \
	X(CALL_START, "call.start")       /* gateway: call a customer */       \
	X(MAIL_PARSE, "mail.parse")       /* helper: raw mail to text */       \
	X(MAIL_SEND, "mail.send")         /* SMTP: a reply */                  \
	X(CALL_CLOSED, "call.closed")     /* gateway: closed, do as told */
#define ORDER_ENUM(symbol, name) ORDER_##symbol,
enum order_kind { ORDER_TABLE(ORDER_ENUM) ORDER_KINDS };
#undef ORDER_ENUM
const char *order_kind_word(unsigned v);

/* The step of the policy that decided (design part 5); see route/rank.h. */
#define STEP_TABLE(X)                                                          \
	X(ONLY, "nobody else could")                                           \
	X(OWN, "own agent")                                                    \
	X(PLACE, "queue entered first")                                        \
	X(RING, "better ring")                                                 \
	X(DEMAND, "fewest skills in demand")                                   \
	X(CHATS, "fewest open chats")                                          \
	X(IDLE, "longest idle")                                                \
	X(ID, "lowest id")                                                     \
	X(KEY, "smallest key")                                                 \
	X(LIVE, "live before asynchronous")                                    \
	X(FLOOR, "async floor")                                                \
	X(TRANSFER, "transferred to the agent")
#define STEP_ENUM(symbol, text) STEP_##symbol,
enum rank_step { STEP_TABLE(STEP_ENUM) RANK_STEPS };
#undef STEP_ENUM
const char *rank_step_text(unsigned v);

/*
 * One event. `payload` travels beside it, borrowed until the store has copied
 * it: never encoded into the body, never read by the router.
 */
struct event {
	uint64_t seq; /* 1.. without gaps in its workspace */
	uint64_t epoch;
	msec_t at; /* router time */
	enum event_kind kind;
	struct contact_id contact;
	struct customer_id customer;
	struct agent_id agent;
	const struct payload *payload; /* or NULL */
	union {
		struct ev_input input;
		struct ev_started started;
		struct ev_config_activated config;
		struct ev_wall_set wall;
		struct ev_hours_changed hours;
		struct ev_contact_arrived arrived;
		struct ev_contact_parsed parsed;
		struct ev_contact_identified identified;
		struct ev_contact_queued queued;
		struct ev_contact_relaxed relaxed;
		struct ev_contact_started begun;
		struct ev_contact_transferred transferred;
		struct ev_contact_cleared cleared;
		struct ev_contact_ended ended;
		struct ev_contact_closed closed;
		struct ev_call_progress call;
		struct ev_message_added message;
		struct ev_offer_made offer;
		struct ev_offer_settled settled;
		struct ev_identifier_linked linked;
		struct ev_identity_settled identity;
		struct ev_agent_state state;
		struct ev_agent_session session;
		struct ev_device_state device;
		struct ev_queue_override queue_override;
		struct ev_skill_override skill_override;
		struct ev_order_owed order;
		struct ev_order_done done;
		struct ev_person_set person;
		struct ev_token_issued token;
		struct ev_token_revoked revoked;
	};
};

/* What was said, and the salt its digest was made with. JSON text; its shape
 * per event kind is in doc/payloads.md. */
#define SALT_BYTES 16
struct payload {
	uint8_t salt[SALT_BYTES];
	struct str body;
};

const char *event_name(enum event_kind k); /* NULL: no such kind */
unsigned event_version(enum event_kind k);
/* The body only: the row's columns hold the rest. */
void event_encode(const struct event *e, struct buf *out);
/* Reads a body into `e`, whose other members are set already. Strings borrow
 * from `body`. ERR_VERSION: unknown kind or newer version; ERR_CORRUPT. */
int event_decode(struct event *e, unsigned version, struct str body) must_check;
/* {"seq":..,"at":..,"kind":"..","contact":"c1",...} for people and audit. */
void event_show(const struct event *e, struct json_writer *w);

#endif
