/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows.h - HTTP endpoints as rows of a table.
 *
 * The floors above each bring rows; one dispatcher finds the row, checks
 * method and body size, and calls it. "{name}" in a pattern matches one path
 * segment. A known path with another method is 405 with Allow; an unknown path
 * 404; both as problem+json.
 */
#ifndef USHER_NET_ROWS_H
#define USHER_NET_ROWS_H

#include <stddef.h>

#include "net/http.h"
#include "net/net.h"

#define ROW_PARAMS 4

struct http_call {
	struct net *net;
	struct peer peer;
	const struct http_request *rq;
	struct str params[ROW_PARAMS]; /* decoded, in the pattern's order */
};

typedef void (*http_row_fn)(void *arg, const struct http_call *call);

struct http_row {
	const char *method;
	const char *pattern; /* "/v1/{workspace}/chats/{id}/messages" */
	size_t body_max;     /* bytes; 0: no body allowed */
	http_row_fn fn;
};

struct http_table { /* rows of one room, and what they are called with */
	const struct http_row *rows;
	size_t count;
	void *arg;
};

/* For net_app.body_limit and net_app.request. */
size_t rows_body_limit(const struct http_table *tables, size_t count,
    const struct http_request *head);
void rows_dispatch(const struct http_table *tables, size_t count,
    struct net *net, struct peer peer, const struct http_request *rq);

#endif
