/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story.h - a .scn file in memory: its rules, its commands, its expectations.
 *
 * Reading only; nothing here knows what a command means. The language is
 * described in tests/route/README.md.
 */
#ifndef USHER_TESTS_STORY_H
#define USHER_TESTS_STORY_H

#include <stdbool.h>
#include <stddef.h>

struct beat { /* one command and what must be told of it */
	unsigned line;
	char *text;  /* "accept maria c1" */
	char *block; /* config text of a `reload {`, or NULL */
	char **told; /* expected, without the > */
	unsigned *told_lines;
	size_t told_count, told_cap, told_line_cap;
};

struct story {
	char *file;
	char *title;  /* the comment it begins with */
	char *config; /* padded with line ends, so that errors name our lines */
	struct beat *beats;
	size_t beat_count, beat_cap;
};

/* False, with a line on stderr, when the file is no story. */
bool story_read(const char *file, struct story *out);
void story_done(struct story *s);

/* A command as words; "quoted text" is one word, commas part words as blanks
 * do. Words point into `space`. */
#define WORDS_MAX 48
struct words {
	char *space;
	const char *all[WORDS_MAX];
	size_t count;
	size_t at;
};
bool words_of(const char *text, struct words *out);
void words_done(struct words *w);
const char *words_next(struct words *w); /* NULL at the end */
const char *words_peek(const struct words *w);
bool words_skip(struct words *w, const char *word);

#endif
