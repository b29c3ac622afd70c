/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_head.h - the meaning of one complete head; part of the parser.
 */
#ifndef USHER_NET_HTTP_HEAD_H
#define USHER_NET_HTTP_HEAD_H

#include "net/http_parse.h"

/*
 * Reads p->head, whose lines all end in CRLF: fills the request, the framing
 * (body_left, chunked) and what the sender expects. 0, or the HTTP status of
 * the refusal.
 */
int http_head_read(struct http_parser *p);
/* No controls but the tab. */
bool http_is_text(struct str value);

#endif
