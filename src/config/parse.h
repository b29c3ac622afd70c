/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parse.h - from the text of one file to its statements.
 *
 * The lexer and the grammar share one `struct parse`. An error is noted and
 * the reading goes on behind it, so that one pass finds them all.
 */
#ifndef USHER_CONFIG_PARSE_H
#define USHER_CONFIG_PARSE_H

#include "config/ast.h"
#include "config/notes.h"

#define BLOCKS_DEEP    8   /* blocks in blocks */
#define PARENS_DEEP    16  /* parentheses in one condition */
#define CONDITION_DEEP 128 /* and, or, not in one condition */
#define TOKENS_MAX     4000000
#define TEXT_BYTES     4096 /* of one string */
#define NAME_BYTES     64   /* of one word */

struct parse {
	struct arena *arena;
	struct source *source;
	struct config_notes *notes;
	struct statements *out;
	struct spot here; /* of what the lexer matched last, blanks too */
	struct spot at;   /* of the newest token */
	struct spot last; /* of the token before it */
	struct spot blocks[BLOCKS_DEEP]; /* where the open ones began */
	unsigned block_depth;
	unsigned paren_depth;
	unsigned line, column;
	uint32_t offset;
	size_t tokens;
	bool stopped;  /* too deep or too long: no more tokens, no more notes */
	bool unclosed; /* the file ended inside a block */
};

/*
 * Appends the statements of `source` to `out`. Returns false when blocks do
 * not close or reading had to stop: then what stands where is anybody's guess,
 * and checking the meaning would only add noise.
 */
bool parse_source(struct arena *arena, struct source *source,
    struct config_notes *notes, struct statements *out);

/* token.c, for the lexer: makes the item of the token at p->here. */
void parse_step(struct parse *p, struct str matched);
struct item *parse_item(struct parse *p, enum item_kind kind);
struct item *parse_string(struct parse *p);
struct item *parse_open_string(struct parse *p);
struct item *parse_foreign(struct parse *p);
struct item *parse_pattern(struct parse *p);
struct item *parse_quantity(struct parse *p, enum item_kind kind);
struct item *parse_compare(struct parse *p);
struct item *parse_clock(struct parse *p);
struct item *parse_date(struct parse *p, enum item_kind kind);
void parse_stray(struct parse *p);
void parse_at_end(struct parse *p);

/* parse.c, for the lexer; false: too deep, stop. */
bool parse_open_block(struct parse *p);
void parse_close_block(struct parse *p);
bool parse_open_paren(struct parse *p);
void parse_close_paren(struct parse *p);

/* parse.c, for the grammar. */
struct parse_fault {
	struct spot at;
	bool at_end; /* of the file */
	bool wants_end, wants_arrow, wants_condition;
};
/* Gives up: no more tokens, and no more notes but this one. */
void parse_stop(struct parse *p, const struct spot *at, const char *text);
void parse_syntax_error(struct parse *p, const struct parse_fault *f);
int parse_next(struct parse *p, void *scanner, struct item **out);
struct node *parse_join(
    struct parse *p, enum node_kind kind, struct node *a, struct node *b);
struct statement *parse_segment(
    struct parse *p, struct item *word, struct item *name, struct node *when);
struct statement *parse_lost_rule(struct parse *p, const struct spot *at);
void parse_missing_end(struct parse *p, const struct statement *s);
void parse_no_name(struct parse *p, const struct spot *at);
void parse_stray_end(struct parse *p, const struct spot *at);

/* lexer.l */
int cfg_scan(struct item **out, struct parse *p, void *scanner);
int parse_with(struct parse *p, struct str text);

#endif
