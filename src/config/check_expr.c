/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_expr.c - conditions: from trees to flat programs.
 *
 * Part of the check, for the route and for segments. Leaves about the outside
 * become numbered verdicts, each distinct one once; leaves about the world stay
 * in the program.
 */
#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "config/canon.h"
#include "config/check.h"

#define STEPS_MOST 1024 /* of one condition */

struct compile {
	struct check *check;
	struct expr *out;
	size_t cap;
	unsigned depth, deepest; /* of the evaluator's stack */
	bool failed;
};

static void add_step(struct compile *p, struct expr_step step)
{
	struct expr *e = p->out;

	mem_room(&e->steps, e->step_count, &p->cap, sizeof(step));
	e->steps[e->step_count++] = step;
	if (step.op < EXPR_NOT)
		p->depth++;
	else if (step.op != EXPR_NOT)
		p->depth--;
	if (p->depth > p->deepest)
		p->deepest = p->depth;
}

/* The number of the leaf's verdict; takes the leaf, or frees it when the same
 * question has a number already. */
static uint32_t leaf_number(
    struct check *k, struct leaf leaf, const struct spot *at)
{
	struct rules *r = k->rules;
	struct buf text = { 0 };
	uintptr_t known;

	canon_leaf(&leaf, &text);
	known = (uintptr_t)map_find_text(k->leaf_numbers, buf_str(&text));
	if (known == 0 && r->leaf_count == VERDICTS_MAX) {
		note_error(k->notes, at,
		    "at most %d different questions in one config",
		    VERDICTS_MAX);
		known = 1;
	}
	if (known != 0) {
		leaf_done(&leaf);
	} else {
		mem_room(&r->leaves, r->leaf_count, &k->leaf_cap, sizeof(leaf));
		r->leaves[r->leaf_count++] = leaf;
		known = r->leaf_count;
		map_put_text(k->leaf_numbers, buf_str(&text), (void *)known);
	}
	buf_done(&text);
	return (uint32_t)known - 1;
}

static void compile_leaf(struct compile *p, const struct node *n)
{
	struct leaf leaf = { 0 };
	struct expr_step step = { .op = EXPR_TRUE };

	if (!check_leaf(p->check, n, &leaf, &step)) {
		leaf_done(&leaf);
		step.op = EXPR_TRUE; /* noted: the config is lost anyway */
		p->failed = true;
	} else if (step.op == EXPR_VERDICT) {
		step.arg = leaf_number(p->check, leaf, &n->spot);
	}
	add_step(p, step);
}

static void compile_node(struct compile *p, const struct node *n)
{
	static const enum expr_op ops[] = { [NODE_NOT] = EXPR_NOT,
		[NODE_AND] = EXPR_AND,
		[NODE_OR] = EXPR_OR };

	if (n->kind == NODE_LEAF) {
		compile_leaf(p, n);
		return;
	}
	compile_node(p, n->a);
	if (n->b != NULL)
		compile_node(p, n->b);
	add_step(p, (struct expr_step){ .op = ops[n->kind] });
}

bool check_condition(struct check *k, const struct node *n, struct expr *out)
{
	struct compile p = { .check = k, .out = out };

	compile_node(&p, n);
	if (p.deepest > EXPR_STACK || out->step_count > STEPS_MOST)
		note_error(k->notes, &n->spot,
		    "this condition is too large: make two rules of it");
	return !p.failed;
}

void check_segment(struct check *k, const struct def *d, struct rule_segment *s)
{
	static const char example[] =
	    "segment vip { customer.tier = \"gold\"; } head start 2m;";
	struct statement tail = *d->statement;
	struct cursor c;

	if (d->statement->when == NULL) {
		if (!d->statement->broken)
			note_error(k->notes, &d->name->spot,
			    "this segment has no condition");
		return;
	}
	(void)check_condition(k, d->statement->when, &s->when);
	cursor_init(&c, k->notes, &tail, example);
	c.at = d->statement->tail;
	if (cursor_at_end(&c))
		return;
	cursor_word(&c, "head");
	cursor_word(&c, "start");
	s->head_start = cursor_duration(&c, 0, 3600000);
	cursor_end(&c);
}
