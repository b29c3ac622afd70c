/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * screen.c - drawing, from top to bottom: who I am, the offer, the open
 * contact, news, my contacts, the input line.
 *
 * Entered after every change and once a second. Text of customers is cut into
 * rows and stripped of control characters before it is drawn.
 */
#include "tools/screen.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tools/ctl.h"

#define MIN_COLUMNS 20
#define MIN_ROWS    8

#define CLEAR_LINE "\033[K\r\n"
#define NORMAL     "\033[0m"
#define REVERSED   "\033[7m"

static struct termios before; /* what to give back to the shell */

static const char *colour_of(enum shift_tone tone)
{
	switch (tone) {
	case TONE_CUSTOMER:
		return "\033[36m";
	case TONE_NOTE:
		return "\033[33m";
	case TONE_OFFER:
		return "\033[1;33m";
	case TONE_PROBLEM:
		return "\033[31m";
	case TONE_SYSTEM:
		return "\033[2m";
	default:
		return "";
	}
}

/* ---- rows ------------------------------------------------------------------ */

struct drawing {
	struct buf out;
	size_t rows_left;
	size_t columns;
};

static void draw_row(struct drawing *d, const char *style, struct str text)
{
	if (d->rows_left == 0)
		return;
	d->rows_left--;
	buf_add_text(&d->out, style);
	buf_add_str(&d->out, text);
	buf_add_text(&d->out, NORMAL CLEAR_LINE);
}

/* As much of `text` as fits `columns`; at a blank where there is one. */
static struct str row_of(struct str text, size_t columns)
{
	size_t at = 0;
	size_t blank = 0;
	size_t width = 0;
	uint32_t c;

	while (at < text.n) {
		size_t n = utf8_next(str_from(text, at), &c);

		n = n == 0 ? 1 : n;
		width += utf8_width(str_sub(text, at, n));
		if (width > columns)
			return str_sub(text, 0, blank > 0 ? blank : at);
		at += n;
		if (c == ' ')
			blank = at;
	}
	return text;
}

/* An empty line is a row too. */
static size_t count_rows(struct str text, size_t columns)
{
	size_t rows = 0;

	do {
		text = str_from(text, row_of(text, columns).n);
		rows++;
	} while (text.n > 0);
	return rows;
}

/* Draws the rows of one line from `skip` on, at most `most` of them. */
static void draw_wrapped(struct drawing *d, const char *style, struct str text,
    size_t skip, size_t most)
{
	while (most > 0) {
		struct str row = row_of(text, d->columns);

		if (skip > 0) {
			skip--;
		} else {
			draw_row(d, style, row);
			most--;
		}
		text = str_from(text, row.n);
		if (text.n == 0)
			return;
	}
}

/* ---- the conversation ------------------------------------------------------ */

/* Blanks instead of what could move the cursor. */
static struct str plain(const char *text, struct buf *space)
{
	buf_clear(space);
	ctl_plain(str_of(text), 0, space);
	return buf_str(space);
}

/* The newest rows that fit, `scrolled` rows further back. */
static void draw_lines(struct drawing *d, const struct shift_contact *c,
    size_t rows, size_t scrolled)
{
	struct buf space = { 0 };
	size_t total = 0;
	size_t from, seen, i;

	for (i = 0; i < c->line_count; i++)
		total +=
		    count_rows(plain(c->lines[i].text, &space), d->columns);
	if (scrolled + rows > total)
		scrolled = total > rows ? total - rows : 0;
	from = total > rows + scrolled ? total - rows - scrolled : 0;
	for (i = 0, seen = 0; i < c->line_count && rows > 0; i++) {
		struct str text = plain(c->lines[i].text, &space);
		size_t has = count_rows(text, d->columns);
		size_t skip = seen < from ? from - seen : 0;
		size_t shown = skip < has ? has - skip : 0;

		shown = shown < rows ? shown : rows;
		draw_wrapped(d, colour_of(c->lines[i].tone), text, skip, shown);
		rows -= shown;
		seen += has;
	}
	buf_done(&space);
	for (; rows > 0; rows--)
		draw_row(d, "", STR_NONE);
}

