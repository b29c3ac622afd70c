/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case.h - one contact as a `test` block describes it, and what to expect.
 *
 * Checked against the rules: all indexes are valid. The engine behind test
 * blocks and `usherctl try` (try.c) runs it on a scratch world.
 */
#ifndef USHER_CONFIG_CASE_H
#define USHER_CONFIG_CASE_H

#include "config/check.h"

#define CASE_EXPECTS     16
#define CASE_IDENTIFIERS 4
#define CASE_ATTRIBUTES  32

enum expect_kind {
	EXPECT_QUEUE,  /* index */
	EXPECT_AGENT,  /* index */
	EXPECT_NOBODY, /* it stays in line, or meets a closed door */
	EXPECT_OPEN,   /* index of the hours */
	EXPECT_CLOSED, /* index of the hours */
	EXPECT_ACTION, /* enum closed_action */
};

struct case_expect {
	enum expect_kind kind;
	uint32_t index;
	unsigned line, column, width; /* for the note when it fails */
	char *source;
	char *text; /* as written: "queue billing" */
};

struct case_identifier {
	enum identifier_kind kind;
	bool verified;
	char *value;
};

struct config_case {
	msec_t wall;
	enum channel channel;
	uint32_t entrance;
	char *text, *subject, *language, *dialled; /* NULL: none */
	struct case_identifier by[CASE_IDENTIFIERS];
	size_t by_count;
	char *attribute_names[CASE_ATTRIBUTES];
	char *attribute_values[CASE_ATTRIBUTES];
	size_t attribute_count;
	bool all_ready;
	uint32_t *ready; /* else these agents; nobody else is in */
	size_t ready_count;
	struct case_expect expects[CASE_EXPECTS];
	size_t expect_count;
};

/* Reads a block; `now` is the time when it names none. NULL when it does not
 * make sense: it is noted. */
struct config_case *case_read(
    struct check *k, const struct statement *s, msec_t now);
void case_free(struct config_case *c);

/* What became of a case. */
struct case_result {
	uint32_t route;  /* the rule that matched */
	uint32_t queue;  /* of the rules */
	uint32_t agent;  /* of the rules, or RULE_NONE */
	uint32_t second; /* the runner-up, or RULE_NONE */
	unsigned step;   /* enum rank_step */
	bool closed;
	enum closed_action action;
	uint8_t verdicts[VERDICT_BYTES];
};

/* Runs a case on a world of its own (trial.c). The world stays as the contact
 * left it, for questions; the caller frees it. */
struct world *case_run(const struct rules *r, const struct config_case *c,
    struct case_result *out);
/* Answers the world's part of a condition as it stands in a trial. */
int64_t case_ask(const void *trial, enum expr_op op, uint32_t arg);
struct case_view { /* what case_ask() is asked about */
	const struct rules *rules;
	const struct config_case *body;
};
/* Monday 2026-03-02, 10:00 of the zone the hours are in: what a test that says
 * no time means, and the week in which its weekdays lie. */
msec_t case_usual_time(const struct rules *r);

#endif
