/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ast.c - makes the parts of the syntax tree, in one arena.
 *
 * Entered by the grammar and by those who read the tree. The arena is why the
 * parser may drop half a statement after an error without leaking it: nothing
 * here is ever freed singly.
 */
#include "config/ast.h"

#include <string.h>

#include "base/mem.h"

#define BLOCK_BYTES 65536
#define ALIGN       16

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ALIGN) char bytes[];
};

/* Large pieces get a block of their own size; what was left of the block before
 * is given up. */
void *arena_new(struct arena *a, size_t bytes)
{
	struct arena_block *b = a->blocks;
	void *p;

	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	if (b == NULL || b->size - a->used < bytes) {
		size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

		b = mem_new(sizeof(*b) + size);
		b->next = a->blocks;
		b->size = size;
		a->blocks = b;
		a->used = 0;
	}
	p = b->bytes + a->used;
	a->used += bytes;
	return p;
}

char *arena_text(struct arena *a, struct str s)
{
	char *p = arena_new(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

void arena_done(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b != NULL) {
		struct arena_block *next = b->next;

		mem_free(b);
		b = next;
	}
	*a = (struct arena){ 0 };
}

/* What spans lines is underlined on its first part only. */
struct spot spot_join(struct spot first, struct spot last)
{
	struct spot p = first;

	if (last.source != first.source || last.line != first.line ||
	    last.column < first.column)
		return p;
	p.width = last.column + last.width - first.column;
	p.bytes = last.offset + last.bytes - first.offset;
	return p;
}

struct str spot_text(const struct spot *p)
{
	return str_sub(p->source->text, p->offset, p->bytes);
}

struct str spot_line(const struct spot *p)
{
	struct str text = p->source->text;
	size_t from = p->offset < text.n ? p->offset : text.n;
	struct str rest;

	while (from > 0 && text.p[from - 1] != '\n')
		from--;
	rest = str_from(text, from);
	return str_next(&rest, '\n');
}

void items_add(struct items *list, struct item *item)
{
	if (list->last != NULL)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
}

void statements_add(struct statements *list, struct statement *s)
{
	if (s == NULL) /* an empty or a lost statement */
		return;
	if (list->last != NULL)
		list->last->next = s;
	else
		list->first = s;
	list->last = s;
}

struct item *item_new(
    struct arena *a, enum item_kind kind, const struct spot *spot)
{
	struct item *i = arena_new(a, sizeof(*i));

	i->kind = kind;
	i->spot = *spot;
	return i;
}

struct statement *statement_new(struct arena *a, struct item *items)
{
	struct statement *s = arena_new(a, sizeof(*s));

	s->items = items;
	s->spot = items->spot;
	return s;
}

struct node *node_new(
    struct arena *a, enum node_kind kind, struct node *left, struct node *right)
{
	struct node *n = arena_new(a, sizeof(*n));

	n->kind = kind;
	n->a = left;
	n->b = right;
	n->depth = left->depth + 1;
	n->spot = left->spot;
	if (right != NULL) {
		n->spot = spot_join(left->spot, right->spot);
		if (right->depth >= n->depth)
			n->depth = right->depth + 1;
	}
	return n;
}

struct node *leaf_new(struct arena *a, struct item *items)
{
	struct node *n = arena_new(a, sizeof(*n));
	struct item *last = items;

	while (last->next != NULL)
		last = last->next;
	n->kind = NODE_LEAF;
	n->items = items;
	n->depth = 1;
	n->spot = spot_join(items->spot, last->spot);
	return n;
}
