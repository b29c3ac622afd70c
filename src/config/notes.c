/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notes.c - collects what is wrong with a config, and shows it.
 *
 * Entered by every part of the config floor. Notes own copies of all their
 * texts: they outlive the tree. Control characters of a hostile file must not
 * reach a terminal by way of a note.
 */
#include "config/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define SOURCE_BYTES 240 /* of a source line that is shown */

/* A copy without control characters, tabs kept. */
static char *clean_copy(struct str s)
{
	struct buf out = { 0 };

	utf8_repair(s, &out);
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			out.data[i] = '?';
	}
	return buf_take(&out);
}

bool notes_full(const struct config_notes *n)
{
	return n->count >= NOTES_MAX;
}

/* Errors are counted on when they are no longer kept. */
static struct config_note *note_add(struct config_notes *n, bool is_error)
{
	struct config_note *note;

	n->errors += is_error;
	if (n->count >= NOTES_MAX)
		return NULL;
	mem_room(&n->items, n->count, &n->cap, sizeof(*n->items));
	note = &n->items[n->count++];
	*note = (struct config_note){ .is_error = is_error, .width = 1 };
	return note;
}

/* Line 0 means the file as a whole. */
static void note_at(struct config_note *note, const struct spot *at)
{
	struct str line;

	if (at == NULL)
		return;
	note->file = clean_copy(str_of(at->source->name));
	note->line = at->line;
	note->column = at->column;
	if (at->line == 0)
		return;
	line = utf8_cut(spot_line(at), SOURCE_BYTES);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	note->source = clean_copy(line);
	note->width = at->width > 0 ? at->width : 1;
}

static void note_addv(struct config_notes *n, bool is_error,
    const struct spot *at, const char *fmt, va_list ap)
{
	struct config_note *note = note_add(n, is_error);
	struct buf text = { 0 };

	if (note == NULL)
		return;
	buf_addv(&text, fmt, ap);
	note->text = clean_copy(buf_str(&text));
	buf_done(&text);
	note_at(note, at);
}

void note_error(
    struct config_notes *n, const struct spot *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note_addv(n, true, at, fmt, ap);
	va_end(ap);
}

void note_warning(
    struct config_notes *n, const struct spot *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note_addv(n, false, at, fmt, ap);
	va_end(ap);
}

void note_far_error(
    struct config_notes *n, const struct far_spot *at, const char *fmt, ...)
{
	size_t before = n->count;
	struct config_note *note;
	va_list ap;

	va_start(ap, fmt);
	note_addv(n, true, NULL, fmt, ap);
	va_end(ap);
	if (n->count == before)
		return;
	note = &n->items[before];
	note->file = clean_copy(str_of(at->file));
	note->line = at->line;
	note->column = at->column;
	note->width = at->width;
	note->source = clean_copy(str_of(at->text));
}

void note_hint(struct config_notes *n, const char *fmt, ...)
{
	struct config_note *note;
	struct buf text = { 0 };
	va_list ap;

	if (n->count == 0 || n->count >= NOTES_MAX)
		return;
	note = &n->items[n->count - 1];
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	mem_free(note->hint);
	note->hint = clean_copy(buf_str(&text));
	buf_done(&text);
}

/* A third of the letters may be wrong; one of them always. Most candidates are
 * out by their length alone: there may be a hundred thousand. */
void suggestion_consider(struct suggestion *s, struct str candidate)
{
	unsigned most = 1 + (unsigned)(s->word.n / 3);
	unsigned distance;

	if (s->word.n > 64 || candidate.n > s->word.n + 3 ||
	    candidate.n + 3 < s->word.n)
		return;
	if (most > 3)
		most = 3;
	distance = str_distance(s->word, candidate, most);
	if (distance > most || distance >= candidate.n)
		return;
	if (s->best.p != NULL && distance >= s->distance)
		return;
	s->best = candidate;
	s->distance = distance;
}

void note_suggest(struct config_notes *n, const struct suggestion *s)
{
	if (s->best.p != NULL)
		note_hint(
		    n, "did you mean \"%.*s\"?", (int)s->best.n, s->best.p);
}

void config_notes_done(struct config_notes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		mem_free(n->items[i].file);
		mem_free(n->items[i].text);
		mem_free(n->items[i].hint);
		mem_free(n->items[i].source);
	}
	mem_free(n->items);
	*n = (struct config_notes){ 0 };
}

static bool same_file(const struct config_note *a, const struct config_note *b)
{
	if (a->file == NULL || b->file == NULL)
		return a->file == b->file;
	return strcmp(a->file, b->file) == 0;
}

static bool comes_before(
    const struct config_note *a, const struct config_note *b)
{
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

/* In front of the later ones of its own file, or behind the last of that; a
 * note about no file seen yet stays where it is. */
static size_t sorted_index(const struct config_notes *n, size_t i)
{
	const struct config_note *note = &n->items[i];
	size_t to = i;

	for (size_t j = 0; j < i; j++) {
		if (!same_file(&n->items[j], note))
			continue;
		if (comes_before(note, &n->items[j]))
			return j;
		to = j + 1;
	}
	return to;
}

/* Insertion sort: stable, and of at most NOTES_MAX. */
void notes_sort(struct config_notes *n)
{
	for (size_t i = 1; i < n->count; i++) {
		struct config_note note = n->items[i];
		size_t to = sorted_index(n, i);

		memmove(
		    &n->items[to + 1], &n->items[to], (i - to) * sizeof(note));
		n->items[to] = note;
	}
}

/* Blanks as wide as what stands before the column; tabs stay tabs. */
static void add_indent(struct buf *out, struct str line, unsigned column)
{
	unsigned at = 1;

	for (size_t i = 0; i < line.n && at < column; at++) {
		size_t bytes = 1;
		struct str c;

		while (i + bytes < line.n &&
		       ((unsigned char)line.p[i + bytes] & 0xc0) == 0x80)
			bytes++;
		c = str_sub(line, i, bytes);
		i += bytes;
		if (c.p[0] == '\t')
			buf_add_char(out, '\t');
		else
			buf_addf(out, "%*s", (int)utf8_width(c), "");
	}
	for (; at < column; at++)
		buf_add_char(out, ' ');
}

/* A caret beyond what is shown of a long line would point at nothing. */
static void show_source(const struct config_note *note, struct buf *out)
{
	struct str line = str_of(note->source);

	if (note->column > SOURCE_BYTES)
		return;
	buf_addf(out, "    %s\n    ", note->source);
	add_indent(out, line, note->column);
	buf_add_char(out, '^');
	for (unsigned i = 1; i < note->width && i < SOURCE_BYTES; i++)
		buf_add_char(out, '~');
	buf_add_char(out, '\n');
}

static void show_note(const struct config_note *note, struct buf *out)
{
	if (note->file != NULL && note->line > 0)
		buf_addf(
		    out, "%s:%u:%u: ", note->file, note->line, note->column);
	else if (note->file != NULL)
		buf_addf(out, "%s: ", note->file);
	buf_addf(
	    out, "%s: %s\n", note->is_error ? "error" : "warning", note->text);
	if (note->source != NULL)
		show_source(note, out);
	if (note->hint != NULL)
		buf_addf(out, "    %s\n", note->hint);
}

void config_notes_show(const struct config_notes *n, struct buf *out)
{
	for (size_t i = 0; i < n->count; i++)
		show_note(&n->items[i], out);
	if (n->count >= NOTES_MAX)
		buf_addf(out, "... and more (%zu errors in all)\n", n->errors);
}
