/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log.c - lines to stderr.
 *
 * Entered from floors 4 to 6 and from any thread; each line is one write(2),
 * so lines never mix. Lives without the heap, so that "out of memory" can be
 * said. Whatever a peer put into a line leaves it as visible ASCII or as
 * harmless letters.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES 4096
#define RAW_MAX_BYTES  2048

static atomic_int level_now = LOG_INFO;

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

void log_set_level(enum log_level level)
{
	atomic_store(&level_now, (int)level);
}

bool log_parse_level(const char *text, enum log_level *out)
{
	size_t i;

	for (i = 0; i < countof(level_names); i++)
		if (str_is(str_of(text), level_names[i])) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

bool log_is_on(enum log_level level)
{
	return (int)level <= atomic_load(&level_now);
}

/* Adds all or nothing, and always leaves room for the mark and the newline. */
static bool line_add(struct line *l, const char *p, size_t n)
{
	if (n > sizeof(l->text) - 8 - l->len)
		return false;
	memcpy(l->text + l->len, p, n);
	l->len += n;
	return true;
}

/* Controls, C1, bidi controls, line and paragraph separators, the BOM. */
static bool is_dangerous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c ||
	       c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Adds the first character of s, escaped when need be; its bytes, or 0 when
 * the line is full. */
static size_t line_add_char(struct line *l, struct str s)
{
	uint32_t c = (unsigned char)s.p[0];
	size_t len = utf8_next(s, &c);
	char escaped[16];
	int n;

	if (len > 0 && !is_dangerous(c))
		return line_add(l, s.p, len) ? len : 0;
	if (c == '\n')
		n = snprintf(escaped, sizeof(escaped), "\\n");
	else if (len == 0)
		n = snprintf(escaped, sizeof(escaped), "\\x%02x", c);
	else
		n = snprintf(escaped, sizeof(escaped), "\\u%04x", c);
	if (!line_add(l, escaped, (size_t)n))
		return 0;
	return len == 0 ? 1 : len;
}

static void line_add_safe(struct line *l, struct str s)
{
	while (s.n > 0) {
		size_t used = line_add_char(l, s);

		if (used == 0)
			break;
		s = str_from(s, used);
	}
	if (s.n > 0) {
		memcpy(l->text + l->len, "...", 3);
		l->len += 3;
	}
}

static void line_write(const struct line *l)
{
	size_t done = 0;

	while (done < l->len) {
		ssize_t n = write(STDERR_FILENO, l->text + done, l->len - done);

		/* Nobody is left to be told that the log is gone. */
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			done += (size_t)n;
	}
}

void log_line(enum log_level level, const char *room, const char *fmt, ...)
{
	struct line line = { .len = 0 };
	char raw[RAW_MAX_BYTES];
	char when[CLOCK_TEXT];
	va_list ap;
	int n;

	if (!log_is_on(level))
		return;
	clock_format(clock_wall(clock_system()), when);
	n = snprintf(line.text, sizeof(line.text) / 2,
	    "ts=%s level=%s room=%.32s ", when, level_names[level], room);
	check(n > 0);
	line.len = (size_t)n;
	va_start(ap, fmt);
	n = vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	check(n >= 0);
	line_add_safe(&line, str_of(raw));
	if ((size_t)n >= sizeof(raw))
		line_add(&line, "...", 3);
	line.text[line.len++] = '\n';
	line_write(&line);
}
