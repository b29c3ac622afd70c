/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_config_tz.c - time zones: against zdump, against rules written by hand,
 * and against damaged files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"
#include "config/files.h"
#include "config/tzfile.h"

static int32_t offset_at(const struct zone *z, int64_t at)
{
	int32_t offset = 0;

	for (size_t i = 0; i < z->change_count; i++)
		if (i == 0 || z->changes[i].at <= at)
			offset = z->changes[i].offset_s;
	return offset;
}

static int64_t utc(int year, int month, int day, int hour)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour };

	return timegm(&tm);
}

static void zone_done(struct zone *z)
{
	mem_free(z->name);
	mem_free(z->changes);
	*z = (struct zone){ 0 };
}

/* ---- zdump ------------------------------------------------------------- */

/* What `zdump -v` says; false when there is none on this machine. */
static bool run_zdump(const char *zone, struct buf *out)
{
	int ends[2];
	int status;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		execlp("zdump", "zdump", "-v", "-c", "2020,2040", zone, NULL);
		_exit(127);
	}
	close(ends[1]);
	do {
		assert_true(buf_reserve(out, 4096));
		n = read(ends[0], out->data + out->len, 4096);
		out->len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct sample {
	int64_t at;
	int32_t offset;
};

/* "Europe/Paris  Sun Mar 29 00:59:59 2020 UT = ... isdst=0 gmtoff=3600" */
static bool read_sample(struct str line, struct sample *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[256];
	char month[4];
	const char *found;
	const char *offset;
	struct tm tm = { 0 };

	if (!str_copy(text, sizeof(text), line))
		return false;
	offset = strstr(text, "gmtoff=");
	if (offset == NULL ||
	    sscanf(text, "%*s %*s %3s %d %d:%d:%d %d UT", month, &tm.tm_mday,
	        &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &tm.tm_year) != 6)
		return false;
	found = strstr(months, month);
	assert_non_null(found);
	tm.tm_mon = (int)(found - months) / 3;
	tm.tm_year -= 1900;
	out->at = timegm(&tm);
	out->offset = (int32_t)strtol(offset + 7, NULL, 10);
	return true;
}

static const char *const zones[] = { "Europe/Paris", "Europe/London",
	"Europe/Dublin", "America/New_York", "America/Sao_Paulo",
	"America/Santiago", "America/Nuuk", "America/St_Johns", "Asia/Kolkata",
	"Asia/Kathmandu", "Asia/Tehran", "Asia/Gaza", "Asia/Tokyo",
	"Asia/Jerusalem", "Africa/Casablanca", "Africa/Cairo",
	"Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland",
	"Pacific/Chatham", "Pacific/Apia", "Antarctica/Troll", "UTC",
	"Asia/Almaty" };

static size_t count_changes(const struct zone *z, int64_t from, int64_t to)
{
	size_t n = 0;

	for (size_t i = 0; i < z->change_count; i++)
		n += z->changes[i].at > from && z->changes[i].at < to;
	return n;
}

static void compare_with_zdump(const char *name)
{
	struct zone z = { 0 };
	struct fault why = { 0 };
	struct buf text = { 0 };
	struct str rest;
	struct sample before = { INT64_MIN, 0 };
	struct sample s;
	size_t changes = 0;

	if (!run_zdump(name, &text)) {
		buf_done(&text);
		skip();
	}
	assert_int_equal(tzfile_load(str_of(name), &z, &why), 0);
	assert_string_equal(z.name, name);
	rest = buf_str(&text);
	while (rest.n > 0) {
		if (!read_sample(str_next(&rest, '\n'), &s))
			continue;
		if (s.at < utc(2020, 1, 1, 0) || s.at > utc(2040, 1, 1, 0))
			continue;
		if (offset_at(&z, s.at) != s.offset)
			print_message("%s at %lld\n", name, (long long)s.at);
		assert_int_equal(offset_at(&z, s.at), s.offset);
		if (before.at == s.at - 1 && before.offset != s.offset)
			changes++;
		before = s;
	}
	/* And there is no change that zdump does not know. */
	assert_int_equal(
	    count_changes(&z, utc(2020, 1, 1, 0), utc(2040, 1, 1, 0)), changes);
	zone_done(&z);
	buf_done(&text);
}

static void offsets_agree_with_zdump_from_2020_to_2040(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(zones); i++)
		compare_with_zdump(zones[i]);
}

static void changes_go_on_until_2100(void **state)
{
	struct zone z = { 0 };
	struct fault why;

	(void)state;
	assert_int_equal(tzfile_load(STR("Europe/Paris"), &z, &why), 0);
	/* The last Sundays of March and October 2099. */
	assert_int_equal(offset_at(&z, utc(2099, 3, 29, 0)), 3600);
	assert_int_equal(offset_at(&z, utc(2099, 3, 29, 1)), 7200);
	assert_int_equal(offset_at(&z, utc(2099, 10, 25, 0)), 7200);
	assert_int_equal(offset_at(&z, utc(2099, 10, 25, 1)), 3600);
	for (size_t i = 1; i < z.change_count; i++) {
		assert_true(z.changes[i].at > z.changes[i - 1].at);
		assert_true(z.changes[i].offset_s != z.changes[i - 1].offset_s);
	}
	zone_done(&z);
}

