/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.c - the one file that asks the kernel for the time.
 *
 * Entered by the loop (once a turn), the log and the tools. Rooms that decide
 * get their time handed in; none of them may come here.
 */
#include "base/clock.h"

#include "base/check.h"

#define MS_PER_S  1000
#define NS_PER_MS 1000000

/* 0000-01-01 and 9999-12-31T23:59:59.999: what four digits can say. */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS  INT64_C(253402300799999)

static msec_t read_ms(clockid_t id)
{
	struct timespec ts;

	check(clock_gettime(id, &ts) == 0);
	return (msec_t)ts.tv_sec * MS_PER_S + ts.tv_nsec / NS_PER_MS;
}

static msec_t system_mono(void *arg)
{
	(void)arg;
	return read_ms(CLOCK_MONOTONIC);
}

static msec_t system_wall(void *arg)
{
	(void)arg;
	return read_ms(CLOCK_REALTIME);
}

const struct clock *clock_system(void)
{
	static const struct clock system = { system_mono, system_wall, NULL };

	return &system;
}

msec_t clock_mono(const struct clock *c)
{
	return c->mono(c->arg);
}

msec_t clock_wall(const struct clock *c)
{
	return c->wall(c->arg);
}

int64_t clock_mono_ns(void)
{
	struct timespec ts;

	check(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Writes v as `digits` digits and the character behind them. */
static char *put_part(char *dst, int v, int digits, char behind)
{
	int i;

	for (i = digits - 1; i >= 0; i--) {
		dst[i] = (char)('0' + v % 10);
		v /= 10;
	}
	dst[digits] = behind;
	return dst + digits + 1;
}

void clock_format(msec_t wall, char dst[CLOCK_TEXT])
{
	struct tm tm;
	time_t seconds;
	int ms;

	wall = wall < FIRST_MS ? FIRST_MS : wall > LAST_MS ? LAST_MS : wall;
	ms = (int)(((wall % MS_PER_S) + MS_PER_S) % MS_PER_S);
	seconds = (time_t)((wall - ms) / MS_PER_S);
	check(gmtime_r(&seconds, &tm) != NULL);
	dst = put_part(dst, tm.tm_year + 1900, 4, '-');
	dst = put_part(dst, tm.tm_mon + 1, 2, '-');
	dst = put_part(dst, tm.tm_mday, 2, 'T');
	dst = put_part(dst, tm.tm_hour, 2, ':');
	dst = put_part(dst, tm.tm_min, 2, ':');
	dst = put_part(dst, tm.tm_sec, 2, '.');
	dst = put_part(dst, ms, 3, 'Z');
	*dst = '\0';
}
