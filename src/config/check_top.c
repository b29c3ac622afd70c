/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_top.c - the statements of a file: who defines which name.
 *
 * First stage of the check. A definition with a syntax error in it still
 * counts as one: its users shall not be told that it does not exist.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"

#define TESTS_MAX 10000
#define TOP_ROWS  32

/* A bad name is noted, and counts as a name: what it names is worth reading
 * all the same. */
static void check_name(struct check *k, const struct item *i)
{
	struct str s = i->text;
	bool fits = s.n > 0 && s.n <= 64 && (s.p[0] | 32) >= 'a' &&
	            (s.p[0] | 32) <= 'z';

	for (size_t at = 1; fits && at < s.n; at++) {
		char c = s.p[at];

		fits = ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		       (c >= '0' && c <= '9') || c == '.' || c == '-' ||
		       c == '_';
	}
	if (!fits && !i->bad)
		note_error(k->notes, &i->spot,
		    "a name begins with a letter and is made of a-z, 0-9, _ . "
		    "and -");
}

static void add_def(struct defs *list, const struct statement *s,
    const struct item *name, size_t order)
{
	mem_room(&list->items, list->count, &list->cap, sizeof(*list->items));
	list->items[list->count++] = (struct def){
		.statement = s, .name = name, .rest = name->next, .order = order
	};
}

static void add_named(struct check *k, enum def_kind kind,
    const struct statement *s, const struct item *name)
{
	struct defs *list = &k->defs[kind];

	if (list->count < def_limit(kind))
		add_def(list, s, name, k->def_order++);
	else
		note_error(k->notes, &name->spot,
		    "one %s too many: at most %zu", def_word(kind),
		    def_limit(kind));
}

/* The name that is defined; NULL: there is none, and it is noted. */
static const struct item *read_name(struct check *k, struct cursor *c)
{
	const struct item *name = c->at;

	/* In a broken statement the cursor reads nothing, but its name is as
	 * good as any. */
	if (c->statement->broken)
		return name != NULL && name->kind == ITEM_WORD ? name : NULL;
	if (cursor_name(c, "a name") == NULL &&
	    (name == NULL || !name->bad || name->kind != ITEM_WORD))
		return NULL;
	check_name(k, name);
	return name;
}

static void define(struct check *k, struct cursor *c, enum def_kind kind)
{
	const struct item *name = read_name(k, c);

	if (name == NULL)
		return;
	if (kind == DEF_AGENT)
		cursor_skip(c, ITEM_STRING); /* the label: check_agent() */
	add_named(k, kind, c->statement, name);
}