/* ---- files made by hand ------------------------------------------------ */

static void put_be(struct buf *out, uint64_t v, unsigned bytes)
{
	while (bytes-- > 0)
		buf_add_char(out, (char)(v >> (bytes * 8)));
}

static void put_header(struct buf *out, char version, uint32_t leaps,
    uint32_t times, uint32_t types)
{
	static const char none[15];

	buf_add_text(out, "TZif");
	buf_add_char(out, version);
	buf_add(out, none, sizeof(none));
	put_be(out, 0, 4);
	put_be(out, 0, 4);
	put_be(out, leaps, 4);
	put_be(out, times, 4);
	put_be(out, types, 4);
	put_be(out, 4, 4);
}

/* One type of offset `std`, one transition to it at `at`, and a footer. */
static void make_file(
    struct buf *out, int64_t at, int32_t std, const char *footer)
{
	put_header(out, '2', 0, 0, 1);
	put_be(out, 0, 6);
	buf_add(out, "XXX", 4);
	put_header(out, '2', 0, 1, 1);
	put_be(out, (uint64_t)at, 8);
	put_be(out, 0, 1);
	put_be(out, (uint32_t)std, 4);
	put_be(out, 0, 2);
	buf_add(out, "XXX", 4);
	buf_addf(out, "\n%s\n", footer);
}

static struct zone zone_of_rule(int32_t std, const char *footer)
{
	struct buf file = { 0 };
	struct zone z = { 0 };
	struct fault why = { 0 };

	make_file(&file, 0, std, footer);
	if (tzfile_parse(buf_str(&file), &z, &why) != 0)
		fail_msg("%s: %s", footer, why.text);
	buf_done(&file);
	return z;
}

static void a_rule_of_weekdays_is_followed(void **state)
{
	struct zone z = zone_of_rule(-18000, "EST5EDT,M3.2.0,M11.1.0");

	(void)state;
	assert_int_equal(offset_at(&z, utc(2026, 3, 8, 7) - 1), -18000);
	assert_int_equal(offset_at(&z, utc(2026, 3, 8, 7)), -14400);
	assert_int_equal(offset_at(&z, utc(2026, 11, 1, 6) - 1), -14400);
	assert_int_equal(offset_at(&z, utc(2026, 11, 1, 6)), -18000);
	zone_done(&z);
}

static void a_rule_of_day_numbers_is_followed(void **state)
{
	/* J60 is always 1 March, 59 is 29 February in a leap year. */
	struct zone julian = zone_of_rule(0, "AAA0BBB,J60/0,J300/0");
	struct zone zero = zone_of_rule(0, "AAA0BBB,59/0,300/0");

	(void)state;
	assert_int_equal(offset_at(&julian, utc(2028, 2, 29, 23)), 0);
	assert_int_equal(offset_at(&julian, utc(2028, 3, 1, 0)), 3600);
	assert_int_equal(offset_at(&julian, utc(2027, 3, 1, 0)), 3600);
	assert_int_equal(offset_at(&zero, utc(2028, 2, 29, 0)), 3600);
	assert_int_equal(offset_at(&zero, utc(2027, 3, 1, 0)), 3600);
	assert_int_equal(offset_at(&zero, utc(2027, 2, 28, 23)), 0);
	zone_done(&julian);
	zone_done(&zero);
}

