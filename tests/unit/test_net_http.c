/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_http.c - the parser and the writer of HTTP as pure functions.
 *
 * Every text goes through the parser in one piece, byte by byte and cut in two
 * at every place; all must come to the same end. How requests are served over
 * a connection is tested in test_net_serve.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/http_parse.h"
#include "net/http_write.h"

#define BODY_MAX 1000
#define HOST     "Host: a.example\r\n"

struct text_case {
	const char *text;
	size_t n;
	int status; /* 0: accepted */
};
#define T(literal, status)                                                     \
	{                                                                      \
		literal, sizeof(literal) - 1, status                           \
	}

/* What one stream came to: the last step and how many bytes it took. */
struct verdict {
	enum http_step step;
	int status;
	size_t taken;
};

static struct verdict run(struct http_parser *p, struct str text, size_t piece)
{
	struct verdict v = { HTTP_MORE, 0, 0 };
	struct str in;
	size_t at, n;

	for (at = 0; at < text.n && v.step == HTTP_MORE; at += n) {
		n = at == 0 ? piece : text.n - at;
		if (piece == 1)
			n = 1;
		if (n > text.n - at)
			n = text.n - at;
		in = str_sub(text, at, n);
		do {
			v.step = http_parser_feed(p, &in);
			if (v.step == HTTP_HEAD)
				p->body_max = BODY_MAX;
		} while (v.step == HTTP_HEAD);
		v.taken = at + n - in.n;
	}
	v.status = v.step == HTTP_REFUSED ? p->status : 0;
	return v;
}

static struct verdict verdict_of(struct str text, size_t piece)
{
	struct http_parser p;
	struct verdict v;

	http_parser_init(&p);
	v = run(&p, text, piece);
	http_parser_done(&p);
	return v;
}

/* The verdict on the text in one piece; any other cut must agree. */
static struct verdict any_cut(struct str text)
{
	struct verdict whole = verdict_of(text, text.n);
	struct verdict v;
	size_t piece;

	for (piece = 1; piece < text.n; piece++) {
		v = verdict_of(text, piece);
		if (v.step != whole.step || v.status != whole.status)
			fail_msg("cut at %zu: %d/%d, whole: %d/%d: %.*s", piece,
			    v.step, v.status, whole.step, whole.status,
			    (int)text.n, text.p);
		if (v.step == HTTP_DONE)
			assert_int_equal(v.taken, whole.taken);
	}
	return whole;
}

static void check_cases(const struct text_case *cases, size_t count)
{
	struct verdict v;
	size_t i;

	for (i = 0; i < count; i++) {
		v = any_cut((struct str){ cases[i].text, cases[i].n });
		if (v.status != cases[i].status ||
		    (v.status == 0) != (v.step == HTTP_DONE))
			fail_msg("case %zu: step %d status %d, not %d: %s", i,
			    v.step, v.status, cases[i].status, cases[i].text);
	}
}
#define check_all(cases) check_cases(cases, countof(cases))

/* ---- framing ------------------------------------------------------------- */

