/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_write.c - one JSON value, appended to a buf.
 *
 * Entered by every answer and every event that leaves the house, so no
 * printf() stands between a string or a number and the bytes. Out of memory is
 * a mark on the buf; a call at a wrong place is our own bug and dies.
 */
#include "base/json.h"

#include "base/check.h"
#include "base/id.h"
#include "base/utf8.h"

#define DEPTH_MAX   64 /* bits of `arrays` */
#define REPLACEMENT "\xef\xbf\xbd"

/*
 * What a byte of a string needs: 0 nothing, MULTI a look at the bytes behind
 * it, 'u' an escape by number, any other an escape by that letter.
 */
#define MULTI 1
static char need_of[256];

__attribute__((constructor)) static void fill_needs(void)
{
	memset(need_of, 'u', ' ');
	memset(need_of + 0x80, MULTI, 0x80);
	need_of['\b'] = 'b';
	need_of['\t'] = 't';
	need_of['\n'] = 'n';
	need_of['\f'] = 'f';
	need_of['\r'] = 'r';
	need_of['"'] = '"';
	need_of['\\'] = '\\';
}

static void before_value(struct json_writer *w)
{
	if (w->comma)
		buf_add_char(w->out, ',');
	w->comma = true;
}

static void add_escape(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	char text[] = { '\\', need_of[c], '0', '0', digits[c >> 4],
		digits[c & 15] };

	buf_add(out, text, need_of[c] == 'u' ? sizeof(text) : 2);
}

/* Is one of the eight bytes equal to c, given in all bytes of `cs`? May also
 * say yes when a byte above 0x7f is there, never no when c is. */
static uint64_t has_byte(uint64_t word, uint64_t cs)
{
	return (word ^ cs) - UINT64_C(0x0101010101010101);
}

/* Do eight bytes need nothing? Most text is such, and a step of eight takes
 * as long as a look at one byte in the table. */
static bool are_plain(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((word | (word - UINT64_C(0x2020202020202020)) |
	            has_byte(word, UINT64_C(0x2222222222222222)) |
	            has_byte(word, UINT64_C(0x5c5c5c5c5c5c5c5c))) &
	           UINT64_C(0x8080808080808080)) == 0;
}

/* Bytes at the start of s that can stand in a string as they are. */
static size_t plain_prefix(struct str s)
{
	size_t i = 0;
	uint32_t c;

	while (i < s.n) {
		char need = need_of[(unsigned char)s.p[i]];
		size_t len = 1;

		if (s.n - i >= 8 && are_plain(s.p + i))
			len = 8;
		else if (need == MULTI)
			len = utf8_next(str_from(s, i), &c);
		else if (need != 0)
			len = 0;
		if (len == 0)
			break;
		i += len;
	}
	return i;
}

static void add_pieces(struct buf *out, struct str s)
{
	size_t plain;

	buf_add_char(out, '"');
	for (;;) {
		plain = plain_prefix(s);
		buf_add(out, s.p, plain);
		if (plain == s.n)
			break;
		if (need_of[(unsigned char)s.p[plain]] == MULTI)
			buf_add_text(out, REPLACEMENT);
		else
			add_escape(out, (unsigned char)s.p[plain]);
		s = str_from(s, plain + 1);
	}
	buf_add_char(out, '"');
}

/* Comma, string and colon in one go: this is where most bytes of most
 * messages come from. */
static void add_string(struct json_writer *w, struct str s, bool is_key)
{
	size_t plain = plain_prefix(s);
	size_t len = w->comma + 1 + plain + 1 + is_key;
	char *p;

	if (plain < s.n) {
		before_value(w);
		add_pieces(w->out, s);
		if (is_key)
			buf_add_char(w->out, ':');
	} else if (buf_reserve(w->out, len)) {
		p = w->out->data + w->out->len;
		if (w->comma)
			*p++ = ',';
		*p++ = '"';
		if (plain > 0)
			memcpy(p, s.p, plain);
		p += plain;
		*p++ = '"';
		if (is_key)
			*p++ = ':';
		*p = '\0';
		w->out->len += len;
	}
	w->comma = !is_key;
}

static void open_level(struct json_writer *w, char bracket)
{
	check(w->depth < DEPTH_MAX);
	before_value(w);
	buf_add_char(w->out, bracket);
	w->arrays = (w->arrays << 1) | (bracket == '[');
	w->depth++;
	w->comma = false;
}

void jw_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

void jw_object(struct json_writer *w)
{
	open_level(w, '{');
}

void jw_array(struct json_writer *w)
{
	open_level(w, '[');
}

void jw_end(struct json_writer *w)
{
	check(w->depth > 0);
	buf_add_char(w->out, (w->arrays & 1) != 0 ? ']' : '}');
	w->arrays >>= 1;
	w->depth--;
	w->comma = true;
}

void jw_key(struct json_writer *w, const char *name)
{
	add_string(w, str_of(name), true);
}

void jw_str(struct json_writer *w, struct str s)
{
	add_string(w, s, false);
}

void jw_text(struct json_writer *w, const char *text)
{
	if (text == NULL)
		jw_null(w);
	else
		jw_str(w, str_of(text));
}

void jw_textf(struct json_writer *w, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	jw_str(w, buf_str(&text));
	w->out->failed = w->out->failed || text.failed;
	buf_done(&text);
}

void jw_int(struct json_writer *w, int64_t v)
{
	char text[STR_U64 + 1] = "-";
	size_t minus = v < 0;
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	before_value(w);
	buf_add(w->out, text, minus + str_put_u64(text + minus, size));
}

void jw_u64(struct json_writer *w, uint64_t v)
{
	char text[STR_U64];

	before_value(w);
	buf_add(w->out, text, str_put_u64(text, v));
}

void jw_bool(struct json_writer *w, bool v)
{
	jw_raw(w, v ? STR("true") : STR("false"));
}

void jw_null(struct json_writer *w)
{
	jw_raw(w, STR("null"));
}

void jw_raw(struct json_writer *w, struct str json_text)
{
	before_value(w);
	buf_add_str(w->out, json_text);
}

void jw_kstr(struct json_writer *w, const char *name, struct str s)
{
	jw_key(w, name);
	jw_str(w, s);
}

void jw_ktext(struct json_writer *w, const char *name, const char *text)
{
	jw_key(w, name);
	jw_text(w, text);
}

void jw_kint(struct json_writer *w, const char *name, int64_t v)
{
	jw_key(w, name);
	jw_int(w, v);
}

void jw_ku64(struct json_writer *w, const char *name, uint64_t v)
{
	jw_key(w, name);
	jw_u64(w, v);
}

void jw_kbool(struct json_writer *w, const char *name, bool v)
{
	jw_key(w, name);
	jw_bool(w, v);
}

void jw_kid(struct json_writer *w, const char *name, char letter, uint64_t v)
{
	char text[ID_TEXT];

	jw_key(w, name);
	jw_text(w, v == 0 ? NULL : id_format(letter, v, text));
}
