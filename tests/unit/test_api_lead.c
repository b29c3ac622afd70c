/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_api_lead.c - steering and looking: the commands of leads and admins,
 * over the control socket, and what texts of people come to.
 */
#include "api_kit.h"

#include "api/arg.h"

static int open_one(void **state)
{
	*state = house_open(NULL);
	return 0;
}

static int close_one(void **state)
{
	house_close(*state);
	return 0;
}

/* ---- texts of people ----------------------------------------------------------- */

static void durations_and_times_are_read(void **state)
{
	static const struct {
		const char *text;
		msec_t at; /* -1: refused */
	} cases[] = {
		{ "30s", 1030000 },
		{ "5m", 1300000 },
		{ "2h", 8200000 },
		{ "1d", 87400000 },
		{ "400d", 34561000000 },
		{ "401d", -1 },
		{ "0m", -1 },
		{ "m", -1 },
		{ "-5m", -1 },
		{ "5 m", -1 },
		{ "5M", -1 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-22T02:44:31Z", 1795315471000 },
		{ "2026-11-22t02:44:31.123z", 1795315471000 },
		{ "2026-11-22T03:44:31+01:00", 1795315471000 },
		{ "2026-11-21T21:14:31-05:30", 1795315471000 },
		{ "2024-02-29T12:00:00Z", 1709208000000 },
		{ "2000-03-01T00:00:00Z", 951868800000 },
		{ "2100-03-01T00:00:00Z", 4107542400000 },
		{ "2026-13-01T00:00:00Z", -1 },
		{ "2026-11-22T24:00:00Z", -1 },
		{ "2026-11-22 02:44:31Z", -1 },
		{ "2026-11-22T02:44:31", -1 },
		{ "2026-11-22T02:44:31+0100", -1 },
		{ "2026-11-22T02:44:31Zx", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "", -1 },
	};
	msec_t at;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		int err = until_parse(str_of(cases[i].text), 1000000, &at);

		if ((err != 0) != (cases[i].at < 0) ||
		    (err == 0 && at != cases[i].at))
			fail_msg("%s", cases[i].text);
	}
}

static void assert_normal(bool (*normal)(struct str, struct buf *),
    const char *text, const char *wanted)
{
	struct buf out = { 0 };
	bool fits = normal(str_of(text), &out);

	if (fits != (wanted != NULL) ||
	    (fits && !str_is(buf_str(&out), wanted)))
		fail_msg("%s", text);
	buf_done(&out);
}

static void numbers_and_addresses_are_made_normal(void **state)
{
	(void)state;
	assert_normal(normal_phone, "+33 1 55.50-10 (10)", "+33155501010");
	assert_normal(normal_phone, "2001", "2001");
	assert_normal(normal_phone, "33+1", NULL);
	assert_normal(normal_phone, "+1234567890123456", NULL);
	assert_normal(normal_phone, "maria", NULL);
	assert_normal(normal_phone, "", NULL);
	assert_normal(normal_mail, "Ana@Example.org", "ana@example.org");
	assert_normal(normal_mail, "@example.org", NULL);
	assert_normal(normal_mail, "ana@", NULL);
	assert_normal(normal_mail, "ana", NULL);
	assert_normal(normal_mail, "a@b\r\nBcc: c@d", NULL);
	assert_normal(normal_mail, "<a@b>", NULL);
	assert_normal(normal_mail, "a@b,c@d", NULL);
}

/* ---- overrides -------------------------------------------------------------------- */

static const struct json *queue_named(const struct json *v, const char *name)
{
	const struct json *list = json_get(v, "queues");
	size_t i;

	for (i = 0; i < json_count(list); i++)
		if (strcmp(text_of(json_at(list, i), "name"), name) == 0)
			return json_at(list, i);
	fail_msg("no queue %s", name);
	return NULL;
}

