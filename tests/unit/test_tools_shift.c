/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_tools_shift.c - an agent's client without a server: frames in, what is
 * said and sent out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tools/shift.h"

struct desk {
	struct shift shift;
	struct buf said, sent;
	size_t live; /* blocks before */
};

static void on_say(void *arg, const struct shift_contact *c,
    enum shift_tone tone, const char *text)
{
	struct desk *d = arg;

	(void)tone;
	if (text != NULL)
		buf_addf(&d->said, "%s%s%s\n", c == NULL ? "" : c->id,
		    c == NULL ? "" : " ", text);
}

static void on_send(void *arg, struct str message)
{
	struct desk *d = arg;

	buf_add_str(&d->sent, message);
	buf_add_char(&d->sent, '\n');
}

static int open_desk(void **state)
{
	size_t live = mem_live();
	struct desk *d = new_of(struct desk);

	d->live = live;
	shift_init(&d->shift, "maria", "secret");
	d->shift.say = on_say;
	d->shift.send = on_send;
	d->shift.arg = d;
	*state = d;
	return 0;
}

static int close_desk(void **state)
{
	struct desk *d = *state;
	size_t live = d->live;

	shift_done(&d->shift);
	buf_done(&d->said);
	buf_done(&d->sent);
	mem_free(d);
	return mem_live() == live ? 0 : -1;
}

static void hear(struct desk *d, const char *frame)
{
	shift_take(&d->shift, str_of(frame), 1000);
}

static void assert_said(const struct desk *d, const char *text)
{
	assert_non_null(d->said.data);
	if (strstr(d->said.data, text) == NULL)
		fail_msg("not said: %s\nsaid:\n%s", text, d->said.data);
}

static void assert_sent(const struct desk *d, const char *text)
{
	assert_non_null(d->sent.data);
	if (strstr(d->sent.data, text) == NULL)
		fail_msg("not sent: %s\nsent:\n%s", text, d->sent.data);
}

static void sign_in(struct desk *d)
{
	shift_login(&d->shift);
	hear(d, "{\"type\":\"result\",\"id\":\"1\",\"ok\":true,"
	        "\"token\":\"tok\"}");
	hear(d, "{\"type\":\"snapshot\",\"seq\":10,\"agent\":{\"state\":"
	        "\"not-ready\"},\"contacts\":[],\"offer\":null}");
}

static void take_contact(struct desk *d)
{
	hear(d, "{\"type\":\"offer\",\"seq\":12,\"offer\":\"o1\",\"contact\":"
	        "\"c1\",\"channel\":\"chat\",\"queue\":\"billing\","
	        "\"customer\":{\"id\":\"p1\",\"name\":\"Ana Silva\","
	        "\"probably\":null},\"latest\":[{\"id\":\"c0\",\"channel\":"
	        "\"mail\",\"state\":\"ended\",\"at\":"
	        "\"2026-11-22T02:44:31.123Z\",\"subject\":\"Invoice\"}],"
	        "\"rings_ms\":20000}");
	hear(d, "{\"type\":\"contact\",\"seq\":14,\"contact\":\"c1\","
	        "\"state\":\"active\",\"channel\":\"chat\"}");
}

static void a_login_comes_back_by_token_where_it_was(void **state)
{
	struct desk *d = *state;

	sign_in(d);
	assert_sent(d, "\"password\":\"secret\"");
	shift_disconnected(&d->shift);
	buf_clear(&d->sent);
	shift_login(&d->shift);
	assert_sent(d, "\"token\":\"tok\",\"last_seq\":10");
}

static void an_offer_shows_who_and_what_was_before(void **state)
{
	struct desk *d = *state;

	sign_in(d);
	take_contact(d);
	assert_said(d, "offer o1 c1 chat: Ana Silva, queue billing");
	assert_said(d, "  before: 2026-11-22 02:44 mail ended: Invoice");
	assert_said(d, "contact c1 is yours: chat, Ana Silva");
	assert_string_equal(shift_current(&d->shift)->id, "c1");
}

