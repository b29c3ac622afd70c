/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index.h - who can serve whom, kept so that a decision does not scan.
 *
 *   set      an interned requirement: channel and (skill, least level)s
 *   class    contacts that ask the same and wait alike: (queue, rung, flowed,
 *            offset, set). In order of key in a row; out-of-order arrivals in
 *            a small heap beside it. One relaxation timer per class.
 *   profile  an interned bundle of skills, levels cut to the thresholds any
 *            rung asks for; per channel the sets it serves, and a heap of its
 *            agents who are available, best first.
 *
 * Invariants (checked by world_check() in tests):
 *  1 a waiting, parsed, not dormant contact's places are each in exactly one
 *    class, or the contact is in `exceptions`; no other contact's are
 *  2 set.head is the smallest key over its classes, or NULL
 *  3 an agent is in profile.available[c] iff agent_refusal(a, c) is NONE
 *  4 profile p lists set s iff p's levels reach s's; s.servers mirrors it
 *  5 demand[s] counts places in classes or exceptions whose set asks skill s
 *
 * Costs: a free agent looks at the heads of its profile's sets; a contact at
 * the profiles that serve its set or those with anybody available, whichever
 * are fewer; neither depends on how many wait or work.
 */
#ifndef USHER_MODEL_INDEX_H
#define USHER_MODEL_INDEX_H

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "model/agent.h"
#include "model/contact.h"
#include "model/due.h"
#include "model/queue.h"

#define EXCEPTIONS_MAX 1024

struct set_need {
	struct skill_id skill;
	uint8_t level;
};

struct set {
	uint32_t id;   /* from 1, in order of creation; of this index only */
	uint32_t mark; /* of what is asked: the same in every index */
	enum channel channel;
	uint8_t need_count;
	struct set_need needs[NEEDS_MAX + 1]; /* ascending; + the language */
	struct contact *head; /* smallest key over the classes; NULL: none */
	struct heap classes;  /* of struct class, by their heads */
	struct profile **servers; /* profiles that can serve it */
	size_t server_count, server_cap;
};

struct class
{
	struct set *set;
	struct queue *queue;
	uint8_t rung;
	uint8_t flowed;
	msec_t offset;
	struct list row;      /* of struct place, ascending by key and entry */
	struct heap side;     /* of struct place, by key */
	struct contact *head; /* of row and side together */
	struct heap_node in_set;
	struct list stranded; /* in index.stranded: nobody is in */
	struct due due;       /* when the row's first relaxes */
};

struct profile {
	uint32_t mark; /* of the levels: the same in every index */
	size_t level_count;
	struct set_need *levels;  /* ascending by skill */
	uint64_t *skill_bits;     /* bit per skill id, for counting demand */
	size_t agents;            /* who have it */
	size_t present[CHANNELS]; /* of them signed in and taking it */
	struct heap available[CHANNELS]; /* of struct agent_slot, best first */
	uint32_t idle_at[CHANNELS]; /* 1-based place in index.idle; 0: none */
	struct set **serves[CHANNELS];
	size_t serves_count[CHANNELS], serves_cap[CHANNELS];
};

struct index {
	struct set **sets; /* [id - 1] */
	size_t set_count, set_cap;
	struct map set_keys;
	struct profile **profiles;
	size_t profile_count, profile_cap;
	struct map profile_keys;
	struct map class_keys;
	struct profile **idle[CHANNELS]; /* profiles with anyone available */
	size_t idle_count[CHANNELS], idle_cap[CHANNELS];
	struct list exceptions; /* contacts, oldest exception first */
	size_t exception_count;
	struct list stranded; /* classes whose contacts may overflow now */
	struct list waking;   /* queues that opened and have dormant contacts */
	size_t *demand;       /* [skill id] */
	uint64_t *demand_bits;
	size_t skill_words;   /* 64-bit words of the two bit sets */
	uint64_t *thresholds; /* [skill id * 2]: bit per level asked for */
};

struct index *index_new(void);
void index_free(struct world *w);

/* Takes every contact and agent out, under the rules they came in by. */
void index_detach(struct world *w);
/* Forgets sets, classes and profiles and builds them anew from the contacts,
 * agents and rules: after a config change and after world_decode(). Everything
 * must be out. */
void index_build(struct world *w);

/* Contact or agent changed: take it out before, put it in after. */
void index_remove_contact(struct world *w, struct contact *c);
void index_add_contact(struct world *w, struct contact *c);
void index_remove_agent(struct world *w, struct agent *a);
void index_add_agent(struct world *w, struct agent *a);

/* The set a place of `c` in `q` asks for at this rung. */
struct set *index_set(struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung);
/* The same without making one: NULL when nobody has asked for it yet. */
const struct set *index_find_set(const struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung);
bool profile_reaches(const struct profile *p, const struct set *s);
/* Does the profile meet what `c` asks for in `q` at this rung? By the rules,
 * whether or not anybody waits there. */
bool profile_meets(const struct world *w, const struct profile *p,
    const struct contact *c, const struct queue *q, uint8_t rung);
/* What is asked for, as a set that is in no index: for explaining. */
struct set index_describe(const struct world *w, const struct contact *c,
    const struct queue *q, uint8_t rung);
/* The agent's levels changed (or the agent is new): finds the profile. The
 * agent must be out of the index. */
void index_profile(struct world *w, struct agent *a);
/* Signed in or out: for "when no agents". */
void index_presence(struct world *w, struct agent *a, bool was, bool is);
bool set_has_present(const struct set *s);
/* The queue may have opened: its dormant contacts are to be woken. */
void index_wake(struct world *w, struct queue *q);
/* The second-smallest key of a class; NULL: it has one contact at most. */
struct contact *class_second(const struct class *k);
/* Skills of the profile that somebody waiting asks for. */
unsigned index_demand(const struct world *w, const struct profile *p);

#endif