static void odd_rules_are_followed(void **state)
{
	/* Dublin: winter is the exception. */
	struct zone dublin = zone_of_rule(3600, "IST-1GMT0,M10.5.0,M3.5.0/1");
	/* Nuuk: changes the day before, in local time. */
	struct zone nuuk =
	    zone_of_rule(-7200, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
	/* Gaza-like: hours beyond a day. */
	struct zone gaza = zone_of_rule(7200, "EET-2EEST,M3.4.4/50,M10.4.4/50");
	/* RFC 9636: daylight saving all year, the change never happens. */
	struct zone all_year = zone_of_rule(-10800, "XXX3EDT4,0/0,J365/23");
	struct zone fixed = zone_of_rule(19800, "<+0530>-5:30");

	(void)state;
	assert_int_equal(offset_at(&dublin, utc(2026, 1, 1, 0)), 0);
	assert_int_equal(offset_at(&dublin, utc(2026, 3, 29, 1)), 3600);
	assert_int_equal(offset_at(&dublin, utc(2026, 10, 25, 1)), 0);
	assert_int_equal(offset_at(&nuuk, utc(2026, 3, 29, 1) - 1), -7200);
	assert_int_equal(offset_at(&nuuk, utc(2026, 3, 29, 1)), -3600);
	assert_int_equal(offset_at(&gaza, utc(2026, 3, 28, 0) - 1), 7200);
	assert_int_equal(offset_at(&gaza, utc(2026, 3, 28, 0)), 10800);
	assert_int_equal(offset_at(&all_year, utc(2026, 1, 1, 3)), -14400);
	assert_int_equal(offset_at(&all_year, utc(2026, 7, 1, 0)), -14400);
	assert_int_equal(offset_at(&all_year, utc(2027, 1, 1, 3)), -14400);
	assert_int_equal(fixed.change_count, 1);
	zone_done(&dublin);
	zone_done(&nuuk);
	zone_done(&gaza);
	zone_done(&all_year);
	zone_done(&fixed);
}

static void rules_that_cannot_be_are_refused(void **state)
{
	static const char *const footers[] = { "5", "A5", "EST", "EST5EDT",
		"EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
		"EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0",
		"EST5EDT,J0,J365", "EST5EDT,366,J365", "EST25", "<EST5",
		"EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,",
		"EST99999999999", "EST5:60" };

	(void)state;
	for (size_t i = 0; i < countof(footers); i++) {
		struct buf file = { 0 };
		struct zone z = { 0 };
		struct fault why;

		make_file(&file, 0, -18000, footers[i]);
		if (tzfile_parse(buf_str(&file), &z, &why) != ERR_CORRUPT)
			fail_msg("%s", footers[i]);
		assert_null(z.changes);
		buf_done(&file);
	}
}

static void other_files_are_refused_with_a_sentence(void **state)
{
	struct buf file = { 0 };
	struct zone z = { 0 };
	struct fault why;

	(void)state;
	assert_int_equal(tzfile_parse(STR("hello"), &z, &why), ERR_CORRUPT);
	assert_string_equal(why.text, "this is not a time zone file");
	put_header(&file, '\0', 0, 0, 1);
	assert_int_equal(
	    tzfile_parse(buf_str(&file), &z, &why), ERR_UNSUPPORTED);
	buf_clear(&file);
	put_header(&file, '2', 0, 0, 0);
	buf_add(&file, "XXX", 4);
	put_header(&file, '2', 1, 0, 1);
	put_be(&file, 0, 6);
	buf_add(&file, "XXX", 4);
	put_be(&file, 0, 8);
	put_be(&file, 0, 4);
	buf_add_text(&file, "\n\n");
	assert_int_equal(
	    tzfile_parse(buf_str(&file), &z, &why), ERR_UNSUPPORTED);
	assert_string_equal(
	    why.text, "zones with leap seconds are not supported");
	buf_done(&file);
}

static void names_that_are_paths_are_refused(void **state)
{
	static const char *const names[] = { "", "/etc/passwd",
		"../../../etc/passwd", "Europe/../../x", "Europe/Paris\n",
		"Europe/Paris.", "Europe", "zone.tab", "tzdata.zi" };

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		struct zone z = { 0 };
		struct fault why = { 0 };

		assert_int_not_equal(
		    tzfile_load(str_of(names[i]), &z, &why), 0);
		assert_null(z.name);
		assert_null(z.changes);
		assert_int_not_equal(why.text[0], 0);
	}
}

/* ---- damage ------------------------------------------------------------ */

static void try_bytes(struct str bytes)
{
	size_t live = mem_live();
	struct zone z = { 0 };
	struct fault why;
	/* Exactly as long as it says: a read behind it is a fault. */
	char *copy = mem_new(bytes.n + (bytes.n == 0));

	if (bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	if (tzfile_parse((struct str){ copy, bytes.n }, &z, &why) == 0) {
		assert_true(z.change_count > 0);
		for (size_t i = 1; i < z.change_count; i++)
			assert_true(z.changes[i].at > z.changes[i - 1].at);
	}
	mem_free(copy);
	zone_done(&z);
	assert_int_equal(mem_live(), live);
}

static void damaged_files_do_no_harm(void **state)
{
	struct buf file = { 0 };
	struct rng rng;

	(void)state;
	assert_int_equal(
	    file_read(TZFILE_DIR "Europe/Paris", TZFILE_BYTES, &file, NULL), 0);
	for (size_t n = 0; n < file.len; n++)
		try_bytes((struct str){ file.data, n });
	rng_seed(&rng, 42);
	for (int round = 0; round < 5000; round++) {
		size_t at[3];
		char was[3];

		for (int i = 0; i < 3; i++) {
			/* The headers and the footer matter most. */
			at[i] = rng_below(&rng, 3) == 0
			            ? rng_below(&rng, 44)
			            : rng_below(&rng, file.len);
			was[i] = file.data[at[i]];
			file.data[at[i]] = (char)rng_below(&rng, 256);
		}
		try_bytes(buf_str(&file));
		for (int i = 2; i >= 0; i--)
			file.data[at[i]] = was[i];
	}
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_agree_with_zdump_from_2020_to_2040),
		cmocka_unit_test(changes_go_on_until_2100),
		cmocka_unit_test(a_rule_of_weekdays_is_followed),
		cmocka_unit_test(a_rule_of_day_numbers_is_followed),
		cmocka_unit_test(odd_rules_are_followed),
		cmocka_unit_test(rules_that_cannot_be_are_refused),
		cmocka_unit_test(other_files_are_refused_with_a_sentence),
		cmocka_unit_test(names_that_are_paths_are_refused),
		cmocka_unit_test(damaged_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
