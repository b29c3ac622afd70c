/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.c - columns as wide as their widest cell, two blanks apart.
 *
 * What stands in the cells was written by customers and agents: nothing in it
 * may reach the terminal as a control sequence.
 */
#include "tools/table.h"

#include "base/check.h"
#include "base/utf8.h"

#define GAP "  "

void table_init(struct table *t)
{
	*t = (struct table){ 0 };
}

void table_done(struct table *t)
{
	buf_done(&t->text);
	buf_done(&t->bounds);
}

void table_column(struct table *t, const char *head, bool right)
{
	check(t->columns < TABLE_COLUMNS);
	t->heads[t->columns] = head;
	t->right[t->columns] = right;
	t->columns++;
}

static size_t cell_count(const struct table *t)
{
	return t->bounds.len / sizeof(size_t);
}

static size_t bound(const struct table *t, size_t i)
{
	size_t at = 0;

	if (i > 0)
		memcpy(&at, t->bounds.data + (i - 1) * sizeof(at), sizeof(at));
	return at;
}

static struct str cell(const struct table *t, size_t i)
{
	size_t from = bound(t, i);

	return str_sub(buf_str(&t->text), from, bound(t, i + 1) - from);
}

/* C0, DEL and C1 (which terminals obey in UTF-8 too). */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

void table_cell(struct table *t, struct str text)
{
	uint32_t c;

	while (text.n > 0) {
		size_t n = utf8_next(text, &c);

		if (n == 0 || is_control(c))
			buf_add_char(&t->text, n > 0 && c == '\n' ? ' ' : '?');
		else
			buf_add_str(&t->text, str_sub(text, 0, n));
		text = str_from(text, n == 0 ? 1 : n);
	}
	buf_add(&t->bounds, &t->text.len, sizeof(t->text.len));
}

size_t table_rows(const struct table *t)
{
	return t->columns == 0 ? 0 : cell_count(t) / t->columns;
}

static size_t column_width(const struct table *t, size_t column)
{
	size_t widest = utf8_width(str_of(t->heads[column]));
	size_t i;

	for (i = column; i < cell_count(t); i += t->columns) {
		size_t width = utf8_width(cell(t, i));

		if (width > widest)
			widest = width;
	}
	return widest;
}

static void add_blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_add_char(out, ' ');
}

/* The last column of a row is not filled up: no blanks at line ends. */
static void add_padded(const struct table *t, size_t column, size_t width,
    struct str text, struct buf *out)
{
	size_t needs = utf8_width(text);
	size_t fill = needs < width ? width - needs : 0;

	if (column > 0)
		buf_add_text(out, GAP);
	if (t->right[column])
		add_blanks(out, fill);
	buf_add_str(out, text);
	if (!t->right[column] && column + 1 < t->columns)
		add_blanks(out, fill);
}

void table_show(const struct table *t, bool bold, struct buf *out)
{
	size_t widths[TABLE_COLUMNS];
	size_t i;

	for (i = 0; i < t->columns; i++)
		widths[i] = column_width(t, i);
	if (bold)
		buf_add_text(out, "\033[1m");
	for (i = 0; i < t->columns; i++)
		add_padded(t, i, widths[i], str_of(t->heads[i]), out);
	buf_add_text(out, bold ? "\033[0m\n" : "\n");
	for (i = 0; i < table_rows(t) * t->columns; i++) {
		size_t column = i % t->columns;

		add_padded(t, column, widths[column], cell(t, i), out);
		if (column + 1 == t->columns)
			buf_add_char(out, '\n');
	}
}
