/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expr.c - runs the flat programs of conditions.
 *
 * Entered by the router for each rule of the route and each segment. Reads
 * verdict bits and asks the world through one function: no text, no memory of
 * its own, no clock. The config floor has made the program: a program that
 * does not leave exactly one value cannot be, and stops the router.
 */
#include "model/expr.h"

#include "base/check.h"
#include "base/mem.h"

static bool compare(enum leaf_compare how, int64_t a, int64_t b)
{
	switch (how) {
	case COMPARE_LESS:
		return a < b;
	case COMPARE_LESS_EQUAL:
		return a <= b;
	case COMPARE_MORE:
		return a > b;
	case COMPARE_MORE_EQUAL:
		return a >= b;
	case COMPARE_EQUAL:
	case COMPARE_STARTS:
	case COMPARE_PRESENT:
		break;
	}
	return a == b;
}

bool verdict_is_set(struct str verdicts, uint32_t number)
{
	size_t byte = number / 8;

	/* Trailing zero bytes need not be kept in a log. */
	return byte < verdicts.n &&
	       ((unsigned char)verdicts.p[byte] >> (number % 8) & 1);
}

struct run {
	bool stack[EXPR_STACK];
	unsigned depth;
};

static void push(struct run *r, bool value)
{
	check(r->depth < EXPR_STACK);
	r->stack[r->depth++] = value;
}

static bool pop(struct run *r)
{
	check(r->depth > 0);
	return r->stack[--r->depth];
}

static void combine(struct run *r, enum expr_op op)
{
	bool b = pop(r);

	if (op == EXPR_NOT) {
		push(r, !b);
		return;
	}
	bool a = pop(r);
	push(r, op == EXPR_AND ? a && b : a || b);
}

static bool leaf_value(const struct expr_step *s, struct str verdicts,
    expr_ask_fn ask, const void *world)
{
	switch (s->op) {
	case EXPR_VERDICT:
		return verdict_is_set(verdicts, s->arg);
	case EXPR_OPEN:
		return ask(world, s->op, s->arg) != 0;
	case EXPR_QUEUE_WAITING:
	case EXPR_QUEUE_LONGEST:
	case EXPR_QUEUE_READY:
		return compare(s->compare, ask(world, s->op, s->arg), s->value);
	default:
		return true;
	}
}

bool expr_is_true(const struct expr *e, struct str verdicts, expr_ask_fn ask,
    const void *world)
{
	struct run r = { .depth = 0 };

	if (e->step_count == 0)
		return true;
	for (size_t i = 0; i < e->step_count; i++) {
		const struct expr_step *s = &e->steps[i];

		if (s->op >= EXPR_NOT)
			combine(&r, s->op);
		else
			push(&r, leaf_value(s, verdicts, ask, world));
	}
	check(r.depth == 1);
	return r.stack[0];
}

void expr_done(struct expr *e)
{
	mem_free(e->steps);
	*e = (struct expr){ 0 };
}
