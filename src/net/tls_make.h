/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_make.h - a certificate for the first hour, signed by itself.
 */
#ifndef USHER_NET_TLS_MAKE_H
#define USHER_NET_TLS_MAKE_H

#include "base/err.h"

/* Writes a new ECDSA P-256 key (0600) and a certificate (0644) for `host`,
 * localhost and the loopback addresses, good for two years. Refuses to write
 * over a file. */
int tls_self_signed(const char *cert_file, const char *key_file,
    const char *host, struct fault *why) must_check;

#endif
