/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_deadline.c - the default order of contacts: earliest deadline first.
 *
 * offset = T / v - h, never below 0: a head start or a value can make up for
 * the whole of T, not for time that has not passed. With one T for all this is
 * first come, first served. Source: doc/policy.md.
 */
#include "route/policy.h"

static msec_t offset(msec_t answer_ms, unsigned value, msec_t head_start)
{
	msec_t o;

	if (value < 1 || value > VALUE_MAX)
		value = 1;
	if (head_start > HEAD_START_MAX)
		head_start = HEAD_START_MAX;
	o = answer_ms / (msec_t)value - head_start;
	return o < 0 ? 0 : o;
}

const struct contact_order policy_deadline = { "deadline", offset };
