/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules.h - the running config as the router sees it: an immutable snapshot.
 *
 * Made by the config floor, which has checked everything: numbers here are
 * indexes into these arrays and always valid, names are unique per kind, and
 * every array of named things is sorted by name, bytewise (rules_find_*()
 * search it so); only routes and leaves stand in the order of the file.
 * Nothing in it changes after rules_new() has handed it out; it is shared by
 * reference count (owner thread and store threads alike).
 */
#ifndef USHER_MODEL_RULES_H
#define USHER_MODEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/expr.h"
#include "model/hours.h"
#include "model/kinds.h"

#define RULE_NONE     UINT32_MAX /* an index that points nowhere */
#define NEEDS_MAX     8          /* skills one step of a queue may ask for */
#define STEPS_MAX     8          /* steps of a queue's ladder */
#define OVERFLOWS_MAX 3          /* queues a queue may flow over to */

struct rule_skill {
	char *name; /* "lang.fr" */
	char *label;
	uint32_t parent; /* "lang", or RULE_NONE */
};

struct rule_segment {
	char *name;
	struct expr when;
	msec_t head_start;
};

/* What a customer is owed (service standard). Times in ms, 0: not said. */
struct rule_standard {
	char *name;
	uint8_t percent;      /* answer N % ... */
	msec_t answer_within; /* ... within T ... */
	uint32_t open_hours;  /* ... of these hours (index), or RULE_NONE */
	msec_t per;           /* ... counted per interval */
	msec_t hold_cap;      /* then offer a call-back */
	msec_t alarm_after;
	uint8_t value; /* v of the key, 1..4 */
};

struct rule_text {      /* a template in one language */
	char *name;     /* "greeting.chat", "closed", ... */
	char *language; /* "en"; "" = any */
	char *text;
};

struct rule_brand {
	char *name;
	char *label;
	struct rule_text *texts;
	size_t text_count;
};

enum entrance_kind { ENTRANCE_CHANNEL, ENTRANCE_GATEWAY };

/* A door contacts come in by: a `channel` or `gateway` block. */
struct rule_entrance {
	enum entrance_kind kind;
	enum channel channel; /* gateways: phone */
	char *name;
	char *address;  /* mail: our address */
	char *protocol; /* gateways: "json" */
	char *provider; /* mail: "raw" */
	char **from;    /* addresses or networks it may come from; none: any */
	size_t from_count;
	char **origins; /* chat: pages that may embed it */
	size_t origin_count;
	char *token_file; /* secret, by reference only; NULL: none */
	char *smtp_url;   /* mail: where replies leave; NULL: nowhere */
	char *smtp_from;
	char country[3]; /* numbers without + are of this country */
	bool trust_caller;
	bool trust_dkim;
	uint32_t brand;    /* or RULE_NONE */
	uint32_t standard; /* or RULE_NONE */
};

struct rule_team {
	char *name;
	uint8_t takes[CHANNELS]; /* at once; 0: does not take the channel */
	msec_t wrap_up;
	msec_t grace; /* how long a lost agent keeps the contacts */
};

struct rule_level {
	uint32_t skill;
	uint8_t level; /* 0..100 */
};

struct rule_agent {
	char *name;
	char *label;
	uint32_t team;
	struct rule_level *skills; /* ascending by skill */
	size_t skill_count;
	char *phone;      /* address the gateway can ring; NULL: no phone */
	uint32_t gateway; /* entrance index, or RULE_NONE */
	enum role role;   /* agent, lead, supervisor, admin, auditor */
	char *language;   /* of the pages; NULL: the workspace's */
};

/* One step of the ladder: what is asked once `after` has passed. Complete in
 * itself: the config floor has merged "after 30s need X 20+" over the step
 * before. */
struct rule_step {
	msec_t after; /* since entry into the queue; 0 for the first */
	struct rule_level needs[NEEDS_MAX]; /* ascending by skill */
	uint8_t need_count;
	bool language; /* and the contact's language as a skill */
	uint8_t language_level;
};

struct rule_overflow {
	uint32_t queue;
	msec_t after;         /* of waiting; 0: not by time */
	bool when_no_agents;  /* at once, when nobody who could take it is in */
	uint32_t longer_than; /* at once, when more than this wait; 0: no */
};

struct rule_queue {
	char *name;
	char *label;
	struct rule_step steps[STEPS_MAX];
	uint8_t step_count;
	struct rule_overflow overflows[OVERFLOWS_MAX];
	uint8_t overflow_count;
	msec_t ring;     /* how long one offer rings */
	msec_t own_wait; /* how long it waits for the customer's own agent */
	uint32_t hours;  /* or RULE_NONE: always open */
	enum closed_action closed[CHANNELS];
	uint32_t standard; /* or RULE_NONE: the entrance's, then built in */
};

struct rule_route {
	struct expr when;
	uint32_t queue;
	uint32_t line; /* of the config, for explaining */
	char *text;    /* the condition as written, for explaining */
};

struct rules {
	uint32_t references; /* use rules_ref() and rules_unref() */
	char *text;          /* canonical; what the log keeps */
	uint8_t digest[32];  /* of the canonical text: the config's version */
	char *workspace;     /* "main" */
	char *language;      /* default for contacts and pages: "en" */

	struct rule_skill *skills;
	struct rule_segment *segments;
	struct hours *hours;
	struct rule_standard *standards;
	struct rule_brand *brands;
	struct rule_entrance *entrances;
	struct rule_team *teams;
	struct rule_agent *agents;
	struct rule_queue *queues;
	struct rule_route *routes; /* the last one is `otherwise` */
	struct leaf *leaves;       /* external leaves, by verdict number */

	size_t skill_count, segment_count, hours_count, standard_count;
	size_t brand_count, entrance_count, team_count, agent_count;
	size_t queue_count, route_count, leaf_count;
};

struct rules *rules_new(void); /* empty, one reference; for the config floor */
struct rules *rules_ref(struct rules *r);
void rules_unref(struct rules *r); /* NULL is fine */

/* Index by name, or RULE_NONE. */
uint32_t rules_find_skill(const struct rules *r, struct str name);
uint32_t rules_find_hours(const struct rules *r, struct str name);
uint32_t rules_find_queue(const struct rules *r, struct str name);
uint32_t rules_find_agent(const struct rules *r, struct str name);
uint32_t rules_find_entrance(const struct rules *r, struct str name);
/* The skill "lang.xx" for a language, or RULE_NONE. */
uint32_t rules_language_skill(const struct rules *r, struct str language);
/* Tests every external leaf; `out` gets one bit each (see expr.h). */
void rules_verdicts(const struct rules *r, const struct leaf_facts *facts,
    uint8_t out[VERDICT_BYTES]);
/* A brand's text by name and language, falling back to any; NULL: none. */
const char *rules_text(const struct rules *r, uint32_t brand, const char *name,
    struct str language);

#endif
