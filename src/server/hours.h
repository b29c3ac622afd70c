/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hours.h - openings, closings and jumps of the wall clock, as inputs.
 */
#ifndef USHER_SERVER_HOURS_H
#define USHER_SERVER_HOURS_H

#include "server/server.h"

/* Posts INPUT_HOURS for every hours whose state or next change the world does
 * not know; returns the wall time of the next change, -1 when there is none. */
msec_t hours_check(struct server *s);
/* Posts INPUT_WALL when wall time and router time have parted. */
void wall_check(struct server *s);
/* Both, and sets the calendar's timer: a minute, or until the next change. */
void calendar_check(struct server *s);

#endif
