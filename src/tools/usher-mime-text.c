/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime-text.c - bytes of some charset to UTF-8, HTML to plain text.
 *
 * Entered by usher-mime only, inside its sandbox. The tag stripper is no HTML
 * parser and need not be: its output is plain text and is shown as such, so
 * what it gets wrong is ugly, never dangerous.
 */
#include "tools/usher-mime-text.h"

#include <glib.h>

#include "base/check.h"
#include "base/utf8.h"

#define CONVERTED_MAX ((size_t)4 * 1024 * 1024)
#define TAG_MAX       8192 /* looked through for quoted attributes */

static const char *const charsets[] = { "ISO-8859-1", "ISO-8859-2",
	"ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7",
	"ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14",
	"ISO-8859-15", "ISO-8859-16", "WINDOWS-1250", "WINDOWS-1251",
	"WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255",
	"WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "KOI8-R", "KOI8-U",
	"ISO-2022-JP", "SHIFT_JIS", "EUC-JP", "GBK", "GB18030", "GB2312",
	"BIG5", "EUC-KR", "ISO-2022-KR", "UTF-16", "UTF-16LE", "UTF-16BE",
	"UTF-7", "IBM437", "IBM850", "IBM866", "TIS-620", "MACINTOSH", "CP932",
	"CP949" };

void text_prepare(void)
{
	/* Never closed: the loaded modules must stay. */
	for (size_t i = 0; i < countof(charsets); i++)
		(void)g_iconv_open("UTF-8", charsets[i]);
}

/* ---- charsets ------------------------------------------------------------------ */

static void add_character(uint32_t c, struct buf *out)
{
	char bytes[6];

	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	buf_add(out, bytes, (size_t)g_unichar_to_utf8(c, bytes));
}

/* 0x80..0x9f of windows-1252; 0: not used there. */
static const uint16_t upper_1252[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e,
	0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
	0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

static void from_1252(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		if (c >= 0x80 && c < 0xa0)
			add_character(upper_1252[c - 0x80], out);
		else
			add_character(c, out);
	}
}

/* Converts what can be; each byte that cannot becomes U+FFFD. */
static void convert(GIConv cd, struct str bytes, struct buf *out)
{
	gchar *in = (gchar *)bytes.p;
	gsize left = bytes.n;
	char space[4096];

	while (left > 0 && !out->failed) {
		gchar *to = space;
		gsize room = sizeof(space);
		gsize before = left;
		gsize rc = g_iconv(cd, &in, &left, &to, &room);

		buf_add(out, space, (size_t)(to - space));
		if (rc != (gsize)-1 || left != before)
			continue;
		add_character(0xfffd, out);
		in++;
		left--;
	}
}

/* Labels under which mails in UTF-8 are often sent. */
static bool is_western(const char *charset)
{
	static const char *const names[] = { "us-ascii", "ascii", "utf-8",
		"utf8", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1",
		"unknown-8bit", "default" };

	for (size_t i = 0; i < countof(names); i++)
		if (str_is_nocase(str_of(charset), names[i]))
			return true;
	return false;
}

void text_to_utf8(struct str bytes, const char *charset, struct buf *out)
{
	struct buf converted = { 0 };
	GIConv cd;

	if ((charset == NULL || is_western(charset)) && utf8_valid(bytes)) {
		utf8_repair(bytes, out);
		return;
	}
	buf_init(&converted, CONVERTED_MAX);
	cd = charset == NULL || is_western(charset)
	         ? (GIConv)-1
	         : g_iconv_open("UTF-8", charset);
	if (cd == (GIConv)-1)
		from_1252(bytes, &converted);
	else
		convert(cd, bytes, &converted);
	if (cd != (GIConv)-1)
		(void)g_iconv_close(cd);
	utf8_repair(buf_str(&converted), out);
	buf_done(&converted);
}

/* ---- HTML ---------------------------------------------------------------------- */

struct strip {
	struct buf *out;
	unsigned newlines; /* at the end of what was written */
	bool blank;        /* one is owed before the next word */
};

static void put_break(struct strip *s, unsigned lines)
{
	s->blank = false;
	if (s->out->len == 0)
		return;
	while (s->newlines < lines) {
		buf_add_char(s->out, '\n');
		s->newlines++;
	}
}

