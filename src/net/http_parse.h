/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_parse.h - bytes in, a request out; no sockets, no clock.
 *
 * Strict by RFC 9112: whatever two readers could understand differently is
 * refused. The result does not depend on how the bytes were cut into pieces.
 * After a refusal the stream is dead: nobody knows where a request begins.
 */
#ifndef USHER_NET_HTTP_PARSE_H
#define USHER_NET_HTTP_PARSE_H

#include <stdint.h>

#include "net/http.h"

#define HTTP_CHUNK_EXTENSION_MAX 256

enum http_step {
	HTTP_MORE,    /* all bytes were taken, the request is not complete */
	HTTP_HEAD,    /* head complete, a body follows: set body_max, go on */
	HTTP_DONE,    /* request complete; the rest of the bytes is not its */
	HTTP_REFUSED, /* answer `status` and close */
};

struct http_parser {
	struct http_request rq; /* from HTTP_HEAD on; borrowed till reset */
	size_t body_max;        /* set by the caller at HTTP_HEAD */
	uint64_t body_left;     /* of the announced length, or of the chunk */
	size_t head_line;       /* bytes of the request line, CRLF included */
	size_t line_at;         /* where the line under way begins */
	struct buf head;        /* the raw head; the request points into it */
	struct buf path;        /* decoded */
	struct buf body;
	int status;     /* of the refusal */
	unsigned count; /* of digits, extension or trailer bytes so far */
	uint8_t phase;
	uint8_t minor; /* HTTP/1.minor */
	bool expects;  /* wants "100 Continue" before it sends the body */
	bool chunked;
	bool skipped_line; /* the one empty line allowed before a request */
};

void http_parser_init(struct http_parser *p);
void http_parser_done(struct http_parser *p);
/* Ready for the next request; big memory is given back. */
void http_parser_reset(struct http_parser *p);
/* True until the first byte of a request has come. */
bool http_parser_is_idle(const struct http_parser *p);
/* Takes bytes from the front of `in`. */
enum http_step http_parser_feed(struct http_parser *p, struct str *in);

bool http_is_token(struct str s);
/* Does a comma-separated list hold this token (case does not matter)? */
bool http_list_has(struct str list, const char *token);

#endif
