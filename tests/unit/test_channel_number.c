/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_channel_number.c - numbers as people write them become one number, and
 * what is no whole number of a country stays what it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "channel/address.h"
#include "channel/number.h"

struct sample {
	const char *country;
	const char *raw;
	const char *number; /* NULL: left alone */
};

static void expect(const struct sample *samples, size_t n)
{
	char got[NUMBER_TEXT];
	size_t i;

	for (i = 0; i < n; i++) {
		const struct sample *s = &samples[i];
		bool is = number_normalise(str_of(s->raw), s->country, got);

		if (is != (s->number != NULL))
			fail_msg("%s \"%s\": %s", s->country, s->raw,
			    is ? got : "left alone");
		if (is && !str_is(str_of(got), s->number))
			fail_msg("%s \"%s\": %s, not %s", s->country, s->raw,
			    got, s->number);
	}
}
#define EXPECT(samples) expect(samples, countof(samples))

static void one_number_is_written_in_many_ways(void **state)
{
	static const struct sample samples[] = {
		{ "FR", "+33155501010", "+33155501010" },
		{ "FR", "+33 1 55 50 10 10", "+33155501010" },
		{ "FR", "+33 (0)1 55-50-10.10", "+33155501010" },
		{ "FR", "0033 1 55501010", "+33155501010" },
		{ "FR", "01 55 50 10 10", "+33155501010" },
		{ "FR", "(01) 55/50 10 10", "+33155501010" },
		{ "FR", "33155501010", "+33155501010" },
		{ "FR", "155501010", "+33155501010" },
		{ "FR", "tel:+33-1-55501010;ext=12", "+33155501010" },
		{ "FR", "TEL:0155501010", "+33155501010" },
		{ "FR", "  0155501010\t", "+33155501010" },
	};

	(void)state;
	EXPECT(samples);
}

static void each_country_has_its_own_prefixes(void **state)
{
	static const struct sample samples[] = {
		{ "US", "(212) 555-0123", "+12125550123" },
		{ "US", "1 212 555 0123", "+12125550123" },
		{ "US", "011 44 20 7946 0018", "+442079460018" },
		{ "CA", "416 555 0123", "+14165550123" },
		{ "GB", "020 7946 0018", "+442079460018" },
		{ "DE", "030 123456", "+4930123456" },
		{ "PT", "912 345 678", "+351912345678" },
		{ "ES", "612 34 56 78", "+34612345678" },
		{ "HU", "06 1 234 5678", "+3612345678" },
		{ "RU", "8 495 123-45-67", "+74951234567" },
		{ "RU", "810 44 20 7946 0018", "+442079460018" },
		{ "AU", "0011 44 2079460018", "+442079460018" },
		{ "AU", "02 9374 4000", "+61293744000" },
		{ "JP", "010 1 212 555 0123", "+12125550123" },
		{ "BR", "(11) 91234-5678", NULL }, /* may lack its trunk */
		{ "BR", "(011) 91234-5678", "+5511912345678" },
	};

	(void)state;
	EXPECT(samples);
}

static void italy_keeps_its_zero(void **state)
{
	static const struct sample samples[] = {
		{ "IT", "06 698 12345", "+390669812345" },
		{ "IT", "+39 06 698 12345", "+390669812345" },
		{ "IT", "347 123 4567", "+393471234567" },
		{ "IT", "0039 06 698 12345", "+390669812345" },
	};

	(void)state;
	EXPECT(samples);
}

