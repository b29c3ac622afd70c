/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server.h - the house put together: one loop, one world, every floor.
 *
 * server_new() opens the store, recovers the world, starts the rooms and binds
 * the doors; server_turn() is the loop body and the table of contents of the
 * program. With an inline store, inline work, a clock of one's own and memory
 * doors the whole server runs inside one deterministic test process.
 */
#ifndef USHER_SERVER_SERVER_H
#define USHER_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "channel/channel.h"
#include "config/config.h"
#include "model/inlet.h"
#include "model/world.h"
#include "net/loop.h"
#include "net/net.h"
#include "store/store.h"

struct curl_room;
struct work;
struct intake;
struct doors;
struct reload;

struct server_config {
	const char *file;          /* for reloads; NULL: reloads are refused */
	struct config *config;     /* taken, on success and on failure */
	const struct clock *clock; /* NULL: the system's */
	bool inline_threads;       /* threads run inside server_turn() only */
	bool memory;               /* every listener is "memory:", no TLS */
};

#define ROOMS_MAX 8
struct room { /* a channel and what it answered at its start */
	const struct channel_ops *ops;
	void *arg;
};

/* A config in use. Referenced on the loop only: a thread may read one as long
 * as whoever started it holds a reference. */
struct running {
	unsigned references;
	struct config *config;
};
struct running *running_new(struct config *c); /* takes it; one reference */
struct running *running_ref(struct running *r);
void running_unref(struct running *r);

/* Seen by every file of this floor, by nobody else but tests. */
struct server {
	const struct clock *clock;
	struct loop *loop;
	struct net *net;
	struct work *work;
	struct curl_room *curl;
	struct store *store;
	struct world *world; /* changed by the intake alone */
	struct inlet inlet;
	struct intake *intake;
	struct doors *doors;
	struct reload *reload;
	struct room rooms[ROOMS_MAX];
	size_t room_count;
	struct api *api;
	struct api_host host;
	struct running *running;
	struct list pending; /* admin's questions that wait for a thread */
	struct rules *fresh; /* parsed already, for the activation under way */
	bool memory;
	bool crashed;

	uint64_t recovered; /* last seq found in the log at start */
	uint64_t start_seq; /* last seq of the start itself */
	bool ready;         /* the start is on disk; owed orders were redone */
	int ready_fd;       /* told once when ready; -1: nobody asked */
	bool stopping;
	bool settled;   /* stopping, and everything is on disk */
	msec_t stop_by; /* monotonic: then even without the last commit */
	msec_t started; /* monotonic */

	struct loop_watch *store_watch;
	struct loop_watch *work_watch;
	struct loop_timer *wake;     /* the router's one timer */
	struct loop_timer *calendar; /* hours and the wall clock */
};

int server_new(const struct server_config *how, struct server **out,
    struct fault *why) must_check;
/* What is flushed is committed; then everything is closed. */
void server_free(struct server *s);
/* As a power cut: what is not on disk is gone. Inline mode only. */
void server_crash(struct server *s);

/* The loop body; `arg` is the server. */
void server_turn(void *arg);
/* Runs until server_stop() has taken effect. */
void server_run(struct server *s);
/* Takes no more connections, commits what it has, then ends the loop. */
void server_stop(struct server *s);

/* Router time of this turn. */
msec_t server_now(const struct server *s);
const char *server_version(void);

#endif
