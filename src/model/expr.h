/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expr.h - conditions of the rules: typed, loop-free, without side effects.
 *
 * A condition is a flat program in postfix order over leaves. External leaves
 * (text, numbers, attributes: what the outside said) are tested once, by the
 * intake, into a set of verdict bits; the router only reads the bits, so that
 * no text ever enters a decision or its log. World leaves (open hours, load
 * of a queue) are answered by the router from the world.
 */
#ifndef USHER_MODEL_EXPR_H
#define USHER_MODEL_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/kinds.h"

#define VERDICTS_MAX  1024 /* external leaves of one config */
#define VERDICT_BYTES (VERDICTS_MAX / 8)

enum leaf_kind {
	LEAF_CHANNEL,   /* contact is on one of a set of channels */
	LEAF_ENTRANCE,  /* came in by the named channel or gateway */
	LEAF_DIALLED,   /* the number or address it was sent to */
	LEAF_LANGUAGE,  /* two letters */
	LEAF_ATTRIBUTE, /* "topic", "customer.tier": compared with values */
	LEAF_HAS_WORDS, /* text has one of the words, case-folded */
	LEAF_MATCHES,   /* text matches a PCRE2 pattern, with limits */
};

enum leaf_compare {
	COMPARE_EQUAL, /* one of the values */
	COMPARE_STARTS,
	COMPARE_LESS, /* as numbers */
	COMPARE_LESS_EQUAL,
	COMPARE_MORE,
	COMPARE_MORE_EQUAL,
	COMPARE_PRESENT,
};

struct leaf {
	enum leaf_kind kind;
	enum leaf_compare compare;
	uint32_t channels; /* LEAF_CHANNEL: bit per channel */
	char *name;        /* LEAF_ATTRIBUTE: which */
	char **values;
	size_t value_count;
	void *pattern; /* LEAF_MATCHES: compiled, owned */
};

/* What the outside said about a contact, while it is still in the intake. */
struct attribute {
	struct str name;
	struct str value;
};
struct leaf_facts {
	enum channel channel;
	struct str entrance;
	struct str dialled;
	struct str language;
	struct str folded_text; /* subject and text, utf8_fold()ed */
	struct str text;
	const struct attribute *attributes;
	size_t attribute_count;
};

/* Compiles the pattern of a LEAF_MATCHES; the fault names the offset. */
int leaf_compile(struct leaf *l, struct fault *why) must_check;
void leaf_done(struct leaf *l);
/* A missing attribute makes any comparison false. A pattern that hits its
 * limits does not match. */
bool leaf_test(const struct leaf *l, const struct leaf_facts *facts);

enum expr_op {
	EXPR_TRUE,
	EXPR_VERDICT,       /* arg: number of the external leaf */
	EXPR_OPEN,          /* arg: index of the hours */
	EXPR_QUEUE_WAITING, /* arg: index of the queue, compare with value */
	EXPR_QUEUE_LONGEST, /* its longest wait in ms */
	EXPR_QUEUE_READY,   /* its agents who are ready */
	EXPR_NOT,
	EXPR_AND,
	EXPR_OR,
};

struct expr_step {
	enum expr_op op;
	enum leaf_compare compare;
	uint32_t arg;
	int64_t value;
};

struct expr {
	struct expr_step *steps; /* postfix */
	size_t step_count;       /* 0: always true */
};
#define EXPR_STACK 32 /* deepest program the config check lets through */
void expr_done(struct expr *e);

/* Answers a world leaf; `world` is the evaluator's own affair. */
typedef int64_t (*expr_ask_fn)(
    const void *world, enum expr_op op, uint32_t arg);
bool expr_is_true(const struct expr *e, struct str verdicts, expr_ask_fn ask,
    const void *world);
bool verdict_is_set(struct str verdicts, uint32_t number);

#endif
