/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world.h - everything the router knows now, in memory.
 *
 * Only apply() changes a world; everybody else holds it const. It has no
 * clock, no I/O, no text of customers. The same events in the same order make
 * the same world, byte for byte of world_encode(): the store's second world,
 * recovery and the audit rest on that.
 *
 * Objects are found by id; names from the config are bound to ids at
 * activation and keep them over reloads (CONFIG_ACTIVATED numbers new names in
 * the order of the file). A name that left the config keeps its object, with
 * `rule` NULL, as long as anything refers to it.
 */
#ifndef USHER_MODEL_WORLD_H
#define USHER_MODEL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/id.h"
#include "base/list.h"
#include "base/map.h"
#include "model/agent.h"
#include "model/contact.h"
#include "model/customer.h"
#include "model/event.h"
#include "model/offer.h"
#include "model/order.h"
#include "model/queue.h"
#include "model/rules.h"
#include "model/skill.h"

#define ENDED_KEEP_MS  ((msec_t)10 * 60 * 1000)
#define ENDED_KEEP_MAX 10000

struct index; /* the matching structures; model/index.h */

/* Canonical config text -> rules (one reference for the caller), NULL when it
 * cannot be read. The config floor provides it. */
typedef struct rules *(*rules_source_fn)(void *arg, struct str canonical);

struct tally { /* law 10: arrived = sum over the states, always */
	uint64_t arrived;
	uint64_t in_state[CONTACT_KINDS]; /* ended: since the beginning */
	uint64_t offers, accepted, messages;
};

struct hours_state { /* what the wall clock last said of them */
	char *name;
	bool open;
	int64_t next_wall;
};

struct world {
	char *workspace;
	uint64_t seq;   /* of the last event applied */
	uint64_t epoch; /* of the owner */
	msec_t now;     /* at of the last event */
	int64_t wall_offset;
	uint64_t next_contact, next_customer, next_offer, next_message;

	struct rules *rules; /* NULL before the first CONFIG_ACTIVATED */
	rules_source_fn rules_source;
	void *rules_arg;

	struct map contacts; /* all but long-ended ones */
	struct list contact_lists[CONTACT_KINDS];
	struct map offers;
	struct map orders;      /* owed, by id (seq) */
	struct list order_list; /* by id */
	struct map keys;        /* idempotency, 7 days */
	struct list key_list;   /* oldest first */
	struct map identifiers; /* touched lately: newer than the record */
	struct list identifier_list;

	struct agent **agents; /* [id - 1] */
	struct queue **queues;
	struct skill **skills;
	struct entrance **entrances;
	size_t agent_count, agent_cap, queue_count, queue_cap;
	size_t skill_count, skill_cap, entrance_count, entrance_cap;
	struct map agent_names, queue_names, skill_names, entrance_names;
	/* rule index -> id, for the running rules */
	uint64_t *agent_ids, *queue_ids, *skill_ids, *entrance_ids;
	struct hours_state *hours; /* by index of the rules */
	size_t hours_count;

	struct heap due; /* of struct due: what time alone will change */
	struct index *index;
	struct tally tally;
	size_t ended_kept;
};

struct world *world_new(
    const char *workspace, rules_source_fn source, void *arg);
void world_free(struct world *w);

struct contact *world_contact(const struct world *w, struct contact_id id);
struct agent *world_agent(const struct world *w, struct agent_id id);
struct queue *world_queue(const struct world *w, struct queue_id id);
struct skill *world_skill(const struct world *w, struct skill_id id);
struct entrance *world_entrance(const struct world *w, struct entrance_id id);
struct offer *world_offer(const struct world *w, struct offer_id id);
struct agent *world_agent_named(const struct world *w, struct str name);
struct queue *world_queue_named(const struct world *w, struct str name);
struct skill *world_skill_named(const struct world *w, struct str name);
struct entrance *world_entrance_named(const struct world *w, struct str name);
/* The object a rule index stands for under the running rules. */
struct agent *world_rule_agent(const struct world *w, uint32_t rule);
struct queue *world_rule_queue(const struct world *w, uint32_t rule);
struct skill *world_rule_skill(const struct world *w, uint32_t rule);
struct entrance *world_rule_entrance(const struct world *w, uint32_t rule);
bool world_hours_open(const struct world *w, uint32_t hours);
/* The next moment at which anything changes by time alone; -1: never. */
msec_t world_next_due(const struct world *w);

/*
 * A checkpoint: the whole world as bytes, in an order that depends on nothing
 * but its content. world_decode() makes an equal world; ERR_CORRUPT,
 * ERR_VERSION.
 */
#define WORLD_VERSION 1
void world_encode(const struct world *w, struct buf *out);
int world_decode(struct str bytes, rules_source_fn source, void *arg,
    struct world **out) must_check;

/* ---- for apply only ---- */

/* Makes the rules the running ones: binds names, rebuilds ladders and index.
 * Takes over the caller's reference. */
void world_bind(struct world *w, struct rules *rules);
/* The same when nothing is in the index: after decoding. */
void world_bind_detached(struct world *w, struct rules *rules);
/* The object of a name, made (and numbered) when it is new. */
struct agent *world_make_agent(struct world *w, struct str name);
struct queue *world_make_queue(struct world *w, struct str name);
struct skill *world_make_skill(struct world *w, struct str name);
struct entrance *world_make_entrance(struct world *w, struct str name);
/* Set the timers an object's own fields ask for. */
void agent_arm(struct world *w, struct agent *a);
void queue_arm(struct world *w, struct queue *q);
void offer_arm(struct world *w, struct offer *o);
void world_learn_key(struct world *w, uint64_t key, uint64_t content,
    struct contact_id c, struct message_id m);
struct known_key *world_key(const struct world *w, uint64_t key);
void world_learn_identifier(struct world *w, struct identifier_id id,
    struct customer_id customer, uint8_t level);
struct known_identifier *world_identifier(
    const struct world *w, struct identifier_id id);
/* Drops keys, identifiers and ended contacts that are past their time. */
void world_expire(struct world *w);
/* Stops the process if an invariant of world or index is broken. Slow. */
void world_check(const struct world *w);

/* Changes the world by one event (apply.c of floor 3 is the only caller of
 * the setters beneath; it is declared here so that the store can be handed
 * it). `e->seq` must be w->seq + 1. */
typedef void (*apply_fn)(struct world *w, const struct event *e);

#endif
