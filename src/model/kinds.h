/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kinds.h - the small closed sets everything else is made of.
 *
 * Each is one table: symbol and the word used in configs, protocols, logs and
 * reports. The numbers are written to the log: rows are only ever added at the
 * end of a table.
 */
#ifndef USHER_MODEL_KINDS_H
#define USHER_MODEL_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"

/*
 * Channels. live: a person waits now; focus: takes the agent whole.
 * answer_ms: the built-in standard's "answer within" (routing theory C.4).
 *
 *       symbol     word        live   focus  text   answer_ms      takes */
#define CHANNEL_TABLE(X)                                                       \
	X(PHONE, "phone", true, true, false, 20000, 1)                         \
	X(CHAT, "chat", true, false, true, 60000, 3)                           \
	X(WALKIN, "walkin", true, true, false, 60000, 1)                       \
	X(MAIL, "mail", false, false, true, 14400000, 5)                       \
	X(MESSAGE, "message", false, false, true, 3600000, 5)                  \
	X(FAX, "fax", false, false, false, 86400000, 5)                        \
	X(INTERNAL, "internal", false, false, true, 14400000, 5)

#define CHANNEL_ENUM(symbol, ...) CHANNEL_##symbol,
enum channel { CHANNEL_TABLE(CHANNEL_ENUM) CHANNELS };
#undef CHANNEL_ENUM

struct channel_kind {
	const char *word;
	bool live;        /* live contacts come before asynchronous ones */
	bool focus;       /* the agent does nothing else meanwhile */
	bool text;        /* carries text: text conditions make sense */
	msec_t answer_ms; /* answer within, when no standard says otherwise */
	unsigned takes;   /* how many at once, when the team does not say */
};
const struct channel_kind *channel_kind(enum channel c);
const char *channel_word(unsigned c);
bool channel_parse(struct str word, enum channel *out);

/* A contact is in exactly one of these; the diagram is in contact.h. */
#define CONTACT_STATE_TABLE(X)                                                 \
	X(WAITING, "waiting")                                                  \
	X(OFFERED, "offered")                                                  \
	X(ACTIVE, "active")                                                    \
	X(PARKED, "parked")                                                    \
	X(SCHEDULED, "scheduled")                                              \
	X(ENDED, "ended")

/* What an agent can be; the diagram is in agent.h. */
#define AGENT_STATE_TABLE(X)                                                   \
	X(OFFLINE, "offline")                                                  \
	X(NOT_READY, "not-ready")                                              \
	X(READY, "ready")                                                      \
	X(WRAP_UP, "wrap-up")                                                  \
	X(LOST, "lost")

/* Who may do what; a command names the roles it is open to. */
#define ROLE_TABLE(X)                                                          \
	X(NONE, "none")                                                        \
	X(AGENT, "agent")                                                      \
	X(LEAD, "lead")                                                        \
	X(SUPERVISOR, "supervisor")                                            \
	X(ADMIN, "admin")                                                      \
	X(INTEGRATOR, "integrator")                                            \
	X(GATEWAY, "gateway")                                                  \
	X(AUDITOR, "auditor")                                                  \
	X(CUSTOMER, "customer")

/* How sure we are whose an identifier is. Only verified ones link. */
#define LEVEL_TABLE(X)                                                         \
	X(ANONYMOUS, "anonymous")                                              \
	X(CLAIMED, "claimed")                                                  \
	X(VERIFIED, "verified")

#define IDENTIFIER_TABLE(X)                                                    \
	X(PHONE, "phone")                                                      \
	X(MAIL, "mail")                                                        \
	X(HANDLE, "handle")                                                    \
	X(ACCOUNT, "account")                                                  \
	X(VISITOR, "visitor")

/* Why an offer came to its end. */
#define OFFER_END_TABLE(X)                                                     \
	X(OPEN, "open")                                                        \
	X(ACCEPTED, "accepted")                                                \
	X(REJECTED, "rejected")                                                \
	X(TIMEOUT, "timeout")                                                  \
	X(WITHDRAWN, "withdrawn")                                              \
	X(FAILED, "failed")                                                    \
	X(AGENT_LOST, "agent-lost")

