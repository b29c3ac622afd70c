/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line_edit.h - one line of typed text: bytes from a terminal in, text out.
 *
 * Knows keys, UTF-8 and columns, and a history; knows no terminal: it neither
 * reads nor draws, so a test can type into it.
 */
#ifndef USHER_TOOLS_LINE_EDIT_H
#define USHER_TOOLS_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

#define LINE_MAX_BYTES 4000
#define LINE_HISTORY   50

enum line_key {
	LINE_NOTHING, /* the line may have changed: draw it again */
	LINE_DONE,    /* Enter: the line is in `text` until line_clear() */
	LINE_END,     /* Ctrl-D on an empty line, or Ctrl-C */
	LINE_REDRAW,  /* Ctrl-L */
	LINE_PAGE_UP,
	LINE_PAGE_DOWN,
	LINE_NEXT, /* Tab */
};

struct line_edit {
	struct buf text;
	size_t at; /* byte offset of the cursor */
	char *history[LINE_HISTORY];
	size_t history_count;
	size_t history_at; /* == count: the line being typed */
	char pending[16];  /* of an unfinished escape or character */
	size_t pending_len;
};

void line_init(struct line_edit *e);
void line_done(struct line_edit *e);
/* Takes one byte. */
enum line_key line_feed(struct line_edit *e, char byte);
/* Empties the line; keeps what stood there in the history. */
void line_clear(struct line_edit *e);
/* The part of the line that fits `columns` and holds the cursor, and the
 * cursor's column in it. */
struct str line_view(
    const struct line_edit *e, size_t columns, size_t *out_cursor);

#endif
