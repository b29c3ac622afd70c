/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.h - the only place that asks what time it is.
 *
 * A clock is a table of functions so that tests and the simulator can bring
 * their own. Monotonic time drives everything; wall time is a label.
 */
#ifndef USHER_BASE_CLOCK_H
#define USHER_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t msec_t; /* milliseconds */

struct clock {
	msec_t (*mono)(void *arg); /* never goes back */
	msec_t (*wall)(void *arg); /* since 1970-01-01T00:00:00Z */
	void *arg;
};

const struct clock *clock_system(void);
msec_t clock_mono(const struct clock *c);
msec_t clock_wall(const struct clock *c);
int64_t clock_mono_ns(void); /* for measuring only, never for deciding */

/* "2026-11-22T02:44:31.123Z"; dst holds at least 25 bytes. */
#define CLOCK_TEXT 32
void clock_format(msec_t wall, char dst[CLOCK_TEXT]);

#endif