#define DEFINE(word, symbol)                                                   \
	static void take_##word(                                               \
	    struct check *k, struct cursor *c, void *object)                   \
	{                                                                      \
		(void)object;                                                  \
		define(k, c, DEF_##symbol);                                    \
	}
DEFINE(hours, HOURS)
DEFINE(standard, STANDARD)
DEFINE(brand, BRAND)
DEFINE(team, TEAM)
DEFINE(gateway, ENTRANCE)
DEFINE(agent, AGENT)
DEFINE(queue, QUEUE)
DEFINE(segment, SEGMENT)

/* skill billing, billing.refunds "Refunds", lang.fr; */
static void take_skills(struct check *k, struct cursor *c, void *object)
{
	(void)object;
	do {
		const struct item *name = read_name(k, c);

		if (name == NULL)
			return;
		add_named(k, DEF_SKILL, c->statement, name);
		cursor_skip(c, ITEM_STRING);
	} while (cursor_skip(c, ITEM_COMMA));
}

/* channel mail help { ... }: the kind stands before the name. */
static void take_channel(struct check *k, struct cursor *c, void *object)
{
	const struct item *kind = c->at;
	enum channel channel;

	(void)object;
	if (c->statement->broken) {
		c->at = kind != NULL ? kind->next : NULL;
	} else if (cursor_name(c, "a kind of channel") == NULL) {
		return;
	} else if (!channel_parse(kind->text, &channel) ||
	           channel == CHANNEL_PHONE) {
		struct suggestion s = { .word = kind->text };

		c->at = kind;
		cursor_fail(c, "%.*s is no kind of channel", (int)kind->text.n,
		    kind->text.p);
		for (unsigned i = 0; i < CHANNELS; i++)
			suggestion_consider(&s, str_of(channel_word(i)));
		if (str_is(kind->text, channel_word(CHANNEL_PHONE)))
			note_hint(k->notes, "calls come in by a gateway: "
			                    "gateway NAME { from 10.0.0.5; }");
		else
			note_suggest(k->notes, &s);
		return;
	}
	define(k, c, DEF_ENTRANCE);
}

/* test "name" { ... } */
static void take_test(struct check *k, struct cursor *c, void *object)
{
	const struct item *name =
	    cursor_take(c, ITEM_STRING, "the name of the test");

	(void)object;
	if (name == NULL)
		return;
	if (k->tests.count < TESTS_MAX)
		add_def(&k->tests, c->statement, name, k->def_order++);
	else
		note_error(
		    k->notes, &name->spot, "at most %d tests", TESTS_MAX);
}

/* There is one order of rules, so there is one route in one file. */
static void take_route(struct check *k, struct cursor *c, void *object)
{
	const struct spot *at = &c->statement->spot;

	(void)object;
	if (at->source->number > 0) {
		note_error(
		    k->notes, at, "the route stands in the main file only");
		note_hint(k->notes, "its rules are tried in order, and an "
		                    "included file has no place in that order");
	} else if (k->route != NULL) {
		note_error(k->notes, at, "a second route");
		note_hint(
		    k->notes, "the first is on line %u", k->route->spot.line);
	} else {
		k->route = c->statement;
	}
}

/* The first statement of a file was looked at when it was read. */
static void take_language(struct check *k, struct cursor *c, void *object)
{
	(void)k;
	(void)object;
	cursor_take(c, ITEM_NUMBER, "the number of the language");
}

/* Done when the file was read. */
static void take_include(struct check *k, struct cursor *c, void *object)
{
	(void)k;
	(void)object;
	c->at = NULL;
}

static const struct row top_rows[] = {
	{ "language", ROW_REPEAT, take_language, "language 1;" },
	{ "include", ROW_REPEAT, take_include, "include \"queues.d/*.conf\";" },
	{ "skill", ROW_REPEAT, take_skills,
	    "skill billing, lang.fr \"French\";" },
	{ "segment", ROW_BLOCK, take_segment,
	    "segment vip { customer.tier = \"gold\"; } head start 2m;" },
	{ "hours", ROW_BLOCK, take_hours,
	    "hours office { zone \"Europe/Paris\"; open mon-fri 09:00-18:00; }" },
	{ "standard", ROW_BLOCK, take_standard,
	    "standard calls { answer 80% within 20s; }" },
	{ "brand", ROW_BLOCK, take_brand, "brand acme { name \"Acme\"; }" },
	{ "channel", ROW_BLOCK, take_channel,
	    "channel mail help { address \"help@acme.example\"; }" },
	{ "gateway", ROW_BLOCK, take_gateway,
	    "gateway pbx1 { from 10.0.0.5; }" },
	{ "team", ROW_BLOCK, take_team, "team day { takes phone 1, chat 3; }" },
	{ "agent", ROW_BLOCK, take_agent,
	    "agent maria \"Maria Costa\" { team day; }" },
	{ "queue", ROW_BLOCK, take_queue,
	    "queue billing { need billing 60+; }" },
	{ "route", ROW_BLOCK, take_route,
	    "route { otherwise -> queue general; }" },
	{ "test", ROW_BLOCK, take_test,
	    "test \"refund\" { chat site \"refund\"; expect queue billing; }" },
};

/* Of equal names the first stays the first. */
static int by_name(const void *a, const void *b)
{
	const struct def *x = a;
	const struct def *y = b;
	int order = str_cmp(x->name->text, y->name->text);

	return order != 0 ? order : x->order < y->order ? -1 : 1;
}

/* Sorts a list and drops all but the first of each name. */
static void sort_defs(struct check *k, struct defs *list, const char *what)
{
	size_t kept = 0;

	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), by_name);
	for (size_t i = 0; i < list->count; i++) {
		struct def *d = &list->items[i];
		struct def *first = kept > 0 ? &list->items[kept - 1] : NULL;

		if (first == NULL ||
		    !str_eq(first->name->text, d->name->text)) {
			list->items[kept++] = *d;
			continue;
		}
		note_error(k->notes, &d->name->spot,
		    "a second %s called \"%.*s\"", what, (int)d->name->text.n,
		    d->name->text.p);
		note_hint(k->notes, "the first is %s:%u",
		    first->name->spot.source->name, first->name->spot.line);
	}
	list->count = kept;
}

void check_collect(struct check *k, const struct statements *all)
{
	struct row rows[TOP_ROWS];
	size_t count;
	const struct row *setup = check_setup_rows(&count);
	struct block top = { "a config", rows, countof(top_rows) + count };

	check(top.count <= TOP_ROWS);
	memcpy(rows, top_rows, sizeof(top_rows));
	memcpy(rows + countof(top_rows), setup, count * sizeof(*setup));
	check_statements(k, all, top, NULL);
	for (unsigned kind = 0; kind < DEFS; kind++)
		sort_defs(k, &k->defs[kind], def_word((enum def_kind)kind));
	sort_defs(k, &k->tests, "test");
}