static void plain_text_goes_to_the_open_contact(void **state)
{
	struct desk *d = *state;

	sign_in(d);
	assert_true(shift_typed(&d->shift, STR("hello")));
	assert_said(d, "no contact is open");
	take_contact(d);
	buf_clear(&d->sent);
	assert_true(shift_typed(&d->shift, STR("hello")));
	assert_sent(
	    d, "\"cmd\":\"send\",\"contact\":\"c1\",\"text\":\"hello\"");
	assert_false(shift_typed(&d->shift, STR("/quit")));
}

static void what_was_not_answered_is_said_again(void **state)
{
	struct desk *d = *state;
	struct buf before = { 0 };

	sign_in(d);
	take_contact(d);
	buf_clear(&d->sent);
	shift_typed(&d->shift, STR("hello"));
	buf_add_str(&before, buf_str(&d->sent));
	shift_disconnected(&d->shift);
	shift_login(&d->shift);
	hear(d, "{\"type\":\"result\",\"id\":\"4\",\"ok\":true}");
	buf_clear(&d->sent);
	hear(d, "{\"type\":\"resumed\",\"seq\":14}");
	assert_sent(d, before.data); /* the same id, the same key */
	buf_done(&before);
}

static void a_refused_login_ends_it_and_a_busy_one_does_not(void **state)
{
	struct desk *d = *state;

	shift_login(&d->shift);
	hear(d, "{\"type\":\"result\",\"id\":\"1\",\"ok\":false,\"error\":"
	        "\"busy\",\"text\":\"not now\",\"retry\":true}");
	assert_true(d->shift.later);
	assert_false(d->shift.refused);
	hear(d, "{\"type\":\"result\",\"id\":\"1\",\"ok\":false,\"error\":"
	        "\"auth\",\"text\":\"wrong name or password\"}");
	assert_true(d->shift.refused);
}

static void an_ended_contact_takes_no_more_text(void **state)
{
	struct desk *d = *state;

	sign_in(d);
	take_contact(d);
	hear(d, "{\"type\":\"contact\",\"seq\":20,\"contact\":\"c1\","
	        "\"state\":\"ended\",\"reason\":\"customer-left\"}");
	assert_said(d, "c1 c1 has ended: customer-left");
	buf_clear(&d->sent);
	shift_typed(&d->shift, STR("too late"));
	assert_int_equal(d->sent.len, 0);
}

static void rubbish_changes_nothing(void **state)
{
	static const char *const frames[] = { "", "{", "[]", "{}",
		"{\"type\":\"offer\"}", "{\"type\":\"contact\"}",
		"{\"type\":\"message\",\"contact\":\"c9\"}",
		"{\"type\":\"snapshot\"}", "{\"type\":\"nonsense\"}",
		"{\"type\":\"result\"}" };
	struct desk *d = *state;
	size_t i;

	sign_in(d);
	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		hear(d, frames[i]);
	assert_null(shift_current(&d->shift));
}

static void more_contacts_than_fit_push_out_ended_ones(void **state)
{
	struct desk *d = *state;
	char frame[160];
	unsigned i;

	sign_in(d);
	for (i = 1; i <= SHIFT_CONTACTS + 5; i++) {
		snprintf(frame, sizeof(frame),
		    "{\"type\":\"contact\",\"contact\":\"c%u\",\"state\":"
		    "\"active\",\"channel\":\"chat\"}",
		    i);
		hear(d, frame);
		snprintf(frame, sizeof(frame),
		    "{\"type\":\"contact\",\"contact\":\"c%u\",\"state\":"
		    "\"ended\",\"reason\":\"resolved\"}",
		    i);
		hear(d, frame);
	}
	assert_int_equal(d->shift.contact_count, SHIFT_CONTACTS);
	assert_null(shift_find(&d->shift, STR("c1")));
	assert_non_null(shift_find(&d->shift, STR("c37")));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
	const struct CMUnitTest tests[] = {
		CASE(a_login_comes_back_by_token_where_it_was),
		CASE(an_offer_shows_who_and_what_was_before),
		CASE(plain_text_goes_to_the_open_contact),
		CASE(what_was_not_answered_is_said_again),
		CASE(a_refused_login_ends_it_and_a_busy_one_does_not),
		CASE(an_ended_contact_takes_no_more_text),
		CASE(rubbish_changes_nothing),
		CASE(more_contacts_than_fit_push_out_ended_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
