/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_text.c - values of answers as text for a terminal.
 *
 * Whatever customers wrote goes through ctl_plain(): nothing of it may reach
 * the terminal as a control sequence.
 */
#include <inttypes.h>

#include "base/utf8.h"
#include "tools/ctl.h"

#define KEY_COLUMNS 18
#define INDENT_MAX  6

void ctl_time(struct str time, struct buf *out)
{
	if (time.n < 19) {
		buf_add_char(out, '-');
		return;
	}
	ctl_plain(str_sub(time, 0, 10), 0, out);
	buf_add_char(out, ' ');
	ctl_plain(str_sub(time, 11, 8), 0, out);
}

void ctl_span(int64_t ms, struct buf *out)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		buf_add_char(out, '-');
	else if (s < 60)
		buf_addf(out, "%" PRId64 "s", s);
	else if (s < 3600)
		buf_addf(out, "%" PRId64 "m %" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		buf_addf(
		    out, "%" PRId64 "h %" PRId64 "m", s / 3600, s % 3600 / 60);
	else
		buf_addf(out, "%" PRId64 "d %" PRId64 "h", s / 86400,
		    s % 86400 / 3600);
}

/* C0, DEL, C1, and what turns the direction of writing. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void ctl_plain(struct str text, size_t most, struct buf *out)
{
	size_t columns = 0;
	uint32_t c;

	while (text.n > 0) {
		size_t n = utf8_next(text, &c);
		struct str one = str_sub(text, 0, n == 0 ? 1 : n);

		columns += utf8_width(one);
		if (most > 0 && columns >= most && text.n > one.n) {
			buf_add_text(out, "…");
			return;
		}
		if (n == 0 || is_control(c))
			buf_add_char(out, ' ');
		else
			buf_add_str(out, one);
		text = str_from(text, one.n);
	}
}

/* Lists in cells are short: skills, contacts in hand, channels. */
static void join(const struct json *array, struct buf *out)
{
	size_t i;

	for (i = 0; i < json_count(array); i++) {
		if (i > 0)
			buf_add_text(out, ", ");
		ctl_value(json_at(array, i), out);
	}
	if (json_count(array) == 0)
		buf_add_char(out, '-');
}

static void join_members(const struct json *object, struct buf *out)
{
	const struct json *v;
	struct str name;
	size_t i;

	for (i = 0; json_member(object, i, &name, &v); i++) {
		if (i > 0)
			buf_add_text(out, ", ");
		ctl_plain(name, 0, out);
		buf_add_char(out, ' ');
		ctl_value(v, out);
	}
}

void ctl_value(const struct json *v, struct buf *out)
{
	switch (v == NULL ? JSON_NULL : json_type(v)) {
	case JSON_STRING:
		ctl_plain(json_str(v), 0, out);
		break;
	case JSON_INT:
		buf_addf(out, "%" PRId64, json_int(v, 0));
		break;
	case JSON_BOOL:
		buf_add_text(out, json_bool(v, false) ? "yes" : "no");
		break;
	case JSON_ARRAY:
		join(v, out);
		break;
	case JSON_OBJECT:
		join_members(v, out);
		break;
	default:
		buf_add_char(out, '-');
		break;
	}
}

static void add_name(struct str name, unsigned indent, struct buf *out)
{
	size_t i;

	for (i = 0; i < indent; i++)
		buf_add_char(out, ' ');
	for (i = 0; i < name.n; i++)
		buf_add_char(out, name.p[i] == '_' ? ' ' : name.p[i]);
}

static void add_key(struct str name, unsigned indent, struct buf *out)
{
	size_t width = indent + utf8_width(name);

	add_name(name, indent, out);
	do {
		buf_add_char(out, ' ');
	} while (++width < KEY_COLUMNS);
}

/* Names that end in _ms are spans, in _bytes sizes; both lose the ending. */
static bool add_measure(
    struct str name, const struct json *v, unsigned indent, struct buf *out)
{
	if (json_type(v) != JSON_INT || name.n < 7)
		return false;
	if (str_is(str_from(name, name.n - 3), "_ms")) {
		add_key(str_sub(name, 0, name.n - 3), indent, out);
		ctl_span(json_int(v, 0), out);
		return true;
	}
	if (str_is(str_from(name, name.n - 6), "_bytes")) {
		add_key(str_sub(name, 0, name.n - 6), indent, out);
		buf_addf(out, "%" PRId64 " kB", json_int(v, 0) / 1000);
		return true;
	}
	return false;
}

void ctl_object(const struct json *object, unsigned indent, struct buf *out)
{
	const struct json *v;
	struct str name;
	size_t i;

	for (i = 0; json_member(object, i, &name, &v); i++) {
		if (json_type(v) == JSON_OBJECT && json_count(v) > 0 &&
		    indent < INDENT_MAX) {
			add_name(name, indent, out);
			buf_add_char(out, '\n');
			ctl_object(v, indent + 2, out);
			continue;
		}
		if (!add_measure(name, v, indent, out)) {
			add_key(name, indent, out);
			ctl_value(v, out);
		}
		buf_add_char(out, '\n');
	}
}