static void smuggling_probes_are_refused(void **state)
{
#define POST "POST / HTTP/1.1\r\n" HOST
	static const struct text_case cases[] = {
		T(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
		       "0\r\n\r\n",
		    400),
		T(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
		       "0\r\n\r\n",
		    400),
		T(POST "Transfer-Encoding: gzip, chunked\r\n"
		       "Content-Length: 5\r\n\r\nhello",
		    400),
		T(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		    400),
		T(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
		T(POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400),
		T(POST "Transfer-Encoding: chunked,\r\n\r\n", 400),
		T(POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 400),
		T(POST "Transfer-Encoding:\r\n\r\n", 400),
		T(POST "Transfer-Encoding: identity\r\n\r\n", 400),
		T(POST "Transfer-Encoding: chunked\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    400),
		T(POST "Transfer-Encoding: \vchunked\r\n\r\n", 400),
		T(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		    400),
		T(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
		    400),
		T(POST "Content-Length: 5, 5\r\n\r\nhello", 400),
		T(POST "Content-Length: +5\r\n\r\nhello", 400),
		T(POST "Content-Length: -5\r\n\r\nhello", 400),
		T(POST "Content-Length: 0x5\r\n\r\nhello", 400),
		T(POST "Content-Length: 5 5\r\n\r\nhello", 400),
		T(POST "Content-Length: 5a\r\n\r\nhello", 400),
		T(POST "Content-Length:\r\n\r\n", 400),
		T(POST "Content-Length: 99999999999999999999\r\n\r\n", 400),
		T(POST "Content-Length: 18446744073709551621\r\n\r\nhello",
		    400),
		T(POST "Content-Length : 5\r\n\r\nhello", 400),
		T(POST " Content-Length: 5\r\n\r\nhello", 400),
		T(POST "X: a\r\n b\r\n\r\n", 400),
		T(POST "X: a\r\n\tb\r\n\r\n", 400),
		T(POST "X: a\0b\r\n\r\n", 400),
		T(POST "X: a\rb\r\n\r\n", 400),
		T(POST "X: a\nY: b\r\n\r\n", 400),
		T(POST "X: a\x01\r\n\r\n", 400),
		T(POST "X: a\x7f\r\n\r\n", 400),
		T(POST ": no name\r\n\r\n", 400),
		T(POST "no colon\r\n\r\n", 400),
		T(POST "na me: v\r\n\r\n", 400),
		T(POST "n\xe9: v\r\n\r\n", 400),
		T(POST "(n): v\r\n\r\n", 400),
		T(POST "\0: v\r\n\r\n", 400),
		T(POST "Content-Length: 5\n\r\nhello", 400),
		T(POST "\n", 400),
		T("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
	};
#undef POST

	(void)state;
	check_all(cases);
}

static void chunks_are_read_to_the_letter(void **state)
{
#define HEAD "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	static const struct text_case cases[] = {
		T(HEAD "0\r\n\r\n", 0),
		T(HEAD "5\r\nhello\r\n0\r\n\r\n", 0),
		T(HEAD "00000005\r\nhello\r\n0000\r\n\r\n", 0),
		T(HEAD "a\r\n0123456789\r\n0\r\n\r\n", 0),
		T(HEAD "A\r\n0123456789\r\n0\r\n\r\n", 0),
		T(HEAD "5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n", 0),
		T(HEAD "5\r\nhello\r\n0\r\nX: y\r\nContent-Length: 7\r\n\r\n",
		    0),
		T(HEAD "\r\n0\r\n\r\n", 400),
		T(HEAD "000000005\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "0x5\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "-5\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "+5\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "-0x0\r\n\r\n", 400),
		T(HEAD " 5\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "5 \r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "5 ;x\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "5\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "5\r\nhello\n0\r\n\r\n", 400),
		T(HEAD "5\r\nhelloX\r\n0\r\n\r\n", 400),
		T(HEAD "5\r\nhello\rX0\r\n\r\n", 400),
		T(HEAD "5\rhello\r\n0\r\n\r\n", 400),
		T(HEAD "5;a\x01\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "5;a\nb\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "g\r\nhello\r\n0\r\n\r\n", 400),
		T(HEAD "0\r\n\n", 400),
		T(HEAD "0\n\r\n", 400),
		T(HEAD "0\r\nX y\r\n\r\n", 400),
		T(HEAD "0\r\n: y\r\n\r\n", 400),
		T(HEAD "0\r\nX: a\0b\r\n\r\n", 400),
		T(HEAD "0\r\nX: a\n\r\n", 400),
		T(HEAD "0\r\n X: a\r\n\r\n", 400),
		T(HEAD "ffffffff\r\n", 413),
		T(HEAD "3e9\r\n", 413),
	};
#undef HEAD

	(void)state;
	check_all(cases);
}

static void the_request_line_has_exactly_three_parts(void **state)
{
	static const struct text_case cases[] = {
		T("GET / HTTP/1.1\r\n" HOST "\r\n", 0),
		T("\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0),
		T("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400),
		T("\nGET / HTTP/1.1\r\n" HOST "\r\n", 400),
		T(" GET / HTTP/1.1\r\n" HOST "\r\n", 400),
		T("GET  / HTTP/1.1\r\n" HOST "\r\n", 400),
		T("GET /  HTTP/1.1\r\n" HOST "\r\n", 400),
		T("GET / HTTP/1.1 \r\n" HOST "\r\n", 400),
		T("GET\t/\tHTTP/1.1\r\n" HOST "\r\n", 400),
		T("GET / HTTP/1.1\n" HOST "\r\n", 400),
		T("GET /\r\n\r\n", 400),
		T("GET\r\n\r\n", 400),
		T("GET / HTTP/1.2\r\n" HOST "\r\n", 400),
		T("GET / HTTP/2.0\r\n" HOST "\r\n", 400),
		T("GET / HTTP/0.9\r\n" HOST "\r\n", 400),
		T("GET / HTTP/1.10\r\n" HOST "\r\n", 400),
		T("GET / HTTP/11\r\n" HOST "\r\n", 400),
		T("GET / http/1.1\r\n" HOST "\r\n", 400),
		T("GET / HTTP/1.1\0\r\n" HOST "\r\n", 400),
		T("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
		T("\x16\x03\x01\x02\r\n\r\n", 400),
		T("get / HTTP/1.1\r\n" HOST "\r\n", 501),
		T("BREW / HTTP/1.1\r\n" HOST "\r\n", 501),
		T("TRACE / HTTP/1.1\r\n" HOST "\r\n", 501),
		T("CONNECT / HTTP/1.1\r\n" HOST "\r\n", 501),
		T("CONNECT a.example:443 HTTP/1.1\r\n" HOST "\r\n", 400),
		T("G(T / HTTP/1.1\r\n" HOST "\r\n", 400),
		T("BREW / HTTP/1.1\r\n\r\n", 400),
	};

	(void)state;
	check_all(cases);
}

static void the_target_is_a_path_that_cannot_climb(void **state)
{
#define GET(target, status) T("GET " target " HTTP/1.1\r\n" HOST "\r\n", status)
	static const struct text_case cases[] = {
		GET("/a/b.c;d=e,f:g@h!$&'()*+~_-", 0),
		GET("/?q=%zz&x[]={|}`^", 0),
		GET("/%c3%a9", 0),
		GET("/...", 0),
		GET("/a..b/..c/c..", 0),
		GET("/%252e%252e/", 0),
		GET("http://a.example/", 400),
		GET("*", 400),
		GET("a", 400),
		GET("/%", 400),
		GET("/%4", 400),
		GET("/%zz", 400),
		GET("/%00", 400),
		GET("/a/../b", 400),
		GET("/..", 400),
		GET("/%2e%2E/b", 400),
		GET("/a/.%2e", 400),
		GET("/a%2f..%2fb", 400),
		GET("/a\\..\\b", 400),
		GET("/a%5c..%5cb", 400),
		GET("/a#b", 400),
		GET("/?a#b", 400),
		GET("/\xc3\xa9", 400),
		GET("/?\xc3\xa9", 400),
		GET("/a\"b", 400),
		GET("/a<b>", 400),
		GET("/\x01", 400),
		GET("/?\x7f", 400),
	};
#undef GET

	(void)state;
	check_all(cases);
}

static void one_valid_host_is_wanted(void **state)
{
#define GET(version, fields, status)                                           \
	T("GET / HTTP/" version "\r\n" fields "\r\n", status)
	static const struct text_case cases[] = {
		GET("1.1", "Host: a\r\n", 0),
		GET("1.1", "hOST:a.example:8080\r\n", 0),
		GET("1.1", "Host: \t127.0.0.1:1 \r\n", 0),
		GET("1.1", "Host: [::1]\r\n", 0),
		GET("1.1", "Host: [2001:db8::1]:443\r\n", 0),
		GET("1.0", "", 0),
		GET("1.0", "Host: a\r\n", 0),
		GET("1.1", "", 400),
		GET("1.1", "Host:\r\n", 400),
		GET("1.1", "Host: a\r\nHost: a\r\n", 400),
		GET("1.1", "Host: a\r\nHost: b\r\n", 400),
		GET("1.0", "Host: a\r\nHost: b\r\n", 400),
		GET("1.1", "Host: a b\r\n", 400),
		GET("1.1", "Host: a,b\r\n", 400),
		GET("1.1", "Host: a/b\r\n", 400),
		GET("1.1", "Host: u@a\r\n", 400),
		GET("1.1", "Host: a:x\r\n", 400),
		GET("1.1", "Host: a:65536\r\n", 400),
		GET("1.1", "Host: :80\r\n", 400),
		GET("1.1", "Host: [::1\r\n", 400),
		GET("1.1", "Host: [::1]x\r\n", 400),
		GET("1.1", "Host: ::1\r\n", 400),
		GET("1.1", "Host: []\r\n", 400),
	};
#undef GET

	(void)state;
	check_all(cases);
}

static void only_100_continue_may_be_expected(void **state)
{
	static const struct text_case cases[] = {
		T("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n", 0),
		T("GET / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n\r\n", 0),
		T("GET / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n", 417),
		T("GET / HTTP/1.1\r\n" HOST "Expect:\r\n\r\n", 417),
		T("GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", 0),
	};

	(void)state;
	check_all(cases);
}

/* ---- limits -------------------------------------------------------------- */

static void fill(struct buf *b, char c, size_t n)
{
	while (n-- > 0)
		buf_add_char(b, c);
}

static int status_of(const struct buf *b)
{
	struct verdict whole = verdict_of(buf_str(b), b->len);
	struct verdict bytes = verdict_of(buf_str(b), 1);

	assert_int_equal(whole.step, bytes.step);
	assert_int_equal(whole.status, bytes.status);
	if (whole.step == HTTP_MORE)
		return -1;
	return whole.status;
}

/* A request line of this many bytes, without its end. */
static int with_line_of(size_t n, const char *end)
{
	struct buf b = { 0 };
	int status;

	buf_add_text(&b, "GET /");
	fill(&b, 'a', n - strlen("GET / HTTP/1.1"));
	buf_add_text(&b, " HTTP/1.1");
	buf_add_text(&b, end);
	status = status_of(&b);
	buf_done(&b);
	return status;
}

static void the_request_line_has_a_limit(void **state)
{
	static const char end[] = "\r\n" HOST "\r\n";

	(void)state;
	assert_int_equal(with_line_of(HTTP_LINE_MAX - 1, end), 0);
	assert_int_equal(with_line_of(HTTP_LINE_MAX, end), 0);
	assert_int_equal(with_line_of(HTTP_LINE_MAX + 1, end), 414);
	assert_int_equal(with_line_of(HTTP_LINE_MAX + 1, "\n"), 400);
	assert_int_equal(with_line_of(HTTP_LINE_MAX, ""), -1);
	assert_int_equal(with_line_of(HTTP_LINE_MAX + 1, ""), -1);
	assert_int_equal(with_line_of(HTTP_LINE_MAX + 2, ""), 414);
	assert_int_equal(with_line_of(200000, ""), 414);
}

/* Fields of this many bytes, their empty line included. */
static int with_fields_of(size_t n)
{
	struct buf b = { 0 };
	int status;

	buf_add_text(&b, "GET / HTTP/1.1\r\n" HOST "X: ");
	fill(&b, 'a', n - strlen(HOST "X: \r\n\r\n"));
	buf_add_text(&b, "\r\n\r\n");
	status = status_of(&b);
	buf_done(&b);
	return status;
}

static void the_fields_have_a_limit_together(void **state)
{
	(void)state;
	assert_int_equal(with_fields_of(HTTP_HEAD_MAX - 1), 0);
	assert_int_equal(with_fields_of(HTTP_HEAD_MAX), 0);
	assert_int_equal(with_fields_of(HTTP_HEAD_MAX + 1), 431);
	assert_int_equal(with_fields_of(10 * HTTP_HEAD_MAX), 431);
}

static int with_count_of(size_t n)
{
	struct buf b = { 0 };
	int status;

	buf_add_text(&b, "GET / HTTP/1.1\r\n" HOST);
	while (--n > 0)
		buf_add_text(&b, "X: y\r\n");
	buf_add_text(&b, "\r\n");
	status = status_of(&b);
	buf_done(&b);
	return status;
}

static void the_fields_are_counted(void **state)
{
	(void)state;
	assert_int_equal(with_count_of(HTTP_FIELDS_MAX - 1), 0);
	assert_int_equal(with_count_of(HTTP_FIELDS_MAX), 0);
	assert_int_equal(with_count_of(HTTP_FIELDS_MAX + 1), 431);
}

static int with_body_of(size_t n, bool chunked)
{
	struct buf b = { 0 };
	int status;

	buf_add_text(&b, "POST / HTTP/1.1\r\n" HOST);
	if (chunked)
		buf_addf(&b,
		    "Transfer-Encoding: chunked\r\n\r\n7\r\n1234567"
		    "\r\n%zx\r\n",
		    n - 7);
	else
		buf_addf(&b, "Content-Length: %zu\r\n\r\n1234567", n);
	fill(&b, 'a', n - 7);
	if (chunked)
		buf_add_text(&b, "\r\n0\r\n\r\n");
	status = status_of(&b);
	buf_done(&b);
	return status;
}

static void the_body_has_the_callers_limit(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(with_body_of(BODY_MAX - 1, i), 0);
		assert_int_equal(with_body_of(BODY_MAX, i), 0);
		assert_int_equal(with_body_of(BODY_MAX + 1, i), 413);
		assert_int_equal(with_body_of(10 * BODY_MAX, i), 413);
	}
}

/* A chunk extension of this many bytes, its ';' included. */
static int with_extension_of(size_t n)
{
	struct buf b = { 0 };
	int status;

	buf_add_text(&b,
	    "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0;");
	fill(&b, 'x', n - 1);
	buf_add_text(&b, "\r\n\r\n");
	status = status_of(&b);
	buf_done(&b);
	return status;
}

static void a_chunk_extension_has_a_limit(void **state)
{
	(void)state;
	assert_int_equal(with_extension_of(HTTP_CHUNK_EXTENSION_MAX - 1), 0);
	assert_int_equal(with_extension_of(HTTP_CHUNK_EXTENSION_MAX), 0);
	assert_int_equal(with_extension_of(HTTP_CHUNK_EXTENSION_MAX + 1), 400);
}

static int with_trailers_of(size_t n)
{
	struct buf b = { 0 };
	int status;

	buf_add_text(&b, "POST / HTTP/1.1\r\n" HOST
	                 "Transfer-Encoding: chunked\r\n\r\n0\r\nX:");
	fill(&b, 'x', n - 4);
	buf_add_text(&b, "\r\n\r\n");
	status = status_of(&b);
	buf_done(&b);
	return status;
}

static void trailers_have_a_limit(void **state)
{
	(void)state;
	assert_int_equal(with_trailers_of(1000), 0);
	assert_int_equal(with_trailers_of(HTTP_HEAD_MAX - 10), 0);
	assert_int_equal(with_trailers_of(HTTP_HEAD_MAX + 1), 431);
	assert_int_equal(with_trailers_of(10 * HTTP_HEAD_MAX), 431);
}

static void a_body_is_refused_before_it_comes(void **state)
{
	struct http_parser p;
	struct str in =
	    STR("POST / HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n");

	(void)state;
	http_parser_init(&p);
	assert_int_equal(http_parser_feed(&p, &in), HTTP_HEAD);
	p.body_max = BODY_MAX;
	assert_int_equal(in.n, 0);
	assert_int_equal(http_parser_feed(&p, &in), HTTP_REFUSED);
	assert_int_equal(p.status, 413);
	/* and stays refused, whatever comes */
	in = STR("GET / HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(http_parser_feed(&p, &in), HTTP_REFUSED);
	http_parser_done(&p);
}

/* ---- what is understood -------------------------------------------------- */

static void assert_str(struct str s, const char *text)
{
	if (!str_is(s, text))
		fail_msg("\"%.*s\" is not \"%s\"", (int)s.n, s.p, text);
}

static void a_request_is_taken_apart(void **state)
{
	struct http_parser p;
	struct str text = STR("PATCH /a%20b/c%2Fd?x=1%262 HTTP/1.1\r\n"
	                      "Host: a.example\r\n"
	                      "X-One:  two \t\r\n"
	                      "x-one: three\r\n"
	                      "Empty:\r\n"
	                      "Content-Length: 3\r\n\r\nabcGET");
	struct verdict v;

	(void)state;
	http_parser_init(&p);
	v = run(&p, text, 1);
	assert_int_equal(v.step, HTTP_DONE);
	assert_int_equal(v.taken, text.n - 3);
	assert_str(p.rq.method, "PATCH");
	assert_str(p.rq.target, "/a%20b/c%2Fd?x=1%262");
	assert_str(p.rq.path, "/a b/c/d");
	assert_str(p.rq.query, "x=1%262");
	assert_str(p.rq.body, "abc");
	assert_int_equal(p.rq.field_count, 5);
	assert_str(http_field(&p.rq, "X-ONE"), "two");
	assert_true(http_field(&p.rq, "Empty").p != NULL);
	assert_str(http_field(&p.rq, "Empty"), "");
	assert_null(http_field(&p.rq, "X-On").p);
	assert_true(p.rq.keep_alive);
	http_parser_done(&p);
}

static void a_reset_parser_reads_the_next_request(void **state)
{
	struct http_parser p;
	struct str in =
	    STR("POST /1 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	        "3\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n"
	        "GET /2 HTTP/1.1\r\n" HOST "\r\n");

	(void)state;
	http_parser_init(&p);
	assert_true(http_parser_is_idle(&p));
	assert_int_equal(http_parser_feed(&p, &in), HTTP_HEAD);
	assert_false(http_parser_is_idle(&p));
	p.body_max = 5;
	assert_int_equal(http_parser_feed(&p, &in), HTTP_DONE);
	assert_str(p.rq.body, "abcde");
	assert_int_equal(p.rq.field_count, 2); /* no trailer among them */
	http_parser_reset(&p);
	assert_int_equal(http_parser_feed(&p, &in), HTTP_DONE);
	assert_str(p.rq.path, "/2");
	assert_str(p.rq.body, "");
	assert_int_equal(in.n, 0);
	http_parser_done(&p);
}

static bool keeps_alive(const char *text)
{
	struct http_parser p;
	bool keep;

	http_parser_init(&p);
	assert_int_equal(run(&p, str_of(text), strlen(text)).step, HTTP_DONE);
	keep = p.rq.keep_alive;
	http_parser_done(&p);
	return keep;
}

static void the_version_and_connection_say_what_stays_open(void **state)
{
	(void)state;
	assert_true(keeps_alive("GET / HTTP/1.1\r\n" HOST "\r\n"));
	assert_false(
	    keeps_alive("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	assert_false(keeps_alive("GET / HTTP/1.1\r\n" HOST
	                         "Connection: x\r\nConnection: y, Close\r\n"
	                         "\r\n"));
	assert_true(keeps_alive(
	    "GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n"));
	assert_false(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
	assert_true(
	    keeps_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
	assert_false(keeps_alive("GET / HTTP/1.0\r\n"
	                         "Connection: keep-alive, close\r\n\r\n"));
}

static void tokens_are_those_of_the_rfc(void **state)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	unsigned c;
	char one;
	bool token;

	(void)state;
	for (c = 0; c < 256; c++) {
		one = (char)c;
		token = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		        (c >= 'A' && c <= 'Z') ||
		        (c != 0 && strchr(others, (int)c) != NULL);
		assert_int_equal(http_is_token((struct str){ &one, 1 }), token);
	}
	assert_false(http_is_token(STR("")));
	assert_false(http_is_token(STR("a b")));
}

/* ---- helpers for upstairs ------------------------------------------------ */

static struct http_request asking(const char *query)
{
	struct http_request rq = { .query = str_of(query) };

	return rq;
}

static void assert_query(const char *query, const char *name, const char *want)
{
	struct http_request rq = asking(query);
	struct buf out = { 0 };

	if (want == NULL) {
		assert_false(http_query(&rq, name, &out));
	} else {
		assert_true(http_query(&rq, name, &out));
		assert_str(buf_str(&out), want);
	}
	buf_done(&out);
}

static void query_parameters_are_decoded(void **state)
{
	(void)state;
	assert_query("a=1&b=2", "a", "1");
	assert_query("a=1&b=2", "b", "2");
	assert_query("a=1&b=2", "c", NULL);
	assert_query("", "a", NULL);
	assert_query("a", "a", "");
	assert_query("a=", "a", "");
	assert_query("a=x=y", "a", "x=y");
	assert_query("ab=1&a=2", "a", "2");
	assert_query("a=1+2%2B%20%c3%a9", "a", "1 2+ \xc3\xa9");
	assert_query("%61=1", "a", "1");
	assert_query("a=100%&b=%zz", "a", "100%");
	assert_query("a=100%&b=%zz", "b", "%zz");
}

static struct str bearer_of(const char *value)
{
	struct http_request rq = { .field_count = 1 };

	rq.fields[0].name = STR("authorization");
	rq.fields[0].value = str_of(value);
	return http_bearer(&rq);
}

static void a_bearer_token_is_found(void **state)
{
	(void)state;
	assert_str(bearer_of("Bearer abc.def="), "abc.def=");
	assert_str(bearer_of("bEARER  abc"), "abc");
	assert_null(bearer_of("Basic abc").p);
	assert_null(bearer_of("Bearer").p);
	assert_null(bearer_of("Bearer ").p);
	assert_null(bearer_of("Bearerabc").p);
}

static void a_problem_is_json_with_the_name_of_the_error(void **state)
{
	struct buf space = { 0 };
	struct http_answer a = http_problem(ERR_STALE, "say \"no\"", &space);
	struct json *v;
	struct fault why;

	(void)state;
	assert_int_equal(a.status, 409);
	assert_string_equal(a.type, "application/problem+json");
	assert_int_equal(json_parse(a.body, 0, &v, &why), 0);
	assert_str(json_str(json_get(v, "error")), "stale");
	assert_str(json_str(json_get(v, "detail")), "say \"no\"");
	assert_int_equal(json_int(json_get(v, "status"), 0), 409);
	json_free(v);
	buf_done(&space);
}

static void dates_are_those_of_the_rfc(void **state)
{
	char text[32];

	(void)state;
	http_date(INT64_C(784111777000), text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	http_date(0, text);
	assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
	http_date(INT64_C(1709164799999), text);
	assert_string_equal(text, "Wed, 28 Feb 2024 23:59:59 GMT");
}

static bool written_has(
    const struct http_answer *answer, bool head_only, const char *what)
{
	struct http_manner manner = { "now", head_only, true, true };
	struct buf out = { 0 };
	bool has;

	http_write(&out, answer, &manner);
	has = strstr(out.data, what) != NULL;
	buf_done(&out);
	return has;
}

static void answers_carry_what_they_must(void **state)
{
	struct http_answer a = {
		.status = 200,
		.type = "text/plain",
		.body = STR("hello"),
	};

	(void)state;
	assert_true(written_has(&a, false, "HTTP/1.1 200 OK\r\n"));
	assert_true(written_has(&a, false, "\r\nDate: now\r\n"));
	assert_true(written_has(&a, false, "\r\nContent-Length: 5\r\n"));
	assert_true(written_has(&a, false, "\r\nContent-Type: text/plain\r\n"));
	assert_true(written_has(&a, false, "\r\nCache-Control: no-store\r\n"));
	assert_true(
	    written_has(&a, false, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_true(written_has(&a, false, "\r\n\r\nhello"));
	assert_true(written_has(&a, true, "\r\nContent-Length: 5\r\n"));
	assert_false(written_has(&a, true, "hello"));
	a.extra = "X: y\r\ncache-control: max-age=60\r\n";
	assert_true(written_has(&a, false, "\r\nX: y\r\n"));
	assert_false(written_has(&a, false, "no-store"));
	a.extra = "X-Cache-Control: z\r\n";
	assert_true(written_has(&a, false, "no-store"));
	a.status = 204;
	assert_false(written_has(&a, false, "Content-Length"));
	assert_false(written_has(&a, false, "hello"));
}

static int nothing_leaks(void **state)
{
	(void)state;
	return mem_live() == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smuggling_probes_are_refused),
		cmocka_unit_test(chunks_are_read_to_the_letter),
		cmocka_unit_test(the_request_line_has_exactly_three_parts),
		cmocka_unit_test(the_target_is_a_path_that_cannot_climb),
		cmocka_unit_test(one_valid_host_is_wanted),
		cmocka_unit_test(only_100_continue_may_be_expected),
		cmocka_unit_test(the_request_line_has_a_limit),
		cmocka_unit_test(the_fields_have_a_limit_together),
		cmocka_unit_test(the_fields_are_counted),
		cmocka_unit_test(the_body_has_the_callers_limit),
		cmocka_unit_test(a_chunk_extension_has_a_limit),
		cmocka_unit_test(trailers_have_a_limit),
		cmocka_unit_test(a_body_is_refused_before_it_comes),
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(a_reset_parser_reads_the_next_request),
		cmocka_unit_test(
		    the_version_and_connection_say_what_stays_open),
		cmocka_unit_test(tokens_are_those_of_the_rfc),
		cmocka_unit_test(query_parameters_are_decoded),
		cmocka_unit_test(a_bearer_token_is_found),
		cmocka_unit_test(a_problem_is_json_with_the_name_of_the_error),
		cmocka_unit_test(dates_are_those_of_the_rfc),
		cmocka_unit_test(answers_carry_what_they_must),
	};

	return cmocka_run_group_tests(tests, NULL, nothing_leaks);
}
