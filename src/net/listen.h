/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listen.h - where peers come from.
 *
 * A listener lives as long as a link holds it: after net_unlisten() its peers
 * stay and keep its app.
 */
#ifndef USHER_NET_LISTEN_H
#define USHER_NET_LISTEN_H

#include "net/link.h"
#include "net/tls.h"

struct net_listener {
	struct list in_net;
	struct net *net;
	struct loop_io io;
	struct net_app app;
	struct ws_bounds bounds;
	msec_t first_message;
	struct tls *tls; /* NULL: none */
	char *cert_file;
	char *key_file;
	char *unix_path; /* to be removed at the end; NULL: none */
	int fd;          /* -1: memory */
	unsigned port;
	unsigned refs; /* one of the net while open, one per link */
	uint8_t tongue;
	uint8_t class;
};

struct net_listener *listen_ref(struct net_listener *l);
void listen_unref(struct net_listener *l);
/* A descriptor was given back: accept again if that was paused. */
void listen_resume(void *net);
/* The descriptors from which on only gateways are let in. */
int listen_fd_max(void);

#endif
