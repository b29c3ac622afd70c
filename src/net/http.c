/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.c - looking into requests, writing answers; no sockets.
 *
 * Entered by the floors above with a request they were lent, and by
 * http_link.c. Field values reach the wire only from our own code: nothing a
 * peer said is ever copied into a head.
 */
#include "net/http.h"

#include "base/check.h"
#include "base/err.h"
#include "base/json.h"
#include "net/http_write.h"

static const struct {
	int status;
	const char *text;
} texts[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 507, "Insufficient Storage" },
};

const char *http_status_text(int status)
{
	size_t i;

	for (i = 0; i < countof(texts); i++) {
		if (texts[i].status == status)
			return texts[i].text;
	}
	return "Unknown";
}

/* ---- requests ------------------------------------------------------------ */

/* The first one counts; those that may come once only were checked when the
 * head was read. */
struct str http_field(const struct http_request *rq, const char *name)
{
	size_t i;

	for (i = 0; i < rq->field_count; i++) {
		if (str_is_nocase(rq->fields[i].name, name))
			return rq->fields[i].value;
	}
	return STR_NONE;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The next character of form-encoded text. A '%' that begins no escape stands
 * for itself, as browsers have it. */
static char next_char(struct str *s)
{
	char c = s->p[0];
	int high = -1, low = -1;

	if (c == '%' && s->n >= 3) {
		high = hex_value(s->p[1]);
		low = hex_value(s->p[2]);
	}
	if (high >= 0 && low >= 0) {
		*s = str_from(*s, 3);
		return (char)(high << 4 | low);
	}
	*s = str_from(*s, 1);
	return c == '+' ? ' ' : c;
}

static bool decodes_to(struct str s, const char *text)
{
	while (s.n > 0 && *text != '\0') {
		if (next_char(&s) != *text++)
			return false;
	}
	return s.n == 0 && *text == '\0';
}

/* Names are decoded too: "%61=1" is a parameter called "a". */
bool http_query(
    const struct http_request *rq, const char *name, struct buf *out)
{
	struct str rest = rq->query;
	struct str value;

	while (rest.n > 0) {
		value = str_next(&rest, '&');
		if (!decodes_to(str_next(&value, '='), name))
			continue;
		while (value.n > 0)
			buf_add_char(out, next_char(&value));
		return true;
	}
	return false;
}

struct str http_bearer(const struct http_request *rq)
{
	struct str rest = http_field(rq, "Authorization");
	struct str scheme = str_next(&rest, ' ');

	if (!str_is_nocase(scheme, "Bearer"))
		return STR_NONE;
	rest = str_trim(rest);
	return rest.n > 0 ? rest : STR_NONE;
}

/* ---- answers ------------------------------------------------------------- */

struct http_answer http_problem(int err, const char *detail, struct buf *space)
{
	struct http_answer answer = {
		.status = err_http(err),
		.type = "application/problem+json",
	};
	struct json_writer w;

	buf_clear(space);
	jw_init(&w, space);
	jw_object(&w);
	jw_ktext(&w, "type", "about:blank");
	jw_ktext(&w, "title", err_text(err));
	jw_kint(&w, "status", answer.status);
	jw_ktext(&w, "error", err_name(err));
	if (detail != NULL)
		jw_ktext(&w, "detail", detail);
	jw_kbool(&w, "retry", err_retryable(err));
	jw_end(&w);
	answer.body = buf_str(space);
	return answer;
}

void http_date(msec_t wall, char dst[32])
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began so */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[CLOCK_TEXT]; /* 2026-11-22T02:44:31.123Z */
	uint64_t month = 1;

	clock_format(wall, iso);
	if (str_to_u64(str_sub(str_of(iso), 5, 2), &month) != 0 || month < 1 ||
	    month > 12)
		die("a date without a month: %s", iso);
	snprintf(dst, 32, "%.3s, %.2s %.3s %.4s %.8s GMT",
	    days + wall / 86400000 % 7 * 3, iso + 8, months + (month - 1) * 3,
	    iso, iso + 11);
}

/* RFC 9110 6.4.1: these have no body, and so no length. */
static bool has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

static bool sets_cache(const char *extra)
{
	static const char name[] = "Cache-Control:";
	struct str rest = str_of(extra);

	while (rest.n > 0) {
		if (str_is_nocase(
		        str_sub(str_next(&rest, '\n'), 0, sizeof(name) - 1),
		        name))
			return true;
	}
	return false;
}

static void write_length(struct buf *out, size_t length)
{
	char digits[STR_U64];

	buf_add_text(out, "Content-Length: ");
	buf_add(out, digits, str_put_u64(digits, length));
	buf_add_text(out, "\r\n");
}

static void write_type(struct buf *out, const char *type)
{
	buf_add_text(out, "Content-Type: ");
	buf_add_text(out, type);
	buf_add_text(out, "\r\n");
}

/* HTTP/1.1 goes on by default and 1.0 does not: say what differs. */
static void write_connection(struct buf *out, const struct http_manner *m)
{
	if (!m->keep_alive)
		buf_add_text(out, "Connection: close\r\n");
	else if (!m->minor)
		buf_add_text(out, "Connection: keep-alive\r\n");
}

static void write_status(struct buf *out, int status)
{
	char digits[STR_U64];

	buf_add_text(out, "HTTP/1.1 ");
	buf_add(out, digits, str_put_u64(digits, (uint64_t)status));
	buf_add_char(out, ' ');
	buf_add_text(out, http_status_text(status));
	buf_add_text(out, "\r\nDate: ");
}

/* Room for all of it at once: one allocation per answer, not five. */
void http_write(struct buf *out, const struct http_answer *answer,
    const struct http_manner *manner)
{
	buf_reserve(out, 320 + answer->body.n);
	write_status(out, answer->status);
	buf_add_text(out, manner->date);
	buf_add_text(out, "\r\nX-Content-Type-Options: nosniff\r\n");
	if (answer->extra == NULL || !sets_cache(answer->extra))
		buf_add_text(out, "Cache-Control: no-store\r\n");
	if (answer->type != NULL)
		write_type(out, answer->type);
	if (has_body(answer->status))
		write_length(out, answer->body.n);
	write_connection(out, manner);
	if (answer->extra != NULL)
		buf_add_text(out, answer->extra);
	buf_add_text(out, "\r\n");
	if (has_body(answer->status) && !manner->head_only)
		buf_add_str(out, answer->body);
}
