/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_api_login.c - who gets in, who does not, and who gets thrown out.
 */
#include "api_kit.h"

#include "api/guard.h"
#include "base/crypto.h"

static int open_one(void **state)
{
	struct house *h = house_open(NULL);

	house_person(h, "a0", "agent");
	house_person(h, "boss", "supervisor");
	*state = h;
	return 0;
}

static int close_one(void **state)
{
	house_close(*state);
	return 0;
}

#define PASSWORD "\"cmd\":\"login\",\"name\":\"%s\",\"password\":\"%s\""
#define TOKEN    "\"cmd\":\"login\",\"token\":\"%s\""

/* ---- by password ------------------------------------------------------------ */

static void a_login_tells_all_a_client_needs(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);
	const struct json *v = client_ok(c, PASSWORD, "a0", "secret-secret");
	struct buf raw = { 0 };

	assert_int_equal(json_int(json_get(v, "protocol"), 0), 1);
	assert_int_equal(json_int(json_get(v, "heartbeat"), 0), 25);
	assert_true(json_int(json_get(v, "session"), 0) > 0);
	assert_text(v, "agent", "a1");
	assert_text(v, "name", "a0");
	assert_text(v, "role", "agent");
	assert_text(v, "workspace", "main");
	assert_int_equal(
	    base64_decode(json_str(json_get(v, "token")), &raw), 0);
	assert_int_equal(raw.len, 32);
	buf_done(&raw);
	v = client_expect(c, "snapshot");
	assert_text(json_get(v, "agent"), "state", "not-ready");
	client_close(c);
}

static void a_person_who_is_no_agent_gets_in_too(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);
	const struct json *v = client_ok(c, PASSWORD, "boss", "secret-secret");

	assert_int_equal(json_type(json_get(v, "agent")), JSON_NULL);
	assert_text(v, "role", "supervisor");
	client_ok(c, "\"cmd\":\"contacts\"");
	client_refused(c, "denied", "\"cmd\":\"state\",\"state\":\"ready\"");
	client_close(c);
}

static void wrong_name_and_wrong_password_are_told_alike(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);
	char first[128];

	client_refused(c, "auth", PASSWORD, "a0", "wrong-wrong");
	str_copy(first, sizeof(first), str_of(text_of(c->last, "text")));
	client_refused(c, "auth", PASSWORD, "nobody", "secret-secret");
	assert_text(c->last, "text", first);
	client_ok(c, PASSWORD, "a0", "secret-secret");
	client_close(c);
}

static void half_a_login_is_refused(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);

	client_refused(c, "invalid", "\"cmd\":\"login\",\"name\":\"a0\"");
	client_refused(c, "invalid", "\"cmd\":\"login\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"login\",\"name\":\"a0\",\"password\":\"x\","
	    "\"token\":\"y\"");
	client_refused(
	    c, "version", PASSWORD ",\"protocol\":2", "a0", "secret-secret");
	client_close(c);
}

static void a_second_login_on_one_connection_is_refused(void **state)
{
	struct house *h = *state;
	struct client *c = client_login(h, "a0");

	client_refused(c, "state", PASSWORD, "a0", "secret-secret");
	client_close(c);
}

static void nothing_is_said_before_the_commit(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);

	/* A refusal that saw nothing new need not wait. */
	h->hold = true;
	client_send(c, "{\"id\":\"1\",\"cmd\":\"queues\"}");
	assert_non_null(client_next(c));
	h->hold = false;
	client_ok(c, PASSWORD, "a0", "secret-secret");
	client_expect(c, "snapshot");
	h->hold = true;
	client_send(c, "{\"id\":\"2\",\"cmd\":\"state\",\"state\":\"ready\"}");
	assert_null(client_next(c));
	h->hold = false;
	assert_text(client_expect(c, "result"), "id", "2");
	client_close(c);
}

/* ---- by token ---------------------------------------------------------------- */

/* The token of a login, in `out`. */
static struct client *login_for_token(
    struct house *h, const char *name, char out[64])
{
	struct client *c = client_open(h, h->agents);
	const struct json *v = client_ok(c, PASSWORD, name, "secret-secret");

