/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intake.h - the one place where inputs are stamped, decided and logged.
 *
 * Behind the inlet (model/inlet.h). intake_post() does a whole decision at
 * once: time, salt and digest, route_step(), the events into the turn's batch,
 * the net's mark. intake_arrive() first asks a reader whose identifiers these
 * are; arrive.c has that part.
 */
#ifndef USHER_SERVER_INTAKE_H
#define USHER_SERVER_INTAKE_H

#include "base/list.h"
#include "route/route.h"
#include "server/intern.h"
#include "server/server.h"

#define ARRIVALS_MAX 4096 /* under way at once; then ERR_BUSY */

struct intake {
	msec_t router_zero; /* router time when monotonic time was mono_zero */
	msec_t mono_zero;
	msec_t wake_at; /* of the last decision; -1: never */
	struct decision decision;
	struct store_status status; /* as of this turn */
	struct intern intern;
	struct list reading; /* arrivals with a read under way, oldest first */
	struct list settled; /* arrivals without identifiers: no read needed */
	size_t under_way;
};

struct intake *intake_new(struct server *s, uint64_t next_identifier);
void intake_free(struct intake *k);

/* The two functions of the inlet; `host` is the server. */
int intake_post(
    void *host, struct input *in, struct str payload, struct outcome *out);
int intake_arrive(
    void *host, const struct arrival *a, arrive_done_fn done, void *arg);

/* Once per turn: arrivals that need no read, and what time alone changes. */
void intake_turn(struct server *s);

/* For intake.c: settles what waits in k->settled; frees what is under way. */
void arrivals_settle(struct server *s);
void arrivals_free(struct intake *k);

#endif
