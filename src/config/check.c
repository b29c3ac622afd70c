/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.c - the order in which a tree becomes rules.
 *
 * Entered by load.c with the statements of all files. Every reader runs even
 * after errors, so that one pass finds them all; the rules of a config with
 * errors are half filled and thrown away by the caller.
 */
#include "config/check.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"

#define ROWS_MAX 48 /* of one block */

/* One block being read. */
struct reading {
	struct check *check;
	struct block block;
	void *object;
	const struct statement *seen[ROWS_MAX]; /* the first of each row */
};

static const struct row *find_row(const struct block *b, struct str word)
{
	for (size_t i = 0; i < b->count; i++)
		if (str_is(word, b->rows[i].word))
			return &b->rows[i];
	return NULL;
}

static void note_unknown(const struct reading *r, const struct statement *s)
{
	struct config_notes *notes = r->check->notes;
	struct str word = s->items->text;
	struct suggestion best = { .word = word };

	if (s->broken || s->items->bad)
		return;
	note_error(notes, &s->items->spot, "%s has no statement \"%.*s\"",
	    r->block.what, (int)word.n, word.p);
	for (size_t i = 0; i < r->block.count; i++)
		suggestion_consider(&best, str_of(r->block.rows[i].word));
	note_suggest(notes, &best);
}

static bool is_second(
    struct reading *r, const struct statement *s, const struct row *row)
{
	const struct statement **first = &r->seen[row - r->block.rows];

	if (*first == NULL || !(row->flags & ROW_ONCE)) {
		*first = s;
		return false;
	}
	note_error(r->check->notes, &s->spot, "%s stands here a second time",
	    row->word);
	if ((*first)->spot.source == s->spot.source)
		note_hint(r->check->notes, "the first is on line %u",
		    (*first)->spot.line);
	else
		note_hint(r->check->notes, "the first is %s:%u",
		    (*first)->spot.source->name, (*first)->spot.line);
	return true;
}

/*
 * A forgotten ; makes two statements one. When reading failed at a word that
 * begins a line and could begin a statement, it does: the rest is read as
 * such, block and all. NULL: no such luck.
 */
static struct statement *take_lost(
    const struct reading *r, struct statement *s, const struct cursor *c)
{
	const struct item *i = c->at;
	struct statement *rest;

	if (!c->failed || s->broken || i == NULL || i->kind != ITEM_WORD ||
	    i->spot.line <= c->last->spot.line ||
	    find_row(&r->block, i->text) == NULL)
		return NULL;
	rest = arena_new(r->check->arena, sizeof(*rest));
	*rest = *s;
	rest->items = (struct item *)i;
	rest->spot = i->spot;
	s->has_body = false; /* it was the rest's */
	s->body = (struct statements){ NULL, NULL };
	/* The grammar reads these two in its own way: too late for that. */
	if (str_is(i->text, "route") || str_is(i->text, "segment")) {
		rest->broken = true;
		rest->body = (struct statements){ NULL, NULL };
	}
	return rest;
}

/* Reads one statement; returns what is left of it (see take_lost). */
static struct statement *take_statement(struct reading *r, struct statement *s)
{
	const struct row *row = find_row(&r->block, s->items->text);
	struct cursor c;

	if (row == NULL) {
		note_unknown(r, s);
		return NULL;
	}
	if (is_second(r, s, row))
		return NULL;
	cursor_init(&c, r->check->notes, s, row->example);
	row->take(r->check, &c, r->object);
	cursor_end(&c);
	if (!c.failed && s->has_body && !(row->flags & ROW_BLOCK)) {
		note_error(
		    r->check->notes, &s->spot, "%s has no block", row->word);
		note_hint(r->check->notes, "as in: %s", row->example);
	}
	return take_lost(r, s, &c);
}

void check_statements(struct check *k, const struct statements *list,
    struct block b, void *object)
{
	struct reading r = { .check = k, .block = b, .object = object };

	check(b.count <= ROWS_MAX);
	for (struct statement *s = list->first; s != NULL; s = s->next) {
		struct statement *rest = s;

		while (rest != NULL)
			rest = take_statement(&r, rest);
	}
}

void check_block(
    struct check *k, const struct statement *s, struct block b, void *object)
{
	check_statements(k, &s->body, b, object);
}

static void check_def(struct check *k, enum def_kind kind, size_t i)
{
	const struct def *d = &k->defs[kind].items[i];
	void *row = names_row(k->rules, kind, i);

	switch (kind) {
	case DEF_SKILL:
		check_skill(k, d, row);
		break;
	case DEF_HOURS:
		check_hours(k, d, row);
		break;
	case DEF_STANDARD:
		check_standard(k, d, row);
		break;
	case DEF_BRAND:
		check_brand(k, d, row);
		break;
	case DEF_TEAM:
		check_team(k, d, row);
		break;
	case DEF_ENTRANCE:
		check_entrance(k, d, row);
		break;
	case DEF_AGENT:
		check_agent(k, d, row);
		break;
	case DEF_QUEUE:
		check_queue(k, d, row);
		break;
	case DEF_SEGMENT:
		check_segment(k, d, row);
		break;
	case DEFS:
		break;
	}
}

static void check_defs(struct check *k)
{
	for (unsigned kind = 0; kind < DEFS; kind++)
		for (size_t i = 0; i < k->defs[kind].count; i++)
			check_def(k, (enum def_kind)kind, i);
}

void check_all(struct check *k, const struct statements *all)
{
	struct map leaf_numbers = { 0 };

	k->leaf_numbers = &leaf_numbers;
	check_collect(k, all);
	for (unsigned kind = 0; kind < DEFS; kind++)
		names_make(k->rules, (enum def_kind)kind, &k->defs[kind]);
	check_defs(k);
	check_route(k);
	check_tests(k);
	check_whole(k);
	for (unsigned kind = 0; kind < DEFS; kind++)
		mem_free(k->defs[kind].items);
	mem_free(k->tests.items);
	map_done(&leaf_numbers);
}
