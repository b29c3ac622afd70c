/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curl_guard.h - which addresses a stranger's URL may lead us to.
 */
#ifndef USHER_NET_CURL_GUARD_H
#define USHER_NET_CURL_GUARD_H

#include <stdbool.h>

struct sockaddr;

/* Is this the public internet? No: loopback, private, link-local (where cloud
 * metadata lives), shared, documentation, multicast, reserved, and every IPv6
 * form that carries an IPv4 address inside. Other families: no. */
bool curl_guard_is_public(const struct sockaddr *a);

#endif
