/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * perform.h - what a commit releases: streams are fed, orders carried out.
 *
 * Each order goes to the one channel whose `orders` has its bit. Its result
 * comes back as an input; until then it is owed (law 1).
 */
#ifndef USHER_SERVER_PERFORM_H
#define USHER_SERVER_PERFORM_H

#include "server/server.h"

/* For store_on_committed(); `arg` is the server. */
void perform_committed(void *arg, const struct event *e);
/* Orders owed from before the restart, which START has left standing. */
void perform_owed(struct server *s);

#endif
