/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line_edit.c - keys to changes of one line.
 *
 * Entered byte by byte: a character or an escape sequence may come in pieces,
 * so both wait in `pending` until they are whole. The text is valid UTF-8 at
 * every moment and the cursor never stands inside a character.
 */
#include "tools/line_edit.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
	KEY_CTRL_A = 1,
	KEY_CTRL_B = 2,
	KEY_CTRL_C = 3,
	KEY_CTRL_D = 4,
	KEY_CTRL_E = 5,
	KEY_CTRL_F = 6,
	KEY_BACKSPACE = 8,
	KEY_TAB = 9,
	KEY_LF = 10,
	KEY_CTRL_K = 11,
	KEY_CTRL_L = 12,
	KEY_CR = 13,
	KEY_CTRL_N = 14,
	KEY_CTRL_P = 16,
	KEY_CTRL_U = 21,
	KEY_CTRL_W = 23,
	KEY_ESCAPE = 27,
	KEY_DELETE = 127,
};

static size_t next_at(const struct line_edit *e, size_t at)
{
	uint32_t c;

	return at + utf8_next(str_from(buf_str(&e->text), at), &c);
}

static size_t previous_at(const struct line_edit *e, size_t at)
{
	do {
		at--;
	} while (at > 0 && ((unsigned char)e->text.data[at] & 0xC0) == 0x80);
	return at;
}

/* Replaces the bytes from..to by `with`; the cursor stands behind it. */
static void splice(struct line_edit *e, size_t from, size_t to, struct str with)
{
	struct buf made = { 0 };

	buf_init(&made, 0);
	buf_add_str(&made, str_sub(buf_str(&e->text), 0, from));
	buf_add_str(&made, with);
	buf_add_str(&made, str_from(buf_str(&e->text), to));
	buf_done(&e->text);
	e->text = made;
	e->at = from + with.n;
}

static void move_left(struct line_edit *e)
{
	if (e->at > 0)
		e->at = previous_at(e, e->at);
}

static void move_right(struct line_edit *e)
{
	if (e->at < e->text.len)
		e->at = next_at(e, e->at);
}

static void erase_left(struct line_edit *e)
{
	if (e->at > 0)
		splice(e, previous_at(e, e->at), e->at, STR_NONE);
}

static void erase_right(struct line_edit *e)
{
	if (e->at < e->text.len)
		splice(e, e->at, next_at(e, e->at), STR_NONE);
}

/* Blanks before the cursor go with the word. */
static void erase_word(struct line_edit *e)
{
	size_t from = e->at;

	while (from > 0 && e->text.data[from - 1] == ' ')
		from--;
	while (from > 0 && e->text.data[from - 1] != ' ')
		from--;
	splice(e, from, e->at, STR_NONE);
}

/* Older (-1) or newer (+1) lines; past the newest stands an empty one. */
static void walk_history(struct line_edit *e, int step)
{
	struct str line = STR_NONE;

	if (step < 0 ? e->history_at == 0 : e->history_at == e->history_count)
		return;
	e->history_at = step < 0 ? e->history_at - 1 : e->history_at + 1;
	if (e->history_at < e->history_count)
		line = str_of(e->history[e->history_at]);
	splice(e, 0, e->text.len, line);
}

static enum line_key on_control(struct line_edit *e, char key)
{
	switch (key) {
	case KEY_CR:
	case KEY_LF:
		return LINE_DONE;
	case KEY_CTRL_C:
		return LINE_END;
	case KEY_CTRL_D:
		if (e->text.len == 0)
			return LINE_END;
		erase_right(e);
		break;
	case KEY_CTRL_L:
		return LINE_REDRAW;
	case KEY_TAB:
		return LINE_NEXT;
	case KEY_BACKSPACE:
	case KEY_DELETE:
		erase_left(e);
		break;
	case KEY_CTRL_A:
		e->at = 0;
		break;
	case KEY_CTRL_E:
		e->at = e->text.len;
		break;
	case KEY_CTRL_B:
		move_left(e);
		break;
	case KEY_CTRL_F:
		move_right(e);
		break;
	case KEY_CTRL_K:
		splice(e, e->at, e->text.len, STR_NONE);
		break;
	case KEY_CTRL_U:
		splice(e, 0, e->at, STR_NONE);
		break;
	case KEY_CTRL_W:
		erase_word(e);
		break;
	case KEY_CTRL_P:
		walk_history(e, -1);
		break;
	case KEY_CTRL_N:
		walk_history(e, 1);
		break;
	default:
		break;
	}
	return LINE_NOTHING;
}

