/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_api_command.c - every message gets its own clear answer, and every row
 * is open to exactly the roles it should be.
 */
#include "api_kit.h"

#include "api/command.h"

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

/* ---- who may do what -------------------------------------------------------- */

#define A "agent "
#define L "lead supervisor admin "
#define S "supervisor admin "
#define I "integrator "
#define U "auditor "
static const struct {
	const char *name;
	const char *roles; /* each followed by a blank */
} wanted[] = {
	{ "login", "none " A L I U },
	{ "logout", A L I U },
	{ "ping", "none " A L I U },
	{ "state", A L },
	{ "accept", A L },
	{ "reject", A L },
	{ "send", A L },
	{ "note", A L },
	{ "typing", A L },
	{ "end", A L },
	{ "transfer", A L },
	{ "confirm", A L },
	{ "deny", A L },
	{ "start", A L },
	{ "contact", A L I U },
	{ "messages", A L I U },
	{ "history", A L I U },
	{ "lookup", A L I U },
	{ "queues", A L I U },
	{ "agents", A L I U },
	{ "contacts", L I U },
	{ "customer", L I U },
	{ "force-state", L },
	{ "move", L },
	{ "queue-set", L },
	{ "skill-set", L },
	{ "overrides", L I U },
	{ "why", L I U },
	{ "why-not", L U },
	{ "show", L U },
	{ "status", L I U },
	{ "reload", "admin " },
	{ "try", S },
	{ "backup", "admin " },
	{ "person-add", "admin " },
	{ "person-off", "admin " },
	{ "people", "admin " U },
};

static bool is_listed(const char *roles, unsigned role)
{
	struct str rest = str_of(roles);

	while (rest.n > 0)
		if (str_is(str_next(&rest, ' '), role_word(role)))
			return true;
	return false;
}

static void each_row_is_open_to_its_roles_and_no_other(void **state)
{
	size_t i;
	unsigned role;

	(void)state;
	for (i = 0; i < countof(wanted); i++) {
		const struct command *row = command_at(i);

		assert_non_null(row);
		assert_string_equal(row->name, wanted[i].name);
		for (role = 0; role < ROLE_KINDS; role++)
			if (command_is_open_to(row, (enum role)role) !=
			    is_listed(wanted[i].roles, role))
				fail_msg(
				    "%s for %s", row->name, role_word(role));
	}
	assert_null(command_at(countof(wanted)));
}

static void names_are_unique_and_found(void **state)
{
	const struct command *row;
	size_t i;

	(void)state;
	for (i = 0; (row = command_at(i)) != NULL; i++)
		assert_ptr_equal(command_find(str_of(row->name)), row);
	assert_null(command_find(STR("log")));
	assert_null(command_find(STR("loginx")));
	assert_null(command_find(STR("")));
}

static void every_row_begins_with_id_and_cmd(void **state)
{
	const struct command *row;
	size_t i;

	(void)state;
	for (i = 0; (row = command_at(i)) != NULL; i++) {
		assert_string_equal(row->fields[0].name, "id");
		assert_string_equal(row->fields[1].name, "cmd");
		assert_true(row->fields[0].required);
	}
}

/* What the role check lets through is refused for its fields only. */
static void the_role_is_checked_before_the_fields(void **state)
{
	struct house *h = *state;
	struct client *c;

	house_person(h, "a0", "agent");
	c = client_login(h, "a0");
	client_refused(c, "denied", "\"cmd\":\"person-add\",\"nmae\":1");
	client_refused(c, "denied", "\"cmd\":\"contacts\"");
	client_ok(c, "\"cmd\":\"queues\"");
	client_close(c);
}

/* ---- what is wrong with a message -------------------------------------------- */

static const struct json *say(struct client *c, const char *line)
{
	client_send(c, "%s", line);
	return client_expect(c, "result");
}

