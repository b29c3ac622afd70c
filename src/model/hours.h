/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hours.h - when something is open: a calendar in one time zone.
 *
 * Pure arithmetic on data that the config floor prepared (the zone's
 * transitions are read there). Wall times are ms since 1970 UTC. The router
 * itself never reads these: openings and closings reach it as inputs.
 */
#ifndef USHER_MODEL_HOURS_H
#define USHER_MODEL_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/* From `at` (UTC seconds) on, local time = UTC + offset_s. */
struct zone_change {
	int64_t at;
	int32_t offset_s;
};

struct zone {
	char *name;
	struct zone_change *changes; /* ascending; the first holds from -inf */
	size_t change_count;
};

struct hours_span { /* minutes of a local day, from <= m < to */
	uint16_t from;
	uint16_t to; /* up to 1440 */
};

#define HOURS_SPANS 8
struct hours_day {
	struct hours_span spans[HOURS_SPANS];
	uint8_t span_count; /* 0: closed */
};

struct hours_exception { /* a dated (year > 0) or yearly (0) day */
	uint16_t year;
	uint8_t month, day;
	struct hours_day hours;
	char *label; /* "Christmas"; may be NULL */
};

struct hours {
	char *name;
	struct zone zone;
	struct hours_day week[7]; /* 0 = Monday */
	struct hours_exception *exceptions;
	size_t exception_count;
};

void hours_done(struct hours *h);

struct local_time {
	int year;
	unsigned month, day, weekday; /* 1-12, 1-31, 0 = Monday */
	unsigned minute;              /* of the day */
	unsigned second;
};
void zone_local(const struct zone *z, msec_t wall, struct local_time *out);
/* UTC ms of a local time; in a gap the time after it, in a fold the first. */
msec_t zone_wall(const struct zone *z, const struct local_time *local);

bool hours_are_open(const struct hours *h, msec_t wall);
/* The label of the exception that holds on that day, or NULL. */
const char *hours_label(const struct hours *h, msec_t wall);
/* The next moment after `wall` at which open and closed change places; -1
 * when there is none within 400 days. */
msec_t hours_next_change(const struct hours *h, msec_t wall);
/* Wall time at which `open_ms` of open time will have passed; -1: never. */
msec_t hours_add_open(const struct hours *h, msec_t wall, msec_t open_ms);

#endif
