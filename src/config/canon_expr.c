/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * canon_expr.c - flat programs of conditions back to text.
 *
 * Entered by canon.c, and by the check to number equal questions once. Only
 * the parentheses that are needed are written.
 */
#include "base/check.h"
#include "base/mem.h"
#include "config/canon.h"

/* As the lexer has it: parts of letters, digits and _, joined by . or -. */
static bool is_word(struct str s)
{
	bool fresh = true; /* a letter, digit or _ must follow */

	if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '.' || c == '-') {
			if (fresh)
				return false;
			fresh = true;
		} else {
			fresh = false;
		}
	}
	return !fresh;
}

/* The words taken are those that mean something where a name may stand. */
void name_show(const char *name, struct buf *out)
{
	static const char *const taken[] = { "and", "or", "not", "in", "route",
		"segment", "always", "language", "no" };
	struct str s = str_of(name);
	bool plain = is_word(s);

	for (size_t i = 0; i < countof(taken); i++)
		plain = plain && !str_is(s, taken[i]);
	if (plain)
		buf_add_str(out, s);
	else
		quote_show(s, out);
}

/* In the order of the table, so that equal sets have equal texts. */
static void show_channels(uint32_t channels, struct buf *out)
{
	bool several = (channels & (channels - 1)) != 0;
	const char *before = several ? "in (" : "";

	for (unsigned i = 0; i < CHANNELS; i++) {
		if (!(channels >> i & 1))
			continue;
		buf_addf(out, "%s%s", before, channel_word(i));
		before = ", ";
	}
	if (several)
		buf_add_char(out, ')');
}

static void show_values(const struct leaf *l,
    void (*show)(const char *s, struct buf *out), struct buf *out)
{
	for (size_t i = 0; i < l->value_count; i++) {
		if (i > 0)
			buf_add_text(out, ", ");
		show(l->values[i], out);
	}
}

static void show_quoted(const char *s, struct buf *out)
{
	quote_show(str_of(s), out);
}

static void show_plain(const char *s, struct buf *out)
{
	buf_add_text(out, s);
}

static const char *const marks[] = {
	[COMPARE_EQUAL] = "=",
	[COMPARE_STARTS] = "starts",
	[COMPARE_LESS] = "<",
	[COMPARE_LESS_EQUAL] = "<=",
	[COMPARE_MORE] = ">",
	[COMPARE_MORE_EQUAL] = ">=",
	[COMPARE_PRESENT] = "present",
};

/* "topic" is of the contact; "customer.tier" says of whom it is. */
static void show_attribute(const struct leaf *l, struct buf *out)
{
	if (!str_starts(str_of(l->name), "customer."))
		buf_add_text(out, "contact.");
	buf_addf(out, "%s %s", l->name, marks[l->compare]);
	if (l->compare == COMPARE_PRESENT)
		return;
	buf_add_char(out, ' ');
	show_values(
	    l, l->compare <= COMPARE_STARTS ? show_quoted : show_plain, out);
}

/* A slash gets back the backslash the lexer took off; pairs stay pairs. */
static void show_pattern(const struct leaf *l, struct buf *out)
{
	const char *p = l->values[0];

	buf_add_text(out, "text matches /");
	for (; *p != '\0'; p++) {
		if (*p == '/')
			buf_add_char(out, '\\');
		buf_add_char(out, *p);
		if (*p == '\\' && p[1] != '\0')
			buf_add_char(out, *++p);
	}
	buf_addf(out, "/%s", l->name != NULL ? l->name : "");
}

