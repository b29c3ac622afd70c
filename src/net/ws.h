/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ws.h - the tongue of a peer that has become a WebSocket.
 */
#ifndef USHER_NET_WS_H
#define USHER_NET_WS_H

#include "net/link.h"

extern const struct tongue ws_tongue;

/* See net_upgrade(). The caller opens the link once the request is done. */
int ws_upgrade(struct link *k, const struct http_request *rq,
    const char *protocol) must_check;

#endif