static void a_queue_is_closed_for_a_while(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	client_ok(c, "\"cmd\":\"queue-set\",\"queue\":\"q1\","
	             "\"set\":\"closed\",\"until\":\"30m\"");
	assert_int_equal(h->world->queues[1]->override, 2);
	assert_int_equal(
	    h->world->queues[1]->override_until, h->mono + 30 * 60000);
	v = queue_named(client_ok(c, "\"cmd\":\"queues\""), "q1");
	assert_false(json_bool(json_get(v, "open"), true));
	assert_text(v, "override", "closed");
	v = json_get(client_ok(c, "\"cmd\":\"overrides\""), "overrides");
	assert_int_equal(json_count(v), 1);
	assert_text(json_at(v, 0), "queue", "q1");
	assert_text(json_at(v, 0), "author", "control");
	assert_text(json_at(v, 0), "until", "2026-09-21T14:43:21.000Z");
	client_ok(c, "\"cmd\":\"queue-set\",\"queue\":\"q2\",\"set\":\"file\"");
	client_ok(c, "\"cmd\":\"queue-set\",\"queue\":\"q1\",\"set\":\"file\"");
	v = client_ok(c, "\"cmd\":\"overrides\"");
	assert_int_equal(json_count(json_get(v, "overrides")), 0);
	client_close(c);
}

static void a_skill_is_set_and_taken_back(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct agent *a = h->world->agents[0];
	struct skill_id s = h->world->skills[1]->id;
	unsigned before = agent_level(h->world, a, s);
	const struct json *v;

	client_ok(c, "\"cmd\":\"skill-set\",\"agent\":\"a0\","
	             "\"skill\":\"s1\",\"level\":77,"
	             "\"until\":\"2030-01-01T00:00:00Z\"");
	assert_int_equal(agent_level(h->world, a, s), 77);
	v = json_at(
	    json_get(client_ok(c, "\"cmd\":\"overrides\""), "overrides"), 0);
	assert_text(v, "agent", "a0");
	assert_text(v, "skill", "s1");
	assert_int_equal(json_int(json_get(v, "level"), 0), 77);
	client_ok(c, "\"cmd\":\"skill-set\",\"agent\":\"a0\","
	             "\"skill\":\"s1\",\"level\":null");
	assert_int_equal(agent_level(h->world, a, s), before);
	client_refused(c, "invalid",
	    "\"cmd\":\"skill-set\",\"agent\":\"a0\",\"skill\":\"s1\","
	    "\"level\":101");
	client_refused(c, "invalid",
	    "\"cmd\":\"skill-set\",\"agent\":\"a0\",\"skill\":\"s1\","
	    "\"level\":\"80\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"skill-set\",\"agent\":\"a0\",\"skill\":\"s1\"");
	client_refused(c, "not-found",
	    "\"cmd\":\"skill-set\",\"agent\":\"a0\",\"skill\":\"x9\","
	    "\"level\":1");
	client_close(c);
}

/* ---- lists ---------------------------------------------------------------------------- */

static void contacts_come_in_pages(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;
	char after[48] = "";
	unsigned seen = 0;
	unsigned i, pages = 0;
	char id[24];

	for (i = 0; i < 25; i++)
		house_arrive(h, CHANNEL_MAIL, NULL, "hello");
	do {
		v = client_ok(c,
		    "\"cmd\":\"contacts\",\"state\":\"waiting\","
		    "\"limit\":10%s",
		    after);
		for (i = 0; i < json_count(json_get(v, "contacts")); i++) {
			snprintf(id, sizeof(id), "c%u", ++seen);
			assert_text(
			    json_at(json_get(v, "contacts"), i), "contact", id);
		}
		snprintf(after, sizeof(after), ",\"after\":\"%s\"",
		    text_of(v, "next"));
	} while (++pages < 10 && text_of(v, "next")[0] != '\0');
	assert_int_equal(seen, 25);
	assert_int_equal(pages, 3);
	client_close(c);
}

