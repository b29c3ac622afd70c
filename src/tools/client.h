/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client.h - one question to a running usherd over its control socket.
 *
 * One JSON line out, one line back; whatever else the server says meanwhile is
 * passed over. Blocks, with a deadline.
 */
#ifndef USHER_TOOLS_CLIENT_H
#define USHER_TOOLS_CLIENT_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

struct client;

int client_open(
    const char *path, struct client **out, struct fault *why) must_check;
void client_close(struct client *c); /* NULL is fine */
/* Sends the line (without its LF). */
int client_send(
    struct client *c, struct str line, struct fault *why) must_check;
/* The next line, without its LF, valid until the next call. */
int client_line(struct client *c, msec_t within, struct str *out,
    struct fault *why) must_check;

#endif
