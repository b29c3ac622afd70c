/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_log.c - log lines, read back from where stderr leads: levels, one
 * line per call, nothing a peer could forge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"

static int real_stderr = -1;
static FILE *sink;

static int divert(void **state)
{
	(void)state;
	sink = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	log_set_level(LOG_INFO);
	return dup2(fileno(sink), STDERR_FILENO) < 0;
}

static int restore(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	fclose(sink);
	return 0;
}

/* What was logged since the last call, in a buffer of this function. */
static struct str logged(void)
{
	static char text[70000];
	ssize_t n = pread(fileno(sink), text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	assert_int_equal(ftruncate(fileno(sink), 0), 0);
	assert_int_equal(lseek(fileno(sink), 0, SEEK_SET), 0);
	text[n] = '\0';
	return (struct str){ text, (size_t)n };
}

/* The part of the line behind the time; asserts that it is one line. */
static struct str message(void)
{
	struct str line = logged();

	assert_true(line.n > 0);
	assert_int_equal(str_find(line, '\n'), line.n - 1);
	assert_true(utf8_valid(line));
	assert_true(str_starts(line, "ts="));
	return str_from(str_sub(line, 0, line.n - 1), strlen("ts=") + 25);
}

static void a_line_has_time_level_room_and_message(void **state)
{
	struct str line;

	(void)state;
	log_info("contact", "msg=arrived contact=c%d", 42);
	line = logged();
	assert_int_equal(line.p[strlen("ts=2026-11-22")], 'T');
	assert_int_equal(line.p[strlen("ts=2026-11-22T02:44:31.123")], 'Z');
	assert_true(str_is(str_from(line, strlen("ts=") + 25),
	    "level=info room=contact msg=arrived contact=c42\n"));
	log_error("store", "msg=full");
	assert_true(str_is(message(), "level=error room=store msg=full"));
	log_warn("net", "msg=slow");
	assert_true(str_is(message(), "level=warn room=net msg=slow"));
}

static void levels_above_the_set_one_are_silent(void **state)
{
	(void)state;
	log_debug("net", "msg=%s", "hidden");
	log_line(LOG_DEBUG, "net", "msg=hidden");
	assert_int_equal(logged().n, 0);
	log_set_level(LOG_DEBUG);
	log_debug("net", "msg=%s", "shown");
	assert_true(str_is(message(), "level=debug room=net msg=shown"));
	log_set_level(LOG_ERROR);
	log_warn("net", "msg=hidden");
	log_info("net", "msg=hidden");
	assert_int_equal(logged().n, 0);
	assert_true(log_is_on(LOG_ERROR));
	assert_false(log_is_on(LOG_WARN));
	log_set_level(LOG_INFO);
}

static void levels_are_read_by_name(void **state)
{
	enum log_level level = LOG_INFO;

	(void)state;
	assert_true(log_parse_level("debug", &level));
	assert_int_equal(level, LOG_DEBUG);
	assert_true(log_parse_level("error", &level));
	assert_int_equal(level, LOG_ERROR);
	assert_false(log_parse_level("loud", &level));
	assert_false(log_parse_level("", &level));
	assert_false(log_parse_level(NULL, &level));
	assert_int_equal(level, LOG_ERROR);
}

static void add_char(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(b, (char)c);
	} else if (c < 0x800) {
		buf_add_char(b, (char)(0xc0 | c >> 6));
		buf_add_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_add_char(b, (char)(0xe0 | c >> 12));
		buf_add_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_add_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

static bool is_forbidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c ||
	       c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* Every code point under U+2100, each in a line of its own. */
static void no_character_can_forge_a_line(void **state)
{
	uint32_t c;

	(void)state;
	for (c = 1; c < 0x2100; c++) {
		struct buf b = { 0 };
		struct str got;
		uint32_t seen;
		size_t n;

		buf_add_text(&b, "a=<");
		add_char(&b, c);
		buf_add_text(&b, ">");
		log_info("t", "%s", b.data);
		got = str_from(message(), strlen("level=info room=t "));
		if (!is_forbidden(c) && c != 0xfeff)
			assert_true(str_eq(got, buf_str(&b)));
		else
			assert_false(str_eq(got, buf_str(&b)));
		for (; got.n > 0; got = str_from(got, n)) {
			n = utf8_next(got, &seen);
			assert_true(n > 0 && !is_forbidden(seen));
		}
		buf_done(&b);
	}
}

static void escapes_say_what_was_there(void **state)
{
	(void)state;
	log_info("t", "a=1\nts=forged\r\x1b[0m \xe2\x80\xae"
	              "x\x7f\xc2\x85");
	assert_true(str_is(message(),
	    "level=info room=t a=1\\nts=forged\\u000d\\u001b[0m \\u202ex"
	    "\\u007f\\u0085"));
}

static void invalid_bytes_are_shown_as_numbers(void **state)
{
	(void)state;
	log_info("t", "a=\xff\xc3( caf\xc3\xa9");
	assert_true(
	    str_is(message(), "level=info room=t a=\\xff\\xc3( caf\xc3\xa9"));
}

static void a_long_line_is_cut_and_marked(void **state)
{
	char text[10000];
	struct str got;
	size_t n;

	(void)state;
	/* worst case: every byte grows when escaped */
	memset(text, 1, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_info("t", "%s", text);
	got = message();
	assert_true(str_is(str_from(got, got.n - 3), "..."));
	/* no length in between breaks the line or the characters */
	for (n = 1980; n < 2060; n++) {
		memset(text, 'x', n);
		memcpy(text + n, "\xf0\x9f\x98\x80", 5);
		log_info("t", "%s", text);
		got = message();
		assert_true(got.n < 4096);
	}
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_level_room_and_message),
		cmocka_unit_test(levels_above_the_set_one_are_silent),
		cmocka_unit_test(levels_are_read_by_name),
		cmocka_unit_test(no_character_can_forge_a_line),
		cmocka_unit_test(escapes_say_what_was_there),
		cmocka_unit_test(invalid_bytes_are_shown_as_numbers),
		cmocka_unit_test(a_long_line_is_cut_and_marked),
	};

	return cmocka_run_group_tests(tests, divert, restore);
}
