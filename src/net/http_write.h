/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_write.h - an answer as bytes.
 */
#ifndef USHER_NET_HTTP_WRITE_H
#define USHER_NET_HTTP_WRITE_H

#include "base/clock.h"
#include "net/http.h"

/* What the connection adds to an answer. */
struct http_manner {
	const char *date;
	bool head_only;  /* the body is counted but not sent */
	bool keep_alive; /* the connection goes on */
	bool minor;      /* the peer speaks HTTP/1.1 */
};

void http_write(struct buf *out, const struct http_answer *answer,
    const struct http_manner *manner);
/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void http_date(msec_t wall, char dst[32]);

#endif