/* ---- the parts ------------------------------------------------------------- */

/* Filled up to the edge, so that it is a bar and not a word. */
static void draw_bar(struct drawing *d, struct buf *text)
{
	struct str row = row_of(buf_str(text), d->columns);
	size_t width = utf8_width(row);
	struct buf line = { 0 };

	buf_add_str(&line, row);
	for (; width < d->columns; width++)
		buf_add_char(&line, ' ');
	draw_row(d, REVERSED, buf_str(&line));
	buf_done(&line);
}

static void draw_status(struct drawing *d, const struct shift *s,
    const char *connection, msec_t now)
{
	struct buf text = { 0 };
	long held = (long)((now - s->since) / 1000);

	buf_addf(&text, " %s  %s", s->name, s->state);
	if (s->reason != NULL) {
		buf_add_text(&text, ": ");
		ctl_plain(str_of(s->reason), 30, &text);
	}
	if (s->since > 0)
		buf_addf(&text, "  %02ld:%02ld", held / 60, held % 60);
	if (connection != NULL)
		buf_addf(&text, "  -- %s --", connection);
	draw_bar(d, &text);
	buf_done(&text);
}

static size_t offer_rows(const struct shift *s)
{
	return s->offer.id[0] == '\0' ? 0 : 2 + s->offer.latest_count;
}

static void draw_offer(struct drawing *d, const struct shift *s, msec_t now)
{
	const struct shift_offer *o = &s->offer;
	long left = (long)((o->deadline - now + 999) / 1000);
	struct buf text = { 0 };
	struct buf space = { 0 };
	size_t i;

	if (o->id[0] == '\0')
		return;
	buf_addf(&text, " OFFER %lds  ", left > 0 ? left : 0);
	buf_add_str(&text, plain(o->title, &space));
	draw_row(d, "\033[1;30;43m", row_of(buf_str(&text), d->columns));
	for (i = 0; i < o->latest_count; i++) {
		buf_clear(&text);
		buf_add_text(&text, "   before: ");
		buf_add_str(&text, plain(o->latest[i], &space));
		draw_row(d, "\033[33m", row_of(buf_str(&text), d->columns));
	}
	draw_row(d, "\033[33m",
	    str_is(str_of(o->channel), "phone")
	        ? STR("   pick up the phone, or /reject")
	        : STR("   /accept or /reject"));
	buf_done(&text);
	buf_done(&space);
}

static void draw_contact_bar(struct drawing *d, const struct shift *s)
{
	struct buf text = { 0 };
	size_t i;

	for (i = 0; i < s->contact_count; i++) {
		const struct shift_contact *c = &s->contacts[i];

		buf_addf(&text, i == s->current ? " [%zu " : "  %zu ", i + 1);
		ctl_plain(str_of(c->who), 24, &text);
		buf_addf(&text, " %s", c->ended ? "ended" : c->channel);
		if (c->unread > 0)
			buf_addf(&text, " +%u", c->unread);
		buf_add_text(&text, i == s->current ? "]" : " ");
	}
	if (s->contact_count == 0)
		buf_add_text(&text, " no contacts   /help for the commands");
	draw_bar(d, &text);
	buf_done(&text);
}

static size_t probably_rows(const struct shift_contact *c)
{
	return c != NULL && c->probably != NULL ? 1 : 0;
}

static void draw_probably(struct drawing *d, const struct shift_contact *c)
{
	struct buf text = { 0 };

	if (probably_rows(c) == 0)
		return;
	ctl_plain(str_of(c->probably), 0, &text);
	buf_add_text(&text, "   /confirm or /deny");
	draw_row(d, "\033[1;33m", row_of(buf_str(&text), d->columns));
	buf_done(&text);
}

