/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.h - HTTP/1.1 as data: a request read, an answer to write.
 *
 * The parser (http_parse.c) is strict: any doubt about framing is 400 and
 * close (RFC 9112; rules and limits in doc/limits.md). Own code because no
 * packaged parser is both strict and kept; see doc/dependencies.md.
 */
#ifndef USHER_NET_HTTP_H
#define USHER_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

#define HTTP_HEAD_MAX   (16 * 1024)
#define HTTP_LINE_MAX   8192
#define HTTP_FIELDS_MAX 64

struct http_field {
	struct str name; /* as sent; compare without case */
	struct str value;
};

/* Borrowed from the connection for the call. */
struct http_request {
	struct str method;
	struct str target; /* as sent: path and query */
	struct str path;   /* percent-decoded once; no NUL, no ".." segment */
	struct str query;  /* as sent, without '?' */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t field_count;
	struct str body;
	struct str address; /* of the peer */
	bool secure;        /* came over TLS */
	bool keep_alive;
};

/* The field's value, STR_NONE when absent. Case does not matter. */
struct str http_field(const struct http_request *rq, const char *name);
/* Appends the decoded value of a query parameter; false when absent. */
bool http_query(
    const struct http_request *rq, const char *name, struct buf *out);
/* The token behind "Authorization: Bearer ", or STR_NONE. */
struct str http_bearer(const struct http_request *rq);

struct http_answer {
	int status;
	const char *type;  /* Content-Type; NULL: none */
	struct str body;   /* copied */
	const char *extra; /* more fields, each ended by CRLF; NULL: none */
	bool close;        /* close after it */
};
/* Every answer also gets Date, Content-Length, Cache-Control: no-store (unless
 * `extra` says otherwise), X-Content-Type-Options: nosniff. */

const char *http_status_text(int status);

/* problem+json (RFC 9457) for an error code and its sentence. The body lies in
 * `space` until the answer was given. */
struct http_answer http_problem(int err, const char *detail, struct buf *space);

#endif
