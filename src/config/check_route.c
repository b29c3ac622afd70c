/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_route.c - reads the route: which queue a contact goes to.
 *
 * Part of the check. Beside reading the rules it finds those that can never
 * be reached, by one small piece of logic: for each condition, on which
 * channels it may be true, and on which it must be.
 */
#include "base/check.h"
#include "base/mem.h"
#include "config/canon.h"
#include "config/check.h"

#define RULES_MAX    10000
#define ALL_CHANNELS ((1u << CHANNELS) - 1)

/* Channels as bits: may be true on, is certainly true on. */
struct reach {
	uint32_t may, must;
};

static struct reach leaf_reach(const struct rules *r, const struct node *n)
{
	struct reach all = { ALL_CHANNELS, 0 };
	const struct item *word = n->items;
	const struct item *i;
	uint32_t bits = 0;

	if (str_is(word->text, "otherwise"))
		return (struct reach){ ALL_CHANNELS, ALL_CHANNELS };
	if (!str_is(word->text, "channel") && !str_is(word->text, "from"))
		return all;
	for (i = word->next; i != NULL; i = i->next) {
		enum channel c;
		uint32_t door = names_find(r, DEF_ENTRANCE, i->text);

		if (str_is(word->text, "channel") && channel_parse(i->text, &c))
			bits |= 1u << c;
		else if (str_is(word->text, "from") && door != RULE_NONE)
			bits |= 1u << r->entrances[door].channel;
	}
	return (struct reach){ bits, str_is(word->text, "from") ? 0 : bits };
}

static struct reach node_reach(const struct rules *r, const struct node *n)
{
	struct reach a;
	struct reach b;

	if (n->kind == NODE_LEAF)
		return leaf_reach(r, n);
	a = node_reach(r, n->a);
	if (n->kind == NODE_NOT)
		return (struct reach){ ALL_CHANNELS & ~a.must,
			ALL_CHANNELS & ~a.may };
	b = node_reach(r, n->b);
	if (n->kind == NODE_AND)
		return (struct reach){ a.may & b.may, a.must & b.must };
	return (struct reach){ a.may | b.may, a.must | b.must };
}

static uint32_t text_channels(void)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < CHANNELS; i++)
		if (channel_kind((enum channel)i)->text)
			bits |= 1u << i;
	return bits;
}

/* A question about the text where only calls can be is a mistake; `on` are the
 * channels left by what stands beside it. */
static void warn_of_text(struct check *k, const struct node *n, uint32_t on)
{
	if (n->kind == NODE_LEAF) {
		if (!str_is(n->items->text, "text") || on == 0 ||
		    (on & text_channels()) != 0)
			return;
		note_warning(k->notes, &n->spot,
		    "only contacts without a text can come here");
		note_hint(k->notes, "a call has no text: ask for the number "
		                    "dialled or an attribute");
		return;
	}
	if (n->kind == NODE_AND) {
		uint32_t a = on & node_reach(k->rules, n->a).may;
		uint32_t b = on & node_reach(k->rules, n->b).may;

		warn_of_text(k, n->a, b);
		warn_of_text(k, n->b, a);
		return;
	}
	warn_of_text(k, n->a, on);
	if (n->b != NULL)
		warn_of_text(k, n->b, on);
}

struct routing {
	uint32_t taken;      /* channels on which some rule so far must hold */
	unsigned taker_line; /* of the rule that completed it */
	bool has_lost;       /* a rule could not be read */
	bool has_otherwise;
	struct map lines; /* condition -> its line: the first one decides */
	size_t cap;
};

static void check_reach(
    struct check *k, const struct statement *s, struct routing *w)
{
	struct reach reach = node_reach(k->rules, s->when);

	if (reach.may == 0) {
		note_warning(
		    k->notes, &s->when->spot, "this can never be true");
		return;
	}
	if ((reach.may & ~w->taken) == 0) {
		note_error(
		    k->notes, &s->when->spot, "this rule is never reached");
		note_hint(k->notes,
		    "line %u has taken all that could come "
		    "here",
		    w->taker_line);
		return;
	}
	if ((reach.must & ~w->taken) != 0)
		w->taker_line = s->spot.line;
	w->taken |= reach.must;
	warn_of_text(k, s->when, reach.may);
}

/* What is not about channels alone: the same words ask the same. */
static void check_repeated(struct check *k, const struct statement *s,
    struct routing *w, struct str condition)
{
	uintptr_t line = (uintptr_t)map_find_text(&w->lines, condition);
	struct reach reach = node_reach(k->rules, s->when);

	if (line == 0) {
		map_put_text(
		    &w->lines, condition, (void *)(uintptr_t)s->spot.line);
		return;
	}
	if ((reach.may & ~w->taken) == 0)
		return; /* check_reach() says it */
	note_error(k->notes, &s->when->spot, "this rule is never reached");
	note_hint(k->notes, "line %u asks the same", (unsigned)line);
}

static bool is_otherwise(const struct node *n)
{
	return n->kind == NODE_LEAF && str_is(n->items->text, "otherwise") &&
	       n->items->next == NULL;
}

static void read_rule(
    struct check *k, const struct statement *s, struct routing *w)
{
	struct rules *r = k->rules;
	struct rule_route route = { .line = s->spot.line };
	struct buf text = { 0 };
	size_t errors = k->notes->errors;
	bool good = true;
	struct cursor c;

	cursor_init(&c, k->notes, s, "channel chat -> queue support;");
	c.at = s->items;
	cursor_word(&c, "queue");
	route.queue = names_read(&c, r, DEF_QUEUE);
	cursor_end(&c);
	if (is_otherwise(s->when))
		w->has_otherwise = true;
	else
		good = check_condition(k, s->when, &route.when);
	if (good && k->notes->errors == errors) {
		canon_expr(r, &route.when, &text);
		check_repeated(k, s, w, buf_str(&text));
		check_reach(k, s, w);
		route.text = buf_take(&text);
	}
	mem_room(&r->routes, r->route_count, &w->cap, sizeof(route));
	r->routes[r->route_count++] = route;
}

static void check_last(struct check *k, const struct routing *w)
{
	if (k->route->broken || w->has_lost)
		return;
	if (w->has_otherwise) /* a rule behind it is never reached */
		return;
	note_error(
	    k->notes, &k->route->spot, "the route does not end with otherwise");
	note_hint(k->notes, "as in: otherwise -> queue general;");
}

void check_route(struct check *k)
{
	struct routing w = { 0 };
	const struct statement *s;

	if (k->route == NULL) {
		struct spot file = { .source = k->main };

		note_error(k->notes, &file, "there is no route");
		note_hint(
		    k->notes, "as in: route { otherwise -> queue general; }");
		return;
	}
	for (s = k->route->body.first; s != NULL; s = s->next) {
		if (k->rules->route_count == RULES_MAX) {
			note_error(k->notes, &s->spot,
			    "a route has at most %d rules", RULES_MAX);
			break;
		}
		w.has_lost |= s->broken;
		if (!s->broken)
			read_rule(k, s, &w);
	}
	check_last(k, &w);
	map_done(&w.lines);
}
