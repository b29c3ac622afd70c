/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream.h - committed events on their way to the agents they concern.
 */
#ifndef USHER_API_STREAM_H
#define USHER_API_STREAM_H

#include "api/room.h"

/* Fills the ring and the owners from the log's tail, telling nobody. */
void stream_prefill(struct api *a);
void stream_event(struct api *a, const struct event *e);

#endif
