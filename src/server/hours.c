/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hours.c - the calendar of the rules, told to the router as it turns.
 *
 * Entered at start, after a reload and by the calendar's timer. Calendars are
 * wall time, the router has none (law 3): so each opening and closing is an
 * input, and what the world does not know yet is what is posted.
 */
#include "server/hours.h"

#include "server/intake.h"

static bool is_known(
    const struct world *w, const char *name, bool open, msec_t next)
{
	size_t i;

	for (i = 0; i < w->hours_count; i++) {
		const struct hours_state *h = &w->hours[i];

		if (h->name != NULL && str_is(str_of(name), h->name))
			return h->open == open && h->next_wall == next;
	}
	return false;
}

static msec_t check_one(struct server *s, const struct hours *h, msec_t wall)
{
	struct input in = { .kind = INPUT_HOURS };
	bool open = hours_are_open(h, wall);
	msec_t next = hours_next_change(h, wall);

	if (is_known(s->world, h->name, open, next))
		return next;
	in.hours.hours = str_of(h->name);
	in.hours.open = open;
	in.hours.next_wall = next;
	(void)intake_post(s, &in, STR_NONE, NULL);
	return next;
}

msec_t hours_check(struct server *s)
{
	const struct rules *r = s->world->rules;
	msec_t wall = clock_wall(s->clock);
	msec_t first = -1;
	size_t i;

	for (i = 0; r != NULL && i < r->hours_count; i++) {
		msec_t next = check_one(s, &r->hours[i], wall);

		if (next >= 0 && (first < 0 || next < first))
			first = next;
	}
	return first;
}
