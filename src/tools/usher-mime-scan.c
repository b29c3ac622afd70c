/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime-scan.c - is this mail small enough to be read at all?
 *
 * Entered by usher-mime and a fuzzer. Walks the lines once and keeps a stack
 * of the boundaries that are open. It must never see fewer parts than the
 * parser behind it; that it may see more in a broken mail does no harm below
 * the limits.
 */
#include "tools/usher-mime-scan.h"

#include <string.h>

#define TYPE_MAX SCAN_HEADER_MAX

/* A multipart (its boundary), or a message inside a message (none). */
struct level {
	struct str boundary; /* without the dashes; borrowed or in `space` */
	bool has_boundary;
	bool digest; /* parts without a type are messages */
	char space[SCAN_BOUNDARY_MAX];
};

struct scan {
	struct level levels[SCAN_DEPTH_MAX];
	unsigned depth;
	unsigned parts;
	bool in_header;
	size_t header_bytes;
	unsigned fields;
	bool in_type;   /* the field under way is a Content-Type */
	bool has_type;  /* this part said one */
	struct str type; /* its value, as it stands, folds included */
	bool message;   /* the part is a message */
	struct scan_verdict verdict;
};

static void refuse(struct scan *s, const char *error, const char *text)
{
	if (s->verdict.error == NULL)
		s->verdict = (struct scan_verdict){ error, text };
}

static void begin_part(struct scan *s)
{
	if (++s->parts > SCAN_PARTS_MAX)
		refuse(s, "too-many-parts", "more than 500 parts");
	s->in_header = true;
	s->header_bytes = 0;
	s->fields = 0;
	s->in_type = false;
	s->has_type = false;
	s->message = false;
}

static struct level *push(struct scan *s)
{
	static struct level nowhere; /* the verdict stands: nobody looks */

	if (s->depth == SCAN_DEPTH_MAX) {
		refuse(s, "nested-too-deeply", "nested more than 20 deep");
		return &nowhere;
	}
	memset(&s->levels[s->depth], 0, sizeof(s->levels[0]));
	return &s->levels[s->depth++];
}

/* ---- Content-Type -------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct str skip_blanks(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_from(s, 1);
	return s;
}

/* Copies the value of a parameter, quoted or not, without its escapes. Returns
 * its length; one that does not fit is SCAN_BOUNDARY_MAX + 1. */
static size_t take_value(struct str s, char dst[SCAN_BOUNDARY_MAX])
{
	bool quoted = s.n > 0 && s.p[0] == '"';
	size_t n = 0;
	size_t i;

	for (i = quoted ? 1 : 0; i < s.n; i++) {
		char c = s.p[i];

		if (quoted ? c == '"' : c == ';' || is_blank(c))
			break;
		if (quoted && c == '\\' && i + 1 < s.n)
			c = s.p[++i];
		if (c == '\r' || c == '\n')
			continue; /* a fold */
		if (n == SCAN_BOUNDARY_MAX)
			return SCAN_BOUNDARY_MAX + 1;
		dst[n++] = c;
	}
	while (n > 0 && is_blank(dst[n - 1]))
		n--;
	return n;
}

static void open_multipart(struct scan *s, struct str value, bool digest)
{
	struct level *l = push(s);
	size_t n = take_value(value, l->space);

	if (n > SCAN_BOUNDARY_MAX) {
		refuse(s, "boundary-too-long",
		    "a boundary of more than 70 characters");
		return;
	}
	l->boundary = (struct str){ l->space, n };
	l->has_boundary = true;
	l->digest = digest;
	/* Some readers decode this, others do not. */
	if (str_find_str(l->boundary, STR("=?")) < n)
		refuse(s, "odd-boundary", "a boundary that can be read twice");
}

static bool starts_nocase(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && str_is_nocase(str_sub(s, 0, n), word);
}

/* Whatever looks like the parameter counts, wherever it stands. */
static void find_boundaries(struct scan *s, struct str type, bool digest)
{
	while (type.n > 0) {
		struct str rest;

		if (!starts_nocase(type, "boundary")) {
			type = str_from(type, 1);
			continue;
		}
		type = str_from(type, strlen("boundary"));
		rest = skip_blanks(type);
		if (rest.n > 0 && rest.p[0] == '*')
			refuse(s, "odd-boundary",
			    "a boundary that can be read twice");
		if (rest.n > 0 && rest.p[0] == '=')
			open_multipart(
			    s, skip_blanks(str_from(rest, 1)), digest);
	}
}

