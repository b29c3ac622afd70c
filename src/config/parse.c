/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parse.c - runs lexer and grammar over one file and words its errors.
 *
 * Entered by load.c. Depth and count are bounded here, so that no file, however
 * hostile, makes the parser or those who walk its tree run deep or long.
 */
#include "config/parse.h"

#include "base/utf8.h"
#include "config/grammar.h"

void parse_stop(struct parse *p, const struct spot *at, const char *text)
{
	if (!p->stopped)
		note_error(p->notes, at, "%s", text);
	p->stopped = true;
}

/* The places of the open blocks are kept for the one that never closes. */
bool parse_open_block(struct parse *p)
{
	if (p->block_depth == BLOCKS_DEEP) {
		parse_stop(p, &p->here, "blocks are nested too deep");
		return false;
	}
	p->blocks[p->block_depth++] = p->here;
	p->paren_depth = 0;
	return true;
}

/* One too many is the grammar's to note. */
void parse_close_block(struct parse *p)
{
	if (p->block_depth > 0)
		p->block_depth--;
}

bool parse_open_paren(struct parse *p)
{
	if (++p->paren_depth <= PARENS_DEEP)
		return true;
	parse_stop(p, &p->here, "parentheses are nested too deep");
	return false;
}

void parse_close_paren(struct parse *p)
{
	if (p->paren_depth > 0)
		p->paren_depth--;
}

/* Each ; begins anew: an open ( must not outlive its statement. */
int parse_next(struct parse *p, void *scanner, struct item **out)
{
	int token = TOKEN_END;

	if (++p->tokens > TOKENS_MAX)
		parse_stop(p, &p->at, "this file is too long");
	if (!p->stopped)
		token = cfg_scan(out, p, scanner);
	if (token == TOKEN_SEMICOLON)
		p->paren_depth = 0;
	p->last = p->at;
	p->at = p->here;
	return token;
}

/* Right behind a token, where something is missing. */
static struct spot behind(struct spot p)
{
	p.column += p.width;
	p.offset += p.bytes;
	p.width = 1;
	p.bytes = 0;
	return p;
}

static void ends_too_early(struct parse *p)
{
	if (p->block_depth == 0) {
		struct spot gap = behind(p->last);

		note_error(p->notes, &gap,
		    "the file ends in the middle of a statement");
		note_hint(p->notes, "end it with ;");
		return;
	}
	note_error(p->notes, &p->blocks[p->block_depth - 1],
	    "this block is never closed");
	p->unclosed = true;
}

static void something_missing(
    struct parse *p, const char *what, const char *hint)
{
	struct spot gap = behind(p->last);

	note_error(p->notes, &gap, "%s", what);
	note_hint(p->notes, "%s", hint);
}

/* Words for what the grammar could not use, by what it would have liked. */
void parse_syntax_error(struct parse *p, const struct parse_fault *f)
{
	struct str token = spot_text(&f->at);
	struct str last = p->last.source ? spot_text(&p->last) : STR_NONE;

	if (p->stopped)
		return;
	if (f->at_end) {
		ends_too_early(p);
	} else if (str_is(last, "->")) {
		something_missing(p, "the queue is missing behind ->",
		    "as in: channel chat -> queue support;");
	} else if (f->wants_arrow) {
		something_missing(p, "-> is missing behind this condition",
		    "as in: channel chat -> queue support;");
	} else if (f->wants_condition) {
		note_error(p->notes, &f->at, "a condition is missing here");
		note_hint(
		    p->notes, "as in: channel chat and text has \"refund\"");
	} else {
		note_error(p->notes, &f->at, "%.*s has no place here",
		    (int)token.n, token.p);
		note_hint(p->notes,
		    f->wants_end
		        ? "is a ; missing before it?"
		        : "a statement begins with a word and ends with ;");
	}
}

/* The tree is walked recursively: its depth is bounded here, once. */
struct node *parse_join(
    struct parse *p, enum node_kind kind, struct node *a, struct node *b)
{
	struct node *n = node_new(p->arena, kind, a, b);

	if (n->depth <= CONDITION_DEEP)
		return n;
	parse_stop(p, &n->spot, "this condition is too long");
	return a;
}

struct statement *parse_segment(
    struct parse *p, struct item *word, struct item *name, struct node *when)
{
	struct statement *s;

	word->next = name;
	s = statement_new(p->arena, word);
	s->when = when;
	s->broken = when == NULL;
	return s;
}

/* Something stood here that was to be a rule: the route knows of it, so that
 * nobody says "otherwise" is missing when it is only misspelt. */
struct statement *parse_lost_rule(struct parse *p, const struct spot *at)
{
	struct statement *s = arena_new(p->arena, sizeof(*s));

	s->spot = *at;
	s->broken = true;
	return s;
}

void parse_missing_end(struct parse *p, const struct statement *s)
{
	const struct item *last = s->items;
	struct spot gap;

	while (last->next != NULL)
		last = last->next;
	gap = behind(last->spot);
	note_error(p->notes, &gap, "; is missing");
}

void parse_no_name(struct parse *p, const struct spot *at)
{
	note_error(p->notes, at, "a name is missing");
	note_hint(p->notes,
	    "as in: segment vip { customer.tier = \"gold\"; } head start 2m;");
}

void parse_stray_end(struct parse *p, const struct spot *at)
{
	note_error(p->notes, at, "this } closes nothing");
}

/* Checked before the lexer sees it; the steps up to the bad byte give its line
 * and column. */
static bool is_text(struct parse *p)
{
	struct str text = p->source->text;
	size_t valid = utf8_valid_prefix(text);

	if (valid == text.n)
		return true;
	for (size_t at = 0; at < valid;) {
		size_t n = str_find(str_from(text, at), '\n');

		if (at + n >= valid) {
			parse_step(p, str_sub(text, at, valid - at));
			break;
		}
		if (n > 0)
			parse_step(p, str_sub(text, at, n));
		parse_step(p, str_sub(text, at + n, 1));
		at += n + 1;
	}
	parse_at_end(p);
	note_error(p->notes, &p->here, "this is not UTF-8 text");
	return false;
}

bool parse_source(struct arena *arena, struct source *source,
    struct config_notes *notes, struct statements *out)
{
	struct parse p = { .arena = arena,
		.source = source,
		.notes = notes,
		.out = out,
		.line = 1,
		.column = 1 };

	parse_at_end(&p);
	p.at = p.here;
	if (!is_text(&p))
		return false;
	if (parse_with(&p, source->text) != 0 && !p.unclosed && !p.stopped &&
	    notes->errors == 0)
		note_error(notes, &p.at, "this cannot be read");
	return !p.unclosed && !p.stopped;
}
