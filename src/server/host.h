/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.h - what only the server can do, for the API's admin commands.
 */
#ifndef USHER_SERVER_HOST_H
#define USHER_SERVER_HOST_H

#include "server/server.h"

struct api_host host_table(struct server *s);

/* A question that waits for a thread. It is dropped, unanswered, when the
 * server ends first. */
struct pending {
	struct list link; /* in server.pending */
	void (*drop)(struct pending *p);
};
void pending_add(
    struct server *s, struct pending *p, void (*drop)(struct pending *p));
void pending_remove(struct pending *p);
/* When threads and store have ended: nobody comes back for them. */
void pending_drop_all(struct server *s);

/* Rows of that table with a file of their own. */
void status_write(const struct server *s, struct buf *out);
void why_start(
    void *arg, struct contact_id contact, api_done_fn done, void *done_arg);

#endif
