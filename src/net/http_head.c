/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_head.c - request line, fields, and what they say about framing.
 *
 * Entered by http_parse.c with one whole head whose size was checked. Every
 * rule that request smuggling lives on stands here; each refusal is cheaper
 * than being the second reader of an ambiguous message. Pure.
 */
#include "net/http_head.h"

#include "base/check.h"

enum { BAD = 400, EXPECTATION = 417, NOT_IMPLEMENTED = 501 };

/* What was seen so far of the fields that may come once. */
struct seen {
	bool host;
	bool length;
	bool coding;
	bool close;
	bool keep;
};

/* One bit per ASCII character, RFC 9110 5.6.2. */
static const uint32_t token_bits[4] = { 0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff };

static bool is_token_char(unsigned char c)
{
	return c < 128 && (token_bits[c >> 5] >> (c & 31) & 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

bool http_is_token(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (!is_token_char((unsigned char)s.p[i]))
			return false;
	}
	return s.n > 0;
}

/* Empty members are allowed by the RFC and mean nothing. */
bool http_list_has(struct str list, const char *token)
{
	while (list.n > 0) {
		if (str_is_nocase(str_trim(str_next(&list, ',')), token))
			return true;
	}
	return false;
}

/* ---- the request line ---------------------------------------------------- */

/* RFC 3986 pchar and "/", without the escapes. */
static bool is_path_char(char c)
{
	return is_alnum(c) || is_one_of(c, "/-._~!$&'()*+,;=:@");
}

/* Decodes once: what is still escaped after that is the text itself. */
static bool decode_path(struct str raw, struct buf *out)
{
	size_t i;
	int high, low;

	buf_clear(out);
	for (i = 0; i < raw.n; i++) {
		if (raw.p[i] != '%') {
			if (!is_path_char(raw.p[i]))
				return false;
			buf_add_char(out, raw.p[i]);
			continue;
		}
		if (raw.n - i < 3)
			return false;
		high = hex_value(raw.p[i + 1]);
		low = hex_value(raw.p[i + 2]);
		if (high < 0 || low < 0 || (high | low) == 0)
			return false;
		buf_add_char(out, (char)(high << 4 | low));
		i += 2;
	}
	return !out->failed;
}

/* Both slashes part segments: some file systems and proxies think so. */
static bool climbs(struct str path)
{
	size_t i, start = 0;

	for (i = 0; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/' && path.p[i] != '\\')
			continue;
		if (str_is(str_sub(path, start, i - start), ".."))
			return true;
		start = i + 1;
	}
	return false;
}

/* Looser than RFC 3986: browsers leave "|" and "%" as they are, and nothing
 * here is decided by a query before it was decoded. */
static bool is_query(struct str query)
{
	size_t i;

	for (i = 0; i < query.n; i++) {
		if (query.p[i] <= ' ' || query.p[i] > '~' || query.p[i] == '#')
			return false;
	}
	return true;
}

/* Only "/path?query". A proxy's absolute form and "*" have no use here, and
 * each further form is one more that two readers may read differently. */
static bool read_target(struct http_parser *p, struct str target)
{
	struct str query = target;
	struct str path = str_next(&query, '?');

	if (!str_starts(path, "/") || !is_query(query))
		return false;
	if (!decode_path(path, &p->path) || climbs(buf_str(&p->path)))
		return false;
	p->rq.target = target;
	p->rq.path = buf_str(&p->path);
	p->rq.query = query;
	return true;
}

static bool read_version(struct http_parser *p, struct str version)
{
	if (str_is(version, "HTTP/1.1"))
		p->minor = 1;
	else if (str_is(version, "HTTP/1.0"))
		p->minor = 0;
	else
		return false;
	return true;
}

static bool read_request_line(struct http_parser *p, struct str line)
{
	struct str rest = line;

	p->rq.method = str_next(&rest, ' ');
	if (!http_is_token(p->rq.method))
		return false;
	return read_target(p, str_next(&rest, ' ')) && read_version(p, rest);
}

/* CONNECT and TRACE are known and refused like the unknown ones: nothing here
 * could serve them. */
static bool is_method_known(struct str method)
{
	static const char *const known[] = { "GET", "POST", "HEAD", "PUT",
		"DELETE", "PATCH", "OPTIONS" };
	size_t i;

	for (i = 0; i < countof(known); i++) {
		if (str_is(method, known[i]))
			return true;
	}
	return false;
}

/* ---- fields -------------------------------------------------------------- */

bool http_is_text(struct str value)
{
	size_t i;
	unsigned char c;

	for (i = 0; i < value.n; i++) {
		c = (unsigned char)value.p[i];
		if ((c < ' ' && c != '\t') || c == 127)
			return false;
	}
	return true;
}

static bool read_field(struct str line, struct http_field *out)
{
	size_t colon = str_find(line, ':');

	if (colon == line.n)
		return false;
	out->name = str_sub(line, 0, colon);
	out->value = str_trim(str_from(line, colon + 1));
	return http_is_token(out->name) && http_is_text(out->value);
}

static bool is_port(struct str port)
{
	uint64_t n;

	return port.n <= 5 && str_to_u64(port, &n) == 0 && n <= 65535;
}

/* "[::1]" by its alphabet: nobody connects to it, it is only compared. */
static bool is_host_name(struct str name)
{
	size_t i;
	bool bracketed = name.n > 2 && name.p[0] == '[';

	if (bracketed) {
		if (name.p[name.n - 1] != ']')
			return false;
		name = str_sub(name, 1, name.n - 2);
	}
	for (i = 0; i < name.n; i++) {
		if (bracketed
		        ? hex_value(name.p[i]) < 0 &&
		              !is_one_of(name.p[i], ":.")
		        : !is_alnum(name.p[i]) && !is_one_of(name.p[i], "-._~"))
			return false;
	}
	return name.n > 0;
}

static bool is_host(struct str host)
{
	size_t end = str_starts(host, "[") ? str_find(host, ']') : 0;
	size_t colon = end + str_find(str_from(host, end), ':');

	if (colon < host.n && !is_port(str_from(host, colon + 1)))
		return false;
	return is_host_name(str_sub(host, 0, colon));
}

static int read_host(struct http_parser *p, struct seen *seen, struct str value)
{
	(void)p;
	if (seen->host || !is_host(value))
		return BAD;
	seen->host = true;
	return 0;
}

/* 18 digits: no overflow to think about. Two fields are refused even when they
 * agree: the next reader may take the other one. */
static int read_length(
    struct http_parser *p, struct seen *seen, struct str value)
{
	size_t i;

	for (i = 0; i < value.n; i++) {
		if (!is_digit(value.p[i]))
			return BAD;
	}
	if (seen->length || value.n > 18)
		return BAD;
	if (str_to_u64(value, &p->body_left) != 0)
		return BAD;
	seen->length = true;
	return 0;
}

/* Any other coding, or a list of them, would need a reader that is not here;
 * taking part of it and guessing the length is how requests are smuggled. */
static int read_coding(
    struct http_parser *p, struct seen *seen, struct str value)
{
	if (seen->coding || !str_is_nocase(value, "chunked"))
		return BAD;
	seen->coding = true;
	p->chunked = true;
	return 0;
}

static int read_connection(
    struct http_parser *p, struct seen *seen, struct str value)
{
	(void)p;
	if (http_list_has(value, "close"))
		seen->close = true;
	if (http_list_has(value, "keep-alive"))
		seen->keep = true;
	return 0;
}

/* HTTP/1.0 knows no expectations: RFC 9110 10.1.1 has them ignored. */
static int read_expect(
    struct http_parser *p, struct seen *seen, struct str value)
{
	(void)seen;
	if (p->minor == 0)
		return 0;
	if (!str_is_nocase(value, "100-continue"))
		return EXPECTATION;
	p->expects = true;
	return 0;
}

static const struct {
	struct str name;
	int (*read)(struct http_parser *, struct seen *, struct str value);
} readers[] = {
	{ { "host", 4 }, read_host },
	{ { "expect", 6 }, read_expect },
	{ { "connection", 10 }, read_connection },
	{ { "content-length", 14 }, read_length },
	{ { "transfer-encoding", 17 }, read_coding },
};

/* By length first: most fields of a request are none of these. */
static int heed_field(
    struct http_parser *p, struct seen *seen, const struct http_field *f)
{
	size_t i;

	for (i = 0; i < countof(readers); i++) {
		if (f->name.n == readers[i].name.n &&
		    str_is_nocase(f->name, readers[i].name.p))
			return readers[i].read(p, seen, f->value);
	}
	return 0;
}

static int read_fields(
    struct http_parser *p, struct seen *seen, struct str lines)
{
	struct http_field *f;
	struct str line;
	int status = 0;

	while (lines.n > 2 && status == 0) { /* CRLF: the empty line */
		line = str_next(&lines, '\n');
		check(p->rq.field_count < HTTP_FIELDS_MAX);
		f = &p->rq.fields[p->rq.field_count++];
		if (!read_field(str_sub(line, 0, line.n - 1), f))
			return BAD;
		status = heed_field(p, seen, f);
	}
	return status;
}

/* What only the whole head can say. */
static int judge(struct http_parser *p, const struct seen *seen)
{
	if (p->minor == 1 && !seen->host)
		return BAD;
	if (seen->coding && (seen->length || p->minor == 0))
		return BAD;
	if (!is_method_known(p->rq.method))
		return NOT_IMPLEMENTED;
	p->rq.keep_alive = !seen->close && (p->minor == 1 || seen->keep);
	return 0;
}

int http_head_read(struct http_parser *p)
{
	struct str head = buf_str(&p->head);
	struct seen seen = { 0 };
	int status;

	p->rq.field_count = 0;
	if (!read_request_line(p, str_sub(head, 0, p->head_line - 2)))
		return BAD;
	status = read_fields(p, &seen, str_from(head, p->head_line));
	return status != 0 ? status : judge(p, &seen);
}
