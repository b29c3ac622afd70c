/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story.c - reads .scn files.
 *
 * Entered by play.c. A file that does not have the form is refused as a whole,
 * with its line: a test that is half read would be a test half run.
 */
#include "story.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct reading {
	struct story *story;
	struct str rest;
	unsigned line;
};

static bool complain(const struct reading *r, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", r->story->file, r->line, what);
	return false;
}

static bool next_line(struct reading *r, struct str *out)
{
	if (r->rest.n == 0)
		return false;
	*out = str_next(&r->rest, '\n');
	r->line++;
	return true;
}

/* The lines up to a } at the very left. Before them come as many line ends as
 * the file has lines there, and the first statement every config needs. */
static bool read_block(struct reading *r, char **out)
{
	struct buf text = { 0 };
	struct str line;
	unsigned i;

	for (i = 1; i < r->line; i++)
		buf_add_char(&text, '\n');
	buf_add_text(&text, "language 1;\n");
	while (next_line(r, &line)) {
		if (str_is(line, "}")) {
			*out = buf_take(&text);
			return true;
		}
		buf_add_str(&text, line);
		buf_add_char(&text, '\n');
	}
	buf_done(&text);
	return complain(r, "this block does not end with a } of its own line");
}

static struct beat *add_beat(struct reading *r, struct str text)
{
	struct story *s = r->story;
	struct beat *b;

	mem_room(&s->beats, s->beat_count, &s->beat_cap, sizeof(*s->beats));
	b = &s->beats[s->beat_count++];
	*b = (struct beat){ .line = r->line,
		.text = mem_text_n(text.p, text.n) };
	return b;
}

static bool add_told(struct reading *r, struct str line)
{
	struct story *s = r->story;
	struct beat *b;

	if (s->beat_count == 0)
		return complain(r, "nothing has happened yet");
	b = &s->beats[s->beat_count - 1];
	line = str_trim(str_from(str_trim(line), 1));
	mem_room(&b->told, b->told_count, &b->told_cap, sizeof(*b->told));
	mem_room(&b->told_lines, b->told_count, &b->told_line_cap,
	    sizeof(*b->told_lines));
	b->told_lines[b->told_count] = r->line;
	b->told[b->told_count++] = mem_text_n(line.p, line.n);
	return true;
}

static bool read_beat(struct reading *r, struct str line)
{
	struct str bare = str_trim(line);

	if (bare.n == 0 || str_starts(bare, "#"))
		return true;
	if (str_starts(bare, ">"))
		return add_told(r, line);
	if (bare.p != line.p)
		return complain(r, "commands begin at the very left");
	if (str_is(bare, "reload {"))
		return read_block(r, &add_beat(r, STR("reload"))->block);
	add_beat(r, bare);
	return true;
}

static bool read_story(struct reading *r)
{
	struct str line = STR_NONE;

	if (!next_line(r, &line) || !str_starts(line, "# "))
		return complain(r, "the first line says the claim: # ...");
	r->story->title = mem_text_n(line.p + 2, line.n - 2);
	while (next_line(r, &line) && (line.n == 0 || str_starts(line, "#")))
		;
	if (!str_is(line, "config {"))
		return complain(r, "the rules come first: config {");
	if (!read_block(r, &r->story->config))
		return false;
	while (next_line(r, &line)) {
		if (!read_beat(r, line))
			return false;
	}
	return r->story->beat_count > 0 ||
	       complain(r, "there is no story here");
}

static bool read_file(const char *file, struct buf *out)
{
	FILE *f = fopen(file, "r");
	char piece[4096];
	size_t n;

	if (f == NULL) {
		fprintf(stderr, "%s: cannot be read\n", file);
		return false;
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
	return true;
}

bool story_read(const char *file, struct story *out)
{
	struct reading r = { .story = out };
	struct buf text = { 0 };
	bool good;

	memset(out, 0, sizeof(*out));
	out->file = mem_text(file);
	good = read_file(file, &text);
	r.rest = buf_str(&text);
	good = good && read_story(&r);
	buf_done(&text);
	return good;
}

void story_done(struct story *s)
{
	size_t i, k;

	for (i = 0; i < s->beat_count; i++) {
		struct beat *b = &s->beats[i];

		for (k = 0; k < b->told_count; k++)
			mem_free(b->told[k]);
		mem_free(b->told);
		mem_free(b->told_lines);
		mem_free(b->text);
		mem_free(b->block);
	}
	mem_free(s->beats);
	mem_free(s->config);
	mem_free(s->title);
	mem_free(s->file);
}

/* ---- words ----------------------------------------------------------------- */

static bool parts_words(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

/* Cuts the word at p off and returns what stands behind it; NULL: a quote is
 * open. */
static char *cut_word(char *p)
{
	if (*p == '"') {
		p = strchr(p + 1, '"');
		if (p == NULL)
			return NULL;
	} else {
		while (*p != '\0' && !parts_words(*p))
			p++;
	}
	if (*p != '\0')
		*p++ = '\0';
	return p;
}

bool words_of(const char *text, struct words *out)
{
	char *p;

	memset(out, 0, sizeof(*out));
	out->space = mem_text(text);
	for (p = out->space; p != NULL && *p != '\0';) {
		if (parts_words(*p)) {
			p++;
			continue;
		}
		if (out->count == WORDS_MAX)
			return false;
		out->all[out->count++] = *p == '"' ? p + 1 : p;
		p = cut_word(p);
	}
	return p != NULL && out->count > 0;
}

void words_done(struct words *w)
{
	mem_free(w->space);
	w->space = NULL;
}

const char *words_next(struct words *w)
{
	return w->at < w->count ? w->all[w->at++] : NULL;
}

const char *words_peek(const struct words *w)
{
	return w->at < w->count ? w->all[w->at] : NULL;
}

bool words_skip(struct words *w, const char *word)
{
	const char *here = words_peek(w);

	if (here == NULL || strcmp(here, word) != 0)
		return false;
	w->at++;
	return true;
}