static void draw_news(struct drawing *d, const struct screen *s)
{
	struct buf space = { 0 };
	size_t i;

	for (i = 0; i < s->news_count; i++)
		draw_row(d, colour_of(s->tones[i]),
		    row_of(plain(s->news[i], &space), d->columns));
	buf_done(&space);
}

/* Last, because the cursor stays where it ends. */
static void draw_input(struct drawing *d, const struct line_edit *line)
{
	size_t cursor;
	struct str view = line_view(line, d->columns - 2, &cursor);

	buf_add_text(&d->out, "> ");
	buf_add_str(&d->out, view);
	buf_addf(&d->out, "\033[K\r\033[%zuC\033[?25h", cursor + 2);
}

/* ---- the room -------------------------------------------------------------- */

/* Raw, so that every key is ours: also Ctrl-C, which signs out properly. */
int screen_open(struct screen *s)
{
	struct termios raw;

	*s = (struct screen){ 0 };
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return ERR_IO;
	raw = before;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0)
		return ERR_IO;
	s->raw = true;
	fputs("\033[?1049h", stdout); /* the other page of the terminal */
	screen_resize(s);
	return 0;
}

void screen_close(struct screen *s)
{
	size_t i;

	for (i = 0; i < s->news_count; i++)
		mem_free(s->news[i]);
	s->news_count = 0;
	if (!s->raw)
		return;
	fputs("\033[?1049l\033[?25h", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	s->raw = false;
}

void screen_resize(struct screen *s)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	s->rows = size.ws_row < MIN_ROWS ? MIN_ROWS : size.ws_row;
	s->columns = size.ws_col < MIN_COLUMNS ? MIN_COLUMNS : size.ws_col;
}

static void forget_oldest(struct screen *s)
{
	mem_free(s->news[0]);
	s->news_count--;
	memmove(s->news, s->news + 1, s->news_count * sizeof(s->news[0]));
	memmove(s->tones, s->tones + 1, s->news_count * sizeof(s->tones[0]));
	memmove(
	    s->news_at, s->news_at + 1, s->news_count * sizeof(s->news_at[0]));
}

void screen_say(
    struct screen *s, enum shift_tone tone, const char *text, msec_t now)
{
	if (s->news_count == SCREEN_NEWS)
		forget_oldest(s);
	s->news[s->news_count] = mem_text(text);
	s->tones[s->news_count] = tone;
	s->news_at[s->news_count] = now;
	s->news_count++;
}

void screen_expire(struct screen *s, msec_t now)
{
	while (s->news_count > 0 && now - s->news_at[0] > SCREEN_NEWS_MS)
		forget_oldest(s);
}

void screen_scroll(struct screen *s, int lines)
{
	if (lines < 0 && s->scrolled < (size_t)-lines)
		s->scrolled = 0;
	else
		s->scrolled += (size_t)lines;
}

void screen_draw(const struct screen *s, const struct shift *shift,
    const struct line_edit *line, const char *connection, msec_t now)
{
	struct drawing d = { { 0 }, s->rows - 1, s->columns };
	const struct shift_contact *c = shift->current < shift->contact_count
	                                    ? &shift->contacts[shift->current]
	                                    : NULL;
	const struct shift_contact nobody = { 0 };
	size_t taken = 2 + offer_rows(shift) + probably_rows(c) + s->news_count;

	buf_add_text(&d.out, "\033[?25l\033[H");
	draw_status(&d, shift, connection, now);
	draw_offer(&d, shift, now);
	draw_probably(&d, c);
	if (s->rows - 1 > taken)
		draw_lines(&d, c == NULL ? &nobody : c, s->rows - 1 - taken,
		    s->scrolled);
	draw_news(&d, s);
	draw_contact_bar(&d, shift);
	draw_input(&d, line);
	fwrite(d.out.data, 1, d.out.len, stdout);
	fflush(stdout);
	buf_done(&d.out);
}
