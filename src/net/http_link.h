/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_link.h - the tongue of a peer that speaks HTTP.
 */
#ifndef USHER_NET_HTTP_LINK_H
#define USHER_NET_HTTP_LINK_H

#include "net/link.h"

extern const struct tongue http_tongue;

void http_link_answer(struct link *k, const struct http_answer *answer);
/* Our own refusal: behind what is held, then close. */
void http_link_refuse(struct link *k, int status, enum net_gone why);
void http_link_free_parsers(struct net *n);

#endif
