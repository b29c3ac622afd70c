/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * step.h - one input's way through the router; private to route/.
 *
 * Handlers read s->w, which is const to them, and say what happens with
 * step_emit(): the event is numbered, collected and applied at once, so the
 * next line of the handler sees the world after it. A handler refuses with
 * step_refuse() before its first event, or not at all.
 *
 * Emitting also writes the agenda: the contacts and agents for whom something
 * changed, to be matched before anything else happens.
 */
#ifndef USHER_ROUTE_STEP_H
#define USHER_ROUTE_STEP_H

#include "route/route.h"

struct agenda_item {
	bool is_agent;
	uint64_t id;
};

struct step {
	const struct world *w;
	const struct input *in;
	struct decision *out;
	/* private to step.c */
	struct world *mutable;
	struct agenda_item *agenda;
	size_t agenda_head, agenda_count, agenda_cap;
	unsigned moves;
};

/* `e` needs kind, ids and body. */
void step_emit(struct step *s, struct event *e);
int step_refuse(struct step *s, int code, const char *fmt, ...)
    printf_like(3, 4);
void step_look_at_agent(struct step *s, struct agent_id a);
void step_look_at_contact(struct step *s, struct contact_id c);

/* Events that are said from more than one room. */
void emit_agent_state(struct step *s, const struct agent *a,
    enum agent_state state, const char *reason, msec_t until);
void emit_order(struct step *s, enum order_kind kind, const struct contact *c,
    const struct offer *o, struct message_id m);
void emit_order_done(struct step *s, uint64_t order, int64_t code);

#endif