static void assert_says(
    const struct json *v, const char *error, const char *part)
{
	assert_false(json_bool(json_get(v, "ok"), true));
	assert_text(v, "error", error);
	if (strstr(text_of(v, "text"), part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text_of(v, "text"));
}

static void each_mistake_has_its_own_answer(void **state)
{
	static const struct {
		const char *line, *error, *part;
	} cases[] = {
		{ "nonsense", "syntax", "" },
		{ "{\"id\":\"1\",\"cmd\":\"ping\"", "syntax", "" },
		{ "[1]", "invalid", "an object is wanted" },
		{ "\"ping\"", "invalid", "an object is wanted" },
		{ "{\"cmd\":\"ping\"}", "invalid", "\"id\" must be a string" },
		{ "{\"id\":7,\"cmd\":\"ping\"}", "invalid", "\"id\" must be" },
		{ "{\"id\":\"\",\"cmd\":\"ping\"}", "invalid", "\"id\"" },
		{ "{\"id\":\"1\"}", "invalid", "\"cmd\" is missing" },
		{ "{\"id\":\"1\",\"cmd\":7}", "invalid", "\"cmd\"" },
		{ "{\"id\":\"1\",\"id\":\"2\",\"cmd\":\"ping\"}", "syntax",
		    "twice" },
		{ "{\"id\":\"1\",\"cmd\":\"pong\"}", "unsupported",
		    "is \"ping\" meant?" },
		{ "{\"id\":\"1\",\"cmd\":\"frobnicate\"}", "unsupported",
		    "unknown command \"frobnicate\"" },
		{ "{\"id\":\"1\",\"cmd\":\"a\\nb\"}", "unsupported",
		    "unknown command" },
		{ "{\"id\":\"1\",\"cmd\":\"show\",\"contct\":\"c1\"}",
		    "unknown-field", "show: unknown field \"contct\"" },
		{ "{\"id\":\"1\",\"cmd\":\"show\",\"contct\":\"c1\"}",
		    "unknown-field", "is \"contact\" meant?" },
		{ "{\"id\":\"1\",\"cmd\":\"show\"}", "invalid", "show: " },
		{ "{\"id\":\"1\",\"cmd\":\"show\",\"contact\":5}", "invalid",
		    "\"contact\" must be a string" },
		{ "{\"id\":\"1\",\"cmd\":\"show\",\"contact\":\"q1\"}",
		    "invalid", "\"c42\"" },
		{ "{\"id\":\"1\",\"cmd\":\"show\",\"contact\":\"c99\"}",
		    "not-found", "no such contact" },
		{ "{\"id\":\"1\",\"cmd\":\"contacts\",\"limit\":501}",
		    "invalid", "\"limit\" must be from 1 to 500" },
		{ "{\"id\":\"1\",\"cmd\":\"contacts\",\"state\":\"lost\"}",
		    "invalid", "no contact's state" },
		{ "{\"id\":\"1\",\"cmd\":\"queue-set\",\"queue\":\"q9\","
		  "\"set\":\"open\"}",
		    "not-found", "no queue has this name; is \"q" },
		{ "{\"id\":\"1\",\"cmd\":\"queue-set\",\"queue\":\"q0\","
		  "\"set\":\"ajar\"}",
		    "invalid", "\"open\", \"closed\" or \"file\"" },
		{ "{\"id\":\"1\",\"cmd\":\"queue-set\",\"queue\":\"q0\","
		  "\"set\":\"open\",\"until\":\"soon\"}",
		    "invalid", "\"until\"" },
		{ "{\"id\":\"1\",\"cmd\":\"queue-set\",\"queue\":\"q0\","
		  "\"set\":\"open\",\"until\":\"1999-01-01T00:00:00Z\"}",
		    "invalid", "in the past" },
		{ "{\"id\":\"1\",\"cmd\":\"accept\",\"offer\":\"o1\"}",
		    "denied", "only for agents of the config" },
	};
	struct client *c;
	size_t i;

	/* One connection per case: an id is remembered by what it asked. */
	for (i = 0; i < countof(cases); i++) {
		c = client_open(*state, ((struct house *)*state)->control);
		assert_says(
		    say(c, cases[i].line), cases[i].error, cases[i].part);
		client_close(c);
	}
}

static void an_id_of_64_bytes_is_taken_and_of_65_is_not(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);
	char id[70];
	const struct json *v;

	memset(id, 'x', sizeof(id));
	id[64] = '\0';
	client_send(c, "{\"id\":\"%s\",\"cmd\":\"ping\"}", id);
	v = client_expect(c, "result");
	assert_true(json_bool(json_get(v, "ok"), false));
	assert_text(v, "id", id);
	id[64] = 'x';
	id[65] = '\0';
	client_send(c, "{\"id\":\"%s\",\"cmd\":\"ping\"}", id);
	assert_says(client_expect(c, "result"), "invalid", "\"id\"");
	client_close(c);
}

