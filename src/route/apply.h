/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply.h - one function per event kind; private to apply*.c.
 */
#ifndef USHER_ROUTE_APPLY_H
#define USHER_ROUTE_APPLY_H

#include "model/event.h"
#include "model/world.h"

void apply_contact_arrived(struct world *w, const struct event *e);
void apply_contact_parsed(struct world *w, const struct event *e);
void apply_contact_identified(struct world *w, const struct event *e);
void apply_contact_queued(struct world *w, const struct event *e);
void apply_contact_relaxed(struct world *w, const struct event *e);
void apply_contact_transferred(struct world *w, const struct event *e);
void apply_contact_cleared(struct world *w, const struct event *e);
void apply_contact_started(struct world *w, const struct event *e);
void apply_contact_ended(struct world *w, const struct event *e);
void apply_contact_closed(struct world *w, const struct event *e);
void apply_call_progress(struct world *w, const struct event *e);
void apply_message_added(struct world *w, const struct event *e);
void apply_offer_made(struct world *w, const struct event *e);
void apply_offer_settled(struct world *w, const struct event *e);
void apply_identity_settled(struct world *w, const struct event *e);
void apply_agent_state(struct world *w, const struct event *e);
void apply_agent_session(struct world *w, const struct event *e);
void apply_device_state(struct world *w, const struct event *e);
void apply_skill_override(struct world *w, const struct event *e);

/* The agent takes, or lets go of, an active contact: load, idle stamp. */
void agent_take(struct world *w, struct agent *a, struct contact *c);
void agent_release(struct world *w, struct contact *c);

#endif
