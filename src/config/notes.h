/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notes.h - errors and warnings as they are found, each with its place.
 */
#ifndef USHER_CONFIG_NOTES_H
#define USHER_CONFIG_NOTES_H

#include "config/ast.h"
#include "config/config.h"

#define NOTES_MAX 200 /* a wall of errors helps nobody */

bool notes_full(const struct config_notes *n); /* more would not be kept */
/* Adds a note about a place (NULL: about no place in particular). */
void note_error(struct config_notes *n, const struct spot *at, const char *fmt,
    ...) printf_like(3, 4);
void note_warning(struct config_notes *n, const struct spot *at,
    const char *fmt, ...) printf_like(3, 4);
/* The same for a place remembered without its source. */
struct far_spot {
	const char *file;
	unsigned line, column, width;
	const char *text; /* the source line */
};
void note_far_error(struct config_notes *n, const struct far_spot *at,
    const char *fmt, ...) printf_like(3, 4);
/* A hint for the note that was added last. */
void note_hint(struct config_notes *n, const char *fmt, ...) printf_like(2, 3);
/* "did you mean "..."?" when a candidate is close enough to `word`. Starts as
 * { word }; each candidate is considered, then note_suggest() says it. */
struct suggestion {
	struct str word;
	struct str best;
	unsigned distance;
};
void suggestion_consider(struct suggestion *s, struct str candidate);
void note_suggest(struct config_notes *n, const struct suggestion *s);

/* In the order of the files (as first noted) and of their lines. */
void notes_sort(struct config_notes *n);

#endif