static void put_bytes(struct strip *s, struct str bytes)
{
	if (s->blank && s->newlines == 0 && s->out->len > 0)
		buf_add_char(s->out, ' ');
	s->blank = false;
	s->newlines = 0;
	buf_add_str(s->out, bytes);
}

static const struct {
	const char *name;
	uint32_t c;
} entities[] = {
	{ "amp", '&' },
	{ "lt", '<' },
	{ "gt", '>' },
	{ "quot", '"' },
	{ "apos", '\'' },
	{ "nbsp", ' ' },
	{ "iexcl", 0xa1 },
	{ "cent", 0xa2 },
	{ "pound", 0xa3 },
	{ "yen", 0xa5 },
	{ "sect", 0xa7 },
	{ "copy", 0xa9 },
	{ "laquo", 0xab },
	{ "reg", 0xae },
	{ "deg", 0xb0 },
	{ "plusmn", 0xb1 },
	{ "middot", 0xb7 },
	{ "raquo", 0xbb },
	{ "frac12", 0xbd },
	{ "iquest", 0xbf },
	{ "Agrave", 0xc0 },
	{ "Aacute", 0xc1 },
	{ "Auml", 0xc4 },
	{ "Ccedil", 0xc7 },
	{ "Eacute", 0xc9 },
	{ "Ouml", 0xd6 },
	{ "Uuml", 0xdc },
	{ "szlig", 0xdf },
	{ "agrave", 0xe0 },
	{ "aacute", 0xe1 },
	{ "acirc", 0xe2 },
	{ "atilde", 0xe3 },
	{ "auml", 0xe4 },
	{ "aring", 0xe5 },
	{ "aelig", 0xe6 },
	{ "ccedil", 0xe7 },
	{ "egrave", 0xe8 },
	{ "eacute", 0xe9 },
	{ "ecirc", 0xea },
	{ "euml", 0xeb },
	{ "iacute", 0xed },
	{ "icirc", 0xee },
	{ "iuml", 0xef },
	{ "ntilde", 0xf1 },
	{ "oacute", 0xf3 },
	{ "ocirc", 0xf4 },
	{ "otilde", 0xf5 },
	{ "ouml", 0xf6 },
	{ "oslash", 0xf8 },
	{ "ugrave", 0xf9 },
	{ "uacute", 0xfa },
	{ "ucirc", 0xfb },
	{ "uuml", 0xfc },
	{ "euro", 0x20ac },
	{ "hellip", 0x2026 },
	{ "ndash", 0x2013 },
	{ "mdash", 0x2014 },
	{ "lsquo", 0x2018 },
	{ "rsquo", 0x2019 },
	{ "ldquo", 0x201c },
	{ "rdquo", 0x201d },
	{ "bull", 0x2022 },
	{ "trade", 0x2122 },
};

static uint32_t number_of(struct str s)
{
	uint32_t base = 10;
	uint32_t c = 0;

	if (s.n > 0 && (s.p[0] == 'x' || s.p[0] == 'X')) {
		base = 16;
		s = str_from(s, 1);
	}
	for (size_t i = 0; i < s.n; i++) {
		int digit = g_ascii_xdigit_value(s.p[i]);

		if (digit < 0 || (uint32_t)digit >= base || c > 0x10ffff)
			return 0;
		c = c * base + (uint32_t)digit;
	}
	return c;
}

static uint32_t entity_of(struct str name)
{
	if (name.n > 1 && name.p[0] == '#')
		return number_of(str_from(name, 1));
	for (size_t i = 0; i < countof(entities); i++)
		if (str_is(name, entities[i].name))
			return entities[i].c;
	return 0;
}

/* Takes "&name;" off the front; what is no entity stands for itself. */
static struct str take_entity(struct strip *s, struct str rest)
{
	struct str window = str_sub(rest, 1, 16);
	size_t end = str_find(window, ';');
	struct buf bytes = { 0 };
	uint32_t c = 0;