/* What terminals send for keys that have no character. */
static enum line_key on_sequence(struct line_edit *e, struct str s)
{
	if (str_is(s, "[A") || str_is(s, "OA"))
		walk_history(e, -1);
	else if (str_is(s, "[B") || str_is(s, "OB"))
		walk_history(e, 1);
	else if (str_is(s, "[C") || str_is(s, "OC"))
		move_right(e);
	else if (str_is(s, "[D") || str_is(s, "OD"))
		move_left(e);
	else if (str_is(s, "[H") || str_is(s, "OH") || str_is(s, "[1~"))
		e->at = 0;
	else if (str_is(s, "[F") || str_is(s, "OF") || str_is(s, "[4~"))
		e->at = e->text.len;
	else if (str_is(s, "[3~"))
		erase_right(e);
	else if (str_is(s, "[5~"))
		return LINE_PAGE_UP;
	else if (str_is(s, "[6~"))
		return LINE_PAGE_DOWN;
	return LINE_NOTHING;
}

/* ESC [ parameters final, or ESC O letter; anything else ends at once. */
static bool is_whole_sequence(const struct line_edit *e)
{
	char last = e->pending[e->pending_len - 1];

	if (e->pending_len < 2)
		return false;
	if (e->pending[1] == 'O')
		return e->pending_len == 3;
	if (e->pending[1] != '[')
		return true;
	return e->pending_len > 2 && last >= '@' && last <= '~';
}

static enum line_key on_escape_byte(struct line_edit *e)
{
	struct str s = { e->pending + 1, e->pending_len - 1 };
	enum line_key key = LINE_NOTHING;

	if (is_whole_sequence(e)) {
		key = on_sequence(e, s);
		e->pending_len = 0;
	} else if (e->pending_len == sizeof(e->pending)) {
		e->pending_len = 0;
	}
	return key;
}

static enum line_key on_text_byte(struct line_edit *e)
{
	struct str s = { e->pending, e->pending_len };
	uint32_t c;

	if (utf8_next(s, &c) == 0) {
		if (e->pending_len >= 4)
			e->pending_len = 0; /* never a character */
		return LINE_NOTHING;
	}
	e->pending_len = 0;
	if (e->text.len + s.n <= LINE_MAX_BYTES)
		splice(e, e->at, e->at, s);
	return LINE_NOTHING;
}

void line_init(struct line_edit *e)
{
	*e = (struct line_edit){ 0 };
}

void line_done(struct line_edit *e)
{
	size_t i;

	for (i = 0; i < e->history_count; i++)
		mem_free(e->history[i]);
	buf_done(&e->text);
}

enum line_key line_feed(struct line_edit *e, char byte)
{
	unsigned char c = (unsigned char)byte;

	if (e->pending_len == 0 && (c < ' ' || c == KEY_DELETE) &&
	    c != KEY_ESCAPE)
		return on_control(e, byte);
	if (e->pending_len > 0 && e->pending[0] != KEY_ESCAPE && c < 0x80)
		e->pending_len = 0; /* the character before broke off */
	e->pending[e->pending_len++] = byte;
	if (e->pending[0] == KEY_ESCAPE)
		return on_escape_byte(e);
	return on_text_byte(e);
}

void line_clear(struct line_edit *e)
{
	if (e->text.len > 0) {
		if (e->history_count == LINE_HISTORY) {
			mem_free(e->history[0]);
			memmove(e->history, e->history + 1,
			    sizeof(e->history[0]) * (LINE_HISTORY - 1));
			e->history_count--;
		}
		e->history[e->history_count++] =
		    mem_text_n(e->text.data, e->text.len);
	}
	e->history_at = e->history_count;
	buf_clear(&e->text);
	e->at = 0;
}

struct str line_view(
    const struct line_edit *e, size_t columns, size_t *out_cursor)
{
	struct str all = buf_str(&e->text);
	size_t from = 0;
	size_t end = e->at;

	check(columns > 1);
	/* the cursor needs a column of its own behind the last character */
	while (utf8_width(str_sub(all, from, e->at - from)) > columns - 1)
		from = next_at(e, from);
	while (end < all.n && utf8_width(str_sub(all, from,
	                          next_at(e, end) - from)) <= columns - 1)
		end = next_at(e, end);
	*out_cursor = utf8_width(str_sub(all, from, e->at - from));
	return str_sub(all, from, end - from);
}