void canon_leaf(const struct leaf *l, struct buf *out)
{
	switch (l->kind) {
	case LEAF_CHANNEL:
		buf_add_text(out, "channel ");
		show_channels(l->channels, out);
		break;
	case LEAF_ENTRANCE:
		buf_add_text(out, "from ");
		show_values(l, name_show, out);
		break;
	case LEAF_DIALLED:
		buf_add_text(out, l->compare == COMPARE_STARTS
		                      ? "dialled starts "
		                      : "dialled ");
		show_values(l, show_quoted, out);
		break;
	case LEAF_LANGUAGE:
		buf_add_text(out, "language ");
		show_values(l, show_plain, out);
		break;
	case LEAF_ATTRIBUTE:
		show_attribute(l, out);
		break;
	case LEAF_HAS_WORDS:
		buf_add_text(out, "text has ");
		show_values(l, show_quoted, out);
		break;
	case LEAF_MATCHES:
		show_pattern(l, out);
		break;
	}
}

static void show_world(
    const struct rules *r, const struct expr_step *s, struct buf *out)
{
	static const char *const what[] = {
		[EXPR_QUEUE_WAITING] = "waiting",
		[EXPR_QUEUE_LONGEST] = "longest",
		[EXPR_QUEUE_READY] = "ready",
	};

	buf_add_text(out, "queue ");
	name_show(r->queues[s->arg].name, out);
	buf_addf(out, " %s %s ", what[s->op], marks[s->compare]);
	if (s->op == EXPR_QUEUE_LONGEST)
		duration_show(s->value, out);
	else
		buf_addf(out, "%lld", (long long)s->value);
}

static void show_leaf(
    const struct rules *r, const struct expr_step *s, struct buf *out)
{
	switch (s->op) {
	case EXPR_VERDICT:
		canon_leaf(&r->leaves[s->arg], out);
		break;
	case EXPR_OPEN:
		buf_add_text(out, "during ");
		name_show(r->hours[s->arg].name, out);
		break;
	case EXPR_TRUE:
		buf_add_text(out, "otherwise");
		break;
	default:
		show_world(r, s, out);
		break;
	}
}

struct showing {
	const struct rules *rules;
	const struct expr_step *steps;
	const size_t *sizes; /* of the subtree that ends at each step */
	struct buf *out;
};

/* or binds loosest, then and, then not; on the right, equals need them too:
 * a or (b or c) is another program than a or b or c. */
static bool needs_parens(enum expr_op op, enum expr_op above, bool right)
{
	if (op < EXPR_NOT)
		return false;
	return right ? op >= above && op != EXPR_NOT : op > above;
}

static void show_tree(
    const struct showing *w, size_t at, enum expr_op above, bool right)
{
	const struct expr_step *s = &w->steps[at];
	bool parens = needs_parens(s->op, above, right);

	if (parens)
		buf_add_char(w->out, '(');
	if (s->op < EXPR_NOT) {
		show_leaf(w->rules, s, w->out);
	} else if (s->op == EXPR_NOT) {
		buf_add_text(w->out, "not ");
		show_tree(w, at - 1, EXPR_NOT, false);
	} else {
		show_tree(w, at - 1 - w->sizes[at - 1], s->op, false);
		buf_add_text(w->out, s->op == EXPR_AND ? " and " : " or ");
		show_tree(w, at - 1, s->op, true);
	}
	if (parens)
		buf_add_char(w->out, ')');
}

void canon_expr(const struct rules *r, const struct expr *e, struct buf *out)
{
	size_t *sizes;
	struct showing w = { .rules = r, .steps = e->steps, .out = out };

	if (e->step_count == 0) {
		buf_add_text(out, "otherwise");
		return;
	}
	sizes = new_array(size_t, e->step_count);
	for (size_t i = 0; i < e->step_count; i++) {
		enum expr_op op = e->steps[i].op;

		sizes[i] = 1;
		if (op >= EXPR_NOT)
			sizes[i] += sizes[i - 1];
		if (op > EXPR_NOT)
			sizes[i] += sizes[i - 1 - sizes[i - 1]];
	}
	w.sizes = sizes;
	show_tree(&w, e->step_count - 1, EXPR_OR, false);
	mem_free(sizes);
}
