/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_client.h - one TLS connection to a server, for the terminal client.
 *
 * Opening blocks (a person waits for it anyway), with a deadline; after that
 * nothing blocks but a write into a full socket, for at most ten seconds.
 * Nobody is spoken to before the certificate was judged.
 */
#ifndef USHER_TOOLS_TLS_CLIENT_H
#define USHER_TOOLS_TLS_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

struct tls_trust {
	const char *ca_file; /* PEM; NULL: the system's authorities */
	const char *pin;     /* SHA-256 of the certificate in hex, colons or
				not; then no authority is asked */
	bool insecure;       /* believe anybody */
};

struct tls_client;

/* ERR_AUTH: the certificate is not to be believed (the text says how to pin
 * it); ERR_IO: nobody there. */
int tls_client_open(const char *address, const struct tls_trust *trust,
    msec_t within, struct tls_client **out, struct fault *why) must_check;
void tls_client_close(struct tls_client *c); /* NULL is fine */
int tls_client_fd(const struct tls_client *c);
/* Bytes read; 0: it has ended; -1: nothing there now. */
ssize_t tls_client_read(struct tls_client *c, void *dst, size_t size);
/* All of it, or ERR_IO. */
int tls_client_write(struct tls_client *c, struct str bytes) must_check;

#endif