static void end_type(struct scan *s)
{
	struct str type = skip_blanks(s->type);

	if (!s->in_type)
		return;
	s->in_type = false;
	s->has_type = str_find(type, '/') < type.n;
	if (starts_nocase(type, "message"))
		s->message = true;
	find_boundaries(s, type, starts_nocase(type, "multipart/digest"));
}

/* ---- lines ------------------------------------------------------------------------ */

static void end_header(struct scan *s)
{
	const struct level *in =
	    s->depth == 0 ? NULL : &s->levels[s->depth - 1];
	bool message;

	end_type(s);
	message = s->message || (!s->has_type && in != NULL && in->digest);
	s->in_header = false;
	if (message) {
		(void)push(s);
		begin_part(s);
	}
}

/* A field's value runs on while lines are folded: it is kept as the stretch of
 * the raw mail it is. */
static void begin_field(struct scan *s, struct str line)
{
	size_t colon = str_find(line, ':');
	struct str name = str_trim(str_sub(line, 0, colon));

	end_type(s);
	if (++s->fields > SCAN_FIELDS_MAX)
		refuse(s, "too-many-fields",
		    "more than 200 fields in one header");
	if (colon == line.n || !str_is_nocase(name, "content-type"))
		return;
	s->in_type = true;
	s->type = str_from(line, colon + 1);
}

static void header_line(struct scan *s, struct str line, struct str whole)
{
	s->header_bytes += whole.n;
	if (s->header_bytes > SCAN_HEADER_MAX)
		refuse(s, "header-too-large",
		    "a header of more than 64 KiB");
	if (line.n == 0)
		end_header(s);
	else if (line.p[0] != ' ' && line.p[0] != '\t')
		begin_field(s, line);
	else if (s->in_type)
		s->type.n = (size_t)(whole.p + whole.n - s->type.p);
}

static struct str without_trail(struct str s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The innermost open boundary this line is, or -1; `end`: its last one. */
static int boundary_of(const struct scan *s, struct str line, bool *end)
{
	struct str said = without_trail(str_from(line, 2));

	for (unsigned i = s->depth; i-- > 0;) {
		const struct level *l = &s->levels[i];

		if (!l->has_boundary)
			continue;
		*end = false;
		if (str_eq(said, l->boundary))
			return (int)i;
		*end = true;
		if (said.n == l->boundary.n + 2 &&
		    str_eq(str_sub(said, 0, l->boundary.n), l->boundary) &&
		    str_is(str_from(said, l->boundary.n), "--"))
			return (int)i;
	}
	return -1;
}

/* A boundary counts wherever it stands, in a header too. Behind the last one
 * of a multipart its boundary stays open: more of them still count. */
static bool boundary_line(struct scan *s, struct str line)
{
	bool end = false;
	int i;

	if (!str_starts(line, "--"))
		return false;
	i = boundary_of(s, line, &end);
	if (i < 0)
		return false;
	if (s->in_header)
		end_type(s);
	s->depth = (unsigned)i + 1;
	s->in_header = false;
	if (!end)
		begin_part(s);
	return true;
}

static void take_line(struct scan *s, struct str whole)
{
	struct str line = whole;

	while (line.n > 0 &&
	    (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	if (!boundary_line(s, line) && s->in_header)
		header_line(s, line, whole);
}

struct scan_verdict mime_scan(struct str raw)
{
	struct scan s = { 0 };

	if (raw.n == 0)
		refuse(&s, "empty", "an empty mail");
	if (raw.n > SCAN_RAW_MAX)
		refuse(&s, "too-large", "more than 50 MiB");
	begin_part(&s);
	while (raw.n > 0 && s.verdict.error == NULL) {
		size_t end = str_find(raw, '\n');
		struct str whole = str_sub(
		    raw, 0, end < raw.n ? end + 1 : raw.n);

		raw = str_from(raw, whole.n);
		take_line(&s, whole);
	}
	return s.verdict;
}
