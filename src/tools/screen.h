/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * screen.h - a shift on a terminal: status, offer, conversation, input line.
 *
 * Puts the terminal into raw mode and back; draws the whole of it from the
 * shift each time, in one write. What others wrote is made harmless here.
 */
#ifndef USHER_TOOLS_SCREEN_H
#define USHER_TOOLS_SCREEN_H

#include "tools/line_edit.h"
#include "tools/shift.h"

#define SCREEN_NEWS    14    /* lines about the shift */
#define SCREEN_NEWS_MS 15000 /* how long each can be read */

struct screen {
	bool raw;
	size_t rows, columns;
	size_t scrolled; /* lines back from the newest */
	char *news[SCREEN_NEWS];
	enum shift_tone tones[SCREEN_NEWS];
	msec_t news_at[SCREEN_NEWS];
	size_t news_count;
};

int screen_open(struct screen *s); /* ERR_IO: not a terminal */
void screen_close(struct screen *s);
void screen_resize(struct screen *s); /* asks the terminal how large it is */
/* A line about the shift, not about one contact. */
void screen_say(
    struct screen *s, enum shift_tone tone, const char *text, msec_t now);
/* Lets go of what has been there long enough. */
void screen_expire(struct screen *s, msec_t now);
void screen_scroll(struct screen *s, int lines);
void screen_draw(const struct screen *s, const struct shift *shift,
    const struct line_edit *line, const char *connection, msec_t now);

#endif
