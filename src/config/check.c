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

static const struct row *find_row(const struct block *b, struct str word)
{
	for (size_t i = 0; i < b->count; i++)
		if (str_is(word, b->rows[i].word))
			return &b->rows[i];
	return NULL;
}

static void note_unknown(
    struct check *k, const struct item *word, const struct block *b)
{
	struct suggestion s = { .word = word->text };

	note_error(k->notes, &word->spot, "%s has no statement \"%.*s\"",
	    b->what, (int)word->text.n, word->text.p);
	for (size_t i = 0; i < b->count; i++)
		suggestion_consider(&s, str_of(b->rows[i].word));
	note_suggest(k->notes, &s);
}

static void take_row(struct check *k, const struct statement *s,
    const struct row *row, void *object)
{
	struct cursor c;

	cursor_init(&c, k->notes, s, row->example);
	if (s->has_body && !(row->flags & ROW_BLOCK) && !s->broken) {
		note_error(k->notes, &s->spot, "%s has no block", row->word);
		note_hint(k->notes, "as in: %s", row->example);
		return;
	}
	row->take(k, &c, object);
	cursor_end(&c);
}

void check_no_rest(struct check *k, const struct def *d)
{
	struct str extra;

	if (d->rest == NULL || d->rest->bad || d->statement->broken)
		return;
	extra = spot_text(&d->rest->spot);
	note_error(k->notes, &d->rest->spot, "%.*s is too much here",
	    (int)extra.n, extra.p);
}

void check_block(
    struct check *k, const struct statement *s, struct block b, void *object)
{
	unsigned first_line[64] = { 0 };

	for (s = s->body.first; s != NULL; s = s->next) {
		const struct row *row = find_row(&b, s->items->text);
		unsigned *first;

		if (row == NULL) {
			if (!s->broken && !s->items->bad)
				note_unknown(k, s->items, &b);
			continue;
		}
		first = &first_line[row - b.rows];
		if (*first != 0 && (row->flags & ROW_ONCE)) {
			note_error(k->notes, &s->spot,
			    "%s stands here a second time", row->word);
			note_hint(k->notes, "the first is on line %u", *first);
			continue;
		}
		*first = s->spot.line;
		take_row(k, s, row, object);
	}
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
