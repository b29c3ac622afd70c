/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * centre.h - a whole server inside the simulation, and lines to it.
 *
 * Real code on every floor; only the clock is ours, the threads run when we
 * say so and the sockets are memory. A line is one client's connection: what
 * it writes arrives in pieces of random size, or never.
 */
#ifndef USHER_SIM_CENTRE_H
#define USHER_SIM_CENTRE_H

#include "base/json.h"
#include "base/map.h"
#include "base/rng.h"
#include "server/doors.h"
#include "server/server.h"

struct centre {
	struct rng rng;
	struct clock clock;
	msec_t mono, wall;
	char *dir;
	struct server *server;
	uint64_t seen_seq; /* the newest any client was shown */
	unsigned crashes;
	struct map arrivals; /* contact -> when it first came, as once seen */
	bool leapt;          /* the wall clock did, since the last start */
	msec_t not_before;   /* router time that has passed at the next start */
	struct buf story;    /* what happened lately, a line each */
};

void centre_init(struct centre *x, uint64_t seed);
void centre_done(struct centre *x);
/* Starts (again) on the same folder. */
void centre_start(struct centre *x);
/* As a power cut: every line is dead, what is not committed is gone; `down`
 * passes before anybody could start it again. */
void centre_crash(struct centre *x, msec_t down);
/* An orderly end and a start: nothing is gone, not even from a checkpoint. */
void centre_restart(struct centre *x);
/* Turns until nothing moves any more. */
void centre_settle(struct centre *x);
/* One turn: what was decided may not be on disk yet. */
void centre_turn(struct centre *x);
void centre_pass(struct centre *x, msec_t ms);
void centre_leap(struct centre *x, msec_t ms); /* of the wall clock only */
void centre_tell(struct centre *x, const char *fmt, ...) printf_like(2, 3);
bool centre_chance(struct centre *x, unsigned percent);

/* Stops the process if an invariant of the house is broken. */
void centre_check(struct centre *x);
/* The log, replayed by apply() alone, is the live world, and so is the world
 * the store keeps for its checkpoints. */
void centre_check_replay(struct centre *x);

/* A client's end. */
struct line {
	struct centre *centre;
	struct net_pipe *pipe; /* NULL: not connected */
	struct buf in;         /* received, not yet read */
};
void line_dial(
    struct line *l, struct centre *x, enum listener_use use, const char *from);
void line_drop(struct line *l); /* hangs up */
void line_write(struct line *l, struct str bytes);
/* The next LF-terminated line as JSON, or NULL; the caller frees it. Notes
 * the seq it carries. */
struct json *line_read(struct line *l);
/* A complete HTTP answer: its status, 0 when it is not all there yet. */
int line_answer(struct line *l, struct json **out);

#endif