static void contacts_are_filtered_by_state_and_queue(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	struct input in = { .kind = INPUT_LEAVE };
	const struct json *v;

	in.contact = house_arrive(h, CHANNEL_MAIL, NULL, "one");
	house_arrive(h, CHANNEL_MAIL, NULL, "two");
	in.leave.reason = END_CUSTOMER_LEFT;
	assert_int_equal(house_post(h, &in, NULL), 0);
	v = client_ok(c, "\"cmd\":\"contacts\"");
	assert_int_equal(json_count(json_get(v, "contacts")), 1);
	assert_text(json_at(json_get(v, "contacts"), 0), "contact", "c2");
	assert_int_equal(json_type(json_get(v, "next")), JSON_NULL);
	v = client_ok(c, "\"cmd\":\"contacts\",\"state\":\"ended\"");
	assert_text(json_at(json_get(v, "contacts"), 0), "contact", "c1");
	v = client_ok(c, "\"cmd\":\"contacts\",\"queue\":\"q0\"");
	assert_int_equal(json_count(json_get(v, "contacts")), 0);
	v = client_ok(c, "\"cmd\":\"contacts\",\"queue\":\"q2\"");
	assert_int_equal(json_count(json_get(v, "contacts")), 1);
	client_close(c);
}

static void ids_out_of_order_are_still_paged_in_order(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;
	unsigned i;

	for (i = 0; i < 6; i++)
		house_arrive(h, CHANNEL_MAIL, NULL, "hello");
	/* Moving one to the end of its state's list. */
	for (i = 0; i < 3; i++) {
		struct contact *k =
		    world_contact(h->world, (struct contact_id){ i + 1 });

		list_remove(&k->in_state);
		list_push(
		    &h->world->contact_lists[CONTACT_WAITING], &k->in_state);
	}
	v = client_ok(c, "\"cmd\":\"contacts\",\"limit\":4");
	for (i = 0; i < 4; i++) {
		char id[24];

		snprintf(id, sizeof(id), "c%u", i + 1);
		assert_text(json_at(json_get(v, "contacts"), i), "contact", id);
	}
	assert_text(v, "next", "c4");
	client_close(c);
}

/* ---- looking closely --------------------------------------------------------------------- */

static void why_tells_what_was_recorded_and_recomputed(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, NULL, "hello");
	v = client_ok(c, "\"cmd\":\"why\",\"contact\":\"c1\"");
	assert_non_null(json_get(json_get(v, "why"), "offers"));
	assert_non_null(json_get(json_get(v, "recomputed"), "agents"));
	h->refuse = true;
	v = client_ok(c, "\"cmd\":\"why\",\"contact\":\"c1\"");
	assert_int_equal(json_type(json_get(v, "recomputed")), JSON_NULL);
	client_close(c);
}

static void why_not_names_the_first_test_each_agent_fails(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, NULL, "hello");
	v = client_ok(c, "\"cmd\":\"why-not\",\"contact\":\"c1\"");
	assert_int_equal(json_count(json_get(v, "agents")), 6);
	v = client_ok(
	    c, "\"cmd\":\"why-not\",\"contact\":\"c1\",\"agent\":\"a3\"");
	v = json_at(json_get(v, "agents"), 0);
	assert_text(v, "agent", "a3");
	assert_text(v, "refusal", "offline");
	client_close(c);
}

static void show_has_the_world_and_the_record(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	house_arrive(h, CHANNEL_MAIL, NULL, "hello there");
	v = client_ok(c, "\"cmd\":\"show\",\"contact\":\"c1\"");
	assert_text(json_get(v, "contact"), "state", "waiting");
	assert_text(json_at(json_get(json_get(v, "contact"), "places"), 0),
	    "queue", "q2");
	assert_text(json_get(v, "record"), "words", "hello there");
	client_close(c);
}

