/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_names.c - the names of a config, all kinds through one table.
 *
 * Entered by every part of the check. An unknown name is always answered with
 * the closest known one.
 */
#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"

struct kind {
	const char *one; /* "a queue" */
	size_t limit;
	size_t array, count; /* offsets in struct rules */
	size_t size, name;   /* of a row; offset of its name */
};

#define DEF_ROW(symbol, array, count, type, one, limit)                        \
	{ one, limit, offsetof(struct rules, array),                           \
		offsetof(struct rules, count), sizeof(type),                   \
		offsetof(type, name) },
static const struct kind kinds[] = { DEF_TABLE(DEF_ROW) };
#undef DEF_ROW

const char *def_one(enum def_kind kind)
{
	return kinds[kind].one;
}

const char *def_word(enum def_kind kind)
{
	const char *article_end = strchr(kinds[kind].one, ' ');

	return article_end != NULL ? article_end + 1 : kinds[kind].one;
}

size_t def_limit(enum def_kind kind)
{
	return kinds[kind].limit;
}

size_t names_count(const struct rules *r, enum def_kind kind)
{
	size_t count;

	memcpy(&count, (const char *)r + kinds[kind].count, sizeof(count));
	return count;
}

void *names_row(const struct rules *r, enum def_kind kind, size_t i)
{
	char *rows;

	memcpy(&rows, (const char *)r + kinds[kind].array, sizeof(rows));
	return rows + i * kinds[kind].size;
}

const char *names_get(const struct rules *r, enum def_kind kind, size_t i)
{
	const char *name;

	memcpy(&name, (char *)names_row(r, kind, i) + kinds[kind].name,
	    sizeof(name));
	return name;
}

uint32_t names_find(const struct rules *r, enum def_kind kind, struct str name)
{
	size_t low = 0;
	size_t high = names_count(r, kind);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = str_cmp(str_of(names_get(r, kind, mid)), name);

		if (order == 0)
			return (uint32_t)mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return RULE_NONE;
}

/* Empty rows, but for their names. */
void names_make(struct rules *r, enum def_kind kind, const struct defs *defs)
{
	const struct kind *k = &kinds[kind];
	char *rows = mem_new(k->size * (defs->count ? defs->count : 1));

	for (size_t i = 0; i < defs->count; i++) {
		struct str s = defs->items[i].name->text;
		char *name = mem_text_n(s.p, s.n);

		memcpy(rows + i * k->size + k->name, &name, sizeof(name));
	}
	memcpy((char *)r + k->array, &rows, sizeof(rows));
	memcpy((char *)r + k->count, &defs->count, sizeof(defs->count));
}

uint32_t names_read(struct cursor *c, const struct rules *r, enum def_kind kind)
{
	const struct item *i = c->at;
	struct suggestion s = { 0 };
	uint32_t found;

	if (cursor_name(c, def_one(kind)) == NULL)
		return RULE_NONE;
	found = names_find(r, kind, i->text);
	if (found != RULE_NONE)
		return found;
	c->at = i;
	c->example = NULL;
	cursor_fail(c, "no %s %s called \"%.*s\"", def_word(kind),
	    kind == DEF_HOURS ? "are" : "is", (int)i->text.n, i->text.p);
	if (notes_full(c->notes))
		return RULE_NONE;
	s.word = i->text;
	for (size_t j = 0; j < names_count(r, kind); j++)
		suggestion_consider(&s, str_of(names_get(r, kind, j)));
	note_suggest(c->notes, &s);
	return RULE_NONE;
}
