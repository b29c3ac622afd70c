/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offers.h - the offer frame: the one frame that needs the record.
 *
 * An agent decides in seconds whether to take a contact, so the frame carries
 * who it probably is and what was said lately.
 */
#ifndef USHER_API_OFFERS_H
#define USHER_API_OFFERS_H

#include "api/room.h"

/* `frame` is empty when the offer has been settled meanwhile. Called once,
 * later or at once. */
typedef void (*offer_frame_fn)(void *arg, struct str frame);
void offer_frame(
    struct api *a, struct offer_id offer, offer_frame_fn done, void *arg);
/* To the agent it was made to, if still open and the agent is here. */
void offer_tell(struct api *a, struct offer_id offer);

#endif
