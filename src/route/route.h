/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * route.h - the heart: input in, events out; events change the world.
 *
 * decide() reads a world and an input and says what happens; apply() makes it
 * so. route_step() alternates the two until nothing more follows from the
 * input or 1,000 moves are made (the rest follows by wake_at = now). No clock,
 * no I/O, no floating point, no hash order: the same world and input give the
 * same events, byte for byte, for one ROUTER_VERSION.
 */
#ifndef USHER_ROUTE_ROUTE_H
#define USHER_ROUTE_ROUTE_H

#include <stddef.h>

#include "base/buf.h"
#include "model/event.h"
#include "model/input.h"
#include "model/world.h"

/* Any change of what decide() says for the same input needs a new number. */
#define ROUTER_VERSION 1
#define MOVES_MAX      1000

/* What one input led to. Starts as all zero bytes; events and their strings
 * are valid until the next step or decision_done(). */
struct decision {
	struct event *events; /* first the input itself, when any follow */
	size_t count;
	size_t cap;
	msec_t wake_at; /* call again with INPUT_TICK then; -1: no need */
	struct outcome outcome;
	struct buf input_body;
};

void decision_done(struct decision *d);

/* Returns out->outcome.err. When it is not 0, nothing was changed and there
 * are no events. */
int route_step(struct world *w, const struct input *in, struct decision *out);

void apply(struct world *w, const struct event *e);

#endif
