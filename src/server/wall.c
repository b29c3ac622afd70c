/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wall.c - the wall clock, watched: it may jump, router time never does.
 *
 * Entered by the calendar's timer. A jump is an input, so that labels and the
 * ends of overrides given in wall time stay right on every replay.
 */
#include "base/log.h"
#include "server/hours.h"
#include "server/intake.h"

#define WALL_DRIFT_MS 1000  /* slewing by NTP stays far under this a minute */
#define LOOK_EVERY_MS 60000 /* how late a jump may be noticed */

void wall_check(struct server *s)
{
	struct input in = { .kind = INPUT_WALL };
	msec_t offset = clock_wall(s->clock) - server_now(s);
	msec_t moved = offset - s->world->wall_offset;

	if (moved >= -WALL_DRIFT_MS && moved <= WALL_DRIFT_MS)
		return;
	log_warn("wall", "msg=wall-clock-moved by_ms=%lld", (long long)moved);
	in.wall_offset = offset;
	(void)intake_post(s, &in, STR_NONE, NULL);
}

void calendar_check(struct server *s)
{
	msec_t wait = LOOK_EVERY_MS;
	msec_t next;
	msec_t wall;

	wall_check(s);
	next = hours_check(s);
	wall = clock_wall(s->clock);
	if (next >= 0 && next - wall < wait)
		wait = next > wall ? next - wall : 1;
	loop_timer_set(s->calendar, wait);
}
