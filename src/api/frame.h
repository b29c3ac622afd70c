/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frame.h - what the server says by itself: one JSON object per event.
 *
 * Written from the event and the world alone; the offer, which needs the
 * record, has a file of its own (offers.h). `type` says what it is, `seq` is
 * the log seq of its event; typing, conflict and error carry none.
 */
#ifndef USHER_API_FRAME_H
#define USHER_API_FRAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/event.h"
#include "model/world.h"

#define FRAME_TEXT_MAX ((size_t)32 * 1024) /* of a message shown */

/* Appends the frame of an event; false (and nothing) when there is none. */
bool frame_of_event(
    const struct world *w, const struct event *e, struct buf *out);
/* Is this a kind that makes frames, OFFER_MADE included? */
bool frame_has(enum event_kind kind);

void frame_resumed(struct buf *out, uint64_t seq);
void frame_typing(struct buf *out, struct contact_id contact);
void frame_conflict(struct buf *out);
void frame_error(struct buf *out, int err, const char *text);

#endif
