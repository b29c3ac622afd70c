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
	unsigned outer; /* levels around the part under way */
	size_t header_bytes;
	unsigned fields;
	bool in_type;    /* the field under way is a Content-Type */
	unsigned types;  /* how many this part said */
	struct str type; /* its value, as it stands, folds included */
	bool message;    /* the part is a message */
	bool multipart;  /* it says so */
	struct scan_verdict verdict;
};

static void refuse(struct scan *s, const char *error, const char *text)
{
	if (s->verdict.error != NULL)
		return;
	s->verdict.error = error;
	s->verdict.text = text;
}

static void begin_part(struct scan *s)
{
	if (++s->parts > SCAN_PARTS_MAX)
		refuse(s, "too-many-parts", "more than 500 parts");
	s->in_header = true;
	s->outer = s->depth;
	s->header_bytes = 0;
	s->fields = 0;
	s->in_type = false;
	s->types = 0;
	s->message = false;
	s->multipart = false;
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

/* Readers differ on these; a mail with one is refused, not guessed at. */
static void refuse_odd(struct scan *s)
{
	refuse(s, "odd-boundary", "a type that can be read in two ways");
}

static bool starts_nocase(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && str_is_nocase(str_sub(s, 0, n), word);
}

static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;\\\"", c) == NULL;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-_.+*", c) != NULL);
}

/* Cuts a value off the front into dst, without quotes and escapes; false when
 * it is not clear where it ends. One that is too long has the length
 * SCAN_BOUNDARY_MAX + 1. */
static bool take_value(
    struct str *rest, char dst[SCAN_BOUNDARY_MAX], size_t *out_n)
{
	bool quoted = rest->n > 0 && rest->p[0] == '"';
	size_t i = quoted ? 1 : 0;
	size_t n = 0;

	for (;
	     i < rest->n && (quoted ? rest->p[i] != '"' : is_plain(rest->p[i]));
	     i++) {
		if (quoted && rest->p[i] == '\\' && i + 1 < rest->n)
			i++;
		if (n < SCAN_BOUNDARY_MAX)
			dst[n] = rest->p[i];
		n += n <= SCAN_BOUNDARY_MAX ? 1 : 0;
	}
	if (quoted && i++ >= rest->n)
		return false;
	*rest = skip_blanks(str_from(*rest, i));
	*out_n = n;
	return rest->n == 0 || rest->p[0] == ';';
}

static bool is_clear(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' ||
		    (unsigned char)s.p[i] >= 0x7f)
			return false;
	return str_find_str(s, STR("=?")) == s.n; /* an encoded word */
}

static void open_multipart(struct scan *s, struct str boundary, bool digest)
{
	struct level *l = push(s);

	if (boundary.n > SCAN_BOUNDARY_MAX) {
		refuse(s, "boundary-too-long",
		    "a boundary of more than 70 characters");
		return;
	}
	if (!is_clear(boundary) || boundary.n == 0 ||
	    is_blank(boundary.p[boundary.n - 1])) {
		refuse_odd(s);
		return;
	}
	memcpy(l->space, boundary.p, boundary.n);
	l->boundary = (struct str){ l->space, boundary.n };
	l->has_boundary = true;
	l->digest = digest;
}

/* One parameter behind its semicolon; false: not clear. */
static bool take_parameter(
    struct scan *s, struct str *rest, bool digest, bool *has_boundary)
{
	char value[SCAN_BOUNDARY_MAX];
	struct str name;
	size_t n = 0;

	*rest = skip_blanks(str_from(*rest, 1));
	if (rest->n == 0 || rest->p[0] == ';')
		return true;
	for (name = *rest;
	     n < name.n && is_plain(name.p[n]) && name.p[n] != '=';)
		n++;
	name.n = n;
	*rest = skip_blanks(str_from(*rest, n));
	if (n == 0 || rest->n == 0 || rest->p[0] != '=')
		return false;
	*rest = skip_blanks(str_from(*rest, 1));
	if (!take_value(rest, value, &n))
		return false;
	if (!starts_nocase(name, "boundary"))
		return true;
	if (name.n > strlen("boundary") || *has_boundary)
		return false; /* in pieces (RFC 2231), or twice */
	*has_boundary = true;
	open_multipart(s, (struct str){ value, n }, digest);
	return true;
}

static bool names_digest(struct str subtype)
{
	for (; subtype.n > 0; subtype = str_from(subtype, 1))
		if (starts_nocase(subtype, "digest"))
			return true;
	return false;
}

/* "multipart" stands behind us. */
static void take_multipart(struct scan *s, struct str rest)
{
	bool has_boundary = false;
	struct str subtype;
	size_t n = 0;

	rest = skip_blanks(rest);
	if (rest.n == 0 || rest.p[0] != '/') {
		refuse_odd(s);
		return;
	}
	rest = skip_blanks(str_from(rest, 1));
	while (n < rest.n && is_word(rest.p[n]))
		n++;
	if (n == 0)
		refuse_odd(s);
	subtype = str_sub(rest, 0, n);
	s->multipart = true;
	rest = skip_blanks(str_from(rest, n));
	while (rest.n > 0) {
		if (rest.p[0] == ';' &&
		    take_parameter(
		        s, &rest, names_digest(subtype), &has_boundary))
			continue;
		refuse_odd(s);
		return;
	}
}

static void end_type(struct scan *s)
{
	struct str type = skip_blanks(s->type);

	if (!s->in_type)
		return;
	s->in_type = false;
	if (s->types++ > 0 || str_starts(type, "("))
		refuse_odd(s);
	if (starts_nocase(type, "message"))
		s->message = true;
	if (starts_nocase(type, "multipart"))
		take_multipart(s, str_from(type, strlen("multipart")));
}

/* ---- lines ------------------------------------------------------------------------ */

static void end_header(struct scan *s)
{
	bool in_digest = s->depth > 0 && s->levels[s->depth - 1].digest;
	bool message;

	end_type(s);
	/* What is no valid type is a message there too, so all but one is. */
	message = s->message || (in_digest && !s->multipart);
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
		refuse(
		    s, "too-many-fields", "more than 200 fields in one header");
	if (colon == line.n || !str_is_nocase(name, "content-type"))
		return;
	s->in_type = true;
	s->type = str_from(line, colon + 1);
}

static void header_line(struct scan *s, struct str line, struct str whole)
{
	s->header_bytes += whole.n;
	if (s->header_bytes > SCAN_HEADER_MAX)
		refuse(s, "header-too-large", "a header of more than 64 KiB");
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

static bool boundary_line(struct scan *s, struct str line)
{
	bool end = false;
	int i;

	if (!str_starts(line, "--"))
		return false;
	end_type(s); /* it may be the boundary that was just named */
	i = boundary_of(s, line, &end);
	if (i < 0)
		return false;
	/* A part may end in its header (a bounce with headers only). But where
	 * this very header names the boundary, readers differ on what follows. */
	if (s->in_header && (unsigned)i >= s->outer)
		refuse(s, "odd-boundary", "a header without an end");
	s->depth = (unsigned)i + (end ? 0 : 1);
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
		struct str whole =
		    str_sub(raw, 0, end < raw.n ? end + 1 : raw.n);

		raw = str_from(raw, whole.n);
		take_line(&s, whole);
	}
	s.verdict.parts = s.parts;
	return s.verdict;
}