/* Why a contact ended. */
#define END_TABLE(X)                                                           \
	X(NONE, "none")                                                        \
	X(RESOLVED, "resolved")                                                \
	X(CUSTOMER_LEFT, "customer-left")                                      \
	X(ABANDONED, "abandoned")                                              \
	X(CLOSED_HOURS, "closed-hours")                                        \
	X(NO_ANSWER, "no-answer")                                              \
	X(FAILED, "failed")                                                    \
	X(GATEWAY_LOST, "gateway-lost")                                        \
	X(DUPLICATE, "duplicate")

/* Why a contact is (again) waiting in a queue. */
#define QUEUED_TABLE(X)                                                        \
	X(ARRIVED, "arrived")                                                  \
	X(OVERFLOW, "overflow")                                                \
	X(TRANSFER, "transfer")                                                \
	X(REJECTED, "rejected")                                                \
	X(TIMEOUT, "timeout")                                                  \
	X(WITHDRAWN, "withdrawn")                                              \
	X(OFFER_FAILED, "offer-failed")                                        \
	X(AGENT_LOST, "agent-lost")                                            \
	X(REEVALUATED, "re-evaluated")                                         \
	X(RESTART, "restart")

/* What a queue that is closed does with a contact, per channel. */
#define CLOSED_TABLE(X)                                                        \
	X(WAIT, "wait")                                                        \
	X(VOICEMAIL, "voicemail")                                              \
	X(MAIL_FORM, "mail-form")                                              \
	X(REFUSE, "refuse")

/* What a gateway says about an agent's phone. */
#define DEVICE_TABLE(X)                                                        \
	X(UNKNOWN, "unknown")                                                  \
	X(IDLE, "idle")                                                        \
	X(BUSY, "busy")                                                        \
	X(RINGING, "ringing")                                                  \
	X(UNAVAILABLE, "unavailable")

/* Who said something in a contact. */
#define AUTHOR_TABLE(X)                                                        \
	X(CUSTOMER, "customer")                                                \
	X(AGENT, "agent")                                                      \
	X(SYSTEM, "system")                                                    \
	X(NOTE, "note")

#define KINDS(X)                                                               \
	X(contact_state, CONTACT, CONTACT_STATE_TABLE)                         \
	X(agent_state, AGENT, AGENT_STATE_TABLE)                               \
	X(role, ROLE, ROLE_TABLE)                                              \
	X(level, LEVEL, LEVEL_TABLE)                                           \
	X(identifier_kind, IDENTIFIER, IDENTIFIER_TABLE)                       \
	X(offer_end, OFFER, OFFER_END_TABLE)                                   \
	X(end_reason, END, END_TABLE)                                          \
	X(queued_reason, QUEUED, QUEUED_TABLE)                                 \
	X(closed_action, CLOSED, CLOSED_TABLE)                                 \
	X(device_state, DEVICE, DEVICE_TABLE)                                  \
	X(author, AUTHOR, AUTHOR_TABLE)

#define E(prefix, symbol)  prefix##_##symbol
#define CONTACT_E(s, w)    E(CONTACT, s),
#define AGENT_E(s, w)      E(AGENT, s),
#define ROLE_E(s, w)       E(ROLE, s),
#define LEVEL_E(s, w)      E(LEVEL, s),
#define IDENTIFIER_E(s, w) E(IDENTIFIER, s),
#define OFFER_E(s, w)      E(OFFER, s),
#define END_E(s, w)        E(END, s),
#define QUEUED_E(s, w)     E(QUEUED, s),
#define CLOSED_E(s, w)     E(CLOSED, s),
#define DEVICE_E(s, w)     E(DEVICE, s),
#define AUTHOR_E(s, w)     E(AUTHOR, s),
#define KIND_ENUM(name, prefix, table)                                         \
	enum name { table(prefix##_E) prefix##_KINDS };
KINDS(KIND_ENUM)
#undef KIND_ENUM
#undef E

/* For each kind: contact_state_word(v) ("?" outside the table) and
 * contact_state_parse(word, &v). */
#define KIND_FUNCTIONS(name, prefix, table)                                    \
	const char *name##_word(unsigned v);                                   \
	bool name##_parse(struct str word, enum name *out);
KINDS(KIND_FUNCTIONS)
#undef KIND_FUNCTIONS

#endif
