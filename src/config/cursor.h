/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cursor.h - reads the items of one statement from left to right.
 *
 * The first mismatch is noted, with the statement's example as a hint; from
 * then on the cursor stays failed, every read gives nothing and no second note
 * is made. So a reader of a form can be written straight down.
 */
#ifndef USHER_CONFIG_CURSOR_H
#define USHER_CONFIG_CURSOR_H

#include "base/clock.h"
#include "config/ast.h"
#include "config/notes.h"

struct check;

struct cursor {
	struct config_notes *notes;
	const struct statement *statement;
	const struct item *at;   /* next to be read; NULL: at the end */
	const struct item *last; /* read last */
	const char *example;     /* "ring 20s;" */
	bool failed;
};

struct range {
	int64_t least, most;
};

void cursor_init(struct cursor *c, struct config_notes *notes,
    const struct statement *s, const char *example);
/* Notes what is wrong at the next item (behind the last one at the end). */
void cursor_fail(struct cursor *c, const char *fmt, ...) printf_like(2, 3);
bool cursor_at_end(const struct cursor *c);
/* The end must be here. */
void cursor_end(struct cursor *c);

/* Takes the item if it is this one; no note when it is not. */
bool cursor_skip(struct cursor *c, enum item_kind kind);
bool cursor_skip_word(struct cursor *c, const char *word);
bool cursor_is(const struct cursor *c, enum item_kind kind);
bool cursor_is_word(const struct cursor *c, const char *word);

/* These must be here; NULL or 0 when failed. `what` names them in the note. */
const struct item *cursor_any(struct cursor *c, const char *what);
const struct item *cursor_take(
    struct cursor *c, enum item_kind kind, const char *what);
void cursor_word(struct cursor *c, const char *word);
/* A word, or a text where a word is meant. */
const struct item *cursor_name(struct cursor *c, const char *what);
msec_t cursor_duration(struct cursor *c, msec_t least, msec_t most);
int64_t cursor_number(struct cursor *c, int64_t least, int64_t most);
bool cursor_yes_no(struct cursor *c); /* nothing at all reads as yes */
/* A text as a heap copy for the rules; NULL when failed. */
char *cursor_text(struct cursor *c, const char *what);
/* A two-letter language as a heap copy. */
char *cursor_language(struct cursor *c);
bool is_language(struct str s);

/* For printing: "90s" as 90s, 60000 as 1m. */
void duration_show(msec_t ms, struct buf *out);
/* A text in quotes, as the lexer reads it back. */
void quote_show(struct str s, struct buf *out);

#endif
