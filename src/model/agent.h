/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agent.h - one person (or bot) who takes contacts.
 *
 *   OFFLINE --sign in--> NOT_READY <--> READY --contact ended--> WRAP_UP
 *      ^                     |            |                         |
 *      |  sign out           +-----+------+---- connection lost ----+
 *      +--- grace over --- LOST <--+              (back: as before)
 *
 * READY means "may be offered more, as far as units allow": an agent with two
 * chats of three is READY. Units: an agent has AGENT_UNITS for live and as
 * many for asynchronous contacts; a contact on a channel the team takes n at
 * once costs AGENT_UNITS / n. A focus channel (phone, walk-in) wants the agent
 * without any other live contact, and while it lasts nothing else is offered.
 */
#ifndef USHER_MODEL_AGENT_H
#define USHER_MODEL_AGENT_H

#include <stdbool.h>

#include "base/heap.h"
#include "base/id.h"
#include "base/list.h"
#include "model/due.h"
#include "model/kinds.h"
#include "model/rules.h"

#define AGENT_UNITS 2520 /* divisible by 1..10 */

struct contact;
struct offer;
struct profile;
struct world;

struct skill_override {
	struct skill_id skill;
	uint8_t level;
	msec_t until; /* 0: until changed */
	char *author;
};
#define SKILL_OVERRIDES_MAX 8

struct agent_slot { /* membership in profile.available[channel] */
	struct heap_node node;
	struct agent *agent;
};

struct agent {
	struct agent_id id;
	char *name;
	uint32_t rule; /* index in the rules, or RULE_NONE */
	enum agent_state state;
	enum agent_state before_lost;
	char *reason;      /* of not-ready; may be NULL */
	msec_t since;      /* in this state */
	msec_t until;      /* wrap-up or grace ends; 0: no end */
	msec_t wrap_until; /* of a wrap-up that a loss interrupted */
	msec_t idle_since; /* since the last live work ended */
	uint64_t session;  /* 0: none */
	enum device_state device;
	uint8_t takes[CHANNELS]; /* from the team */
	uint16_t load[CHANNELS]; /* contacts active, per channel */
	struct offer *offer;     /* at most one at a time */
	struct list contacts;    /* active ones */
	uint32_t live_streak;    /* live ones taken since an asynchronous one */
	struct skill_override overrides[SKILL_OVERRIDES_MAX];
	uint8_t override_count;
	struct profile *profile; /* NULL: not in the config */
	struct agent_slot slots[CHANNELS];
	struct due due;       /* wrap-up, grace */
	struct due skill_due; /* first override that ends */
};

const struct rule_agent *agent_rule(
    const struct rules *r, const struct agent *a);
/* Load units one contact on this channel costs the agent; 0: does not take. */
unsigned agent_cost(const struct agent *a, enum channel c);
/* Units its live (or its asynchronous) contacts take now. */
unsigned agent_units(const struct agent *a, bool live);
/* Signed in, whatever the state: worth waiting for. */
bool agent_is_present(const struct agent *a);
/* The agent's level in a skill: overrides, then the file; 0: none. */
unsigned agent_level(
    const struct world *w, const struct agent *a, struct skill_id skill);

/* Why an agent cannot be offered a contact on a channel now; in this order. */
#define REFUSAL_TABLE(X)                                                       \
	X(NONE, "can take it")                                                 \
	X(NOT_IN_CONFIG, "no longer in the config")                            \
	X(OFFLINE, "offline")                                                  \
	X(LOST, "connection lost")                                             \
	X(NOT_READY, "not ready")                                              \
	X(WRAP_UP, "in wrap-up")                                               \
	X(HAS_OFFER, "has an open offer")                                      \
	X(CHANNEL, "does not take this channel")                               \
	X(NO_DEVICE, "has no phone")                                           \
	X(DEVICE, "phone is busy or unreachable")                              \
	X(FOCUS, "on a call or at the desk")                                   \
	X(UNITS, "no free load units")                                         \
	X(SKILL, "lacks a skill or level")                                     \
	X(EXCLUDED, "declined or missed it a moment ago")                      \
	X(HELD, "reserved for another agent")
#define REFUSAL_ENUM(symbol, text) REFUSAL_##symbol,
enum refusal { REFUSAL_TABLE(REFUSAL_ENUM) REFUSALS };
#undef REFUSAL_ENUM
const char *refusal_text(unsigned v);

/* State, offer, device, focus and units; not the skills of a contact. */
enum refusal agent_refusal(
    const struct world *w, const struct agent *a, enum channel c);

#endif