static void only_login_and_ping_before_the_login(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->agents);
	const struct command *row;
	size_t i;

	for (i = 0; (row = command_at(i)) != NULL; i++) {
		if (strcmp(row->name, "login") == 0 ||
		    strcmp(row->name, "ping") == 0)
			continue;
		client_refused(c, "auth", "\"cmd\":\"%s\"", row->name);
	}
	client_ok(c, "\"cmd\":\"ping\"");
	client_close(c);
}

/* ---- never twice -------------------------------------------------------------- */

static void a_repeated_command_is_not_executed_again(void **state)
{
	static const char line[] =
	    "{\"id\":\"n1\",\"cmd\":\"note\",\"contact\":\"c1\","
	    "\"text\":\"once\"}";
	struct house *h = *state;
	struct client *c;
	char first[64];

	house_person(h, "a0", "agent");
	c = client_login(h, "a0");
	house_arrive(h, CHANNEL_CHAT, NULL, "hello");
	str_copy(
	    first, sizeof(first), str_of(text_of(say(c, line), "message")));
	assert_string_equal(first, "m1");
	assert_text(say(c, line), "message", first);
	assert_int_equal(h->world->tally.messages, 1);
	client_close(c);
}

static void an_id_used_for_another_command_is_a_conflict(void **state)
{
	struct house *h = *state;
	struct client *c = client_open(h, h->control);

	say(c, "{\"id\":\"1\",\"cmd\":\"queue-set\",\"queue\":\"q0\","
	       "\"set\":\"open\"}");
	assert_says(say(c, "{\"id\":\"1\",\"cmd\":\"queue-set\","
	                   "\"queue\":\"q1\",\"set\":\"open\"}"),
	    "conflict", "another command's");
	client_close(c);
}

static void a_refused_command_may_come_again(void **state)
{
	static const char line[] =
	    "{\"id\":\"1\",\"cmd\":\"move\",\"contact\":\"c1\","
	    "\"queue\":\"q1\"}";
	struct house *h = *state;
	struct client *c = client_open(h, h->control);

	assert_says(say(c, line), "not-found", "no such contact");
	house_arrive(h, CHANNEL_MAIL, NULL, "hello");
	assert_true(json_bool(json_get(say(c, line), "ok"), false));
	client_close(c);
}

static void the_601st_message_of_a_minute_is_refused(void **state)
{
	struct house *h = *state;
	struct client *c;
	unsigned i;

	house_person(h, "a0", "agent");
	c = client_login(h, "a0");
	for (i = 1; i < 600; i++)
		client_send(c, "{\"id\":\"x%u\",\"cmd\":\"ping\"}", i);
	house_settle(h);
	while (client_next(c) != NULL)
		assert_true(json_bool(json_get(c->last, "ok"), false));
	client_refused(c, "too-many", "\"cmd\":\"ping\"");
	h->mono += 60 * 1000;
	h->wall += 60 * 1000;
	client_ok(c, "\"cmd\":\"ping\"");
	client_close(c);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_open_to_its_roles_and_no_other),
		cmocka_unit_test(names_are_unique_and_found),
		cmocka_unit_test(every_row_begins_with_id_and_cmd),
		CASE(the_role_is_checked_before_the_fields),
		CASE(each_mistake_has_its_own_answer),
		CASE(an_id_of_64_bytes_is_taken_and_of_65_is_not),
		CASE(only_login_and_ping_before_the_login),
		CASE(a_repeated_command_is_not_executed_again),
		CASE(an_id_used_for_another_command_is_a_conflict),
		CASE(a_refused_command_may_come_again),
		CASE(the_601st_message_of_a_minute_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