static void a_customer_is_found_by_id_or_number(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, "+33155501010", "hello");
	v = client_ok(c, "\"cmd\":\"customer\",\"customer\":\"p1\"");
	assert_text(json_get(v, "customer"), "name", "Ana Silva");
	v = client_ok(
	    c, "\"cmd\":\"customer\",\"customer\":\"+33 1 55 50 10 10\"");
	assert_text(json_get(v, "customer"), "customer", "p1");
	client_refused(c, "not-found",
	    "\"cmd\":\"customer\",\"customer\":\"ana@example.org\"");
	client_refused(
	    c, "not-found", "\"cmd\":\"customer\",\"customer\":\"p99\"");
	client_close(c);
}

static void history_and_lookup_find_what_was_said(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, "+33155501010", "where is my parcel");
	v = json_get(
	    client_ok(c, "\"cmd\":\"history\",\"contact\":\"c1\""), "history");
	assert_text(v, "customer", "p1");
	v = json_at(json_get(v, "contacts"), 0);
	assert_text(
	    json_at(json_get(v, "messages"), 0), "text", "where is my parcel");
	v = client_ok(c, "\"cmd\":\"lookup\",\"text\":\"parcel\"");
	assert_text(json_at(json_get(v, "hits"), 0), "contact", "c1");
	v = client_ok(c, "\"cmd\":\"messages\",\"contact\":\"c1\"");
	assert_int_equal(json_count(json_get(v, "messages")), 1);
	client_refused(c, "invalid", "\"cmd\":\"history\"");
	client_close(c);
}

static void agents_say_who_is_free(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	struct client *d;
	const struct json *v;

	house_person(h, "a0", "agent");
	d = client_login(h, "a0");
	client_ok(d, "\"cmd\":\"state\",\"state\":\"ready\"");
	v = json_get(client_ok(c, "\"cmd\":\"agents\""), "agents");
	assert_int_equal(json_count(v), 6);
	assert_text(json_at(v, 0), "name", "a0");
	assert_text(json_at(v, 0), "state", "ready");
	/* Phone too: the made agents have one, of no known gateway. */
	assert_true(json_count(json_get(json_at(v, 0), "free")) >= 2);
	assert_int_equal(json_count(json_get(json_at(v, 1), "free")), 0);
	client_close(d);
	client_close(c);
}

/* ---- the host ------------------------------------------------------------------------------ */

static void the_host_is_asked_and_its_faults_are_told(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v;

	v = json_get(
	    client_ok(c, "\"cmd\":\"reload\",\"dry_run\":true"), "reload");
	assert_true(json_bool(json_get(v, "dry_run"), false));
	assert_text(v, "author", "control");
	v = json_get(client_ok(c, "\"cmd\":\"try\","
	                          "\"what\":\"chat site \\\"hello\\\"\""),
	    "try");
	assert_text(v, "queue", "q0");
	client_ok(c, "\"cmd\":\"status\"");
	client_ok(c, "\"cmd\":\"backup\",\"dir\":\"/tmp/x\"");
	h->refuse = true;
	client_refused(c, "invalid", "\"cmd\":\"reload\"");
	assert_text(c->last, "text", "reload: the config has 2 errors");
	client_close(c);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_and_times_are_read),
		cmocka_unit_test(numbers_and_addresses_are_made_normal),
		CASE(a_queue_is_closed_for_a_while),
		CASE(a_skill_is_set_and_taken_back),
		CASE(contacts_come_in_pages),
		CASE(contacts_are_filtered_by_state_and_queue),
		CASE(ids_out_of_order_are_still_paged_in_order),
		CASE(why_tells_what_was_recorded_and_recomputed),
		CASE(why_not_names_the_first_test_each_agent_fails),
		CASE(show_has_the_world_and_the_record),
		CASE(a_customer_is_found_by_id_or_number),
		CASE(history_and_lookup_find_what_was_said),
		CASE(agents_say_who_is_free),
		CASE(the_host_is_asked_and_its_faults_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
