/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log.h - one logfmt line per life event, to stderr.
 *
 *   log_info("contact", "msg=arrived contact=c%" PRIu64 " channel=%s", ...)
 *
 * Control characters, DEL, C1, bidi controls and line separators in the
 * finished line are escaped, so a peer cannot forge a line. Customers' words,
 * numbers and tokens stay at debug. Floors 1-3 never call this.
 */
#ifndef USHER_BASE_LOG_H
#define USHER_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
bool log_parse_level(const char *text, enum log_level *out);
bool log_is_on(enum log_level level);
void log_line(enum log_level level, const char *room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(room, ...) log_line(LOG_ERROR, room, __VA_ARGS__)
#define log_warn(room, ...)  log_line(LOG_WARN, room, __VA_ARGS__)
#define log_info(room, ...)  log_line(LOG_INFO, room, __VA_ARGS__)
#define log_debug(room, ...)                                                   \
	(log_is_on(LOG_DEBUG) ? log_line(LOG_DEBUG, room, __VA_ARGS__)         \
	                      : (void)0)

#endif
