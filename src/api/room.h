/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * room.h - what the files of this room share: the api itself.
 *
 * Seen by src/api only. Each part has its own file; this one only says where
 * they hang together.
 */
#ifndef USHER_API_ROOM_H
#define USHER_API_ROOM_H

#include "api/api.h"
#include "api/guard.h"
#include "api/hash.h"
#include "api/pages.h"
#include "api/ring.h"
#include "base/list.h"
#include "base/map.h"

#define PROTOCOL_VERSION 1
#define HEARTBEAT_S      25                         /* expected of clients */
#define SILENCE_MS       ((msec_t)60 * 1000)        /* then a line is cut */
#define TOKEN_MS         ((msec_t)12 * 3600 * 1000) /* absolute life */
#define NAME_MAX_BYTES   64

struct api {
	struct api_env env;
	struct list sessions;        /* every message peer */
	struct map session_by_peer;  /* peer key -> session */
	struct map session_by_agent; /* agent id -> its one session */
	struct map owners; /* contact id -> agent id, as the committed events
	                      say: what the world says may be ahead of them */
	struct ring ring;
	struct guard guard;
	struct hasher hasher;
	struct pages pages;
	struct http_row *rows; /* this room's, then one per page */
	size_t row_count;
	struct loop_timer *sweep;
	struct list asks;    /* whatever waits for an answer */
	uint64_t people_seq; /* last committed change of a person or token */
};

/*
 * Something that waits for the store, the work pool or the host. It outlives
 * the session it began in; whoever is answered looks the session up again.
 */
struct ask;
typedef void (*ask_drop_fn)(struct ask *k);
struct ask {
	struct list link;
	ask_drop_fn drop; /* frees it when the api goes first */
};
void ask_open(struct api *a, struct ask *k, ask_drop_fn drop);
void ask_close(struct ask *k);
void ask_drop(struct ask *k); /* ends it with nothing said to anybody */

/* The world, as of now. Keep no pointer into it over a post or a wait. */
static inline const struct world *api_world(const struct api *a)
{
	return *a->env.world;
}

/* Router time now. */
msec_t api_now(const struct api *a);

#endif
