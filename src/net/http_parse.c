/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_parse.c - cuts a stream of bytes into requests.
 *
 * Entered by http_link.c and by the fuzzer. Sizes are judged while the bytes
 * arrive, meaning (http_head.c) when a head is whole. Pure: no socket, clock
 * or log, so one call with all bytes and many with one each agree.
 */
#include "net/http_parse.h"

#include "base/check.h"
#include "net/http_head.h"

/* Memory a parser keeps between requests. */
#define KEEP_MAX 4096

enum {
	BAD = 400,
	BODY_TOO_LARGE = 413,
	TARGET_TOO_LONG = 414,
	FIELDS_TOO_LARGE = 431,
};

enum phase {
	IDLE,
	REQUEST_LINE,
	FIELDS,
	BODY,
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_CR,
	CHUNK_LF,
	TRAILER_START,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF,
	DONE,
	DEAD,
};

void http_parser_init(struct http_parser *p)
{
	*p = (struct http_parser){ .phase = IDLE };
}

void http_parser_done(struct http_parser *p)
{
	buf_done(&p->head);
	buf_done(&p->path);
	buf_done(&p->body);
}

static void forget(struct buf *b)
{
	b->limit = 0;
	if (b->cap > KEEP_MAX)
		buf_done(b);
	else
		buf_clear(b);
}

/* The field array is not wiped: its count says what of it is valid. */
void http_parser_reset(struct http_parser *p)
{
	forget(&p->head);
	forget(&p->path);
	forget(&p->body);
	p->rq.field_count = 0;
	p->rq.body = STR_NONE;
	p->body_max = 0;
	p->body_left = 0;
	p->line_at = 0;
	p->head_line = 0;
	p->count = 0;
	p->phase = IDLE;
	p->expects = false;
	p->chunked = false;
	p->skipped_line = false;
}

bool http_parser_is_idle(const struct http_parser *p)
{
	return p->phase == IDLE;
}

static enum http_step refuse(struct http_parser *p, int status)
{
	p->phase = DEAD;
	p->status = status;
	return HTTP_REFUSED;
}

static enum http_step finish(struct http_parser *p)
{
	p->phase = DONE;
	p->rq.body = buf_str(&p->body);
	return HTTP_DONE;
}

/* ---- the head ------------------------------------------------------------ */

/*
 * The size of the line under way, judged with and without its end in the same
 * words, so that it does not matter where the bytes were cut: a line is over
 * the limit when even the shortest end could not save it.
 */
static int judge_size(const struct http_parser *p, bool ended)
{
	size_t line = p->head.len - p->line_at;
	size_t end = ended ? 0 : 1;

	if (p->phase == REQUEST_LINE)
		return line + end > HTTP_LINE_MAX + 2 ? TARGET_TOO_LONG : 0;
	if (p->head.len - p->head_line > HTTP_HEAD_MAX)
		return FIELDS_TOO_LARGE;
	return 0;
}

static enum http_step end_head(struct http_parser *p)
{
	int status = http_head_read(p);

	if (status != 0)
		return refuse(p, status);
	p->count = 0;
	if (p->chunked)
		p->phase = CHUNK_SIZE;
	else if (p->body_left > 0)
		p->phase = BODY;
	else
		return finish(p);
	return HTTP_HEAD;
}

/* RFC 9112 2.2 wants at least one empty line before a request forgiven. */
static enum http_step end_request_line(struct http_parser *p, size_t length)
{
	if (length > 0) {
		p->head_line = p->head.len;
		p->phase = FIELDS;
	} else if (p->skipped_line) {
		return refuse(p, BAD);
	} else {
		p->skipped_line = true;
		buf_clear(&p->head);
	}
	p->line_at = p->head.len;
	return HTTP_MORE;
}

/* A bare LF is refused although RFC 9112 2.2 would let it pass: who else reads
 * this stream may not take it for an end. */
static enum http_step end_line(struct http_parser *p)
{
	size_t length = p->head.len - p->line_at;

	if (length < 2 || p->head.data[p->head.len - 2] != '\r')
		return refuse(p, BAD);
	length -= 2;
	if (p->phase == REQUEST_LINE)
		return end_request_line(p, length);
	if (length == 0)
		return end_head(p);
	if (p->count == HTTP_FIELDS_MAX)
		return refuse(p, FIELDS_TOO_LARGE);
	p->count++;
	p->line_at = p->head.len;
	return HTTP_MORE;
}

/* Takes one line or what there is of it. */
static enum http_step feed_head(struct http_parser *p, struct str *in)
{
	size_t at = str_find(*in, '\n');
	bool ended = at < in->n;
	int status;

	if (p->phase == IDLE)
		p->phase = REQUEST_LINE;
	at += ended ? 1 : 0;
	buf_add(&p->head, in->p, at);
	*in = str_from(*in, at);
	if (p->head.failed)
		return refuse(p, FIELDS_TOO_LARGE);
	status = judge_size(p, ended);
	if (status != 0)
		return refuse(p, status);
	return ended ? end_line(p) : HTTP_MORE;
}

