/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curl.h - requests that leave the house: webhooks, replies by mail.
 *
 * libcurl's multi interface on the loop. No redirects, no proxy from the
 * environment, https/http/smtp(s) only, the address checked in the open-socket
 * callback (private ranges refused unless `allow_private`), connect 5 s, total
 * 20 s, at most 64 KiB of the answer kept, at most 10 at once per host.
 * Mail leaves from four threads, one each: libcurl blocks at a mail's end.
 */
#ifndef USHER_NET_CURL_H
#define USHER_NET_CURL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "net/loop.h"

struct curl_room;
struct curl_room *curl_room_new(struct loop *l);
void curl_room_free(struct curl_room *c); /* drops what runs, calls nobody */

struct curl_result {
	int err;    /* 0, or why no answer came */
	int status; /* HTTP status or SMTP code */
	struct str body;
	const char *text; /* the library's sentence when err is set */
};
typedef void (*curl_done_fn)(void *arg, const struct curl_result *result);

struct curl_post {
	const char *url;
	const char *const *fields; /* "Name: value" lines, NULL-ended */
	struct str body;           /* copied */
	bool allow_private;
};
int curl_post(struct curl_room *c, const struct curl_post *post,
    curl_done_fn done, void *arg) must_check;

struct curl_mail {
	const char *url;  /* smtp://host:port or smtps://host:port */
	const char *user; /* NULL: no AUTH */
	const char *password;
	const char *from;      /* envelope */
	const char *const *to; /* envelope, NULL-ended */
	struct str message;    /* RFC 5322 with CRLF; copied */
	bool require_tls;
	bool allow_private;
};
int curl_mail(struct curl_room *c, const struct curl_mail *mail,
    curl_done_fn done, void *arg) must_check;

#endif