static void what_is_no_whole_number_is_left_alone(void **state)
{
	static const struct sample samples[] = {
		{ "FR", "", NULL },
		{ "FR", "112", NULL },
		{ "FR", "3631", NULL },
		{ "FR", "2001", NULL },
		{ "FR", "anonymous", NULL },
		{ "FR", "sip:ana@example.org", NULL },
		{ "FR", "+", NULL },
		{ "FR", "+0155501010", NULL },
		{ "FR", "+1234567890123456", NULL },
		{ "FR", "01 55 50 10 1O", NULL },
		{ "FR", "+33 1 55 50 #10", NULL },
		{ "FR", "015550101", NULL },
		{ "FR", "01555010101", NULL },
		{ "US", "911", NULL },
		{ "US", "012 555 0123", NULL },
		{ "IT", "116117", NULL },
		{ "DE", "110", NULL },
		{ "", "0155501010", NULL },
		{ "XX", "0155501010", NULL },
		{ "FR", "00000000000000000000000000000000000000001", NULL },
	};

	(void)state;
	EXPECT(samples);
}

static void without_a_country_the_number_must_carry_one(void **state)
{
	static const struct sample samples[] = {
		{ "", "+33155501010", "+33155501010" },
		{ "", "0033155501010", "+33155501010" },
		{ "", "01133155501010", "+33155501010" },
	};

	(void)state;
	EXPECT(samples);
}

static void a_number_has_at_most_15_digits(void **state)
{
	static const struct sample samples[] = {
		{ "", "+123456789012345", "+123456789012345" },
		{ "", "+1234567890123456", NULL },
		{ "", "+1234567", "+1234567" },
		{ "", "+123456", NULL },
	};

	(void)state;
	EXPECT(samples);
}

static void a_withheld_number_is_nobodys(void **state)
{
	(void)state;
	assert_true(number_is_withheld(STR("")));
	assert_true(number_is_withheld(STR(" Anonymous ")));
	assert_true(number_is_withheld(STR("UNKNOWN")));
	assert_false(number_is_withheld(STR("+33155501010")));
	assert_false(number_is_withheld(STR("2001")));
}

/* ---- addresses ------------------------------------------------------------- */

static char one[] = "10.0.0.5";
static char net[] = "192.168.4.0/22";
static char six[] = "2001:db8::/32";
static char *const listed[] = { one, net, six };

static bool is_listed(const char *address)
{
	return address_is_listed(str_of(address), listed, countof(listed));
}

static void an_address_is_listed_by_itself_or_its_network(void **state)
{
	(void)state;
	assert_true(is_listed("10.0.0.5"));
	assert_true(is_listed("::ffff:10.0.0.5"));
	assert_true(is_listed("192.168.4.1"));
	assert_true(is_listed("192.168.7.255"));
	assert_true(is_listed("2001:db8:1::9"));
}

static void no_other_address_is_listed(void **state)
{
	(void)state;
	assert_false(is_listed("10.0.0.50"));
	assert_false(is_listed("10.0.0.4"));
	assert_false(is_listed("192.168.8.0"));
	assert_false(is_listed("192.168.3.255"));
	assert_false(is_listed("2001:db9::1"));
	assert_false(is_listed("::1"));
	assert_false(is_listed(""));
	assert_false(is_listed("10.0.0.5 "));
}

static void an_empty_list_is_open_and_a_broken_entry_is_not(void **state)
{
	char broken[] = "10.0.0.5/33";
	char *const list[] = { broken };

	(void)state;
	assert_true(address_is_listed(STR("1.2.3.4"), NULL, 0));
	assert_false(address_is_listed(STR("10.0.0.5"), list, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_number_is_written_in_many_ways),
		cmocka_unit_test(each_country_has_its_own_prefixes),
		cmocka_unit_test(italy_keeps_its_zero),
		cmocka_unit_test(what_is_no_whole_number_is_left_alone),
		cmocka_unit_test(without_a_country_the_number_must_carry_one),
		cmocka_unit_test(a_number_has_at_most_15_digits),
		cmocka_unit_test(a_withheld_number_is_nobodys),
		cmocka_unit_test(an_address_is_listed_by_itself_or_its_network),
		cmocka_unit_test(no_other_address_is_listed),
		cmocka_unit_test(
		    an_empty_list_is_open_and_a_broken_entry_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
