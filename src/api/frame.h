/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frame.h - what the server says by itself: one JSON object per event.
 *
 * Written from the event and the world alone; the offer, which needs the
 * record, has a file of its own (offers.h). `type` says what it is, `seq` is
 * the log seq of its event; typing and conflict carry none.
 */
#ifndef USHER_API_FRAME_H
#define USHER_API_FRAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/event.h"
#include "model/world.h"

#define FRAME_TEXT_MAX ((size_t)32 * 1024) /* of a message shown */

/* Appends the frames of an event, one per line without the last line's end;
 * false (and nothing) when there are none. Of two, only the last has the seq. */
bool frame_of_event(
    const struct world *w, const struct event *e, struct buf *out);
/* Is this a kind that makes frames, OFFER_MADE included? */
bool frame_has(enum event_kind kind);

void frame_resumed(struct buf *out, uint64_t seq);
void frame_typing(struct buf *out, struct contact_id contact);
void frame_conflict(struct buf *out);

#endif