	assert_true(str_copy(out, 64, json_str(json_get(v, "token"))));
	return c;
}

static void a_token_opens_the_door_again(void **state)
{
	struct house *h = *state;
	char token[64];
	struct client *c = login_for_token(h, "a0", token);
	struct client *d;
	const struct json *v;

	client_close(c);
	d = client_open(h, h->agents);
	v = client_ok(d, TOKEN, token);
	assert_text(v, "name", "a0");
	assert_null(json_get(v, "token"));
	client_close(d);
}

static void a_token_outlives_a_restart_but_not_twelve_hours(void **state)
{
	struct house *h = *state;
	char token[64];
	struct client *c = login_for_token(h, "a0", token);

	client_close(c);
	house_restart(h);
	c = client_open(h, h->agents);
	client_ok(c, TOKEN, token);
	client_close(c);
	h->wall += (msec_t)12 * 3600 * 1000;
	c = client_open(h, h->agents);
	client_refused(c, "auth", TOKEN, token);
	client_close(c);
}

static void a_made_up_token_is_refused(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);

	client_refused(c, "auth", TOKEN, "abc");
	client_refused(
	    c, "auth", TOKEN, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	client_close(c);
}

static void logout_ends_the_token_and_the_connection(void **state)
{
	struct house *h = *state;
	char token[64];
	struct client *c = login_for_token(h, "a0", token);

	client_ok(c, "\"cmd\":\"logout\"");
	assert_true(client_is_closed(c));
	client_close(c);
	assert_int_equal(h->world->agents[0]->state, AGENT_OFFLINE);
	c = client_open(h, h->agents);
	client_refused(c, "auth", TOKEN, token);
	client_close(c);
}

/* ---- one agent, one session ---------------------------------------------------- */

static void the_newer_session_wins(void **state)
{
	struct house *h = *state;
	struct client *old = client_login(h, "a0");
	struct client *new = client_login(h, "a0");

	assert_text(
	    client_expect(old, "conflict"), "text", "signed in elsewhere");
	assert_true(client_is_closed(old));
	client_close(old);
	client_ok(new, "\"cmd\":\"state\",\"state\":\"ready\"");
	assert_int_equal(h->world->agents[0]->state, AGENT_READY);
	client_close(new);
}

static void a_lost_connection_makes_the_agent_lost(void **state)
{
	struct house *h = *state;
	struct client *c = client_login(h, "a0");

	client_ok(c, "\"cmd\":\"state\",\"state\":\"ready\"");
	client_close(c);
	assert_int_equal(h->world->agents[0]->state, AGENT_LOST);
	c = client_login(h, "a0");
	assert_int_equal(h->world->agents[0]->state, AGENT_READY);
	client_close(c);
}

static void a_silent_line_is_cut_after_a_minute(void **state)
{
	struct house *h = *state;
	struct client *c = client_login(h, "a0");
	unsigned i;

	for (i = 0; i < 3; i++) {
		house_wait(h, 25000);
		client_ok(c, "\"cmd\":\"ping\"");
	}
	house_wait(h, 59000);
	assert_false(client_is_closed(c));
	house_wait(h, 7000);
	assert_true(client_is_closed(c));
	assert_int_equal(h->world->agents[0]->state, AGENT_LOST);
	client_close(c);
}

static void a_stranger_who_only_pings_is_cut_after_a_minute(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);
	unsigned i;

	for (i = 0; i < 2; i++) {
		client_ok(c, "\"cmd\":\"ping\"");
		house_wait(h, 25000);
	}
	client_ok(c, "\"cmd\":\"ping\"");
	assert_false(client_is_closed(c));
	house_wait(h, 16000);
	assert_true(client_is_closed(c));
	client_close(c);
}

static void the_control_socket_may_be_silent(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);

	client_ok(c, "\"cmd\":\"queues\"");
	house_wait(h, 600000);
	client_ok(c, "\"cmd\":\"queues\"");
	client_refused(c, "state", "\"cmd\":\"logout\"");
	client_close(c);
}

/* ---- people --------------------------------------------------------------------- */

