/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proxy.h - who is behind a proxy, when the proxy may be believed.
 */
#ifndef USHER_SERVER_PROXY_H
#define USHER_SERVER_PROXY_H

#include "config/config.h"
#include "net/http.h"

/* true: `out` is the request as its proxy saw it, borrowed like `rq`. false:
 * it came from no listed proxy, or the proxy's word cannot be read. */
bool proxy_sees(const struct config_setup *setup, const struct http_request *rq,
    struct http_request *out);
/* Is the address in the network ("10.0.0.0/8", "::1")? */
bool proxy_covers(const char *network, struct str address);

#endif
