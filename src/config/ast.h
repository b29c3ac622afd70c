/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ast.h - what a config file says, before anybody asks whether it makes sense.
 *
 * A file is a list of statements: a word, items, and perhaps a block of
 * statements. Conditions (of routes and segments) are trees of nodes. All of
 * it lies in one arena and is thrown away at once when the config is made.
 */
#ifndef USHER_CONFIG_AST_H
#define USHER_CONFIG_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena {
	struct arena_block *blocks;
	size_t used; /* of the newest block */
};
void *arena_new(struct arena *a, size_t bytes); /* zeroed */
char *arena_text(struct arena *a, struct str s);
void arena_done(struct arena *a);

/* A file that was read, or the text that stands for one. */
struct source {
	struct source *next;
	const char *name;
	const char *dir; /* in front of relative names; "" or ends in '/' */
	struct str text;
	unsigned number; /* in the order of reading */
};

/* Where something stands: for the note, the caret and what was written. */
struct spot {
	const struct source *source;
	unsigned line, column, width; /* columns count characters */
	uint32_t offset, bytes;
};
struct spot spot_join(struct spot first, struct spot last);
struct str spot_text(const struct spot *p); /* as written */
struct str spot_line(const struct spot *p); /* the whole source line */

enum item_kind {
	ITEM_WORD,
	ITEM_STRING,   /* text is decoded */
	ITEM_NUMBER,   /* number */
	ITEM_DECIMAL,  /* text */
	ITEM_DURATION, /* number: ms */
	ITEM_PERCENT,  /* number */
	ITEM_CLOCK,    /* number: minute of the day */
	ITEM_DATE,     /* number: yyyymmdd */
	ITEM_DAY,      /* number: mmdd */
	ITEM_ADDRESS,  /* text */
	ITEM_PATTERN,  /* text: the pattern; number: its flags */
	ITEM_COMPARE,  /* number: enum compare_mark */
	ITEM_COMMA,
	ITEM_PLUS,
	ITEM_DASH,
};

enum compare_mark {
	MARK_EQUAL,
	MARK_LESS,
	MARK_LESS_EQUAL,
	MARK_MORE,
	MARK_MORE_EQUAL,
};
#define PATTERN_NOCASE 1

struct item {
	struct item *next;
	enum item_kind kind;
	bool bad; /* noted already: whoever reads it keeps quiet */
	struct spot spot;
	struct str text;
	int64_t number;
};

struct items {
	struct item *first, *last;
};

enum node_kind { NODE_LEAF, NODE_NOT, NODE_AND, NODE_OR };

struct node {
	enum node_kind kind;
	struct spot spot;
	unsigned depth; /* of the tree under it */
	struct node *a, *b;
	struct item *items; /* NODE_LEAF */
};

struct statements {
	struct statement *first, *last;
};

struct statement {
	struct statement *next;
	struct spot spot;   /* of its first word */
	struct item *items; /* the first is the word it is known by */
	struct node *when;  /* segments and rules of the route */
	struct item *tail;  /* segments: what stands behind the block */
	struct statements body;
	bool has_body;
	bool broken; /* a syntax error was reported in it */
};

void items_add(struct items *list, struct item *item);
void statements_add(struct statements *list, struct statement *s);
struct item *item_new(
    struct arena *a, enum item_kind kind, const struct spot *spot);
struct statement *statement_new(struct arena *a, struct item *items);
struct node *node_new(struct arena *a, enum node_kind kind, struct node *left,
    struct node *right);
struct node *leaf_new(struct arena *a, struct item *items);

#endif
