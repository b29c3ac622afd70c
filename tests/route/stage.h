/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stage.h - the house a story is played in: two worlds and a virtual clock.
 *
 * The first world decides, the second follows by apply() alone. After every
 * input both are held against the invariants, against the scan of
 * unit/oracle.c and against each other, byte for byte. What happened is told
 * in plain words (tell.h).
 */
#ifndef USHER_TESTS_STAGE_H
#define USHER_TESTS_STAGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/map.h"
#include "route/route.h"
#include "story.h"

#define STAGE_ZERO ((msec_t)1000000) /* router time at 0:00.000 */

struct offered { /* who was shown what, for answers that come late */
	struct contact_id contact;
	struct agent_id agent;
	struct offer_id offer;
};

struct in_record { /* what the people's record says of an identifier */
	struct identifier_id id;
	struct customer_id customer;
	uint8_t level, owners;
};

#define OFFERED_MAX  256
#define RECORDS_MAX  16
#define VERDICTS_CAP (VERDICT_BYTES)
struct stage {
	const char *file;
	unsigned line;
	bool setting; /* a `given`: only the scene may change */
	struct world *first, *second;
	struct decision out;
	msec_t now;
	uint64_t sessions;
	struct buf told;        /* of this command, a line per event */
	struct map identifiers; /* "phone +351..." -> number */
	struct list identifier_names;
	uint64_t identifier_count;
	struct offered offered[OFFERED_MAX];
	size_t offered_count;
	struct in_record records[RECORDS_MAX];
	size_t record_count;
};

/* Ends the process, with file and line, when the story makes no sense. */
_Noreturn void stage_wrong(const struct stage *st, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void stage_open(struct stage *st, const char *file, const char *config);
void stage_close(struct stage *st);
/* Stamps, decides, follows, checks, tells; then whatever is due by now. */
void stage_post(struct stage *st, struct input *in);
/* Lets time pass, waking the router whenever it asked to be woken. */
void stage_pass(struct stage *st, msec_t until);
/* New rules: a config block. */
void stage_config(struct stage *st, const char *text);
/* The process dies and comes back from its checkpoint. */
void stage_restart(struct stage *st);

/* The number of an identifier, and back. */
struct identifier_id stage_identifier(
    struct stage *st, const char *kind, const char *value);
const char *stage_identifier_text(
    const struct stage *st, struct identifier_id id);

/* Things by the names the story gives them; ends the process when there is no
 * such thing. */
struct agent *stage_agent(const struct stage *st, const char *name);
struct queue *stage_queue(const struct stage *st, const char *name);
struct contact_id stage_contact(const struct stage *st, const char *name);
struct offer_id stage_offer(
    const struct stage *st, struct contact_id c, const struct agent *a);

#endif
