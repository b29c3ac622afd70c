/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tzrule.h - the rule at the end of a zone's file, for the years to come.
 */
#ifndef USHER_CONFIG_TZRULE_H
#define USHER_CONFIG_TZRULE_H

#include "base/err.h"
#include "base/str.h"
#include "model/hours.h"

#define ZONE_FIRST ((int64_t)0)          /* 1970-01-01 */
#define ZONE_LAST  ((int64_t)4102444800) /* 2100-01-01 */

/* Appends what a POSIX TZ rule says behind `last` until 2100. */
int tzrule_extend(
    struct str rule, int64_t last, struct zone *z, size_t *cap) must_check;
/* Drops what is no change, and what comes before the last one. */
void zone_add_change(struct zone *z, size_t *cap, int64_t at, int32_t offset_s);

#endif