/* ---- the body ------------------------------------------------------------ */

/* Subtracting, for a length near 2^64 must not overflow a sum. */
static bool fits(const struct http_parser *p)
{
	return p->body.len <= p->body_max &&
	       p->body_left <= p->body_max - p->body.len;
}

static enum http_step take_data(struct http_parser *p, struct str *in)
{
	size_t n = in->n;

	if (n > p->body_left)
		n = (size_t)p->body_left;
	buf_add(&p->body, in->p, n);
	if (p->body.failed)
		return refuse(p, BODY_TOO_LARGE);
	*in = str_from(*in, n);
	p->body_left -= n;
	if (p->body_left > 0)
		return HTTP_MORE;
	if (p->phase == BODY)
		return finish(p);
	p->phase = CHUNK_CR;
	return HTTP_MORE;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 1 to 8 digits, no blanks: RFC 9112 7.1 without its concessions. */
static int size_char(struct http_parser *p, char c)
{
	int digit = digit_of(c);

	if (digit >= 0) {
		if (p->count++ == 8)
			return BAD;
		p->body_left = p->body_left << 4 | (unsigned)digit;
		return 0;
	}
	if (p->count == 0 || (c != ';' && c != '\r'))
		return BAD;
	p->count = 1; /* the ';' is part of the extension */
	p->phase = c == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
	return 0;
}

static int extension_char(struct http_parser *p, char c)
{
	if (c == '\r') {
		p->phase = CHUNK_SIZE_LF;
		return 0;
	}
	if (p->count++ == HTTP_CHUNK_EXTENSION_MAX)
		return BAD;
	return http_is_text((struct str){ &c, 1 }) ? 0 : BAD;
}

static int end_size(struct http_parser *p)
{
	if (!fits(p))
		return BODY_TOO_LARGE;
	p->count = 0;
	p->phase = p->body_left > 0 ? CHUNK_DATA : TRAILER_START;
	return 0;
}

/* Trailers keep to the grammar of fields and are dropped: what comes after the
 * body was judged must not change what it meant. */
static int trailer_char(struct http_parser *p, char c)
{
	struct str one = { &c, 1 };

	if (p->count++ == HTTP_HEAD_MAX)
		return FIELDS_TOO_LARGE;
	if (p->phase == TRAILER_START && c == '\r')
		p->phase = LAST_LF;
	else if (p->phase == TRAILER_VALUE && c == '\r')
		p->phase = TRAILER_LF;
	else if (p->phase == TRAILER_VALUE)
		return http_is_text(one) ? 0 : BAD;
	else if (p->phase == TRAILER_NAME && c == ':')
		p->phase = TRAILER_VALUE;
	else if (http_is_token(one))
		p->phase = TRAILER_NAME;
	else
		return BAD;
	return 0;
}

/* One byte of what surrounds the chunks; a CR or LF may stand nowhere else. */
static int frame_char(struct http_parser *p, char c)
{
	switch (p->phase) {
	case CHUNK_SIZE:
		return size_char(p, c);
	case CHUNK_EXTENSION:
		return extension_char(p, c);
	case CHUNK_SIZE_LF:
		return c == '\n' ? end_size(p) : BAD;
	case CHUNK_CR:
		p->phase = CHUNK_LF;
		return c == '\r' ? 0 : BAD;
	case CHUNK_LF:
		p->phase = CHUNK_SIZE;
		p->count = 0;
		return c == '\n' ? 0 : BAD;
	case TRAILER_LF:
		p->phase = TRAILER_START;
		return c == '\n' ? 0 : BAD;
	case LAST_LF:
		p->phase = DONE;
		return c == '\n' ? 0 : BAD;
	default:
		return trailer_char(p, c);
	}
}

static enum http_step feed_frame(struct http_parser *p, struct str *in)
{
	int status = frame_char(p, in->p[0]);

	*in = str_from(*in, 1);
	if (status != 0)
		return refuse(p, status);
	return p->phase == DONE ? finish(p) : HTTP_MORE;
}

enum http_step http_parser_feed(struct http_parser *p, struct str *in)
{
	enum http_step step = HTTP_MORE;

	check(p->phase != DONE);
	if (p->phase == DEAD)
		return HTTP_REFUSED;
	/* Said before the body comes: the sender may be waiting for a word. */
	if (p->phase == BODY && !fits(p))
		return refuse(p, BODY_TOO_LARGE);
	while (step == HTTP_MORE && in->n > 0) {
		if (p->phase <= FIELDS)
			step = feed_head(p, in);
		else if (p->phase == BODY || p->phase == CHUNK_DATA)
			step = take_data(p, in);
		else
			step = feed_frame(p, in);
	}
	return step;
}
