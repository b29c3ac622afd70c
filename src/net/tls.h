/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls.h - TLS on the server's side, by Mozilla's intermediate profile.
 */
#ifndef USHER_NET_TLS_H
#define USHER_NET_TLS_H

#include "base/err.h"
#include "net/conn.h"

struct tls; /* certificate, key and profile of one listener */

/* `http`: peers that offer ALPN must offer http/1.1. */
int tls_new(const char *cert_file, const char *key_file, bool http,
    struct tls **out, struct fault *why) must_check;
/* Conns made with it live on. */
void tls_free(struct tls *t);
/* Turns a plain conn into a TLS one that waits for its handshake. */
int tls_attach(struct tls *t, struct conn *c, msec_t now) must_check;

#endif