static void a_person_switched_off_is_out_at_once(void **state)
{
	struct house *h = *state;
	char token[64];
	struct client *c = login_for_token(h, "a0", token);
	struct client *admin = client_open(h, h->control);

	client_ok(admin, "\"cmd\":\"person-off\",\"name\":\"a0\"");
	assert_true(client_is_closed(c));
	client_close(c);
	c = client_open(h, h->agents);
	client_refused(c, "auth", PASSWORD, "a0", "secret-secret");
	client_refused(c, "auth", TOKEN, token);
	client_close(c);
	client_refused(
	    admin, "not-found", "\"cmd\":\"person-off\",\"name\":\"nobody\"");
	client_close(admin);
}

static void a_new_role_holds_at_once(void **state)
{
	struct house *h = *state;
	struct client *c = client_login(h, "a0");

	client_refused(c, "denied", "\"cmd\":\"contacts\"");
	house_person(h, "a0", "lead");
	client_ok(c, "\"cmd\":\"contacts\"");
	house_person(h, "a0", "agent");
	client_refused(c, "denied", "\"cmd\":\"contacts\"");
	client_close(c);
}

static void the_configs_role_raises_the_persons(void **state)
{
	struct house *h = *state;
	struct client *c;

	h->rules->agents[0].role = ROLE_SUPERVISOR;
	c = client_login(h, "a0");
	client_ok(c, "\"cmd\":\"contacts\"");
	client_close(c);
}

static void a_password_is_made_up_when_none_is_given(void **state)
{
	struct house *h = *state;
	struct client *admin = client_open(h, h->control);
	struct client *c = client_open(h, h->agents);
	const struct json *v = client_ok(
	    admin, "\"cmd\":\"person-add\",\"name\":\"a1\",\"role\":\"agent\"");
	char password[64];

	assert_true(str_copy(
	    password, sizeof(password), json_str(json_get(v, "password"))));
	assert_true(strlen(password) >= 16);
	client_ok(c, PASSWORD, "a1", password);
	client_close(c);
	client_close(admin);
}

static void person_add_checks_what_it_is_given(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);

	client_refused(c, "invalid",
	    "\"cmd\":\"person-add\",\"name\":\"x\",\"role\":\"gateway\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"person-add\",\"name\":\"x\",\"role\":\"none\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"person-add\",\"name\":\"x y\",\"role\":\"agent\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"person-add\",\"name\":\"x\",\"role\":\"agent\","
	    "\"password\":\"1234567\"");
	client_close(c);
}

static void no_secret_is_in_the_list_of_people(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	const struct json *v = client_ok(c, "\"cmd\":\"people\"");
	const struct json *list = json_get(v, "people");
	size_t i;

	assert_int_equal(json_count(list), 2);
	for (i = 0; i < json_count(list); i++)
		assert_null(json_get(json_at(list, i), "hash"));
	assert_text(json_at(list, 0), "name", "a0");
	client_close(c);
}

/* ---- the guard ------------------------------------------------------------------- */

static void after_five_failures_a_name_has_to_wait(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);
	unsigned i;

	for (i = 0; i < 5; i++)
		client_refused(c, "auth", PASSWORD, "a0", "wrong-wrong");
	client_refused(c, "too-many", PASSWORD, "a0", "secret-secret");
	h->mono += 2000;
	client_ok(c, PASSWORD, "a0", "secret-secret");
	client_close(c);
}

static void the_wait_doubles_and_has_an_end(void **state)
{
	struct guard g;
	msec_t now = 1000;
	unsigned i;

	(void)state;
	guard_init(&g);
	for (i = 0; i < 4; i++)
		guard_failed(&g, STR("x"), STR_NONE, now);
	assert_int_equal(guard_wait(&g, STR("x"), STR_NONE, now), 0);
	for (i = 1; i <= 8; i++) {
		guard_failed(&g, STR("x"), STR_NONE, now);
		assert_int_equal(
		    guard_wait(&g, STR("x"), STR_NONE, now), (msec_t)1000 << i);
	}
	for (i = 0; i < 100; i++)
		guard_failed(&g, STR("x"), STR_NONE, now);
	assert_int_equal(
	    guard_wait(&g, STR("x"), STR_NONE, now), GUARD_WAIT_MAX_S * 1000);
	assert_int_equal(guard_wait(&g, STR("y"), STR_NONE, now), 0);
	guard_passed(&g, STR("x"));
	assert_int_equal(guard_wait(&g, STR("x"), STR_NONE, now), 0);
	guard_done(&g);
}

