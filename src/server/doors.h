/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doors.h - the listeners of the config, and who is behind each.
 *
 * A change of doors is planned first (new ones are bound, nothing is closed)
 * and then either taken or dropped, so that a reload can still be refused.
 */
#ifndef USHER_SERVER_DOORS_H
#define USHER_SERVER_DOORS_H

#include "server/server.h"

struct doors;

/* A new set of doors for this setup; those that stay are shared with the old
 * set. On failure nothing has changed. */
int doors_plan(struct server *s, const struct config_setup *setup,
    struct doors **out, struct fault *why) must_check;
/* Makes the plan the server's doors and closes those it left out. */
void doors_take(struct server *s, struct doors *plan);
void doors_drop(struct server *s, struct doors *plan);
/* Certificates from their files again; what cannot be read stays as it is. */
void doors_renew_tls(struct server *s);
/* No new connections from now on. */
void doors_close(struct server *s);
void doors_free(struct server *s);

/* The first listener of this use, or NULL: for tests that dial in memory. */
struct net_listener *doors_find(const struct server *s, enum listener_use use);

#endif