	if (end < window.n)
		c = entity_of(str_sub(window, 0, end));
	if (c == 0) {
		put_bytes(s, STR("&"));
		return str_from(rest, 1);
	}
	if (c == ' ' || c == 0xa0) {
		s->blank = true;
	} else if (c >= ' ' || c == '\n') {
		add_character(c, &bytes);
		put_bytes(s, buf_str(&bytes));
	}
	buf_done(&bytes);
	return str_from(rest, end + 2);
}

static bool is_one_of(struct str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is_nocase(name, names[i]))
			return true;
	return false;
}

static struct str tag_name(struct str tag)
{
	size_t n = 0;

	if (tag.n > 0 && tag.p[0] == '/')
		tag = str_from(tag, 1);
	while (n < tag.n && g_ascii_isalnum(tag.p[n]))
		n++;
	return str_sub(tag, 0, n);
}

static void put_tag(struct strip *s, struct str tag)
{
	static const char *const blocks[] = { "p", "table", "ul", "ol",
		"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr" };
	static const char *const lines[] = { "div", "tr", "dt", "dd", "section",
		"article", "header", "footer", "title" };
	struct str name = tag_name(tag);

	if (is_one_of(name, blocks, countof(blocks))) {
		put_break(s, 2);
	} else if (is_one_of(name, lines, countof(lines))) {
		put_break(s, 1);
	} else if (str_is_nocase(name, "br")) {
		put_break(s, s->newlines == 0 ? 1 : 2);
	} else if (str_is_nocase(name, "li") && tag.p[0] != '/') {
		put_break(s, 1);
		put_bytes(s, STR("- "));
	} else if (str_is_nocase(name, "td") || str_is_nocase(name, "th")) {
		s->blank = true;
	}
}

/* Behind the closing tag of what nobody reads. */
static struct str skip_element(struct str rest, struct str name)
{
	while (rest.n > 0) {
		rest = str_from(rest, str_find(rest, '<'));
		if (rest.n >= name.n + 2 && rest.p[1] == '/' &&
		    g_ascii_strncasecmp(rest.p + 2, name.p, name.n) == 0)
			return str_from(rest, str_find(rest, '>') + 1);
		rest = str_from(rest, 1);
	}
	return rest;
}

/* The end of a tag, past quoted attributes. */
static size_t tag_end(struct str rest)
{
	char quote = '\0';
	size_t i;

	for (i = 1; i < rest.n && i < TAG_MAX; i++) {
		char c = rest.p[i];

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return i;
	}
	return str_find(rest, '>'); /* a quote that never ends is no quote */
}

static struct str take_tag(struct strip *s, struct str rest)
{
	static const char *const unread[] = { "script", "style", "head",
		"template", "noscript", "svg", "object" };
	struct str tag;
	size_t end;

	if (str_starts(rest, "<!--")) {
		end = str_find_str(rest, STR("-->"));
		return str_from(rest, end < rest.n ? end + 3 : rest.n);
	}
	if (rest.n < 2 || !(g_ascii_isalpha(rest.p[1]) || rest.p[1] == '/' ||
	                      rest.p[1] == '!' || rest.p[1] == '?')) {
		put_bytes(s, STR("<"));
		return str_from(rest, 1);
	}
	end = tag_end(rest);
	tag = str_sub(rest, 1, end > 0 ? end - 1 : 0);
	rest = str_from(rest, end + 1);
	if (is_one_of(tag_name(tag), unread, countof(unread)) &&
	    tag.p[0] != '/')
		return skip_element(rest, tag_name(tag));
	put_tag(s, tag);
	return rest;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

void text_of_html(struct str html, struct buf *out)
{
	struct strip s = { .out = out };

	while (html.n > 0 && !out->failed) {
		size_t n = 0;

		if (html.p[0] == '<') {
			html = take_tag(&s, html);
			continue;
		}
		if (html.p[0] == '&') {
			html = take_entity(&s, html);
			continue;
		}
		if (is_space(html.p[0])) {
			s.blank = true;
			html = str_from(html, 1);
			continue;
		}
		while (n < html.n && html.p[n] != '<' && html.p[n] != '&' &&
		       !is_space(html.p[n]))
			n++;
		put_bytes(&s, str_sub(html, 0, n));
		html = str_from(html, n);
	}
}