static void an_address_may_fail_twenty_times_a_minute(void **state)
{
	struct str from = STR("10.0.0.9");
	struct guard g;
	char name[16];
	unsigned i;

	(void)state;
	guard_init(&g);
	for (i = 0; i < GUARD_ADDRESS_MAX; i++) {
		assert_int_equal(guard_wait(&g, STR("z"), from, 5000), 0);
		snprintf(name, sizeof(name), "n%u", i);
		guard_failed(&g, str_of(name), from, 5000);
	}
	assert_int_equal(guard_wait(&g, STR("z"), from, 5000), 60000);
	assert_int_equal(guard_wait(&g, STR("z"), STR("10.0.0.8"), 5000), 0);
	assert_int_equal(guard_wait(&g, STR("z"), from, 65000), 0);
	guard_done(&g);
}

static void the_guard_forgets_the_oldest(void **state)
{
	struct guard g;
	char name[16];
	unsigned i;

	(void)state;
	guard_init(&g);
	for (i = 0; i < 6; i++)
		guard_failed(&g, STR("first"), STR_NONE, 1000);
	for (i = 0; i < GUARD_ENTRIES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		guard_failed(&g, str_of(name), STR_NONE, 1000);
	}
	assert_int_equal(g.name_count, GUARD_ENTRIES_MAX);
	assert_int_equal(guard_wait(&g, STR("first"), STR_NONE, 1000), 0);
	guard_done(&g);
}

static void many_at_once_are_hashed_in_turn(void **state)
{
	struct house *h = *state;
	struct client *c[6];
	unsigned i;

	for (i = 0; i < countof(c); i++) {
		c[i] = client_open(h, h->agents);
		client_send(c[i], "{\"id\":\"1\"," PASSWORD "}", "boss",
		    "secret-secret");
	}
	for (i = 0; i < countof(c); i++) {
		assert_true(json_bool(
		    json_get(client_expect(c[i], "result"), "ok"), false));
		client_close(c[i]);
	}
}

static void a_login_whose_peer_leaves_is_forgotten(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);

	client_send(c, "{\"id\":\"1\"," PASSWORD "}", "a0", "secret-secret");
	net_memory_hang_up(c->pipe);
	c->pipe = net_memory_dial(h->agents, "10.0.0.5");
	house_settle(h);
	assert_int_equal(h->world->agents[0]->state, AGENT_OFFLINE);
	client_close(c);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_login_tells_all_a_client_needs),
		CASE(a_person_who_is_no_agent_gets_in_too),
		CASE(wrong_name_and_wrong_password_are_told_alike),
		CASE(half_a_login_is_refused),
		CASE(a_second_login_on_one_connection_is_refused),
		CASE(nothing_is_said_before_the_commit),
		CASE(a_token_opens_the_door_again),
		CASE(a_token_outlives_a_restart_but_not_twelve_hours),
		CASE(a_made_up_token_is_refused),
		CASE(logout_ends_the_token_and_the_connection),
		CASE(the_newer_session_wins),
		CASE(a_lost_connection_makes_the_agent_lost),
		CASE(a_silent_line_is_cut_after_a_minute),
		CASE(a_stranger_who_only_pings_is_cut_after_a_minute),
		CASE(the_control_socket_may_be_silent),
		CASE(a_person_switched_off_is_out_at_once),
		CASE(a_new_role_holds_at_once),
		CASE(the_configs_role_raises_the_persons),
		CASE(a_password_is_made_up_when_none_is_given),
		CASE(person_add_checks_what_it_is_given),
		CASE(no_secret_is_in_the_list_of_people),
		CASE(after_five_failures_a_name_has_to_wait),
		cmocka_unit_test(the_wait_doubles_and_has_an_end),
		cmocka_unit_test(an_address_may_fail_twenty_times_a_minute),
		cmocka_unit_test(the_guard_forgets_the_oldest),
		CASE(many_at_once_are_hashed_in_turn),
		CASE(a_login_whose_peer_leaves_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
